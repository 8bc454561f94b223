/** The queue in memory, for tests of what uses it. Whether a real store is faithful is the conformance suite's business. */
import type { ClaimedParcel, Parcel, QueueStore } from '../../../src/delivery/queue.ts'
import { NEVER } from '../../../src/lib/time.ts'

interface Kept extends Parcel {
  attempt: number
  leasedUntil: number
  reason?: string
  failedAt?: number | undefined
}

export interface MemoryQueue extends QueueStore {
  /** Ids of what still waits. */
  ids(): string[]
  /** Ids of what was given up and is kept, each with its reason. */
  givenUp(): Array<Array<string | undefined>>
  /** The next `times` calls of this method reject. */
  failOn(method: 'claim' | 'settle' | 'postpone' | 'giveUp', times: number): void
}

export function memoryQueue(): MemoryQueue {
  const kept = new Map<string, Kept>()
  const failures = { claim: 0, settle: 0, postpone: 0, giveUp: 0 }

  /** Answers a little later, as a store does; what follows it is one atomic step. */
  async function turn(method?: keyof typeof failures): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (!method || failures[method] === 0) return
    failures[method] -= 1
    throw Object.assign(new Error('the store is away'), { code: 'store-away' })
  }

  function waiting(): Kept[] {
    return [...kept.values()].filter(({ failedAt }) => failedAt === undefined)
  }

  function holder(id: string, attempt: number): Kept | undefined {
    const parcel = kept.get(id)
    return parcel?.attempt === attempt ? parcel : undefined
  }

  return {
    async enqueue(parcels) {
      await turn()
      for (const parcel of parcels) kept.set(parcel.id, { ...parcel, attempt: 0, leasedUntil: 0 })
    },
    async claim(now, leasedUntil, limit) {
      await turn('claim')
      const due = [...kept.values()]
        .filter((parcel) => parcel.dueAt <= now && parcel.leasedUntil <= now)
        .sort((a, b) => a.dueAt - b.dueAt)
        .slice(0, limit)
      return due.map((parcel): ClaimedParcel => {
        parcel.attempt += 1
        parcel.leasedUntil = leasedUntil
        const { leasedUntil: _, ...claimed } = parcel
        return claimed
      })
    },
    async settle(id, attempt) {
      await turn('settle')
      return holder(id, attempt) !== undefined && kept.delete(id)
    },
    async postpone(id, attempt, dueAt, reason) {
      await turn('postpone')
      const parcel = holder(id, attempt)
      if (!parcel) return false
      Object.assign(parcel, { dueAt, leasedUntil: 0, reason })
      return true
    },
    async giveUp(id, attempt, reason, failedAt) {
      await turn('giveUp')
      const parcel = holder(id, attempt)
      if (!parcel) return false
      Object.assign(parcel, { dueAt: NEVER, leasedUntil: 0, reason, failedAt })
      return true
    },
    async listParcels({ state, limit }) {
      await turn()
      return [...kept.values()]
        .filter(({ failedAt }) => (failedAt === undefined) === (state === 'waiting'))
        .slice(0, limit)
    },
    async findParcel(id) {
      await turn()
      return kept.get(id)
    },
    async expedite(id, now) {
      await turn()
      const parcel = kept.get(id)
      if (!parcel || parcel.leasedUntil > now) return false
      Object.assign(parcel, { dueAt: now, failedAt: undefined })
      return true
    },
    async removeGivenUp(before) {
      await turn()
      const old = [...kept.values()].filter(({ failedAt }) => failedAt !== undefined && failedAt < before)
      return old.filter(({ id }) => kept.delete(id)).length
    },
    async backlog() {
      await turn()
      const ages = waiting().map((parcel) => parcel.createdAt)
      return { waiting: ages.length, oldest: ages.length > 0 ? Math.min(...ages) : undefined }
    },
    ids: () => waiting().map(({ id }) => id),
    givenUp: () =>
      [...kept.values()].flatMap(({ id, failedAt, reason }) => (failedAt === undefined ? [] : [[id, reason]])),
    failOn(method, times) {
      failures[method] = times
    },
  }
}
