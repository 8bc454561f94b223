/**
 * One SQLite file, opened so that what it says was kept stays kept.
 *
 * Group commit: the writes of one turn of the event loop share one transaction, and so one sync to disk; each has its
 * own savepoint, so one that fails undoes only itself; and nobody is told of a write before it is durable. No
 * transaction outlives the synchronous function that runs it, so a read never sees what is not committed (and in WAL
 * mode with synchronous=FULL a commit is on disk before it can be read).
 *
 * Another process (the command line) may have the file open too. Waiting for its lock never blocks the event loop for
 * long: SQLite waits a few milliseconds, then we let others run and try again.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { SECOND } from '../../lib/time.ts'
import { KINDS } from '../kinds.ts'
import { unavailable } from '../unavailable.ts'
import { isBusy, storeFault } from './faults.ts'
import { migrate } from './migrations.ts'
import { makeTables, type Named } from './record-tables.ts'

/** A prepared statement with named parameters. `run` returns how many rows it changed. */
export interface Statement<P, R> {
  get(parameters: P): R | undefined
  all(parameters: P): R[]
  run(parameters: P): number
}

export type Parameters = Record<string, string | number | null | Uint8Array>

export interface Database {
  prepare<P extends Parameters, R = never>(sql: string): Statement<P, R>
  /** Runs `work`, which must not wait for anything, in a transaction. Resolves when its outcome is on disk. */
  write<T>(work: () => T): Promise<T>
  read<T>(work: () => T): Promise<T>
  /** Finishes the writes that were begun, then closes. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** Milliseconds to wait for another process that is writing. */
  patience?: number
  /** Told of every transaction: how many writes it held. */
  onCommit?: (writes: number) => void
  onPrepare?: (sql: string) => void
  /** That there are tables for. */
  kinds?: readonly Named[]
}

/** A write that waits for the transaction. `run` returns how to tell its caller, once that is allowed. */
interface Write {
  run: () => () => void
  fail: (fault: unknown) => void
}

const PATIENCE = 5 * SECOND
const SPIN = 10
const PAUSE = 20

export function openDatabase(path: string, options: DatabaseOptions = {}): Database {
  const { patience = PATIENCE, onCommit, onPrepare, kinds = Object.values(KINDS) } = options
  const db = connect(path, patience, kinds)
  let waiting: Write[] = []
  let flushing: Promise<void> | undefined
  let closing: Promise<void> | undefined

  function write<T>(work: () => T): Promise<T> {
    if (closing) return Promise.reject(unavailable('the database is closed'))
    return new Promise((resolve, fail) => {
      waiting.push({
        run: () => {
          const value = work()
          return () => resolve(value)
        },
        fail,
      })
      flushing ??= flush()
    })
  }

  async function flush(): Promise<void> {
    await nextTurn()
    for (let waited = 0; waiting.length > 0; waited += PAUSE) {
      const refusal = begin()
      if (!refusal) commit(take())
      else if (!isBusy(refusal.cause) || waited >= patience) for (const write of take()) write.fail(refusal)
      else await pause(PAUSE)
    }
    // In the same breath as the last look at `waiting`: a write that comes later starts a flush of its own.
    flushing = undefined
  }

  function take(): Write[] {
    const taken = waiting
    waiting = []
    return taken
  }

  function begin() {
    try {
      if (db.isTransaction) db.exec('ROLLBACK')
      db.exec('BEGIN IMMEDIATE')
      return undefined
    } catch (cause) {
      return unavailable('no transaction could be begun', cause)
    }
  }

  function commit(writes: Write[]): void {
    try {
      const outcomes = writes.map(attempt)
      db.exec('COMMIT')
      onCommit?.(writes.length)
      for (const tell of outcomes) tell()
    } catch (cause) {
      rollback()
      for (const write of writes) write.fail(unavailable('the transaction could not be committed', cause))
    }
  }

  function attempt(write: Write): () => void {
    db.exec('SAVEPOINT write')
    try {
      const tell = write.run()
      db.exec('RELEASE write')
      return tell
    } catch (fault) {
      // A full or failing disk can end the whole transaction (sqlite.org/lang_transaction.html, section 3).
      if (!db.isTransaction) throw fault
      db.exec('ROLLBACK TO write; RELEASE write')
      return () => write.fail(storeFault(fault))
    }
  }

  function rollback(): void {
    try {
      if (db.isTransaction) db.exec('ROLLBACK')
    } catch {
      // Whoever asks is told of the first fault; `begin` tries this again.
    }
  }

  async function read<T>(work: () => T): Promise<T> {
    for (let waited = 0; ; waited += PAUSE) {
      if (!db.isOpen) throw unavailable('the database is closed')
      try {
        return work()
      } catch (fault) {
        if (!isBusy(fault) || waited >= patience) throw storeFault(fault)
      }
      await pause(PAUSE)
    }
  }

  async function finish(): Promise<void> {
    await flushing
    try {
      // Puts the log back into the file. What is in the log is kept all the same if another process, or a full disk,
      // is in the way of that.
      db.exec('PRAGMA wal_checkpoint (TRUNCATE)')
    } catch {}
    db.close()
  }

  return {
    prepare(sql) {
      onPrepare?.(sql)
      const statement = db.prepare(sql)
      return {
        get: (parameters) => statement.get(parameters) as never,
        all: (parameters) => statement.all(parameters) as never,
        run: (parameters: Record<string, SQLInputValue>) => Number(statement.run(parameters).changes),
      }
    },
    write,
    read,
    close: () => {
      closing ??= finish()
      return closing
    },
  }
}

function connect(path: string, patience: number, kinds: readonly Named[]): DatabaseSync {
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    // Made before SQLite would make it, which would let others read it; its -wal and -shm get the same mode.
    closeSync(openSync(path, 'a', 0o600))
  }
  const db = new DatabaseSync(path, { timeout: patience, enableForeignKeyConstraints: true })
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864')
    // What is deleted is overwritten where that costs no write of its own, so that free space does not tell of the erased.
    db.exec('PRAGMA secure_delete = FAST')
    migrate(db)
    makeTables(db, kinds)
    db.exec(`PRAGMA busy_timeout = ${SPIN}`)
    return db
  } catch (fault) {
    db.close()
    throw storeFault(fault)
  }
}
