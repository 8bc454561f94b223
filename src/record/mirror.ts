/**
 * All records of a kind, held in memory and followed: for kinds of which there are thousands at most, and that nearly every
 * request asks for. What another process changes counts here once `follow` has run; until then it is as it was.
 *
 * No record of such a kind is ever removed: one that has ended stays, and says so.
 */
import type { Clock } from '../lib/time.ts'
import type { Found, Records } from './records.ts'

/** What every record of a mirrored kind has, and the finder that is called like it. */
export interface Changed {
  /** Milliseconds: when it was last changed, by the clock of whoever did it. */
  changedAt: number
}

export interface Mirror<R> {
  /** Frozen, and the same object until it is changed. */
  find(id: string): R | undefined
  /** Whichever has this key of the kind. */
  findBy(key: string): Found<R> | undefined
  /** In the order in which they are told of first. */
  all(): Iterable<Found<R>>
  /** Takes up what has changed. True if anything had. Rejects if the store does not answer. */
  follow(): Promise<boolean>
}

export interface MirrorParts<R extends Changed> {
  records: Pick<Records<R, 'changedAt'>, 'list'>
  keys(record: R): string[]
  /** Milliseconds by which the clocks of those who change records may differ. */
  clocksApart: number
  /** Only how much of it passes between two looks counts, so it may be wrong by whatever it likes. */
  now: Clock
}

/** Records that are read at a time; more if as many have one moment in common. */
const BITE = 500

/** Reads all of them first. */
export async function mirror<R extends Changed>({
  records,
  keys,
  clocksApart,
  now,
}: MirrorParts<R>): Promise<Mirror<R>> {
  const held = new Map<string, { record: R; text: string }>()
  const byKey = new Map<string, string>()
  let newest = Number.NEGATIVE_INFINITY
  /** When the newest had been read first, and when the last look began that read to the end. */
  let readAt = now()
  let lookedAt = readAt
  let underWay: Promise<boolean> | undefined
  let next: Promise<boolean> | undefined

  function take({ id, record }: Found<R>): boolean {
    const text = JSON.stringify(record)
    const before = held.get(id)
    if (before?.text === text) return false
    for (const key of before ? keys(before.record) : []) if (byKey.get(key) === id) byKey.delete(key)
    for (const key of keys(record)) byKey.set(key, id)
    held.set(id, { record: frozen(record), text })
    return true
  }

  /**
   * Where a look begins: at the newest that is known, and a little before, for a clock that is behind changes in the past.
   * Such a clock goes on too: the longer nothing newer came, the less far back a change can be. So what was changed all at
   * once, thousands even, is read again for a while only: as long as clocks may differ, and as long again for a change
   * that was slow to be kept.
   */
  function beginning(): number {
    const passed = Math.max(0, lookedAt - readAt - clocksApart)
    return newest - Math.max(0, clocksApart - passed)
  }

  async function read(): Promise<boolean> {
    const began = now()
    const known = newest
    let [from, limit, moved] = [beginning(), BITE, false]
    for (;;) {
      const bite = await records.list({ by: 'changedAt', ...(Number.isFinite(from) && { from }), limit })
      for (const found of bite) moved = take(found) || moved
      const last = bite.at(-1)?.record.changedAt ?? newest
      newest = Math.max(newest, last)
      if (bite.length < limit) {
        lookedAt = began
        if (newest > known) readAt = now()
        return moved
      }
      // All of one moment: the next ones are reached only by a longer list.
      if (last === from) limit *= 2
      from = last
    }
  }

  /** What is under way may have read past a change already: whoever asks meanwhile waits for the look after it. */
  function follow(): Promise<boolean> {
    if (!underWay) {
      underWay = read().finally(() => {
        underWay = undefined
      })
      return underWay
    }
    next ??= underWay
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return follow()
      })
    return next
  }

  await follow()
  return {
    find: (id) => held.get(id)?.record,
    findBy(key) {
      const id = byKey.get(key)
      const found = id === undefined ? undefined : held.get(id)
      return id !== undefined && found ? { id, record: found.record } : undefined
    },
    *all() {
      for (const [id, { record }] of held) yield { id, record }
    },
    follow,
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}
