/** Counted tries (lib/throttle.ts). A try is spent by one conditional statement; a refused one changes nothing. */
import type { CounterStore } from '../../lib/throttle.ts'
import { DAY } from '../../lib/time.ts'
import type { Database } from './database.ts'
import { sweep } from './sweep.ts'

const STREAK_LIFE = 400 * DAY

interface CounterRow {
  count: number
  until: number
}

export function counters(db: Database): CounterStore {
  // `count` is the old value here, so it is the index of the delay that follows the new one. WHERE :cap > 0 stands in
  // for "0 is fewer than cap" where there is no row yet. The cast: numbers are bound as REAL, which would be a name to ->>.
  const spendStreak = db.prepare<{ key: string; now: number; cap: number; delays: string; last: number }>(`
    INSERT INTO counter (key, kind, count, until, touched_at)
    SELECT :key, 'streak', 1, :now + (:delays ->> 0), :now WHERE :cap > 0
    ON CONFLICT (key) DO UPDATE
    SET count = count + 1, until = :now + (:delays ->> CAST(min(count, :last) AS INTEGER)), touched_at = :now
    WHERE until <= :now AND count < :cap`)
  const spendWindow = db.prepare<{ key: string; now: number; most: number; window: number }>(`
    INSERT INTO counter (key, kind, count, until, touched_at)
    SELECT :key, 'window', 1, :now + :window, :now WHERE :most > 0
    ON CONFLICT (key) DO UPDATE
    SET count = iif(until <= :now, 1, count + 1), until = iif(until <= :now, :now + :window, until), touched_at = :now
    WHERE :most > 0 AND (until <= :now OR count < :most)`)
  const find = db.prepare<{ key: string }, CounterRow>('SELECT count, until FROM counter WHERE key = :key')
  const refund = db.prepare<{ key: string }>('UPDATE counter SET count = count - 1 WHERE key = :key AND count > 0')
  const remove = db.prepare<{ key: string }>('DELETE FROM counter WHERE key = :key')
  const sweepWindows = sweep<{ now: number }>(db, 'counter', `kind = 'window' AND until <= :now`)
  const sweepStreaks = sweep<{ before: number }>(db, 'counter', `kind = 'streak' AND touched_at < :before`)

  return {
    spendStreak: (key, now, cap, delays) =>
      db.write(() => {
        const known = delays.length > 0 ? delays : [0]
        const spent = spendStreak.run({ key, now, cap, delays: JSON.stringify(known), last: known.length - 1 })
        if (spent === 1) return { ok: true }
        const kept = find.get({ key })
        // Closed is said first: waiting would not help.
        if (!kept || kept.count >= cap) return { ok: false, reason: 'closed' }
        return { ok: false, reason: 'wait', retryAt: kept.until }
      }),
    spendWindow: (key, now, most, window) =>
      db.write(() => {
        if (spendWindow.run({ key, now, most, window }) === 1) return { ok: true }
        return { ok: false, reason: 'wait', retryAt: find.get({ key })?.until ?? now + window }
      }),
    refund: (key) => db.write(() => void refund.run({ key })),
    reset: (keys) =>
      db.write(() => {
        for (const key of keys) remove.run({ key })
      }),
    count: async (key) => (await db.read(() => find.get({ key })))?.count ?? 0,
    sweepCounters: async (now) => (await sweepWindows({ now })) + (await sweepStreaks({ before: now - STREAK_LIFE })),
  }
}
