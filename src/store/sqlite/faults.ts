/** Tells a store that cannot answer now (503, try again) from a mistake of ours (500). */
import { unavailable } from '../unavailable.ts'

/** Primary result codes, sqlite.org/rescode.html. */
const BUSY = 5
const UNAVAILABLE = new Set([
  3, // PERM
  4, // ABORT: a fault of the disk ended the transaction under it
  BUSY,
  6, // LOCKED
  7, // NOMEM
  8, // READONLY
  10, // IOERR
  13, // FULL
  14, // CANTOPEN
  15, // PROTOCOL
])

export function isBusy(fault: unknown): boolean {
  return resultCode(fault) === BUSY
}

/** The fault to hand on: `store-unavailable` if waiting may help, the fault itself if not. */
export function storeFault(fault: unknown): unknown {
  const code = resultCode(fault)
  return code !== undefined && UNAVAILABLE.has(code) ? unavailable('the database cannot answer now', fault) : fault
}

/** The primary result code, if it is SQLite that says so. */
export function resultCode(fault: unknown): number | undefined {
  if (!(fault instanceof Error && 'errcode' in fault && typeof fault.errcode === 'number')) return undefined
  // The lower byte of an extended code (SQLITE_IOERR_FSYNC, …) is the primary one.
  return fault.errcode & 0xff
}
