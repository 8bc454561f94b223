/** Cleaning in small bites: a record says from when something in it may be dropped, so only those are read. */
import type { Records } from './records.ts'

const BITE = 100

/** Runs `drop`, which returns how much it dropped, on whatever has a value up to `until`. */
export async function sweep<R extends object, F extends string>(
  records: Pick<Records<R, F>, 'list' | 'change'>,
  by: F,
  until: number,
  drop: (record: R) => number,
): Promise<number> {
  let swept = 0
  for (;;) {
    const bite = await records.list({ by, to: until, limit: BITE })
    // All at once, so that they share a sync to disk. A record that cannot be changed holds up no other.
    const outcomes = await Promise.allSettled(bite.map(({ id }) => records.change(id, drop)))
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') swept += outcome.value
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
    if (bite.length < BITE) return swept
  }
}
