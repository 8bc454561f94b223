/** What a recovery case says of itself, without a store: whether it is open, from when it may be decided, and as a view. */

import type { Sealer } from '../lib/crypto.ts'
import { DAY } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { RecoveryCase } from '../person/recovery-case.ts'
import type { CaseView } from './recovery.ts'

/** An address that was changed within this before is not yet known to be the person's own. */
const FRESH_EMAIL = 7 * DAY

/** What the contact, and what the note of a case, is sealed for. */
export function caseRecord(number: string): string {
  return `recovery-case/${number}`
}
export function noteRecord(number: string): string {
  return `recovery-case/${number}/note`
}

export function isOpen({ state, expiresAt }: RecoveryCase, now: number): boolean {
  return state === 'open' && now < expiresAt
}

/**
 * From when a code may be issued. Whoever took over the address a moment ago must not talk the help desk into the rest
 * before its owner could read the mails about both (SECURITY P-04).
 */
export function decidableFrom({ createdAt }: RecoveryCase, account: Account | undefined): number {
  const changedAt = account?.emailChangedAt
  if (changedAt === undefined || changedAt < createdAt - FRESH_EMAIL) return createdAt
  // Also one that was changed after the case was filed.
  return Math.max(createdAt, changedAt) + DAY
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
