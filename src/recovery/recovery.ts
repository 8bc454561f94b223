/**
 * Somebody who can prove no second factor asks for help: a recovery case with a number to read out on the phone. It is
 * filed only after the right password, its owner is told at every known address with a link that cancels it, and a
 * representative decides it after checking who the person is (NIST SP 800-63B-4 section 4.2).
 */

import type { Notice } from '../accounts/notify.ts'
import type { Audit, Source } from '../audit/audit.ts'
import type { Keyring, Sealer } from '../lib/crypto.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import type { Clock } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { People } from '../person/kind.ts'
import type { CaseState, Check } from '../person/recovery-case.ts'

/** A case with what is sealed in it opened. */
export interface CaseView {
  number: string
  accountId: string
  state: CaseState | 'expired'
  contact: string
  createdAt: number
  expiresAt: number
  closedAt: number | undefined
  closedBy: string | undefined
  check: Check | undefined
  note: string | undefined
  /** From when a code may be issued: a day after it was filed where the e-mail address was changed in the week before or since. */
  decidableAt: number
}

export type Requested = Outcome<
  { number: string; expiresAt: number; already: boolean },
  'missing' | 'too-long' | 'citizen-number',
  'too-many'
>

export type Decided = Outcome<
  { code: string | undefined; expiresAt: number | undefined },
  'unknown' | 'closed' | 'missing-check' | 'too-long' | 'citizen-number',
  'wait'
>

export interface Recovery {
  /** Files a case. Someone who has one open gets its number again, and no second mail. At most 3 new ones in a day. */
  request(account: Account, contact: string, source: Source): Promise<Requested>
  /** The open case of the account. */
  open(account: Account): Promise<CaseView | undefined>
  find(number: string): Promise<CaseView | undefined>
  listOpen(): Promise<CaseView[]>
  listByAccount(accountId: string): Promise<CaseView[]>
  /** The case that a link of this token would cancel. */
  findByCancel(token: string): Promise<CaseView | undefined>
  cancel(token: string, source: Source): Promise<boolean>
  /**
   * Declines, or issues a temporary access code: shown this once, one use, hours. Issuing takes the lost factors away
   * and moves the epoch up; the caller ends what was signed in. `actor` is undefined at the command line.
   */
  decide(decision: {
    number: string
    to: 'issued' | 'declined'
    check: Check
    note: string
    actor: string | undefined
    source: Source | undefined
  }): Promise<Decided>
}

export interface RecoveryParts {
  people: People
  seal: Sealer
  ring: Keyring
  throttle: Throttle
  audit: Audit
  notice: Notice
  now: Clock
  /** The link that cancels is built from it. */
  issuer: string
  /** Milliseconds that a case waits for a representative. */
  caseLife?: number
  /** Milliseconds that a temporary access code is good for. */
  codeLife?: number
}
