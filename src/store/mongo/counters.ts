/**
 * Counted tries (lib/throttle.ts). A try is decided on what was read and kept only if that is still so; whoever lost to
 * another reads again. The decision is the same on every node, so no burst over several of them outruns a limit.
 */
import mongoose, { type Connection, Schema } from 'mongoose'
import {
  type CounterStore,
  PASSING_KEYS,
  PASSING_LIFE,
  type Refused,
  type Spent,
  type SpentInRow,
  STREAK_LIFE,
  type StreakTry,
  type WindowTry,
} from '../../lib/throttle.ts'
import { inTurn } from '../../lib/turns.ts'
import { duplicateIndex } from './faults.ts'
import { collectionOf, insistText } from './native.ts'
import { impatience, untilWon } from './races.ts'
import { STRICT } from './schema.ts'

interface Counter {
  kind: 'streak' | 'window'
  count: number
  /** When a streak's delay is over, or a window ends. */
  until: number
  touchedAt: number
}

type CounterDocument = Counter & { _id: string }

/** What is kept of a try that was let through, or why it was refused. */
type Decision = Pick<Counter, 'count' | 'until'> | Refused
type Decide = (kept: Pick<Counter, 'count' | 'until'> | undefined) => Decision

const BITE = 500
const OK = { ok: true } as const
const ADDED = { upsert: true, returnDocument: 'after', projection: { count: 1 } } as const

const schema = new Schema<CounterDocument>(
  { _id: String, kind: String, count: Number, until: Number, touchedAt: Number },
  STRICT,
)
schema.index({ kind: 1, until: 1 }, { name: 'windowsByEnd' })
schema.index({ kind: 1, touchedAt: 1 }, { name: 'streaksByTouch' })

export function counters(connection: Connection): CounterStore {
  const model = connection.model<CounterDocument>('Counter', schema, 'counters')
  const documents = collectionOf<CounterDocument>(connection, 'counters')
  // Within this process nobody loses a race to a neighbor.
  const turns = inTurn()

  function spendInTurn(key: string, now: number, decide: Decide): Promise<SpentInRow> {
    const isTooLong = impatience()
    return turns(key, () => untilWon(() => attempt(key, 'streak', now, decide), isTooLong))
  }

  /**
   * A try that no delay follows, in one write: there is nothing yet, or it counts fewer than `most` and blocks nobody.
   * Undefined if that is not so.
   */
  async function countFree(key: string, now: number, most: number): Promise<number | undefined> {
    if (most <= 0) return undefined
    const free = { _id: insistText(key), until: { $lte: now }, count: { $lt: most } }
    const counted = {
      $inc: { count: 1 },
      $set: { until: 0, touchedAt: now },
      $setOnInsert: { kind: 'streak' as const },
    }
    return (await unlessThere(() => documents.findOneAndUpdate(free, counted, ADDED)))?.count
  }

  /** What everybody counts on cannot wait in turn: one write, as long as there is room in the window that is open, or none. */
  async function countOpen({ key, most, window }: WindowTry, now: number): Promise<boolean> {
    const open = { _id: insistText(key), until: { $gt: now }, count: { $lt: most } }
    const opened = { kind: 'window' as const, until: now + window }
    const counted = { $inc: { count: 1 }, $set: { touchedAt: now }, $setOnInsert: opened }
    return (await unlessThere(() => documents.updateOne(open, counted, { upsert: true }))) !== undefined
  }

  async function attempt(
    key: string,
    kind: Counter['kind'],
    now: number,
    decide: Decide,
  ): Promise<SpentInRow | undefined> {
    const kept = await documents.findOne({ _id: insistText(key) })
    const decision = decide(kept ?? undefined)
    if ('ok' in decision) return decision
    const next = { ...decision, touchedAt: now }
    const won = kept ? await replace(kept, next) : await insert({ _id: key, kind, ...next })
    return won ? { ok: true, count: decision.count } : undefined
  }

  async function replace({ _id, count, until }: CounterDocument, next: Omit<Counter, 'kind'>): Promise<boolean> {
    return (await documents.updateOne({ _id, count, until }, { $set: next })).matchedCount === 1
  }

  async function insert(counter: CounterDocument): Promise<boolean> {
    return (await unlessThere(() => documents.insertOne(counter))) !== undefined
  }

  async function sweep(over: object): Promise<number> {
    let swept = 0
    for (;;) {
      const found = await model.find(over, { _id: 1 }).limit(BITE).lean()
      const _id = mongoose.trusted({ $in: found.map((counter) => counter._id) })
      // The condition again: a counter may have been touched since.
      if (found.length > 0) swept += (await model.deleteMany({ ...over, _id })).deletedCount
      if (found.length < BITE) return swept
    }
  }

  async function spendStreak({ key, cap, delays }: StreakTry, now: number): Promise<SpentInRow> {
    const count = await countFree(key, now, Math.min(cap, freeTries(delays)))
    return count === undefined ? spendInTurn(key, now, streak(now, cap, delays)) : { ok: true, count }
  }

  function spendWindow(one: WindowTry, now: number): Promise<Spent> {
    const { key, most, window } = one
    const decide = windowed(now, most, window)
    return untilWon(async () => {
      if (most > 0 && (await countOpen(one, now))) return OK
      const spent = await attempt(key, 'window', now, decide)
      return spent?.ok ? OK : spent
    })
  }

  async function refund(key: string): Promise<void> {
    await documents.updateOne({ _id: insistText(key), count: { $gt: 0 } }, { $inc: { count: -1 } })
  }

  return {
    spendStreak: (key, now, cap, delays) => spendStreak({ key, cap, delays }, now),
    spendWindow: (key, now, most, window) => spendWindow({ key, most, window }, now),
    async spendBoth(window, inRow, now) {
      const room = await spendWindow(window, now)
      if (!room.ok) return room
      const spent = await spendStreak(inRow, now)
      if (!spent.ok) await refund(window.key)
      return spent
    },
    async refundStreak(key) {
      const counted = { _id: key, kind: 'streak' as const, count: mongoose.trusted({ $gt: 0 }) }
      await model.updateOne(counted, { $inc: { count: -1 }, $set: { until: 0 } })
    },
    async endDelays(keys) {
      await model.updateMany({ _id: mongoose.trusted({ $in: keys }), kind: 'streak' }, { $set: { until: 0 } })
    },
    async peekWindows(windows, now) {
      const _id = { $in: windows.map(({ key }) => insistText(key)) }
      const kept = await documents.find({ _id, until: { $gt: now } }).toArray()
      const full = kept.filter(({ _id, count }) => windows.some(({ key, most }) => key === _id && count >= most))
      if (full.length === 0) return { ok: true }
      return { ok: false, reason: 'wait', retryAt: Math.max(...full.map(({ until }) => until)) }
    },
    refund,
    async reset(keys) {
      await documents.deleteMany({ _id: { $in: keys.map(insistText) } })
    },
    count: async (key) => (await model.findById(key).lean())?.count ?? 0,
    async sweepCounters(now) {
      const untouched = (life: number) => ({ kind: 'streak', touchedAt: mongoose.trusted({ $lt: now - life }) })
      let swept = await sweep({ kind: 'window', until: mongoose.trusted({ $lte: now }) })
      swept += await sweep(untouched(STREAK_LIFE))
      for (const prefix of PASSING_KEYS)
        swept += await sweep({
          ...untouched(PASSING_LIFE),
          _id: mongoose.trusted({ $gte: prefix, $lt: after(prefix) }),
        })
      return swept
    },
  }
}

/** The result of a write that may insert; undefined if what it would insert is there. */
async function unlessThere<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write()
  } catch (fault) {
    if (duplicateIndex(fault) === undefined) throw fault
    return undefined
  }
}

/** How many tries in a row no delay follows; where there is no delay at all, all of them. */
function freeTries(delays: number[]): number {
  const first = delays.findIndex((delay) => delay > 0)
  return first < 0 ? Number.POSITIVE_INFINITY : first
}

function streak(now: number, cap: number, delays: number[]): Decide {
  return (kept) => {
    const { count, until } = kept ?? { count: 0, until: now }
    // Closed is said first: waiting would not help.
    if (count >= cap) return { ok: false, reason: 'closed' }
    if (until > now) return { ok: false, reason: 'wait', retryAt: until }
    const delay = delays[Math.min(count, delays.length - 1)] ?? 0
    return { count: count + 1, until: delay > 0 ? now + delay : 0 }
  }
}

/** What sorts behind everything that begins so. Our prefixes end in a slash, which `0` follows. */
function after(prefix: string): string {
  return `${prefix.slice(0, -1)}0`
}

function windowed(now: number, most: number, window: number): Decide {
  return (kept) => {
    const open = kept !== undefined && kept.until > now
    if (most <= 0 || (open && kept.count >= most)) {
      return { ok: false, reason: 'wait', retryAt: kept?.until ?? now + window }
    }
    return open ? { count: kept.count + 1, until: kept.until } : { count: 1, until: now + window }
  }
}
