/** What a record is found by, as rows beside it. A change writes those that are different, and no others. */
import { isSame } from '../../record/copy.ts'
import type { Kind, Value } from '../../record/kind.ts'
import { KeyTaken } from '../../record/records.ts'
import type { Database } from './database.ts'
import { type FoundBy, type Rows, rowsOf, type SearchRow } from './found-by.ts'
import { type Tables, tablesOf } from './record-tables.ts'

/** To be called in the transaction that writes the record. Throws `KeyTaken`. */
export function finderRows(db: Database, kind: Kind<object>): (place: number, before: FoundBy, after: FoundBy) => void {
  const keepKeys = keyRows(db, tablesOf(kind))
  const keepValues = valueRows(db, tablesOf(kind))
  const keepSearched = searchRow(db, tablesOf(kind))

  return (place, before, after) => {
    // Most changes leave it as it is.
    if (isSame(before, after)) return
    const [was, is] = [rowsOf(before), rowsOf(after)]
    keepKeys(place, was.keys, is.keys)
    keepValues(place, was.values, is.values)
    keepSearched(place, was.searched, is.searched)
  }
}

function keyRows(db: Database, { keys }: Tables) {
  const insert = db.prepare<{ key: string; place: number }>(`
    INSERT INTO ${keys} (key, place) VALUES (:key, :place) ON CONFLICT (key) DO NOTHING`)
  const remove = db.prepare<{ key: string; place: number }>(`DELETE FROM ${keys} WHERE key = :key AND place = :place`)

  return (place: number, before: Set<string>, after: Set<string>) => {
    for (const key of before.difference(after)) remove.run({ key, place })
    for (const key of after.difference(before)) if (insert.run({ key, place }) === 0) throw new KeyTaken(key)
  }
}

function valueRows(db: Database, { values }: Tables) {
  type Row = { finder: string; value: Value; place: number }
  const insert = db.prepare<Row>(`INSERT INTO ${values} (finder, value, place) VALUES (:finder, :value, :place)`)
  const remove = db.prepare<Row>(`
    DELETE FROM ${values} WHERE finder = :finder AND value = :value AND place = :place`)

  return (place: number, before: Rows['values'], after: Rows['values']) => {
    for (const [name, row] of before) if (!after.has(name)) remove.run({ ...row, place })
    for (const [name, row] of after) if (!before.has(name)) insert.run({ ...row, place })
  }
}

function searchRow(db: Database, { searched }: Tables) {
  const insert = db.prepare<{ place: number; createdAt: number; beginnings: string; parts: string }>(`
    INSERT INTO ${searched} (created_at, place, beginnings, parts) VALUES (:createdAt, :place, :beginnings, :parts)`)
  const remove = db.prepare<{ place: number; createdAt: number }>(`
    DELETE FROM ${searched} WHERE created_at = :createdAt AND place = :place`)

  return (place: number, before: SearchRow | undefined, after: SearchRow | undefined) => {
    if (JSON.stringify(before) === JSON.stringify(after)) return
    if (before) remove.run({ place, createdAt: before.createdAt })
    if (after) insert.run({ place, ...after })
  }
}
