/**
 * A back-up of a file that is in use: one consistent copy, for its owner only, looked through, and marked, so that no
 * server takes it for the store itself before `store:restored` was run on it. It needs nothing beside it to be read.
 */
import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { AppError, InputError } from '../../lib/errors.ts'
import { resultCode } from './faults.ts'
import { markFile } from './mark-file.ts'
import { insistOneName } from './one-name.ts'

/**
 * All pages in one step: it holds up nobody who writes meanwhile (sqlite.org/wal.html), and several would begin again
 * whenever another process has written.
 */
const ALL_PAGES = 2 ** 31 - 1

const REASONS: Record<string, string> = {
  EEXIST: 'is there already',
  ENOENT: 'would be in a folder that is not there',
  ENOTDIR: 'would be in what is no folder',
  ENOSPC: 'has no room',
}

/** Primary result codes, sqlite.org/rescode.html. */
const FULL = 13
const DAMAGED = new Set([11, 26])

/**
 * Returns how many bytes it has. Rejects with InputError if there is something at `to`, and leaves that as it is. What
 * is not finished is called `<to>.unfinished` and removed, unless this process is killed.
 */
export async function backUp(path: string, to: string, at: number): Promise<number> {
  if (!isThere(path)) throw new InputError('The store', [{ path: 'data', reason: `there is no ${path}` }])
  insistOneName(path)
  if (isThere(to)) throw refused(to, 'EEXIST')
  const unfinished = unfinishedOf(to)
  reserve(unfinished)
  try {
    await copy(path, unfinished)
    check(unfinished, at)
    name(unfinished, to)
    return statSync(to).size
  } catch (fault) {
    removeUnfinished(to)
    throw told(fault, to)
  }
}

/** What a process that ended in the middle left of the back-up at `to`. */
export function removeUnfinished(to: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(`${unfinishedOf(to)}${suffix}`, { force: true })
}

function unfinishedOf(to: string): string {
  return `${to}.unfinished`
}

/** Also a link that leads nowhere. What cannot be looked at cannot be made either, which tells why. */
function isThere(file: string): boolean {
  try {
    return lstatSync(file) !== undefined
  } catch {
    return false
  }
}

/** Empty, which SQLite takes for a new database, and readable for us only from the first byte on. */
function reserve(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (fault) {
    throw refused(file, fault instanceof Error && 'code' in fault ? fault.code : fault)
  }
}

function refused(file: string, code: unknown): InputError {
  const reason = REASONS[`${code}`] ?? `cannot be made: ${code}`
  return new InputError('The back-up', [{ path: 'to', reason: `${file} ${reason}` }])
}

/** On a thread of libuv's: nobody in this process waits for it. */
async function copy(path: string, to: string): Promise<void> {
  const source = new DatabaseSync(path, { readOnly: true })
  try {
    await backup(source, to, { rate: ALL_PAGES })
  } finally {
    source.close()
  }
}

/** Holds up this process for as long as it takes to read the whole file. */
function check(file: string, at: number): void {
  const db = new DatabaseSync(file)
  try {
    // As the store itself is kept it could not be read without writing beside it (sqlite.org/wal.html, Read-Only Databases).
    db.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL')
    markFile(db, { kind: 'backup', at })
    const found = db.prepare('PRAGMA integrity_check').all()
    if (found.some((line) => line.integrity_check !== 'ok')) throw damaged()
  } finally {
    db.close()
  }
  sync(file)
}

/** Taken first, so that it is never given to two. */
function name(unfinished: string, to: string): void {
  reserve(to)
  try {
    renameSync(unfinished, to)
  } catch (fault) {
    rmSync(to, { force: true })
    throw fault
  }
  sync(dirname(to))
}

function sync(file: string): void {
  const handle = openSync(file, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function damaged(cause?: unknown): AppError {
  const message = `the back-up does not pass SQLite’s integrity_check, and was removed; look at the store itself`
  return new AppError('store-damaged', message, { cause })
}

/** What SQLite refused, for whoever can do something about it. */
function told(fault: unknown, to: string): unknown {
  const code = resultCode(fault)
  if (code === FULL) return refused(to, 'ENOSPC')
  if (code !== undefined && DAMAGED.has(code)) return damaged(fault)
  if (code === undefined || !(fault instanceof Error)) return fault
  return new AppError('backup-failed', `the back-up ${to} could not be made: ${fault.message}`, { cause: fault })
}
