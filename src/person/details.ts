/** What others change of a person: names, roles, the address, and how long two-step verification may wait. */
import type { Parcel } from '../delivery/queue.ts'
import { type Account, countChange, type Extension } from './account.ts'
import { factorsOf } from './address.ts'
import type { EmailUndo } from './email-undo.ts'
import { raiseEpoch } from './epoch.ts'
import { killLinks } from './link.ts'
import type { Draft } from './person.ts'
import { forgetDevices } from './remembered-device.ts'

export type Names = Pick<Account, 'name' | 'givenName' | 'familyName'>

/** Which of them are different from now on. With `read`, only over that version of the account. */
export function setNames(
  person: Draft,
  names: Partial<Names>,
  told: Parcel[],
  read?: number,
): Array<keyof Names> | 'changed-meanwhile' {
  const { account } = person
  if (!account) return []
  if (read !== undefined && read !== (account.version ?? 0)) return 'changed-meanwhile'
  const different = (Object.keys(names) as Array<keyof Names>).filter((field) => account[field] !== names[field])
  if (different.length === 0) return []
  Object.assign(account, Object.fromEntries(different.map((field) => [field, names[field]])))
  countChange(account)
  person.parcels.push(...told)
  return different
}

/**
 * Everything that was signed in opens nothing any more: what it opened went by other roles. `same` if they are those. With
 * `read`, only over those roles: a form that was open since would give a role back that a colleague has taken away.
 */
export function setRoles(
  person: Draft,
  roles: string[],
  told: Parcel[],
  read?: string[],
): 'changed' | 'same' | 'changed-meanwhile' {
  const { account } = person
  if (!account || isSameSet(account.roles, roles)) return 'same'
  if (read !== undefined && !isSameSet(account.roles, read)) return 'changed-meanwhile'
  account.roles = roles
  raiseEpoch(person)
  forgetDevices(person)
  person.parcels.push(...told)
  return 'changed'
}

function isSameSet(one: string[], other: string[]): boolean {
  return one.toSorted().join() === other.toSorted().join()
}

/** Undefined takes it away. False if there was none. */
export function setExtension(person: Draft, extension: Extension | undefined, told: Parcel[]): boolean {
  const { account } = person
  if (!account || (!extension && !account.extension)) return false
  if (extension) account.extension = extension
  else delete account.extension
  person.parcels.push(...told)
  return true
}

/**
 * Whoever reads the mail of this address is taken for the person: it was proven, or they have signed in with it since it is
 * theirs. Otherwise somebody else may have mistyped it.
 */
export function isProven(account: Account): boolean {
  const { passwordHash, passwordChangedAt, emailVerified, lastSignInAt = 0, emailChangedAt = 0 } = account
  const isKnown = emailVerified !== false || lastSignInAt > emailChangedAt
  return (passwordHash ?? passwordChangedAt) !== undefined && isKnown
}

export interface EmailReplacement {
  /** The key of the present one: another was here first if it is different. */
  from: string
  email: string
  emailKey: string
  at: number
  /** Gives the address of before back to its owner: where that is known to be the person. */
  undo: Omit<EmailUndo, 'enrolledAt' | 'factors'> | undefined
}

/**
 * Sets another address, which nobody has proven yet: everything that was signed in or mailed before opens nothing any more.
 * The address of before is told of what happens, and can be taken back, only where it was proven: one that was misspelled
 * is a stranger's.
 */
export function replaceEmail(
  person: Draft,
  { from, email, emailKey, at, undo }: EmailReplacement,
  told: Parcel[],
): boolean {
  const { account } = person
  if (!account || account.emailKey !== from) return false
  if (undo) {
    person.undos.push({ ...undo, enrolledAt: account.enrolledAt, factors: factorsOf(person) })
    account.previousEmail = account.email
  }
  Object.assign(account, { email, emailKey, emailChangedAt: at })
  // Whoever was invited proves it by the link that activates the account.
  if (account.status !== 'invited') account.emailVerified = false
  raiseEpoch(person)
  forgetDevices(person)
  killLinks(person, at)
  person.parcels.push(...told)
  return true
}
