/**
 * Private copies that nobody removed: whoever is killed (SIGKILL, memory that ran out) removes nothing any more. The name of a
 * copy's folder says whose it is.
 */
import { type Dirent, lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { HOUR } from '../../lib/time.ts'

const PREFIX = 'sigma-id-drill-'
const NAME = new RegExp(`^${PREFIX}(\\d+)-\\w{6}$`)

/** How the name of a folder begins that `mkdtemp` makes for this process. */
export function prefixOf(process: number): string {
  return `${PREFIX}${process}-`
}

/**
 * Removes those in `folder` that are this user's, whose process is gone, and in which nothing was written for an hour: in
 * another container processes have other numbers. Follows no link. What cannot be removed stays.
 */
export function removeLeftovers(folder: string, now: number): void {
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name)
    try {
      if (isLeftover(entry, path, now)) rmSync(path, { recursive: true, force: true })
    } catch {
      // Somebody else removes it at this moment, or it is not to be removed: nothing that keeps anybody from their work.
    }
  }
}

function isLeftover(entry: Dirent, path: string, now: number): boolean {
  const [, process] = NAME.exec(entry.name) ?? []
  if (process === undefined || isAlive(Number(process))) return false
  const folder = lstatSync(path)
  if (!folder.isDirectory() || folder.uid !== ownId()) return false
  const written = readdirSync(path).map((name) => lstatSync(join(path, name)).mtimeMs)
  return Math.max(folder.mtimeMs, ...written) <= now - HOUR
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

function ownId(): number | undefined {
  return process.getuid?.()
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0)
  } catch (fault) {
    // Of a process of somebody else it says EPERM.
    return !(fault instanceof Error && 'code' in fault && fault.code === 'ESRCH')
  }
}
