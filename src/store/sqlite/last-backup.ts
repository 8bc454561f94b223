/** When the file was backed up last. It is for whoever watches that it is done, so a copy of the file need not know it. */
import type { Store } from '../store.ts'
import type { Database } from './database.ts'

export function lastBackup(db: Database): NonNullable<Store['lastBackup']> {
  const find = db.prepare<Record<string, never>, { at: number }>('SELECT at FROM last_backup WHERE id = 1')
  // Of two that end at once the later one counts.
  const put = db.prepare<{ at: number }>(`
    INSERT INTO last_backup (id, at) VALUES (1, :at) ON CONFLICT (id) DO UPDATE SET at = max(at, :at)`)

  return {
    find: () => db.read(() => find.get({})?.at),
    put: (at) => db.write(() => void put.run({ at })),
  }
}
