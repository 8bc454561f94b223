/** A group of writes that share one transaction (group-commit.ts), from its first write until it is on disk or lost. */
import type { Debt } from '../../lib/unit-of-work.ts'

export interface Write {
  /** Returns how to tell its caller, once that is allowed. */
  run: () => () => void
  fail: (fault: unknown) => void
  /** Whether a unit waits for it. */
  inUnit: boolean
}

export interface Group extends Debt {
  state: 'gathering' | 'open' | 'over'
  waiting: Write[]
  /** Writes that were done and not told of. */
  untold: Array<{ tell: () => void; fail: (fault: unknown) => void }>
  writes: number
  isDemanded: boolean
  demanded: Promise<void>
  /** Committed, or given up. */
  ended: Promise<void>
  end: () => void
  kept: () => void
  lose: (fault: unknown) => void
  fault: unknown
}

export function emptyGroup(): Group {
  const { promise: durable, resolve: kept, reject: lost } = Promise.withResolvers<void>()
  const { promise: demanded, resolve } = Promise.withResolvers<void>()
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  // Who is told of each write need not hear of the whole.
  durable.catch(() => undefined)
  const group: Group = {
    state: 'gathering',
    waiting: [],
    untold: [],
    writes: 0,
    isDemanded: false,
    demanded,
    demand() {
      group.isDemanded = true
      resolve()
    },
    durable,
    ended,
    end,
    kept,
    fault: undefined,
    lose(fault) {
      group.fault = fault
      lost(fault)
    },
  }
  return group
}
