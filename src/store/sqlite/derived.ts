/**
 * Makes anew what records are found by (record/derivation.ts) where another release made it, as a file is opened. All of a
 * kind in one transaction with the mark that it is done: a process that dies over it has done nothing.
 */
import type { DatabaseSync } from 'node:sqlite'
import { derivation, type OnDerived } from '../../record/derivation.ts'
import type { Kind } from '../../record/kind.ts'
import { foundBy, rowsOf } from './found-by.ts'
import { tablesOf } from './record-tables.ts'

/** Not a step of the schema, as the tables of kinds are none. */
const TABLE = 'CREATE TABLE IF NOT EXISTS derived (kind TEXT PRIMARY KEY, finders TEXT NOT NULL) STRICT, WITHOUT ROWID'

export function deriveAnew(db: DatabaseSync, kinds: ReadonlyArray<Kind<object>>, onDerived?: OnDerived): void {
  if (due(db, kinds).length === 0) return
  // Another process may be starting on the same file: what is due is looked at again under the write lock.
  db.exec('BEGIN IMMEDIATE')
  try {
    db.exec(TABLE)
    const mark = db.prepare(
      'INSERT INTO derived VALUES (?, ?) ON CONFLICT (kind) DO UPDATE SET finders = excluded.finders',
    )
    for (const kind of due(db, kinds)) {
      const records = deriveKind(db, kind)
      mark.run(kind.name, derivation(kind))
      if (records > 0) onDerived?.({ kind: kind.name, records })
    }
    db.exec('COMMIT')
  } catch (fault) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw fault
  }
}

function due(db: DatabaseSync, kinds: ReadonlyArray<Kind<object>>): Array<Kind<object>> {
  const there = db.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'derived'`).get()
  const marks = there ? db.prepare('SELECT kind, finders FROM derived').all() : []
  const known = new Map(marks.map(({ kind, finders }) => [kind, finders]))
  return kinds.filter((kind) => known.get(kind.name) !== derivation(kind))
}

/** Keys stay: they are what makes two records different, and no release takes one for granted that was not written. */
function deriveKind(db: DatabaseSync, kind: Kind<object>): number {
  const { records, values, searched } = tablesOf(kind)
  db.exec(`DELETE FROM ${values}; DELETE FROM ${searched}`)
  const value = db.prepare(`INSERT INTO ${values} (finder, value, place) VALUES (?, ?, ?)`)
  const search = db.prepare(`INSERT INTO ${searched} (created_at, place, beginnings, parts) VALUES (?, ?, ?, ?)`)
  let derived = 0
  for (const row of db.prepare(`SELECT place, record FROM ${records}`).iterate()) {
    const record = { ...kind.empty(), ...JSON.parse(String(row.record)) }
    const found = rowsOf(foundBy(kind, record))
    const place = Number(row.place)
    for (const one of found.values.values()) value.run(one.finder, one.value, place)
    if (found.searched) search.run(found.searched.createdAt, place, found.searched.beginnings, found.searched.parts)
    derived += 1
  }
  return derived
}
