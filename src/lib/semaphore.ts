/** Bounds how many costly things run at once, and how many may wait for their turn. */
import { AppError } from './errors.ts'

export interface SemaphoreLimits {
  /** How many run at once. */
  running: number
  /** How many may wait; one more is refused at once. */
  waiting: number
  /** Milliseconds that one may wait. */
  patience: number
}

/** Runs `work` when there is room. Throws `busy` (503, Retry-After) when the queue is full or the wait too long. */
export type Semaphore = <T>(work: () => Promise<T>) => Promise<T>

export function semaphore(limits: SemaphoreLimits): Semaphore {
  let running = 0
  const queue: Array<{ admit: () => void; timer: NodeJS.Timeout }> = []

  function busy(): AppError {
    return new AppError('busy', 'too many requests of this kind at once', { status: 503, retryAfter: 5 })
  }

  async function enter(): Promise<void> {
    if (running < limits.running) {
      running += 1
      return
    }
    if (queue.length >= limits.waiting) throw busy()
    await new Promise<void>((admit, refuse) => {
      const timer = setTimeout(() => {
        queue.splice(
          queue.findIndex((waiter) => waiter.timer === timer),
          1,
        )
        refuse(busy())
      }, limits.patience)
      queue.push({ admit, timer })
    })
  }

  function leave(): void {
    const next = queue.shift()
    if (!next) {
      running -= 1
      return
    }
    // The place is handed over, so `running` stays as it is.
    clearTimeout(next.timer)
    next.admit()
  }

  return async (work) => {
    await enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }
}
