/**
 * The transaction of a connection. What begins and ends one is prepared once: SQLite would parse it again at each use, and
 * a request uses it a dozen times.
 */
import type { DatabaseSync } from 'node:sqlite'

export interface Transaction {
  /** A failing disk can end it at any statement (sqlite.org/lang_transaction.html, section 3). */
  readonly isOpen: boolean
  /** Takes the one lock of those who write. Throws if another process has it. */
  begin(): void
  commit(): void
  /** Nothing if none is open. */
  rollback(): void
  /** Runs `work` within the one that is open. If it throws, all that it wrote is undone, and nothing else. */
  part<T>(work: () => T): T
  /**
   * Runs `work`, which only reads: all of it sees the file as it is at one moment. Within the transaction that is open, or
   * else in one of its own, which takes and gives back a reader's lock once, however many statements there are.
   */
  look<T>(work: () => T): T
}

export function transactionOf(db: DatabaseSync): Transaction {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')
  const savepoint = db.prepare('SAVEPOINT part')
  const release = db.prepare('RELEASE part')
  const undo = db.prepare('ROLLBACK TO part')
  const beginLook = db.prepare('BEGIN')

  return {
    get isOpen() {
      return db.isTransaction
    },
    begin: () => void begin.run(),
    commit: () => void commit.run(),
    rollback() {
      if (db.isTransaction) rollback.run()
    },
    part(work) {
      savepoint.run()
      try {
        const outcome = work()
        release.run()
        return outcome
      } catch (fault) {
        if (db.isTransaction) {
          undo.run()
          release.run()
        }
        throw fault
      }
    },
    look(work) {
      if (db.isTransaction) return work()
      beginLook.run()
      try {
        return work()
      } finally {
        if (db.isTransaction) commit.run()
      }
    },
  }
}
