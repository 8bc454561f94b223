/** All that is durable of one account, in one record: how a person is carried from one store to another. */
import type { Account, Link } from '../accounts/account.ts'
import type { AddressCode, EmailUndo } from '../accounts/addresses.ts'
import type {
  Authenticator,
  BackupCode,
  PendingEnrollment,
  RememberedDevice,
  SentCode,
  TemporaryCode,
} from '../mfa/authenticator.ts'
import type { RecoveryCase } from '../recovery/recovery.ts'

/** Each list is in the order in which its things came. */
export interface PersonRecord {
  /** A tombstone: nothing else is there. */
  erasedAt?: number
  /** A person's things may be there without the account. */
  account?: Account
  links: Link[]
  browsers: Array<{ digest: string; expiresAt: number }>
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
