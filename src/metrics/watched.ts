/**
 * What has to be asked for (of a store, say) is read in the background. A scrape tells what was read last, and waits for nothing; how
 * old that is has a gauge of its own, so that a reading which stopped is seen.
 */
import { Gauge, type Registry } from 'prom-client'
import { type Clock, SECOND } from '../lib/time.ts'

export interface WatchedGauge<T> {
  name: string
  help: string
  /** Of what was read last, worked out at the scrape: an age is that of now. Undefined: there is none, and nothing is told. */
  value: (read: T) => number | undefined
}

export interface Watched {
  /** `subject` names it in `sigma_watched_timestamp_seconds`. */
  watch<T>(subject: string, read: () => Promise<T>, gauges: Array<WatchedGauge<T>>): void
  /** Reads all that is watched, at once. What cannot be read stays what it was. Never rejects. */
  refresh(): Promise<void>
}

export function watched(registry: Registry, now: Clock): Watched {
  const readings: Array<() => Promise<void>> = []
  const readAt = new Gauge({
    name: 'sigma_watched_timestamp_seconds',
    help: 'When that which is read in the background was read last, by what it is: 0 if it never was',
    labelNames: ['subject'],
    registers: [registry],
  })

  return {
    watch(subject, read, gauges) {
      let last: { value: Awaited<ReturnType<typeof read>> } | undefined
      readAt.set({ subject }, 0)
      readings.push(async () => {
        last = { value: await read() }
        readAt.set({ subject }, now() / SECOND)
      })
      for (const { name, help, value } of gauges)
        new Gauge({
          name,
          help,
          registers: [registry],
          collect() {
            const told = last && value(last.value)
            if (told === undefined) this.remove()
            else this.set(told)
          },
        })
    },
    async refresh() {
      await Promise.allSettled(readings.map((read) => read()))
    },
  }
}
