/**
 * Puts on disk what was committed, without holding up the process: SQLite itself would wait for the disk within COMMIT, and
 * the whole process with it. In WAL mode with synchronous=NORMAL a commit is written to the log and not synced
 * (sqlite.org/wal.html, section 2.3), so a sync of the log after it makes it durable, and every commit before it.
 *
 * A sync that fails is the end: the system may have forgotten what it could not write, and the next sync would not tell. Nothing is
 * told of what this process wrote from then on, until it is started again (run.ts ends it).
 */
import { closeSync, constants, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import { unavailable } from '../unavailable.ts'

export interface LogSync {
  /** Resolves when all that was committed before the call is on disk; throws `store-unavailable` if that is not known. */
  sync(): Promise<void>
  /** Why nothing is known to be on disk any more. */
  readonly fault: unknown
  /** Resolves to that fault, once there is one. */
  failed: Promise<unknown>
  close(): void
}

const syncData = promisify(fdatasync)

/** The log of an open database is there, and stays the same file, as long as one connection to it is open. */
export function logSync(path: string): LogSync {
  // A database in memory has none.
  if (path === ':memory:')
    return onDisk(
      async () => undefined,
      () => undefined,
    )
  // Windows syncs only what was opened to be written.
  const file = openSync(`${path}-wal`, constants.O_RDWR)
  return onDisk(
    () => syncData(file),
    () => closeSync(file),
  )
}

/** Many may ask while one sync is under way: it may have begun before their commit, so they share the next one. */
export function onDisk(syncOnce: () => Promise<void>, close: () => void): LogSync {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  let fault: unknown
  const { promise: failed, resolve: fail } = Promise.withResolvers<unknown>()

  async function begin(): Promise<void> {
    await running
    next = undefined
    running = once()
    await running
  }

  async function once(): Promise<void> {
    if (fault !== undefined) throw fault
    try {
      await syncOnce()
    } catch (cause) {
      fault = unavailable('what was committed could not be put on disk: this process has to be started again', cause)
      fail(fault)
      throw fault
    }
  }

  return {
    sync() {
      next ??= begin()
      return next
    },
    get fault() {
      return fault
    },
    failed,
    close,
  }
}
