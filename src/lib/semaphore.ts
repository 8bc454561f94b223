/** Bounds how many costly things run at once, and how many may wait for their turn. */
import { AppError } from './errors.ts'
import type { Clock } from './time.ts'

export interface SemaphoreLimits {
  /** How many run at once. */
  running: number
  /** How many may wait; one more is refused at once. */
  waiting: number
  /** Milliseconds that one may wait. */
  patience: number
}

/** Nobody who is `last` runs while somebody who is `first` waits. */
export type Rank = 'first' | 'last'

/**
 * Runs `work` when there is room; `first` is what nobody says. Throws `busy` (503, Retry-After) when the queue is full or
 * the wait too long. If the queue is full of `last`, one of them gives up its place to a `first`.
 */
export type Gate = <T>(work: () => Promise<T>, rank?: Rank) => Promise<T>

export interface Semaphore extends Gate {
  /** Milliseconds that one waits that comes now, by how fast those before went. */
  wait(): number
}

interface Waiter {
  admit: () => void
  refuse: (fault: AppError) => void
}

/** Milliseconds that each takes, as long as nobody knows better. */
const FIRST_GUESS = 25

/** `now` counts milliseconds from anywhere. */
export function semaphore(limits: SemaphoreLimits, now: Clock = () => performance.now()): Semaphore {
  let running = 0
  /** Milliseconds from one that ended to the next while others waited: an average in which the last eight weigh most. */
  let pace = FIRST_GUESS
  let endedAt: number | undefined
  const queues: Record<Rank, Waiter[]> = { first: [], last: [] }

  function busy(): AppError {
    return new AppError('busy', 'too many requests of this kind at once', { status: 503, retryAfter: 5 })
  }

  function waiting(): number {
    return queues.first.length + queues.last.length
  }

  function keepPace(): void {
    const at = now()
    if (endedAt !== undefined) pace += (Math.min(at - endedAt, limits.patience) - pace) / 8
    endedAt = waiting() > 0 ? at : undefined
  }

  function makeRoom(rank: Rank): void {
    if (waiting() < limits.waiting) return
    // The one who came latest gives way: it has waited least.
    const displaced = rank === 'first' ? queues.last.pop() : undefined
    if (!displaced) throw busy()
    displaced.refuse(busy())
  }

  async function enter(rank: Rank): Promise<void> {
    if (running < limits.running) {
      running += 1
      return
    }
    makeRoom(rank)
    const { promise, resolve: admit, reject: refuse } = Promise.withResolvers<void>()
    const waiter = { admit, refuse }
    const queue = queues[rank]
    queue.push(waiter)
    const impatience = setTimeout(() => {
      queue.splice(queue.indexOf(waiter), 1)
      refuse(busy())
    }, limits.patience)
    await promise.finally(() => clearTimeout(impatience))
  }

  function leave(): void {
    keepPace()
    const next = queues.first.shift() ?? queues.last.shift()
    // Otherwise the place is handed over, so `running` stays as it is.
    if (next) next.admit()
    else running -= 1
  }

  async function pass<T>(work: () => Promise<T>, rank: Rank = 'first'): Promise<T> {
    await enter(rank)
    try {
      return await work()
    } finally {
      leave()
    }
  }

  return Object.assign(pass, { wait: () => waiting() * pace })
}
