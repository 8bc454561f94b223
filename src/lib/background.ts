/** Work that comes back: each task at its own interval, one at a time, so that no two get into each other's way. */
import type { Log } from './log.ts'

export interface Task {
  /** Milliseconds between two runs. */
  every: number
  run: () => Promise<unknown>
}

export interface Background {
  start(): void
  /** Waits for what is under way. */
  stop(): Promise<void>
  /** Every task once, now, in order. Rejects with the first fault. */
  once(): Promise<void>
}

export function background(tasks: Task[], log: Log): Background {
  const timers: NodeJS.Timeout[] = []
  let running: Promise<unknown> = Promise.resolve()

  return {
    start() {
      for (const { every, run } of tasks) {
        const timer = setInterval(() => {
          // A fault waits for the next round: what was not done is still to do then.
          running = running.then(run).catch((fault: unknown) => log.error({ fault }, 'background'))
        }, every)
        timers.push(timer.unref())
      }
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await running
    },
    async once() {
      for (const { run } of tasks) await run()
    },
  }
}
