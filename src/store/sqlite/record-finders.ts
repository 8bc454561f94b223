/** What a record is found by, as rows beside it. A change writes those that are different, and no others. */
import { copyOf, isSame } from '../../record/copy.ts'
import type { Kind, Searched, Value } from '../../record/kind.ts'
import { KeyTaken } from '../../record/records.ts'
import { searchKey } from '../../record/search-key.ts'
import type { Database } from './database.ts'
import { type Tables, tablesOf } from './record-tables.ts'

export interface FoundBy {
  keys: string[]
  finders: Record<string, Value | Value[] | undefined>
  searched: Searched | undefined
}

interface Found {
  keys: Set<string>
  values: Map<string, { finder: string; value: Value }>
  searched: SearchRow | undefined
}

/** Each text after a line feed, which is in none of them. */
interface SearchRow {
  createdAt: number
  beginnings: string
  parts: string
}

const BETWEEN = '\n'

/** Of one that is not there. */
export const NOT_FOUND: FoundBy = { keys: [], finders: {}, searched: undefined }

/** Shares nothing with the record, so that it is still true of it as it was when it has changed. */
export function foundBy<R extends object>(kind: Kind<R>, record: R): FoundBy {
  return copyOf({ keys: kind.keys(record), finders: kind.finders(record), searched: kind.search(record) })
}

function opened({ keys, finders, searched }: FoundBy): Found {
  const values = Object.entries(finders).flatMap(([finder, value]) =>
    (value === undefined ? [] : [value].flat()).map((each) => ({ finder, value: each })),
  )
  return {
    keys: new Set(keys),
    values: new Map(values.map((row) => [`${row.finder}:${typeof row.value}:${row.value}`, row])),
    searched: searched && {
      createdAt: searched.createdAt,
      beginnings: searched.beginnings.map(lineOf).join(''),
      parts: searched.parts.map(lineOf).join(''),
    },
  }
}

/** What is looked for in `beginnings`; without its first character, in `parts`. */
export function lineOf(text: string): string {
  return BETWEEN + searchKey(text).replaceAll(BETWEEN, ' ')
}

/** To be called in the transaction that writes the record. Throws `KeyTaken`. */
export function finderRows(db: Database, kind: Kind<object>): (place: number, before: FoundBy, after: FoundBy) => void {
  const keepKeys = keyRows(db, tablesOf(kind))
  const keepValues = valueRows(db, tablesOf(kind))
  const keepSearched = searchRow(db, tablesOf(kind))

  return (place, before, after) => {
    // Most changes leave it as it is.
    if (isSame(before, after)) return
    const [was, is] = [opened(before), opened(after)]
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

  return (place: number, before: Found['values'], after: Found['values']) => {
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
