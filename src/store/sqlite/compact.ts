/**
 * The whole file written anew, without what is free in it, and made so that pages go back by themselves from then on
 * (free-pages.ts). SQLite does it in one transaction, so whoever is killed over it leaves the file as it was
 * (sqlite.org/lang_vacuum.html).
 */
import { realpathSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../lib/errors.ts'
import { inUse } from '../portable.ts'
import { isBusy, resultCode, storeFault } from './faults.ts'

export interface Sizes {
  bytesBefore: number
  bytesAfter: number
}

/** Milliseconds: who has the file open does not let go of it. */
const PATIENCE = 200
/** Primary result code, sqlite.org/rescode.html. */
const FULL = 13
const MEGABYTE = 2 ** 20

/**
 * Holds up this process until it is done. Throws `store-in-use` if another process has the file open, `no-room` if the disk
 * has not what it takes: twice what is in use, once as a copy and once in the log.
 */
export function compact(path: string, roomIn: (folder: string) => number = room): Sizes {
  const file = realpathSync(path)
  const folder = dirname(file)
  const db = alone(file)
  try {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    const bytesBefore = statSync(file).size
    const needed = 2 * inUseOf(db)
    const left = roomIn(folder)
    if (left < needed) throw noRoom(folder, `it takes ${megabytes(needed)} MB, and ${megabytes(left)} are left`)
    db.exec('PRAGMA synchronous = FULL; PRAGMA auto_vacuum = INCREMENTAL; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
    return { bytesBefore, bytesAfter: statSync(file).size }
  } catch (fault) {
    throw resultCode(fault) === FULL ? noRoom(folder, 'it was filled meanwhile') : storeFault(fault)
  } finally {
    db.close()
  }
}

/**
 * For the whole process, before it opens its first file: SQLite's copy lies beside the store, where there is room and where
 * nobody else may look, instead of in /tmp (sqlite.org/tempfiles.html, section 5).
 */
export function copyBeside(path: string): void {
  process.env.SQLITE_TMPDIR = dirname(realpathSync(path))
}

/** See portable.ts: an exclusive lock is had only where nobody else has the file open. */
function alone(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: PATIENCE })
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT')
    return db
  } catch (fault) {
    db.close()
    throw isBusy(fault) ? inUse(file) : storeFault(fault)
  }
}

function inUseOf(db: DatabaseSync): number {
  const found = db.prepare(`
    SELECT (page_count - freelist_count) * page_size AS bytes
    FROM pragma_page_count, pragma_freelist_count, pragma_page_size`)
  return Number(found.get()?.bytes)
}

function room(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

function noRoom(folder: string, why: string): AppError {
  return new AppError('no-room', `the disk of ${folder} has no room to compact the store: ${why}. Nothing was changed.`)
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / MEGABYTE)
}
