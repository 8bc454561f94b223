/** What accounts/ needs kept of people. */
import type { Parcel } from '../delivery/queue.ts'
import type { Locale } from '../lib/locales.ts'
import type { Account, StatusChange } from '../person/account.ts'
import type { Link } from '../person/link.ts'
import type { OwnPasswordChange, PasswordChange } from '../person/password.ts'

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
