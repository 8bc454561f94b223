/** Recovery cases (recovery/recovery.ts). Each method is one write, parcels included. */
import { trusted } from 'mongoose'
import type { RecoveryCase } from '../../person/recovery-case.ts'
import type { RecoveryStore } from '../../recovery/recovery.ts'
import { removeFactors } from './factor-changes.ts'
import { enqueue } from './outbox.ts'
import { type People, unlessTaken } from './people.ts'
import { byAge, keyOf, newestFirst, type Person, raiseEpoch } from './person.ts'
import { withUndefined } from './with-undefined.ts'

type RecoveryCases = Omit<RecoveryStore, 'sweepCases'>

export function recoveryCases(people: People): RecoveryCases {
  const find = async (number: string) => {
    const found = await people.findByKey(keyOf.case(number), 'cases')
    return found?.cases.find((recoveryCase) => recoveryCase.number === number)
  }

  return {
    async insertCase(recoveryCase, parcels) {
      const { accountId, number, createdAt } = recoveryCase
      // For good: a number is never given twice as long as its case is kept.
      if (await find(number)) return false
      const inserted = people.change(accountId, (draft) => {
        if (draft.erasedAt !== undefined || draft.cases.some((other) => isOpen(other, createdAt))) return false
        if (draft.cases.some((other) => other.number === number)) return false
        draft.cases.push(recoveryCase)
        enqueue(draft, parcels)
        return true
      })
      return unlessTaken('keys', false, inserted)
    },
    findCase: find,
    async findCaseByCancel(cancelDigest) {
      const found = await people.findByKey(keyOf.cancel(cancelDigest), 'cases')
      return found?.cases.find((recoveryCase) => recoveryCase.cancelDigest === cancelDigest)
    },
    async listOpenCases(now, limit) {
      const found = await people.model
        .find({ caseUntil: trusted({ $gt: now }) }, { cases: 1 })
        .sort({ caseSince: 1 })
        .limit(limit)
        .lean<Array<Pick<Person, 'cases'>>>()
      const open = found
        .flatMap((person) => withUndefined(person).cases)
        .filter((recoveryCase) => isOpen(recoveryCase, now))
      return byAge(open).slice(0, limit)
    },
    listCasesByAccount: async (accountId) => newestFirst((await people.find(accountId, 'cases'))?.cases ?? []),
    setContact: (number, from, sealed) =>
      people.changeByKey(keyOf.case(number), false, ({ cases }) => {
        const recoveryCase = cases.find((candidate) => candidate.number === number)
        if (recoveryCase?.state !== 'open' || recoveryCase.sealed !== from) return false
        recoveryCase.sealed = sealed
        return true
      }),
    cancelCase: (cancelDigest, at, parcels) =>
      people.changeByKey(keyOf.cancel(cancelDigest), false, (draft) => {
        const recoveryCase = draft.cases.find((candidate) => candidate.cancelDigest === cancelDigest)
        if (!recoveryCase || !isOpen(recoveryCase, at)) return false
        Object.assign(recoveryCase, { state: 'canceled', closedAt: at })
        enqueue(draft, parcels)
        return true
      }),
    decideCase: ({ number, accountId, to, at, by, check, sealedNote, code }, parcels) =>
      people.change(accountId, (draft) => {
        // A code comes with `issued`, for this account, and with nothing else.
        if ((to === 'issued') !== (code?.accountId === accountId)) return false
        const recoveryCase = draft.cases.find((candidate) => candidate.number === number)
        if (!recoveryCase || !isOpen(recoveryCase, at)) return false
        Object.assign(recoveryCase, { state: to, closedAt: at, closedBy: by, check, sealedNote })
        if (to === 'declined') draft.temporaryCodes = []
        if (code) {
          removeFactors(draft)
          draft.temporaryCodes.push(code)
          raiseEpoch(draft)
        }
        enqueue(draft, parcels)
        return true
      }),
  }
}

function isOpen({ state, expiresAt }: RecoveryCase, at: number): boolean {
  return state === 'open' && expiresAt > at
}
