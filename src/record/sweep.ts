/** Cleaning in small bites: a record says from when something in it may be dropped, so only those are read. */
import type { Records } from './records.ts'

const BITE = 200

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
    const faults: unknown[] = []
    for (const { id } of bite) {
      swept += await records.change(id, drop).catch((fault: unknown) => {
        faults.push(fault)
        return 0
      })
    }
    // One that cannot be changed holds up no other.
    if (faults.length > 0) throw faults[0]
    if (bite.length < BITE) return swept
  }
}
