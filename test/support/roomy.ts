/** A store's file with rows that fill it, and rows that have gone. */
import { chmodSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'

/** As a release before would have made it: SQLite keeps how a file was laid out first. */
export function layOutAsBefore(path: string): void {
  const db = new DatabaseSync(path)
  db.exec('CREATE TABLE first (a); DROP TABLE first')
  db.close()
  chmodSync(path, 0o600)
}

/** Makes the store, if there is none: so many megabytes that have gone, and a tenth as many that stayed. */
export async function makeRoom(path: string, megabytes: number): Promise<void> {
  await openSqliteStore(path).close()
  const db = new DatabaseSync(path)
  db.exec(`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${megabytes * 11})
    INSERT INTO artifact (model, key, sealed) SELECT 'Room', printf('%06d', i), hex(zeroblob(46000)) FROM n;
    DELETE FROM artifact WHERE model = 'Room' AND CAST(key AS INTEGER) % 11 <> 0`)
  db.close()
}

/** What there is in it and whether it is whole. */
export function stateOf(path: string): { whole: unknown; rows: unknown; layout: unknown } {
  const db = new DatabaseSync(path)
  try {
    return {
      whole: db.prepare('PRAGMA integrity_check').get()?.integrity_check,
      rows: db.prepare(`SELECT count(*) AS n, sum(length(sealed)) AS bytes FROM artifact WHERE model = 'Room'`).get(),
      layout: db.prepare('PRAGMA auto_vacuum').get()?.auto_vacuum,
    }
  } finally {
    db.close()
  }
}
