/** What is sealed in a recovery case, and the case with that opened. */

import type { Sealer } from '../lib/crypto.ts'
import type { Account } from '../person/account.ts'
import type { RecoveryCase } from '../person/recovery-case.ts'
import { decidableFrom, isOpen } from '../person/recovery-case.ts'
import type { CaseView } from './recovery.ts'

/** The names that the contact and the note of a case are sealed for. */
export function caseRecord(number: string): string {
  return `recovery-case/${number}`
}
export function noteRecord(number: string): string {
  return `recovery-case/${number}/note`
}

export function viewOf(found: RecoveryCase, account: Account | undefined, seal: Sealer, now: number): CaseView {
  const { number, sealed, sealedNote, state } = found
  return {
    number,
    accountId: found.accountId,
    state: state !== 'open' || isOpen(found, now) ? state : 'expired',
    contact: seal.open(sealed, caseRecord(number)),
    createdAt: found.createdAt,
    expiresAt: found.expiresAt,
    closedAt: found.closedAt,
    closedBy: found.closedBy,
    check: found.check,
    note: sealedNote === undefined ? undefined : seal.open(sealedNote, noteRecord(number)),
    decidableAt: decidableFrom(found, account),
  }
}
