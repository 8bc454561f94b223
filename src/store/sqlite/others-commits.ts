/**
 * What other processes (the command line) committed to the same file is read before they have synced it, and what one that
 * died had committed may never have been synced. Whoever reads it waits until it is on disk, as for a commit of our own.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Debt } from '../../lib/unit-of-work.ts'
import type { LogSync } from './log-sync.ts'

/** To be asked after each read: what it may have seen of others that is not known to be on disk. */
export function othersCommits(db: DatabaseSync, log: LogSync): () => Debt | undefined {
  // Another number than before if another connection has committed meanwhile (sqlite.org/pragma.html#pragma_data_version).
  const look = db.prepare('PRAGMA data_version')
  let seen: unknown
  let unkept: Debt | undefined

  function find(): Debt | undefined {
    const version = look.get()?.data_version
    if (version !== seen) unkept = begun()
    seen = version
    return unkept
  }

  function begun(): Debt {
    const durable = log.sync()
    const debt: Debt = {
      durable,
      demand: () => undefined,
      get fault() {
        return log.fault
      },
    }
    const over = () => {
      if (unkept === debt) unkept = undefined
    }
    // Whoever owes it is told of its fault.
    durable.then(over, () => undefined)
    return debt
  }

  // Of those before us.
  find()
  return find
}
