/** The embedded store: every port on one SQLite file, durable and expiring halves alike. */

import type { People } from '../../person/kind.ts'
import { KINDS } from '../kinds.ts'
import type { DurableStore, Store } from '../store.ts'
import { artifacts } from './artifacts.ts'
import { auditTrail } from './audit.ts'
import { counters } from './counters.ts'
import { type DatabaseOptions, openDatabase } from './database.ts'
import { insistServableFile } from './marks.ts'
import { people } from './people.ts'
import { queue } from './queue.ts'
import { records } from './records.ts'
import { recoveryCases } from './recovery-cases.ts'
import { secondFactors } from './second-factors.ts'
import { signingKeys } from './signing-keys.ts'

export interface SqliteStore extends Store {
  durable: DurableStore & { people: People }
}

/**
 * `path` is a file, or ':memory:'. Throws `store-too-new` if a later release has had the file, `store-not-servable` if it
 * is half a copy, or a back-up that was just put back.
 */
export function openSqliteStore(path: string, options: DatabaseOptions = {}): SqliteStore {
  const db = openDatabase(path, options)
  try {
    insistServableFile(db)
  } catch (fault) {
    void db.close()
    throw fault
  }
  const beat = db.prepare<Record<string, never>>('UPDATE heartbeat SET beats = beats + 1 WHERE id = 1')

  return {
    durable: {
      ...people(db),
      people: records(db, KINDS.people),
      ...auditTrail(db),
      ...queue(db),
      ...counters(db),
      ...signingKeys(db),
      ...secondFactors(db),
      ...recoveryCases(db),
    },
    expiring: artifacts(db),
    ping: () => db.write(() => void beat.run({})),
    close: () => db.close(),
  }
}
