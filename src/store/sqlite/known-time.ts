/** The last moment that was believed: one row, or none (lib/known-time.ts). */
import type { KnownTimeStore } from '../../lib/known-time.ts'
import type { Database } from './database.ts'

export const KNOWN_TIME = 'SELECT at FROM known_time WHERE id = 1'

export function knownTime(db: Database): KnownTimeStore {
  const find = db.prepare<Record<string, never>, { at: number }>(KNOWN_TIME)
  const put = db.prepare<{ at: number }>(`
    INSERT INTO known_time (id, at) VALUES (1, :at) ON CONFLICT (id) DO UPDATE SET at = :at`)

  return {
    findKnownTime: () => db.read(() => find.get({})?.at),
    putKnownTime: (at) => db.write(() => void put.run({ at })),
  }
}
