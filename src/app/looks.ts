/** One look at each store and at its clock, which nobody waits for longer than they say. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Clock, SECOND, SKEW } from '../lib/time.ts'
import type { Trouble } from '../metrics/readiness.ts'
import type { Store, StoreName } from '../store/store.ts'

const SPELLED: Record<StoreName, string> = { sqlite: 'SQLite', mongodb: 'MongoDB', redis: 'Redis' }

/** Whether each of them keeps something within so many milliseconds. */
export function storeLook(pings: Store['pings'], slow: number): () => Promise<Array<Trouble | undefined>> {
  /** Not answered yet: one that hangs is asked once, however often somebody looks. */
  const asked = new Map<StoreName, Promise<string | undefined>>()

  function ask(name: StoreName, ping: () => Promise<void>): Promise<string | undefined> {
    const answer = ping()
      .then(
        () => undefined,
        () => 'does not answer, or cannot keep anything',
      )
      .finally(() => asked.delete(name))
    asked.set(name, answer)
    return answer
  }

  return () =>
    Promise.all(
      (Object.entries(pings) as Array<[StoreName, () => Promise<void>]>).map(async ([reason, ping]) => {
        const answer = asked.get(reason) ?? ask(reason, ping)
        const found = await Promise.race([answer, pause(slow, 'needs too long for one small write', { ref: false })])
        return found === undefined ? undefined : { reason, text: `${SPELLED[reason]} ${found}` }
      }),
    )
}

export interface ClockLook {
  /** Undefined, too, if the clock cannot be asked: that is the store's trouble. */
  trouble(): Promise<Trouble | undefined>
  /** Only if it could be asked. */
  isRight(): Promise<boolean>
  /** Milliseconds that the store was ahead of us when it was asked last; 0 where it has no clock of its own. */
  skew(): number
}

export function clockLook(time: Store['time'], wall: Clock, slow: number): ClockLook {
  let last = 0

  async function skewNow(): Promise<number | undefined> {
    if (!time) return 0
    const before = wall()
    const there = await Promise.race([time().catch(() => undefined), pause(slow, undefined, { ref: false })])
    if (there === undefined) return undefined
    // Half the way there and back: an answer that took long says less.
    last = there - (before + wall()) / 2
    return last
  }

  return {
    async trouble() {
      const skew = await skewNow()
      if (skew === undefined || Math.abs(skew) <= SKEW) return undefined
      const seconds = Math.round(Math.abs(skew) / SECOND)
      return {
        reason: 'clock',
        text: `the clock of this machine is ${seconds} s ${skew > 0 ? 'behind' : 'ahead of'} the store’s`,
      }
    },
    async isRight() {
      const skew = await skewNow()
      return skew !== undefined && Math.abs(skew) <= SKEW
    },
    skew: () => last,
  }
}
