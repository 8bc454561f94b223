/** The embedded store: every port on one SQLite file, durable and expiring halves alike. */

import { KINDS } from '../kinds.ts'
import type { Store } from '../store.ts'
import { artifacts } from './artifacts.ts'
import { auditTrail } from './audit.ts'
import { counters } from './counters.ts'
import { type DatabaseOptions, openDatabase } from './database.ts'
import { freePages } from './free-pages.ts'
import { knownTime } from './known-time.ts'
import { lastBackup } from './last-backup.ts'
import { insistServableFile } from './marks.ts'
import { queue } from './queue.ts'
import { records } from './records.ts'
import { sealedStore } from './sealed-store.ts'
import { signingKeys } from './signing-keys.ts'

/**
 * `path` is a file, or ':memory:'. Throws `store-too-new` if a later release has had the file, `store-not-servable` if it
 * is half a copy, or a back-up that was just put back.
 */
export function openSqliteStore(path: string, options: DatabaseOptions = {}): Store {
  const db = openDatabase(path, options)
  try {
    insistServableFile(db)
  } catch (fault) {
    void db.close()
    throw fault
  }
  const beat = db.prepare<Record<string, never>>('UPDATE heartbeat SET beats = beats + 1 WHERE id = 1')

  return {
    names: { durable: 'sqlite', expiring: 'sqlite' },
    durable: {
      people: records(db, KINDS.people),
      organizations: records(db, KINDS.organizations),
      clients: records(db, KINDS.clients),
      resources: records(db, KINDS.resources),
      appliedFiles: records(db, KINDS.appliedFiles),
      clientMemories: records(db, KINDS.clientMemories),
      madeOnce: records(db, KINDS.madeOnce),
      logos: records(db, KINDS.logos),
      invitationRounds: records(db, KINDS.invitationRounds),
      rootKeys: records(db, KINDS.rootKeys),
      // One release at a time has the file, and what was due was done as it was opened.
      deriveAnew: async () => 0,
      ...auditTrail(db),
      ...queue(db),
      ...counters(db),
      ...signingKeys(db),
      ...knownTime(db),
    },
    expiring: artifacts(db),
    sealed: sealedStore(db),
    failed: db.failed,
    pings: { sqlite: () => db.write(() => void beat.run({})) },
    lastBackup: lastBackup(db),
    freeSpace: freePages(db),
    close: () => db.close(),
  }
}
