/** All that is durable of one account, in one record: what is decided about a person is decided on this, and kept whole. */
import type { Outgoing } from '../record/records.ts'
import type { Account } from './account.ts'
import type { AddressCode } from './address.ts'
import type { Authenticator } from './authenticator.ts'
import type { BackupCode } from './backup-code.ts'
import type { EmailUndo } from './email-undo.ts'
import type { Invitation } from './invitation.ts'
import type { KnownBrowser } from './known-browser.ts'
import type { Link } from './link.ts'
import type { RecoveryCase } from './recovery-case.ts'
import type { RememberedDevice } from './remembered-device.ts'
import type { SentCode } from './sent-code.ts'
import type { TemporaryCode } from './temporary-code.ts'
import type { PendingEnrollment } from './wizard.ts'

/** Each list is in the order in which its things came. */
export interface PersonRecord {
  /** A tombstone: nothing else is there. */
  erasedAt?: number
  /** The client addresses in its audit records are still to be shortened. */
  forgets?: true
  /** Made by the doctor for one trial, and gone by then (trial.ts). */
  trialUntil?: number
  /** A person's things may be there without the account. */
  account?: Account
  /** Of somebody who was invited with others. */
  invitation?: Invitation
  links: Link[]
  browsers: KnownBrowser[]
  addressCodes: AddressCode[]
  undos: EmailUndo[]
  authenticators: Authenticator[]
  backup?: BackupCode
  temporaryCodes: TemporaryCode[]
  sentCodes: SentCode[]
  wizards: PendingEnrollment[]
  devices: RememberedDevice[]
  cases: RecoveryCase[]
}

/** What a rule changes. What it puts in `parcels` leaves with the change. */
export type Draft = PersonRecord & Outgoing

export function emptyPersonRecord(): PersonRecord {
  return {
    links: [],
    browsers: [],
    addressCodes: [],
    undos: [],
    authenticators: [],
    temporaryCodes: [],
    sentCodes: [],
    wizards: [],
    devices: [],
    cases: [],
  }
}

/** Nothing of anybody: some stores have a place for a person of whom there is nothing any more. */
export function isNobody(person: PersonRecord): boolean {
  return Object.values(person).every((part) => Array.isArray(part) && part.length === 0)
}
