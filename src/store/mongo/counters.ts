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
import { patience, untilWon } from './races.ts'
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

const schema = new Schema<CounterDocument>(
  { _id: String, kind: String, count: Number, until: Number, touchedAt: Number },
  STRICT,
)
schema.index({ kind: 1, until: 1 }, { name: 'windowsByEnd' })
schema.index({ kind: 1, touchedAt: 1 }, { name: 'streaksByTouch' })

export function counters(connection: Connection): CounterStore {
  const model = connection.model<CounterDocument>('Counter', schema, 'counters')
  // Within this process nobody loses a race to a neighbor.
  const turns = inTurn()

  function spendInTurn(key: string, now: number, decide: Decide): Promise<SpentInRow> {
    const until = patience()
    return turns(key, () => untilWon(() => attempt(key, 'streak', now, decide), until))
  }

  /** What everybody counts on cannot wait in turn: one write, as long as the window is open and there is room. */
  async function count(_id: string, now: number, most: number): Promise<boolean> {
    const open = { _id, until: mongoose.trusted({ $gt: now }), count: mongoose.trusted({ $lt: most }) }
    return (await model.updateOne(open, { $inc: { count: 1 }, $set: { touchedAt: now } })).matchedCount === 1
  }

  async function attempt(
    key: string,
    kind: Counter['kind'],
    now: number,
    decide: Decide,
  ): Promise<SpentInRow | undefined> {
    const kept = await model.findById(key).lean()
    const decision = decide(kept ?? undefined)
    if ('ok' in decision) return decision
    const next = { ...decision, touchedAt: now }
    const won = kept ? await replace(kept, next) : await insert({ _id: key, kind, ...next })
    return won ? { ok: true, count: decision.count } : undefined
  }

  async function replace({ _id, count, until }: CounterDocument, next: Omit<Counter, 'kind'>): Promise<boolean> {
    return (await model.updateOne({ _id, count, until }, { $set: next })).matchedCount === 1
  }

  async function insert(counter: CounterDocument): Promise<boolean> {
    try {
      await model.create(counter)
      return true
    } catch (fault) {
      if (duplicateIndex(fault) === undefined) throw fault
      return false
    }
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

  function spendStreak({ key, cap, delays }: StreakTry, now: number): Promise<SpentInRow> {
    return spendInTurn(key, now, streak(now, cap, delays))
  }

  function spendWindow({ key, most, window }: WindowTry, now: number): Promise<Spent> {
    const decide = windowed(now, most, window)
    return untilWon(async () => {
      if (await count(key, now, most)) return OK
      const spent = await attempt(key, 'window', now, decide)
      return spent?.ok ? OK : spent
    })
  }

  async function refund(key: string): Promise<void> {
    await model.updateOne({ _id: key, count: mongoose.trusted({ $gt: 0 }) }, { $inc: { count: -1 } })
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
      const _id = mongoose.trusted({ $in: windows.map(({ key }) => key) })
      const kept = await model.find({ _id, until: mongoose.trusted({ $gt: now }) }).lean()
      const full = kept.filter(({ _id, count }) => windows.some(({ key, most }) => key === _id && count >= most))
      if (full.length === 0) return { ok: true }
      return { ok: false, reason: 'wait', retryAt: Math.max(...full.map(({ until }) => until)) }
    },
    refund,
    async reset(keys) {
      await model.deleteMany({ _id: mongoose.trusted({ $in: keys }) })
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
