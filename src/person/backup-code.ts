/** The backup code of a person, who has room for one. */
import type { Parcel } from '../delivery/queue.ts'
import { isIn, raiseEpoch } from './epoch.ts'
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
}

/** Makes this the one backup code, in this epoch only. False if it was not kept. */
export function replaceBackupCode(
  person: Draft,
  code: BackupCode,
  parcels: Parcel[],
  epoch: number | undefined,
): boolean {
  if (person.erasedAt !== undefined || !isIn(person, epoch)) return false
  person.backup = code
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

/** Uses it up: it is gone. False if it was gone already. */
export function spendBackupCode(person: Draft, id: string, parcels: Parcel[], at: number): boolean {
  if (person.backup?.id !== id) return false
  person.backup = undefined
  provedSecondStep(person, at)
  person.parcels.push(...parcels)
  return true
}
