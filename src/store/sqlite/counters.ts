/** Counted tries (lib/throttle.ts). A try is spent by one conditional statement; a refused one changes nothing. */
import {
  type CounterStore,
  PASSING_KEYS,
  PASSING_LIFE,
  type Spent,
  type SpentInRow,
  STREAK_LIFE,
  type StreakTry,
  type WindowTry,
} from '../../lib/throttle.ts'
import type { Database } from './database.ts'
import { sweep } from './sweep.ts'

interface CounterRow {
  count: number
  until: number
}

export function counters(db: Database): CounterStore {
  // `count` is the old value here, so it is the index of the delay that follows the new one. WHERE :cap > 0 stands in
  // for "0 is fewer than cap" where there is no row yet. The cast: numbers are bound as REAL, which would be a name to ->>.
  const spendStreak = db.prepare<
    { key: string; now: number; cap: number; delays: string; last: number },
    { count: number }
  >(`
    INSERT INTO counter (key, kind, count, until, touched_at)
    SELECT :key, 'streak', 1, iif(:delays ->> 0 > 0, :now + (:delays ->> 0), 0), :now WHERE :cap > 0
    ON CONFLICT (key) DO UPDATE
    SET count = count + 1, touched_at = :now, until = iif(
      :delays ->> CAST(min(count, :last) AS INTEGER) > 0,
      :now + (:delays ->> CAST(min(count, :last) AS INTEGER)),
      0
    )
    WHERE until <= :now AND count < :cap
    RETURNING count`)
  const spendWindow = db.prepare<{ key: string; now: number; most: number; window: number }>(`
    INSERT INTO counter (key, kind, count, until, touched_at)
    SELECT :key, 'window', 1, :now + :window, :now WHERE :most > 0
    ON CONFLICT (key) DO UPDATE
    SET count = iif(until <= :now, 1, count + 1), until = iif(until <= :now, :now + :window, until), touched_at = :now
    WHERE :most > 0 AND (until <= :now OR count < :most)`)
  const find = db.prepare<{ key: string }, CounterRow>('SELECT count, until FROM counter WHERE key = :key')
  const refund = db.prepare<{ key: string }>('UPDATE counter SET count = count - 1 WHERE key = :key AND count > 0')
  const refundStreak = db.prepare<{ key: string }>(`
    UPDATE counter SET count = count - 1, until = 0 WHERE key = :key AND kind = 'streak' AND count > 0`)
  const endDelay = db.prepare<{ key: string }>(`UPDATE counter SET until = 0 WHERE key = :key AND kind = 'streak'`)
  const remove = db.prepare<{ key: string }>('DELETE FROM counter WHERE key = :key')
  const sweepWindows = sweep<{ now: number }>(db, 'counter', `kind = 'window' AND until <= :now`)
  const [passes, stays] = [['OR', '='] as const, ['AND', '<>'] as const].map(([and, is]) =>
    PASSING_KEYS.map((prefix) => `substr(key, 1, ${prefix.length}) ${is} '${prefix}'`).join(` ${and} `),
  )
  // As the indices say it (schema-fifth.ts).
  const sweepStreaks = sweep<{ before: number }>(db, 'counter', `kind = 'streak' AND touched_at < :before AND ${stays}`)
  const sweepPassing = sweep<{ before: number }>(
    db,
    'counter',
    `kind = 'streak' AND touched_at < :before AND (${passes})`,
  )

  function inRow({ key, cap, delays }: StreakTry, now: number): SpentInRow {
    const known = delays.length > 0 ? delays : [0]
    const spent = spendStreak.get({ key, now, cap, delays: JSON.stringify(known), last: known.length - 1 })
    if (spent) return { ok: true, count: spent.count }
    const kept = find.get({ key })
    // Closed is said first: waiting would not help.
    if (!kept || kept.count >= cap) return { ok: false, reason: 'closed' }
    return { ok: false, reason: 'wait', retryAt: kept.until }
  }

  function inWindow({ key, most, window }: WindowTry, now: number): Spent {
    if (spendWindow.run({ key, now, most, window }) === 1) return { ok: true }
    return { ok: false, reason: 'wait', retryAt: find.get({ key })?.until ?? now + window }
  }

  return {
    spendStreak: (key, now, cap, delays) => db.write(() => inRow({ key, cap, delays }, now)),
    refundStreak: (key) => db.write(() => void refundStreak.run({ key })),
    endDelays: (keys) =>
      db.write(() => {
        for (const key of keys) endDelay.run({ key })
      }),
    spendWindow: (key, now, most, window) => db.write(() => inWindow({ key, most, window }, now)),
    spendBoth: (window, streak, now) =>
      db.write(() => {
        const room = inWindow(window, now)
        if (!room.ok) return room
        const spent = inRow(streak, now)
        if (!spent.ok) refund.run({ key: window.key })
        return spent
      }),
    peekWindows: (windows, now) =>
      db.read(() => {
        const full = windows.flatMap(({ key, most }) => {
          const kept = find.get({ key })
          return kept && kept.until > now && kept.count >= most ? [kept.until] : []
        })
        return full.length === 0 ? { ok: true } : { ok: false, reason: 'wait', retryAt: Math.max(...full) }
      }),
    refund: (key) => db.write(() => void refund.run({ key })),
    reset: (keys) =>
      db.write(() => {
        for (const key of keys) remove.run({ key })
      }),
    count: async (key) => (await db.read(() => find.get({ key })))?.count ?? 0,
    async sweepCounters(now) {
      const swept = (await sweepWindows({ now })) + (await sweepStreaks({ before: now - STREAK_LIFE }))
      return swept + (await sweepPassing({ before: now - PASSING_LIFE }))
    },
  }
}
