/**
 * Second factors as they are kept: enrolled authenticators, the backup code, temporary access codes, codes that were
 * sent, what is half-way through being set up, and remembered devices.
 */
import type { Parcel } from '../delivery/queue.ts'

/** An enrolled factor of one account. */
export interface Authenticator {
  id: string
  accountId: string
  kind: 'totp' | 'sms'
  /** What tells it apart for its person: the entry's name in the app, or the last two digits of the number. */
  label: string
  /** The secret (base32) or the number (E.164), sealed for `authenticator/<account>/<id>`. */
  sealed: string
  /** Keyed digest of the number, to count accounts by number; undefined for an app. */
  numberKey: string | undefined
  /** The last time step that was used (RFC 6238 section 5.2); 0 for none. */
  lastStep: number
  createdAt: number
  lastUsedAt: number | undefined
}

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

/** Issued by the help desk: one use, for the second step only. */
export interface TemporaryCode {
  id: string
  accountId: string
  digest: string
  createdAt: number
  expiresAt: number
}

/** A code that was sent to a number, bound to what it may be used for. */
export interface SentCode {
  /** Digest of account, purpose and sitting: a new code for the same replaces the old. */
  key: string
  accountId: string
  /** Keyed digest of code and number. */
  digest: string
  /** The number it went to, sealed for `sent-code/<key>`. */
  sealed: string
  createdAt: number
  expiresAt: number
}

/** A wizard under way, one per account and session. Its content is sealed for `enrollment/<key>`. */
export interface PendingEnrollment {
  key: string
  accountId: string
  sealed: string
  /** Moves up with every change; a change says from which version it comes. */
  version: number
  expiresAt: number
}

/** A browser that need not be asked for a second factor until `expiresAt`. */
export interface RememberedDevice {
  id: string
  accountId: string
  /** SHA-256 of the token in its cookie. */
  digest: string
  /** The token before, accepted until `previousUntil` because two tabs may have sent it at once. */
  previousDigest: string | undefined
  previousUntil: number
  createdAt: number
  lastUsedAt: number
  /** Absolute: use does not move it. */
  expiresAt: number
  /** How the second factor was proven when it was remembered. */
  method: 'totp' | 'sms'
  /** Browser and system as far as a person would name them. */
  agent: string
}

/** Turning a factor on: all of it happens, or nothing. */
export interface Activation {
  accountId: string
  /** Refused in any other: everything was ended meanwhile, and this with it. */
  epoch: number
  /** The wizard it comes from, and what the wizard becomes. */
  from: { key: string; version: number }
  next: PendingEnrollment
  authenticator: Authenticator
  /** Replaces the backup code of before. */
  backup: BackupCode
  /** Every other authenticator and remembered device of the account goes: the old phone is lost. */
  replacesAll: boolean
  /** Refused if the account was ever enrolled: whoever knows the password only must not add a factor. */
  firstOnly: boolean
}

/** An app that was set up in the security settings: beside the others, or in the place of one. */
export interface AppChange {
  accountId: string
  /** Refused in any other. */
  epoch: number
  /** The wizard that ends with it. */
  from: { key: string; version: number }
  authenticator: Authenticator
  /** The app that it takes the place of. */
  replaces: string | undefined
  /** Apps that one account may have. */
  most: number
}

/** A number that was proven with the code that was sent to it. It takes the place of the one before. */
export interface NumberChange {
  authenticator: Authenticator
  /** Refused in any other. */
  epoch: number
  sent: { key: string; digest: string }
  /** Everything else that was signed in ends: the number was changed, not set up in the wizard. */
  raisesEpoch: boolean
}

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
