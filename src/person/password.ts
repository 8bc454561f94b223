/** A person's password: set with a link, or replaced by somebody who knows it. */
import type { Parcel } from '../delivery/queue.ts'
import type { Account } from './account.ts'
import { raiseEpoch } from './epoch.ts'
import { mustReplacePassword } from './imported.ts'
import { killLinks, type LinkPurpose } from './link.ts'
import { fallBack } from './old-factor.ts'
import type { Draft, PersonRecord } from './person.ts'
import { forgetDevices } from './remembered-device.ts'

/** The status that an account must have for a link to set its password. */
const FIT: Record<LinkPurpose, Account['status']> = { activation: 'invited', reset: 'active' }

export interface PasswordChange {
  /** Used up by the change. */
  link: { digest: string; purpose: LinkPurpose }
  passwordHash: string
  at: number
}

/** A password that its owner replaces, knowing the one before. */
export interface OwnPasswordChange {
  /** The hash that was verified. */
  from: string
  passwordHash: string
  at: number
}

/**
 * If the link is there, for this purpose, unused and not expired at `at`, and the account is `invited` (for activation)
 * or `active` (for a reset): uses it up, sets the password, makes the account active, moves its epoch up, forgets its
 * remembered devices and known browsers and kills its other links. Otherwise nothing, and false.
 */
export function setPassword(person: Draft, { link, passwordHash, at }: PasswordChange, parcels: Parcel[]): boolean {
  const used = person.links.find(({ digest, purpose }) => digest === link.digest && purpose === link.purpose)
  if (!used || used.usedAt !== undefined || used.expiresAt <= at) return false
  if (person.account?.status !== FIT[link.purpose]) return false
  person.account.status = 'active'
  // The link was mailed to the address.
  delete person.account.emailVerified
  // Not of whoever was asked to choose another.
  if (schemeOf(person.account.passwordHash) !== undefined && !mustReplacePassword(person.account)) fallBack(person, at)
  replacePassword(person, person.account, passwordHash, at)
  person.parcels.push(...parcels)
  return true
}

/**
 * If the account is active and its hash is still `from`: sets the password, moves the epoch up, forgets its remembered
 * devices and known browsers and kills its links. Otherwise nothing, and false.
 */
export function changePassword(
  person: Draft,
  { from, passwordHash, at }: OwnPasswordChange,
  parcels: Parcel[],
): boolean {
  const { account } = person
  if (account?.status !== 'active' || account.passwordHash !== from) return false
  replacePassword(person, account, passwordHash, at)
  person.parcels.push(...parcels)
  return true
}

/**
 * Replaces a hash by a stronger one of the same password, which was right at `at`; false if it was changed meanwhile. Of one
 * that was brought along that is the first time: after it, nothing of the old system's is left of it.
 */
export function upgradeHash({ account }: PersonRecord, from: string, to: string, at: number): boolean {
  if (account?.passwordHash !== from) return false
  if (account.imported && schemeOf(from) !== undefined) account.imported.passwordProvenAt ??= at
  account.passwordHash = to
  return true
}

/**
 * Of a hash that was brought along, the old system's scheme and costs, `bcrypt c=10` say: all that its time depends on.
 * Undefined for one of ours. accounts/password.ts has the form.
 */
export function schemeOf(passwordHash: string | undefined): string | undefined {
  return passwordHash === undefined ? undefined : /^[^:]*:([^$:]+)\$/.exec(passwordHash)?.[1]
}

function replacePassword(person: PersonRecord, account: Account, passwordHash: string, at: number): void {
  Object.assign(account, { passwordHash, passwordChangedAt: at })
  raiseEpoch(person)
  forgetDevices(person)
  person.browsers = []
  killLinks(person, at)
}
