/** The backup code of a person, who has room for one. */
import type { Parcel } from '../delivery/queue.ts'
import { isIn, raiseEpoch } from './epoch.ts'
import { type Hold, type Holder, holdsAll } from './held-code.ts'
import type { Draft, PersonRecord } from './person.ts'
import { forgetDevices } from './remembered-device.ts'
import { provedSecondStep } from './signed-in.ts'

/** The one backup code of an account. It is kept salted and digested, so it can be shown only when it is made. */
export interface BackupCode {
  id: string
  accountId: string
  salt: string
  digest: string
  createdAt: number
  /** When the person said that it is saved; until then it is offered anew after the next sign-in. */
  savedAt: number | undefined
  /** The session that signs in with it. */
  held?: Hold
  /** Those before it that were used, the newest first: whoever types one once more is told so. */
  spent?: SpentCode[]
}

export type SpentCode = Pick<BackupCode, 'salt' | 'digest'>

/** Who types one that is older is told that it is not right. */
const MOST_SPENT = 3

/** Makes this the one backup code, in this epoch only. False if it was not kept. */
export function replaceBackupCode(
  person: Draft,
  code: BackupCode,
  parcels: Parcel[],
  epoch: number | undefined,
): boolean {
  if (person.erasedAt !== undefined || !isIn(person, epoch)) return false
  person.backup = successor(person, code, false)
  person.parcels.push(...parcels)
  return true
}

/**
 * The same in the security settings: only if the present code still is `before` (undefined for none); and forgets the
 * remembered devices and moves the epoch up. False, and nothing changed, if another tab was first.
 */
export function renewBackupCode(
  person: Draft,
  code: BackupCode,
  before: string | undefined,
  parcels: Parcel[],
  epoch: number | undefined,
): boolean {
  if (person.backup?.id !== before || !replaceBackupCode(person, code, parcels, epoch)) return false
  forgetDevices(person)
  raiseEpoch(person)
  return true
}

/** The person has saved it. False if it is not the code any more. */
export function confirmBackupCode({ backup }: PersonRecord, id: string, at: number): boolean {
  if (backup?.id !== id) return false
  // Said twice, it counts from the first time.
  backup.savedAt ??= at
  return true
}

/** A session has proven it, and takes it over from another one. False if it is gone. */
export function holdBackupCode({ backup }: PersonRecord, id: string, held: Hold): boolean {
  if (backup?.id !== id) return false
  backup.held = held
  return true
}

/** One that takes the place of the person's, which was used, or has been lost with the rest. */
export function successor({ backup }: PersonRecord, code: BackupCode, used: boolean): BackupCode {
  if (!backup) return code
  const { salt, digest, spent = [] } = backup
  const known = used ? [{ salt, digest }, ...spent].slice(0, MOST_SPENT) : spent
  return known.length > 0 ? { ...code, spent: known } : code
}

/**
 * Spends the code that the session holds, and puts the one in its place that the person has just said to have saved. False,
 * and nothing changed, if it holds it no more.
 */
export function exchangeBackupCode(
  person: Draft,
  { made, holder, epoch }: { made: BackupCode; holder: Holder; epoch: number | undefined },
  parcels: Parcel[],
  at: number,
): boolean {
  if (holder.holding.backup === undefined || !holdsAll(person, holder, at)) return false
  const next = successor(person, { ...made, savedAt: at }, true)
  if (!replaceBackupCode(person, made, parcels, epoch)) return false
  person.backup = next
  provedSecondStep(person, at)
  return true
}
