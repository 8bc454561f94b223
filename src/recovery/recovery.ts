/**
 * Somebody who can prove no second factor asks for help: a recovery case with a number to read out on the phone. It is
 * filed only after the right password, its owner is told at every known address with a link that cancels it, and a
 * representative decides it after checking who the person is (NIST SP 800-63B-4 section 4.2).
 */

import type { Notice } from '../accounts/notify.ts'
import { findPerson } from '../accounts/people.ts'
import type { Audit, Source } from '../audit/audit.ts'
import { digest, type Keyring, type Sealer } from '../lib/crypto.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import type { Clock } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import { byAge } from '../person/age.ts'
import { keyOf, type People } from '../person/kind.ts'
import type { PersonRecord } from '../person/person.ts'
import {
  type CaseState,
  CHECKS,
  type Check,
  cancelCase,
  findCase,
  findCaseByCancel,
  findOpenCase,
  listCases,
  type RecoveryCase,
} from '../person/recovery-case.ts'
import { viewOf } from './case.ts'
import { decider } from './decision.ts'
import { requester } from './request.ts'

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

/** More than a help desk looks at on one page. */
const MOST_LISTED = 200

export function recovery(parts: RecoveryParts): Recovery {
  const { people, seal, audit, notice, now } = parts
  const decide = decider(parts)

  function view(found: RecoveryCase, { account }: PersonRecord): CaseView {
    return viewOf(found, account, seal, now())
  }

  async function findByCancel(token: string): Promise<{ person: PersonRecord; one: RecoveryCase } | undefined> {
    const cancelDigest = digest(token)
    const found = await people.findBy(keyOf.cancel(cancelDigest))
    const one = found && findCaseByCancel(found.record, cancelDigest)
    return one && { person: found.record, one }
  }

  return {
    request: requester(parts),
    async open(account) {
      const person = await findPerson(people, account.id)
      const found = findOpenCase(person, now())
      return found && view(found, person)
    },
    async find(number) {
      const whose = await people.findBy(keyOf.case(number))
      const found = whose && findCase(whose.record, number)
      return found && view(found, whose.record)
    },
    async listOpen() {
      const waiting = await people.list({ by: 'caseUntil', from: now() + 1, limit: MOST_LISTED })
      const open = waiting.flatMap(({ record }) => {
        const found = findOpenCase(record, now())
        return found ? [{ record, found, createdAt: found.createdAt }] : []
      })
      return byAge(open).map(({ record, found }) => view(found, record))
    },
    async listByAccount(accountId) {
      const person = await findPerson(people, accountId)
      return listCases(person).map((found) => view(found, person))
    },
    async findByCancel(token) {
      const found = await findByCancel(token)
      return found && view(found.one, found.person)
    },
    async cancel(token, source) {
      const found = await findByCancel(token)
      const account = found?.person.account
      if (!account) return false
      const { number, cancelDigest } = found.one
      const told = notice(account, 'recovery-canceled', { number })
      const canceled = people.change(account.id, (person) => cancelCase(person, cancelDigest, now(), told))
      if (!(await canceled)) return false
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
