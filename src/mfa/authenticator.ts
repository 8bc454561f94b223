/** What mfa/ needs kept of people. */
import type { Parcel } from '../delivery/queue.ts'
import type { Authenticator } from '../person/authenticator.ts'
import type { BackupCode } from '../person/backup-code.ts'
import type { Activation, AppChange, NumberChange } from '../person/factor-changes.ts'
import type { RememberedDevice } from '../person/remembered-device.ts'
import type { SentCode } from '../person/sent-code.ts'
import type { TemporaryCode } from '../person/temporary-code.ts'
import type { PendingEnrollment } from '../person/wizard.ts'

/**
 * What mfa/ needs kept. Each method is one atomic write. Where an `epoch` is given, nothing is changed unless the account
 * is in it: everything was ended meanwhile, and this with it.
 */
export interface MfaStore {
  listAuthenticators(accountId: string): Promise<Authenticator[]>
  /**
   * If the account is in this epoch and the wizard still at `from.version` and not expired at `now` (and with `firstOnly` the account has no
   * `enrolledAt`): replaces it by `next`, inserts the authenticator, replaces the backup code, removes what `replacesAll`
   * says (and then moves the account's epoch up), sets the account's `enrolledAt` if it has none, enqueues the parcels.
   * Otherwise nothing, and false.
   */
  activate(activation: Activation, now: number, parcels: Parcel[]): Promise<boolean>
  /**
   * If the account is in this epoch, the wizard still at `from.version` and not expired at `now`, the app that it replaces is still there, and
   * there is room for one more where it replaces none: inserts the app, removes the replaced one and every remembered
   * device of the account, removes the wizard, moves the epoch up, enqueues the parcels. Otherwise nothing, and false.
   */
  changeApp(change: AppChange, now: number, parcels: Parcel[]): Promise<boolean>
  /**
   * If the account is in this epoch and the sent code is there with this digest, the account's and unexpired: uses it up, inserts the number, removes
   * the account's other numbers and its remembered devices, moves the epoch up where that is asked for, enqueues the
   * parcels. Otherwise nothing, and false.
   */
  addNumber(change: NumberChange, now: number, parcels: Parcel[]): Promise<boolean>
  /** False if it is not the account's. */
  renameAuthenticator(accountId: string, id: string, label: string, parcels: Parcel[]): Promise<boolean>
  /**
   * Removes a number, or an app that is not the only one, and every remembered device of the account, and moves the
   * epoch up. `last`, and nothing changed, for the only app.
   */
  removeAuthenticator(accountId: string, id: string, parcels: Parcel[]): Promise<'removed' | 'last' | 'unknown'>
  /**
   * Turns two-step verification off: if `id` is the account's only app, removes all its authenticators, its backup and
   * temporary codes and its remembered devices, forgets `enrolledAt`, moves the epoch up. Otherwise nothing, and false.
   */
  turnOff(accountId: string, id: string, parcels: Parcel[]): Promise<boolean>
  /** Moves the last used time step forward. False if this step, or a later one, was used already, or it is not this account's. */
  advanceStep(accountId: string, id: string, step: number, now: number): Promise<boolean>
  /** How many different accounts have this number. */
  countNumber(numberKey: string): Promise<number>

  findBackupCode(accountId: string): Promise<BackupCode | undefined>
  /** Makes this the one backup code of the account. False if it was not kept. */
  replaceBackupCode(code: BackupCode, parcels: Parcel[], epoch?: number): Promise<boolean>
  /**
   * The same in the security settings: only if the account's present code still is `before` (undefined for none); and
   * removes the remembered devices and moves the epoch up. False, and nothing changed, if another tab was first.
   */
  renewBackupCode(code: BackupCode, before: string | undefined, parcels: Parcel[], epoch?: number): Promise<boolean>
  /** The person has saved it. False if it is not the account's code any more. */
  confirmBackupCode(accountId: string, id: string, at: number): Promise<boolean>
  /** Uses it up: it is gone. False if it was gone already. */
  spendBackupCode(accountId: string, id: string, parcels: Parcel[]): Promise<boolean>

  insertTemporaryCode(code: TemporaryCode): Promise<void>
  /** Uses it up. False if it is not there, not this account's, or expired. */
  spendTemporaryCode(accountId: string, digest: string, now: number): Promise<boolean>

  /** Replaces an older one with the same key. */
  putSentCode(code: SentCode, parcels: Parcel[]): Promise<void>
  findSentCode(key: string, now: number): Promise<SentCode | undefined>
  /** Uses it up. False if it is not there with this digest, not this account's, or expired. */
  spendSentCode(accountId: string, key: string, digest: string, now: number): Promise<boolean>

  findPending(key: string, accountId: string, now: number): Promise<PendingEnrollment | undefined>
  /** Inserts it (version 1), or replaces the one at `version - 1`. False if someone else was first. An expired one counts as not there. */
  putPending(pending: PendingEnrollment, now: number): Promise<boolean>
  removePending(key: string): Promise<void>

  /** Keeps it; only the `most` newest of the account stay. False if it was not kept. */
  insertDevice(device: RememberedDevice, most: number, parcels: Parcel[], epoch?: number): Promise<boolean>
  /** By its id, which its cookie names beside the token; expired ones are not found. */
  findDevice(id: string, now: number): Promise<RememberedDevice | undefined>
  /** Gives it a new token if `from` is its present one. False if another request was first. */
  rotateDevice(id: string, from: string, to: string, previousUntil: number, now: number): Promise<boolean>
  listDevices(accountId: string, now: number): Promise<RememberedDevice[]>
  removeDevice(accountId: string, id: string, parcels: Parcel[]): Promise<boolean>
  removeDevices(accountId: string, parcels?: Parcel[]): Promise<number>
  /** Drops what has expired. Cleaning only. */
  sweepMfa(now: number): Promise<number>
}
