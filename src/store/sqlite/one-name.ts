/**
 * One file, one name. What SQLite has not yet put into a file is kept beside it, under the name by which it was opened: whoever
 * opens the same file by another name does not see it, and both damage what the other one writes
 * (sqlite.org/howtocorrupt.html, sections 2.4 and 2.5).
 */
import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../lib/errors.ts'
import { SECOND } from '../../lib/time.ts'
import { isBusy } from './faults.ts'

/** Of a command that just opens or closes it. */
const PATIENCE = SECOND / 2
const MOUNTS = '/proc/self/mountinfo'

export interface OtherName {
  found: string
  expected: string
  remedy: string
}

/**
 * What SQLite calls the file `path`, which may be a link, and by which it names what it keeps beside it: that of the file that
 * it leads to, also where that is still to be made. Throws where its folder is not there.
 */
export function realName(path: string): string {
  try {
    return realpathSync(path)
  } catch (fault) {
    if (!(fault instanceof Error && 'code' in fault && fault.code === 'ENOENT')) throw fault
  }
  const here = join(realpathSync(dirname(path)), basename(path))
  const isLink = lstatSync(here, { throwIfNoEntry: false })?.isSymbolicLink()
  return isLink ? realName(resolve(dirname(here), readlinkSync(here))) : here
}

/** Whether it has a name besides `path`: by a hard link, or as a mount of its own. Nothing, if it is not there. */
export function otherName(path: string): OtherName | undefined {
  const names = statSync(path, { throwIfNoEntry: false })?.nlink ?? 0
  if (names > 1)
    return {
      found: `has ${names} names (hard links)`,
      expected: 'a file with one name: what is written by one damages what is written by another',
      remedy: `keep one; find / -xdev -samefile ${path} lists them`,
    }
  if (names === 1 && isMount(path))
    return {
      found: 'is mounted as a single file',
      expected: 'a file in a folder that is mounted as a whole: parts of the store are in files beside it',
      remedy: 'mount its folder',
    }
  return undefined
}

/** Throws `store-two-names`. */
export function insistOneName(path: string): void {
  const other = otherName(path)
  if (!other) return
  throw new AppError('store-two-names', `${path} ${other.found}. It has to be ${other.expected}. ${other.remedy}.`)
}

/**
 * Throws `store-served` if another process has the file open by another name: one that it had when it was opened. Whoever has
 * it open by this name has files beside it, and is let be.
 */
export function insistNobodyElse(path: string): void {
  if (!existsSync(path) || isOpenBeside(path)) return
  const db = new DatabaseSync(path, { timeout: PATIENCE })
  try {
    // Every connection holds a lock on the file itself for as long as it is open (sqlite.org/wal.html).
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK')
  } catch (fault) {
    // What else is wrong with it is told by whoever opens it.
    if (!isBusy(fault) || isOpenBeside(path)) return
    throw new AppError(
      'store-served',
      `another process has the store ${path} open by another name, which it had before. Stop that one first.`,
    )
  } finally {
    db.close()
  }
}

function isOpenBeside(path: string): boolean {
  return existsSync(`${path}-shm`) || existsSync(`${path}-wal`)
}

/** Where the system tells (Linux, proc(5)). */
function isMount(path: string): boolean {
  const name = realpathSync(path).replace(
    /[ \t\n\\]/g,
    (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )
  return mounts()
    .split('\n')
    .some((line) => line.split(' ', 5)[4] === name)
}

function mounts(): string {
  try {
    return readFileSync(MOUNTS, 'utf8')
  } catch {
    return ''
  }
}
