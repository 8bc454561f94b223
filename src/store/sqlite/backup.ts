/**
 * A back-up of a file that is in use: one consistent copy, for its owner only, looked through, and marked, so that no
 * server takes it for the store itself before `store:restored` was run on it.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { AppError, InputError } from '../../lib/errors.ts'
import { openDatabase } from './database.ts'
import { marks } from './marks.ts'

/**
 * All pages in one step: it holds up nobody who writes meanwhile (sqlite.org/wal.html), and several would begin again
 * whenever another process has written.
 */
const ALL_PAGES = 2 ** 31 - 1

const REASONS: Record<string, string> = {
  EEXIST: 'is there already',
  ENOENT: 'would be in a folder that is not there',
}

/** Returns how many bytes it has. Rejects with InputError if there is something at `to`, and leaves that as it is. */
export async function backUp(path: string, to: string, at: number): Promise<number> {
  if (!existsSync(path)) throw new InputError('The store', [{ path: 'data', reason: `there is no ${path}` }])
  const unfinished = `${to}.unfinished`
  reserve(to)
  try {
    reserve(unfinished)
    await copy(path, unfinished)
    await check(unfinished, at)
    renameSync(unfinished, to)
    sync(dirname(to))
    return statSync(to).size
  } catch (fault) {
    for (const file of [to, unfinished, `${unfinished}-wal`, `${unfinished}-shm`]) rmSync(file, { force: true })
    throw fault
  }
}

/** Empty, which SQLite takes for a new database, and readable for us only from the first byte on. */
function reserve(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? fault.code : fault
    const reason = REASONS[`${code}`] ?? `cannot be made: ${code}`
    throw new InputError('The back-up', [{ path: 'to', reason: `${file} ${reason}` }])
  }
}

async function copy(path: string, to: string): Promise<void> {
  const source = new DatabaseSync(path, { readOnly: true })
  try {
    await backup(source, to, { rate: ALL_PAGES })
  } finally {
    source.close()
  }
}

async function check(file: string, at: number): Promise<void> {
  const db = openDatabase(file)
  try {
    await marks(db).put({ kind: 'backup', at })
    const look = db.prepare<Record<string, never>, { integrity_check: string }>('PRAGMA integrity_check')
    const found = await db.read(() => look.all({}))
    if (found.some((line) => line.integrity_check !== 'ok'))
      throw new AppError(
        'store-damaged',
        `the back-up does not pass SQLite’s integrity_check, and was removed; look at the store itself`,
      )
  } finally {
    await db.close()
  }
}

function sync(folder: string): void {
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
