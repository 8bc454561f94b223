/** Which of SQLite's faults may pass: of a full or failing disk, and of another process that has the file. */
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { storeFault } from '../../../src/store/sqlite/faults.ts'

/** sqlite.org/rescode.html: all primary codes that tell of a fault. */
const PASSING = [3, 4, 5, 6, 7, 8, 10, 13, 14, 15]
const CODES = Array.from({ length: 26 }, (_, code) => code + 1)
/** Extended: the kind is in the lower byte, such as that of SQLITE_IOERR_FSYNC, 1034. */
const IOERR_FSYNC = 1034
const CONSTRAINT_UNIQUE = 2067

const fault = (errcode: number) => Object.assign(new Error('no'), { code: 'ERR_SQLITE_ERROR', errcode })

function passes(errcode: number): boolean {
  const given = fault(errcode)
  const told = storeFault(given)
  if (told === given) return false
  expect(told).toMatchObject({ code: 'store-unavailable', status: 503, cause: given })
  return true
}

test('of the primary codes those pass that tell of a disk, of memory, or of another process', () => {
  expect(CODES.filter(passes)).toEqual(PASSING)
})

test('an extended code is of the kind that it extends', () => {
  expect([IOERR_FSYNC, CONSTRAINT_UNIQUE].map(passes)).toEqual([true, false])
})

test('what SQLite really throws carries such a code', () => {
  const db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE one (id TEXT PRIMARY KEY); PRAGMA max_page_count = 2')
  const full = () => db.exec('INSERT INTO one VALUES (hex(randomblob(9000)))')
  expect(() => full()).toThrow(/full/)
  try {
    full()
  } catch (thrown) {
    expect(storeFault(thrown)).toMatchObject({ code: 'store-unavailable' })
  }
  db.close()
})
