/** The queue in memory, for tests of what uses it. Whether a real store is faithful is the conformance suite's business. */
import type { ClaimedParcel, Parcel, QueueStore } from '../../../src/delivery/queue.ts'

interface Kept extends Parcel {
  attempt: number
  leasedUntil: number
}

export interface MemoryQueue extends QueueStore {
  /** Ids of what still waits. */
  ids(): string[]
  /** The next `times` calls of this method reject. */
  failOn(method: 'claim' | 'settle' | 'postpone', times: number): void
}

export function memoryQueue(): MemoryQueue {
  const kept = new Map<string, Kept>()
  const failures = { claim: 0, settle: 0, postpone: 0 }

  /** Answers a little later, as a store does; what follows it is one atomic step. */
  async function turn(method?: keyof typeof failures): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (!method || failures[method] === 0) return
    failures[method] -= 1
    throw Object.assign(new Error('the store is away'), { code: 'store-away' })
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
    async postpone(id, attempt, dueAt) {
      await turn('postpone')
      const parcel = holder(id, attempt)
      if (!parcel) return false
      Object.assign(parcel, { dueAt, leasedUntil: 0 })
      return true
    },
    async backlog() {
      await turn()
      const ages = [...kept.values()].map((parcel) => parcel.createdAt)
      return { waiting: ages.length, oldest: ages.length > 0 ? Math.min(...ages) : undefined }
    },
    ids: () => [...kept.keys()],
    failOn(method, times) {
      failures[method] = times
    },
  }
}
