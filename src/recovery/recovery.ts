/**
 * Somebody who can prove no second factor asks for help: a recovery case with a number to read out on the phone. It is
 * filed only after the right password, its owner is told at every known address with a link that cancels it, and a
 * representative decides it after checking who the person is (NIST SP 800-63B-4 section 4.2).
 */

import type { AccountStore } from '../accounts/account.ts'
import type { Notice } from '../accounts/notify.ts'
import type { Audit, Source } from '../audit/audit.ts'
import type { Parcel } from '../delivery/queue.ts'
import { digest, type Keyring, type Sealer } from '../lib/crypto.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import type { Clock } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import { type CaseDecision, type CaseState, CHECKS, type Check, type RecoveryCase } from '../person/recovery-case.ts'
import { isOpen, viewOf } from './case.ts'
import { decider } from './decision.ts'
import { requester } from './request.ts'

/** What recovery needs kept. Each method is one atomic write, parcels included. */
export interface RecoveryStore {
  /** False, and nothing changed, if the account has an open, unexpired case at `case.createdAt`, or the number is taken. */
  insertCase(recoveryCase: RecoveryCase, parcels: Parcel[]): Promise<boolean>
  findCase(number: string): Promise<RecoveryCase | undefined>
  findCaseByCancel(cancelDigest: string): Promise<RecoveryCase | undefined>
  /** Open and unexpired at `now`, oldest first. */
  listOpenCases(now: number, limit: number): Promise<RecoveryCase[]>
  /** Newest first. */
  listCasesByAccount(accountId: string): Promise<RecoveryCase[]>
  /** Replaces what is sealed in an open case, if it still is `from`. */
  setContact(number: string, from: string, sealed: string): Promise<boolean>
  /** Open and unexpired → canceled. Otherwise nothing, and false. */
  cancelCase(cancelDigest: string, at: number, parcels: Parcel[]): Promise<boolean>
  /**
   * If the case is open, unexpired at `at` and the account's: closes it. With `issued` also removes the account's
   * authenticators, backup code, temporary codes and remembered devices, inserts the new temporary code and moves the
   * epoch up; with `declined` temporary codes that were issued before go. Enqueues the parcels. Otherwise nothing, and false.
   */
  decideCase(decision: CaseDecision, parcels: Parcel[]): Promise<boolean>
  /** Drops cases that were closed, or ran out, before `before`. Cleaning only. */
  sweepCases(before: number): Promise<number>
}

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
  /** From when it may be decided: a day after it was filed where the e-mail address was changed in the week before. */
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
  store: RecoveryStore & Pick<AccountStore, 'findAccount'>
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

/** More than a help desk looks at on one page. */
const MOST_LISTED = 200

export function recovery(parts: RecoveryParts): Recovery {
  const { store, seal, audit, notice, now } = parts
  const decide = decider(parts)

  async function view(found: RecoveryCase): Promise<CaseView> {
    return viewOf(found, await store.findAccount(found.accountId), seal, now())
  }

  return {
    request: requester(parts),
    async open(account) {
      const found = (await store.listCasesByAccount(account.id)).find((candidate) => isOpen(candidate, now()))
      return found && view(found)
    },
    async find(number) {
      const found = await store.findCase(number)
      return found && view(found)
    },
    listOpen: async () => Promise.all((await store.listOpenCases(now(), MOST_LISTED)).map(view)),
    listByAccount: async (accountId) => Promise.all((await store.listCasesByAccount(accountId)).map(view)),
    async findByCancel(token) {
      const found = await store.findCaseByCancel(digest(token))
      return found && view(found)
    },
    async cancel(token, source) {
      const found = await store.findCaseByCancel(digest(token))
      const account = found && (await store.findAccount(found.accountId))
      if (!account) return false
      const { number, cancelDigest } = found
      if (!(await store.cancelCase(cancelDigest, now(), notice(account, 'recovery-canceled', { number })))) return false
      // No actor: whoever reads the mail is all that is known.
      await audit({
        type: 'recovery.canceled',
        outcome: 'ok',
        subject: account.id,
        source,
        details: { case: number },
      })
      return true
    },
    async decide(decision) {
      // It comes from a form.
      return CHECKS.includes(decision.check) ? decide(decision) : { ok: false, reason: 'missing-check' }
    },
  }
}
