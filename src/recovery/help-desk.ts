/** Recovery as a whole: how cases are found, shown and canceled; request.ts files them, decision.ts decides them. */
import { findPerson } from '../accounts/people.ts'
import { digest } from '../lib/crypto.ts'
import { byAge } from '../person/age.ts'
import { keyOf } from '../person/kind.ts'
import type { PersonRecord } from '../person/person.ts'
import {
  CHECKS,
  cancelCase,
  findCase,
  findCaseByCancel,
  findOpenCase,
  listCases,
  type RecoveryCase,
} from '../person/recovery-case.ts'
import { viewOf } from './case.ts'
import { decider } from './decision.ts'
import type { CaseView, Recovery, RecoveryParts } from './recovery.ts'
import { requester } from './request.ts'

/** More than a help desk looks at on one page. */
const MOST_LISTED = 200

export function recovery(parts: RecoveryParts): Recovery {
  const { people, seal, audit, notice, now } = parts
  const decide = decider(parts)

  function view(found: RecoveryCase, { account }: PersonRecord): CaseView {
    return viewOf(found, account, seal, now())
  }

  /** Everybody who waits: which case is the oldest is not to be told from when each ends. */
  async function listWaiting() {
    for (let limit = MOST_LISTED; ; limit *= 2) {
      const waiting = await people.list({ by: 'caseUntil', from: now() + 1, limit })
      if (waiting.length < limit) return waiting
    }
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
      const open = (await listWaiting()).flatMap(({ record }) => {
        const found = findOpenCase(record, now())
        return found ? [{ record, found, createdAt: found.createdAt }] : []
      })
      return byAge(open)
        .slice(0, MOST_LISTED)
        .map(({ record, found }) => view(found, record))
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
      await audit({ type: 'recovery.canceled', outcome: 'ok', subject: account.id, source, details: { case: number } })
      return true
    },
    async decide(decision) {
      // It comes from a form.
      return CHECKS.includes(decision.check) ? decide(decision) : { ok: false, reason: 'missing-check' }
    },
  }
}
