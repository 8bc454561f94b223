/** A recovery case as it is kept, and how it may end. */
import type { TemporaryCode } from './temporary-code.ts'

/** How a representative made sure who is on the phone. */
export const CHECKS = ['call-back', 'in-person', 'video', 'colleague'] as const
export type Check = (typeof CHECKS)[number]

export type CaseState = 'open' | 'canceled' | 'issued' | 'declined'

export interface RecoveryCase {
  /** Eight digits, unique: what is read out on the phone. */
  number: string
  accountId: string
  state: CaseState
  /** How the person wants to be reached, sealed for `recovery-case/<number>`. */
  sealed: string
  /** SHA-256 of the token in the link that cancels it. */
  cancelDigest: string
  createdAt: number
  /** An open one counts as not there from then on. */
  expiresAt: number
  closedAt: number | undefined
  /** Account id of the representative; undefined for whoever worked at the machine itself. */
  closedBy: string | undefined
  check: Check | undefined
  /** What the representative wrote down, sealed for `recovery-case/<number>/note`. */
  sealedNote: string | undefined
}

/** How a case ends; issuing a code takes the lost factors away in the same write. */
export interface CaseDecision {
  number: string
  accountId: string
  to: 'issued' | 'declined'
  at: number
  by: string | undefined
  check: Check
  sealedNote: string | undefined
  /** With `issued`. */
  code: TemporaryCode | undefined
}
