/**
 * One SQLite file, opened so that what it says was kept stays kept: nobody is told of a commit before it is on disk. Which
 * writes share a commit is group-commit.ts's work, and the sync log-sync.ts's.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { SECOND } from '../../lib/time.ts'
import type { OnDerived } from '../../record/derivation.ts'
import type { Kind } from '../../record/kind.ts'
import { KINDS } from '../kinds.ts'
import { deriveAnew } from './derived.ts'
import { storeFault } from './faults.ts'
import { groupCommit } from './group-commit.ts'
import { type LogSync, logSync } from './log-sync.ts'
import { MIGRATIONS, migrate, type OnStep } from './migrations.ts'
import { insistOneName, realName } from './one-name.ts'
import { makeTables } from './record-tables.ts'

/** A prepared statement with named parameters. `run` returns how many rows it changed. */
export interface Statement<P, R> {
  get(parameters: P): R | undefined
  all(parameters: P): R[]
  run(parameters: P): number
}

export type Parameters = Record<string, string | number | null | Uint8Array>

export interface Database {
  prepare<P extends Parameters, R = never>(sql: string): Statement<P, R>
  /**
   * Runs `work`, which must not wait for anything, in a transaction. Resolves when its outcome is on disk; within a unit
   * of work as soon as it is decided, for the unit waits for the rest.
   */
  write<T>(work: () => T): Promise<T>
  read<T>(work: () => T): Promise<T>
  /** Resolves to why nothing can be kept any more, if it comes to that: see log-sync.ts. */
  failed: Promise<unknown>
  /** Finishes the writes that were begun, then closes. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** Milliseconds to wait for another process that is writing. */
  patience?: number
  /** Milliseconds that a transaction may stay open for units that go on. */
  longest?: number | undefined
  /** Told of every transaction: how many writes it held. */
  onCommit?: ((writes: number) => void) | undefined
  /** Told when one is on disk, or was lost: see group-commit.ts. */
  onEnd?: ((milliseconds: number, fault?: unknown) => void) | undefined
  onPrepare?: (sql: string) => void
  /** Instead of the file's own. */
  log?: LogSync
  /** That there are tables for. */
  kinds?: ReadonlyArray<Kind<object>>
  onDerived?: OnDerived | undefined
  onStep?: OnStep | undefined
}

const PATIENCE = 5 * SECOND
const SPIN = 10
const LONGEST = 50

export function openDatabase(path: string, options: DatabaseOptions = {}): Database {
  const { patience = PATIENCE, longest = LONGEST, onCommit, onEnd, onPrepare, kinds = Object.values(KINDS) } = options
  const file = path === ':memory:' ? path : made(path)
  const db = connect(file, { patience, kinds, onDerived: options.onDerived, onStep: options.onStep })
  const log = options.log ?? logSync(file)
  const { write, read, finish } = groupCommit(db, { patience, longest, onCommit, onEnd, log })
  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    await finish()
    // What the disk did not take must not go into the file out of memory, as it would if SQLite closed it: the next opening
    // reads the log as it is on disk.
    if (log.fault === undefined) {
      emptyLog(db)
      db.close()
    }
    log.close()
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
    failed: log.failed,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

type Connecting = Required<Pick<DatabaseOptions, 'patience' | 'kinds'>> & Pick<DatabaseOptions, 'onDerived' | 'onStep'>

/** Made before SQLite would make it, which would let others read it; its -wal and -shm get the same mode. Returns its real name. */
function made(path: string): string {
  insistOneName(path)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = realName(path)
  closeSync(openSync(file, 'a', 0o600))
  return file
}

function connect(path: string, { patience, kinds, onDerived, onStep }: Connecting): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: patience, enableForeignKeyConstraints: true })
  try {
    // So that pages that come free can go back to the disk (free-pages.ts). Only an empty file can still be laid out so.
    if (db.prepare('PRAGMA page_count').get()?.page_count === 0) db.exec('PRAGMA auto_vacuum = INCREMENTAL')
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864')
    // What is deleted is overwritten where that costs no write of its own, so that free space does not tell of the erased.
    db.exec('PRAGMA secure_delete = FAST')
    migrate(db, MIGRATIONS, onStep)
    makeTables(db, kinds)
    deriveAnew(db, kinds, onDerived)
    db.exec(`PRAGMA busy_timeout = ${SPIN}`)
    // What a process left in the log that could not sync it may be in memory only, and all that is written behind it would be
    // lost with it: so it goes into the file now, synced by SQLite. While another process is at it, that one has.
    emptyLog(db)
    // From here on the log is synced by log-sync.ts; before a checkpoint SQLite syncs it by itself, and in the file what the
    // checkpoint has written (sqlite.org/pragma.html#pragma_synchronous).
    db.exec('PRAGMA synchronous = NORMAL')
    return db
  } catch (fault) {
    db.close()
    throw storeFault(fault)
  }
}

/** Puts the log back into the file. If another process, or a full disk, prevents that, nothing is lost: the log stays. */
function emptyLog(db: DatabaseSync): void {
  try {
    db.exec('PRAGMA wal_checkpoint (TRUNCATE)')
  } catch {}
}
