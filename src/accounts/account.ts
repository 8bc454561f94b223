/** A person's account: who it is, and what the password side of it needs kept. */
import type { Parcel } from '../delivery/queue.ts'
import { withAsciiDomain } from '../lib/email-address.ts'
import { DAY } from '../lib/time.ts'

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
  /** Where they were told apart from the name; it is never split by guessing. */
  givenName: string | undefined
  familyName: string | undefined
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
  /** A second address that notices go to, proven by a code that was mailed there (NIST SP 800-63B-4 section 4.6). */
  noticeEmail: string | undefined
  /** The address before the present one, and when it was left. Notices go there too for a while, see `knownAddresses`. */
  previousEmail: string | undefined
  emailChangedAt: number | undefined
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

/** A password that its owner replaces, knowing the one before. */
export interface OwnPasswordChange {
  accountId: string
  /** The hash that was verified. */
  from: string
  passwordHash: string
  at: number
}

export interface StatusChange {
  accountId: string
  from: Account['status'][]
  to: Account['status']
}

/** What accounts/ needs kept. Each method is one atomic write, parcels included. */
export interface AccountStore {
  findAccount(id: string): Promise<Account | undefined>
  findAccountByEmail(emailKey: string): Promise<Account | undefined>
  /** False, and nothing changed, if the address is taken or the id was erased. */
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
   * up, forgets its remembered devices and known browsers, kills its other links and enqueues the parcels. Otherwise
   * changes nothing and returns false.
   */
  setPassword(change: PasswordChange, parcels: Parcel[]): Promise<boolean>
  /**
   * If the account is active and its hash is still `from`: sets the password, moves the epoch up, forgets its remembered
   * devices and known browsers, kills its links and enqueues the parcels. Otherwise changes nothing and returns false.
   */
  changePassword(change: OwnPasswordChange, parcels: Parcel[]): Promise<boolean>
  /** False if there is no such account. */
  setLocale(accountId: string, locale: Locale, parcels: Parcel[]): Promise<boolean>
  /**
   * If the status is one of `from`: sets it, moves the epoch up, forgets remembered devices, kills the account's links
   * (unless it becomes `invited`), enqueues the parcels. Otherwise nothing, and false.
   */
  setStatus(change: StatusChange, parcels: Parcel[]): Promise<boolean>
  /** By id, by the beginning of the address, or by a part of the name (no case); newest first. */
  searchAccounts(text: string, limit: number): Promise<Account[]>
  /**
   * Removes the account and everything durable that belongs to it: links, browsers, address codes and undos, factors,
   * codes, wizards, devices, recovery cases; shortens the client addresses and forgets their salts in the audit records
   * of which it is actor or subject; leaves a tombstone with its id. Enqueues the parcels. False if it was gone already.
   */
  eraseAccount(accountId: string, at: number, parcels: Parcel[]): Promise<boolean>
  /** When the account with this id was erased; an erased id is never given to anyone again (`insertAccount` refuses it). */
  erasedAt(accountId: string): Promise<number | undefined>
  /** Replaces a hash by a stronger one of the same password; false if it was changed meanwhile. */
  upgradeHash(accountId: string, from: string, to: string): Promise<boolean>
  /** Ids of the keys that kept hashes need (see password.ts), each once. Asked for at the start only. */
  listHashKeys(): Promise<string[]>
  /** Organizations that accounts name, as they name them, each once. Asked for at the start only. */
  listOrganizations(): Promise<string[]>
  /**
   * Remembers that this browser proved the password whose hash this is. Nothing, if the account has another by now: the
   * browsers that proved the one before are forgotten, and a sign-in that was under way must not bring one back.
   */
  rememberBrowser(digest: string, accountId: string, passwordHash: string, expiresAt: number): Promise<void>
  isKnownBrowser(digest: string, accountId: string, now: number): Promise<boolean>
  /** Drops links older than 30 days past their expiry, and expired browsers. Cleaning only. */
  sweepAccounts(now: number): Promise<number>
}

/** Two spellings of one address are one account: NFKC (UAX 15), no surrounding space, no case, the domain in ASCII. */
export function emailKey(email: string): string {
  return withAsciiDomain(email.normalize('NFKC').trim().toLowerCase())
}

/** How long the address of before is told too: as long as its owner can undo the change. */
export const UNDO_LIFE = 7 * DAY

/** Every address that hears of what happens to the account, each once. */
export function knownAddresses(account: Account, now: number): string[] {
  const { email, noticeEmail, previousEmail, emailChangedAt = 0 } = account
  const before = now < emailChangedAt + UNDO_LIFE ? previousEmail : undefined
  return [...new Set([email, noticeEmail, before].filter((address) => address !== undefined))]
}
