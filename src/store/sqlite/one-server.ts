/**
 * One server on one file. A second one would keep in memory what the first one changes, and send each mail again.
 *
 * The server holds a lock on a file beside its store for as long as it lives. The lock is the kernel's, by way of SQLite
 * (a transaction that was begun and writes nothing), so it ends with the process, however that ends, and costs nothing
 * meanwhile. Commands do not ask for it. Who holds it stands in another file: whoever opens and closes the first one in
 * the process that holds the lock ends it (sqlite.org/howtocorrupt.html, section 2.2).
 *
 * The folder is locked rather than the file in it, which a restore replaces. Where the file is a link, it is that of the
 * file that it leads to.
 */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../lib/errors.ts'
import { isBusy, storeFault } from './faults.ts'
import { insistNobodyElse, insistOneName, realName } from './one-name.ts'
import { place } from './place.ts'

export interface Server {
  process: number
  /** In another container the same number is another process, so the host is told too. */
  host: string
  release: string
  /** Milliseconds since 1970. */
  since: number
}

/** What is held: a connection that nobody holds on to is closed some day, and its lock with it. */
const held = new Set<DatabaseSync>()

export interface OneServer {
  /**
   * Looks whether it still is. A lock whose file went away is taken anew, which is told; throws `store-served` if another
   * server was quicker.
   */
  insist(): void
  leave(): void
}

/**
 * Makes `server` the only one on the store `path`, until it leaves. Throws `store-served` if there is another one, or
 * `store-two-names`, and then has changed nothing.
 */
export function onlyServer(
  path: string,
  server: Server,
  onRetaken: (lock: string) => void = () => undefined,
): OneServer {
  insistOneName(path)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = realName(path)
  const name = whoFile(file)
  const own = `${JSON.stringify(server)}\n`
  let lock = take(() => insistNobodyElse(file))

  function take(insist: () => void): Lock {
    const taken = lockOn(file)
    try {
      insist()
      // Of one that ended without a word: nobody is to be told that it has the store.
      rmSync(name, { force: true })
      const unfinished = `${name}.${server.process}`
      writeFileSync(unfinished, own, { mode: 0o600 })
      renameSync(unfinished, name)
      held.add(taken.db)
      return taken
    } catch (fault) {
      taken.db.close()
      throw fault
    }
  }

  function release({ db }: Lock): void {
    held.delete(db)
    db.close()
  }

  return {
    insist() {
      if (lock.isWhereItWas()) return
      // Whoever has what is there now is the one, so there are never two that think so.
      const before = lock
      lock = take(() => undefined)
      release(before)
      onRetaken(`${file}.lock`)
    },
    leave() {
      // Of one that lost the lock the file tells of another one.
      if (wordOf(name) === own) rmSync(name, { force: true })
      release(lock)
    },
  }
}

interface Lock {
  db: DatabaseSync
  /** Whether whoever asks for it now asks for this one. */
  isWhereItWas(): boolean
}

function lockOn(path: string): Lock {
  const file = `${path}.lock`
  try {
    closeSync(openSync(file, 'ax', 0o600))
  } catch (fault) {
    if (!(fault instanceof Error && 'code' in fault && fault.code === 'EEXIST')) throw fault
  }
  const isWhereItWas = place(file)
  const db = new DatabaseSync(file, { timeout: 0 })
  try {
    // Of several that ask at once one gets it, and no other waits.
    db.exec('BEGIN IMMEDIATE')
    if (!isWhereItWas()) throw served(path)
    return { db, isWhereItWas }
  } catch (fault) {
    db.close()
    throw isBusy(fault) ? served(path) : storeFault(fault)
  }
}

function served(path: string): AppError {
  return new AppError(
    'store-served',
    `another server has the store ${path}: ${whoHas(path)}. Two on one file are refused: stop it first.`,
  )
}

function whoHas(path: string): string {
  try {
    const { process, host, release, since } = JSON.parse(wordOf(whoFile(path)) ?? '') as Server
    return `process ${process} on ${host}, Sigma ID ${release}, since ${new Date(since).toISOString()}`
  } catch {
    return 'it is starting at this moment, or says nothing of itself'
  }
}

function wordOf(name: string): string | undefined {
  try {
    return readFileSync(name, 'utf8')
  } catch {
    return undefined
  }
}

function whoFile(path: string): string {
  return `${path}.server`
}
