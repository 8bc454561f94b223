/** Work that arrives at a rate, whether or not the work before is done, and what became of it. */
import { setTimeout as pause } from 'node:timers/promises'

export interface Outcome {
  /** Milliseconds since the epoch. */
  began: number
  took: number
  fault: unknown
}

export interface Load {
  outcomes: Outcome[]
  /** No new work from now on; resolves when all of it is over. */
  end(): Promise<Outcome[]>
}

export function load(perSecond: number, work: (n: number) => Promise<unknown>): Load {
  const outcomes: Outcome[] = []
  const underWay = new Set<Promise<void>>()
  let ended = false

  async function one(n: number): Promise<void> {
    const [began, started] = [Date.now(), performance.now()]
    const fault = await work(n).then(
      () => undefined,
      (reason: unknown) => reason ?? new Error('no reason'),
    )
    outcomes.push({ began, took: performance.now() - started, fault })
  }

  async function arrive(): Promise<void> {
    const started = performance.now()
    for (let n = 0; !ended; n += 1) {
      const mine = one(n).finally(() => underWay.delete(mine))
      underWay.add(mine)
      await pause(Math.max(0, started + ((n + 1) * 1000) / perSecond - performance.now()))
    }
  }

  const arriving = arrive()
  return {
    outcomes,
    async end() {
      ended = true
      await arriving
      await Promise.all(underWay)
      return outcomes
    },
  }
}
