/** A person's account: who it is, and what the password side of it needs kept. */
import type { Parcel } from '../delivery/queue.ts'
import { withAsciiDomain } from '../lib/email-address.ts'
import type { Locale } from '../lib/locales.ts'
import { DAY } from '../lib/time.ts'
import { raiseEpoch } from './epoch.ts'
import type { Imported } from './imported.ts'
import { killLinks, type Link } from './link.ts'
import type { PasskeyOffers } from './passkey-offer.ts'
import type { Draft } from './person.ts'
import { forgetDevices } from './remembered-device.ts'

export interface Account {
  /** Random, never reused, never the address: it is the `sub` that applications see. */
  id: string
  /** As the administrator typed it; mail goes there. */
  email: string
  /** What the address is found by, see `emailKey`. Unique. */
  emailKey: string
  /** False while nobody has proven that the person reads what is mailed there. Absent: a mailed link was used. */
  emailVerified?: false
  name: string
  /** Where they were told apart from the name; it is never split by guessing. */
  givenName: string | undefined
  familyName: string | undefined
  locale: Locale
  /** Moves up with each change of a name or the language, whoever makes it; absent is 0. */
  version?: number
  /** The organization that they belong to, see organization/organization.ts. */
  organizationId: string | undefined
  /** The ending of that organization that this account was last taken out by: begun, and done. */
  endingBegun?: number
  endingDone?: number
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
  /** What passkeys know the account by: 32 random bytes (base64url), made with the first (passkey.ts). */
  userHandle?: string
  /** Of one beside what they have; absent if none was made yet (passkey-offer.ts). */
  passkeyOffers?: PasskeyOffers
  /** A second address that notices go to, proven by a code that was mailed there (NIST SP 800-63B-4 section 4.6). */
  noticeEmail: string | undefined
  /** The address before the present one, and when it was left. Notices go there too for a while, see `knownAddresses`. */
  previousEmail: string | undefined
  emailChangedAt: number | undefined
  /** When they were last mailed that two-step verification waits for them. */
  remindedAt?: number
  createdAt: number
  /** Where it was brought from; absent if it was made here. */
  imported?: Imported
  /** When they last signed in, as far as it was kept: see signed-in.ts. */
  lastSignInAt?: number
  /** When **Remind me later** was chosen last, in milliseconds. */
  postponedAt?: number
  /** They alone may wait longer with two-step verification. */
  extension?: Extension
}

/** Given to one person, beyond the deadline that counts for them. */
export interface Extension {
  until: number
  reason: string
  /** Whoever gave it, as the audit trail names them, and when. */
  by: string
  at: number
}

export interface StatusChange {
  from: Account['status'][]
  to: Account['status']
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

/** False if the id was erased: it is never given to anyone again. */
export function insertAccount(person: Draft, account: Account, link: Link, parcels: Parcel[]): boolean {
  if (person.erasedAt !== undefined) return false
  if (person.account || link.accountId !== account.id) throw new Error('the account is there, or the link another’s')
  person.account = account
  person.links.push(link)
  person.parcels.push(...parcels)
  return true
}

/** Whoever read the account before finds another version. */
export function countChange(account: Account): void {
  account.version = (account.version ?? 0) + 1
}

/** They are reminded later of what the campaign offers. */
export function postpone({ account }: Draft, at: number): void {
  if (account) account.postponedAt = at
}

/** False if there is no account. */
export function setLocale(person: Draft, locale: Locale, parcels: Parcel[]): boolean {
  if (!person.account) return false
  if (person.account.locale !== locale) countChange(person.account)
  person.account.locale = locale
  person.parcels.push(...parcels)
  return true
}

/**
 * If the status is one of `from`: sets it, moves the epoch up, forgets remembered devices and kills the links (unless it
 * becomes `invited`); of a disabled account the temporary codes go too. Otherwise nothing, and false.
 */
export function setStatus(person: Draft, { from, to }: StatusChange, parcels: Parcel[]): boolean {
  if (!person.account || !from.includes(person.account.status)) return false
  person.account.status = to
  raiseEpoch(person)
  forgetDevices(person)
  if (to === 'disabled') person.temporaryCodes = []
  if (to !== 'invited') killLinks(person)
  person.parcels.push(...parcels)
  return true
}
