/** Turning factors on and off, with all that goes with it. Everything is looked at before anything is changed. */
import type { Authenticator } from './authenticator.ts'
import type { BackupCode } from './backup-code.ts'
import type { PendingEnrollment } from './wizard.ts'

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
