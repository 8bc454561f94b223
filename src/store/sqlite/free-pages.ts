/**
 * Pages that came free go back to the disk, a few at a time, beside those who sign in. Only in files that were made for
 * it: in others SQLite does nothing (sqlite.org/pragma.html#pragma_incremental_vacuum), and store:compact serves.
 */
import type { Store } from '../store.ts'
import type { Database } from './database.ts'

/** Pages of one bite: 128 kB, which holds up others for a millisecond. */
const BITE = 32
/** That are used again anyway stay: a tenth of the file, and never less than this many bytes. */
const RESERVE = 16 * 2 ** 20
const RESERVED_SHARE = 0.1
/** sqlite.org/pragma.html#pragma_auto_vacuum. */
const INCREMENTAL = 2

export function freePages(db: Database): NonNullable<Store['freeSpace']> {
  const known = ['auto_vacuum', 'freelist_count', 'page_count', 'page_size'] as const
  const looks = known.map((name) => {
    const look = db.prepare<Record<string, never>, Record<string, number>>(`PRAGMA ${name}`)
    return () => look.get({})?.[name] ?? 0
  })
  const bite = db.prepare<Record<string, never>, object>(`PRAGMA incremental_vacuum(${BITE})`)

  return {
    spare: () => db.read(() => spareOf(looks.map((look) => look()))),
    // A page goes at each step, so all of them are taken.
    giveBack: () => db.write(() => void bite.all({})),
  }
}

function spareOf([layout = 0, free = 0, pages = 0, size = 0]: number[]): number {
  if (layout !== INCREMENTAL) return 0
  return Math.max(0, free * size - Math.max(RESERVE, pages * size * RESERVED_SHARE))
}
