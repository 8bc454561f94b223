/** A person's account: who it is, and what the password side of it needs kept. */
import type { Parcel } from '../delivery/queue.ts'

/** Languages that there are texts in. */
export const LOCALES = ['en', 'nl'] as const
export type Locale = (typeof LOCALES)[number]

export interface Account {
  /** Random, never reused, never the address: it is the `sub` that applications see. */
  id: string
  /** As the administrator typed it; mail goes there. */
  email: string
  /** What the address is found by, see `emailKey`. Unique. */
  emailKey: string
  name: string
  locale: Locale
  organization: string | undefined
  roles: string[]
  status: 'invited' | 'active' | 'disabled'
  /** See password.ts for its form. */
  passwordHash: string | undefined
  passwordChangedAt: number | undefined
  /**
   * Moves up whenever everything that was signed in before must end. A session holds the epoch it began in, so one that
   * is written back by a request still under way when the others were removed opens nothing.
   */
  epoch: number
  /** When two-step verification was first turned on; from then on the password alone adds no factor. */
  enrolledAt: number | undefined
  createdAt: number
}

export type LinkPurpose = 'activation' | 'recovery'

/** A one-time link that was mailed. Only the digest of its token is kept. */
export interface Link {
  digest: string
  accountId: string
  purpose: LinkPurpose
  createdAt: number
  expiresAt: number
  usedAt: number | undefined
}

export interface PasswordChange {
  accountId: string
  /** Used up by the change. */
  link: { digest: string; purpose: LinkPurpose }
  passwordHash: string
  at: number
}

/** What accounts/ needs kept. Each method is one atomic write, parcels included. */
export interface AccountStore {
  findAccount(id: string): Promise<Account | undefined>
  findAccountByEmail(emailKey: string): Promise<Account | undefined>
  /** False, and nothing changed, if the address is taken. */
  insertAccount(account: Account, link: Link, parcels: Parcel[]): Promise<boolean>
  /** Keeps the link; every older unused link of the same account dies. */
  replaceLink(link: Link, parcels: Parcel[]): Promise<void>
  /** Lets an unused link live until `expiresAt` at least. */
  renewLink(digest: string, expiresAt: number): Promise<void>
  /** Also finds links that expired or were used, as long as they are kept. */
  findLink(digest: string): Promise<Link | undefined>
  /**
   * If the link is the account's, for this purpose, unused and not expired at `at`, and the account is `invited` (for
   * activation) or `active` (for recovery): uses it up, sets the password, makes the account active, moves its epoch
   * up, kills its other links and enqueues the parcels. Otherwise changes nothing and returns false.
   */
  setPassword(change: PasswordChange, parcels: Parcel[]): Promise<boolean>
  /** Replaces a hash by a stronger one of the same password; false if it was changed meanwhile. */
  upgradeHash(accountId: string, from: string, to: string): Promise<boolean>
  /** Ids of the keys that kept hashes need (see password.ts), each once. Asked for at the start only. */
  listHashKeys(): Promise<string[]>
  /** Remembers that this browser once proved the account's password. */
  rememberBrowser(digest: string, accountId: string, expiresAt: number): Promise<void>
  isKnownBrowser(digest: string, accountId: string, now: number): Promise<boolean>
  /** Drops links older than 30 days past their expiry, and expired browsers. Cleaning only. */
  sweepAccounts(now: number): Promise<number>
}

/** Two spellings of one address are one account: NFKC (UAX 15), no surrounding space, no case. */
export function emailKey(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase()
}
