/**
 * One kind of record (record/records.ts), each as JSON in one row, and what it is found by in rows beside it. A change is
 * read, made and written within the transaction of its group (database.ts), where nobody else can come in between.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Kind, Value } from '../../record/kind.ts'
import type { Counted, Found, Outgoing, Query, Records } from '../../record/records.ts'
import type { Database, Parameters } from './database.ts'
import { type FoundBy, foundBy, lineOf, NOT_FOUND } from './found-by.ts'
import { parcels } from './queue.ts'
import { finderRows } from './record-finders.ts'
import { tablesOf } from './record-tables.ts'

interface Row {
  place: number
  id: string
  record: string
}

export function records<R extends object, F extends string>(db: Database, kind: Kind<R, F>): Records<R, F> {
  const find = finder(db, kind)
  const save = saver(db, kind)
  const enqueue = parcels(db)

  /** Within a transaction. */
  function changeRow<T>(id: string, row: Row | undefined, rule: (draft: R & Outgoing) => T): T {
    const draft = { ...kind.empty(), ...parsed<R>(row), parcels: [] }
    const before = row ? foundBy(kind, draft) : NOT_FOUND
    const outcome = rule(draft)
    const { parcels, ...record } = draft as Outgoing
    save({ id, row, before, record: record as R })
    enqueue(parcels)
    return outcome
  }

  function whole(row: Row): Found<R> {
    return { id: row.id, record: { ...kind.empty(), ...parsed<R>(row) } }
  }

  return {
    async find(id) {
      const row = await db.read(() => find.byId(id))
      return row && whole(row).record
    },
    findMany: async (ids) => (await db.read(() => find.byIds(ids))).map(whole),
    async findBy(key) {
      const row = await db.read(() => find.byKey(key))
      return row && whole(row)
    },
    list: async (query) => (await db.read(() => find.list(query))).map(whole),
    count: (by, value) => db.read(() => find.count(by, value)),
    values: (by) => db.read(() => find.values(by)),
    counts: (by) => db.read(() => find.counts(by)),
    search: async (text, limit) => (await db.read(() => find.search(text, limit))).map(whole),
    change: (id, rule) => db.write(() => changeRow(id, find.byId(id), rule)),
    changeBy: (key, rule) =>
      db.write(() => {
        const row = find.byKey(key)
        return row && changeRow(row.id, row, rule)
      }),
  }
}

/** What was never kept has no fields. */
function parsed<R extends object>(row: Row | undefined): Partial<R> {
  return row ? (JSON.parse(row.record) as R) : {}
}

/** Comes after every text in SQLite (sqlite.org/datatype3.html, section 4.1), as every text comes after every number. */
const LAST = new Uint8Array()

function finder<F extends string>(db: Database, kind: Kind<object, F>) {
  const { records, keys, values, searched } = tablesOf(kind)
  const row = 'r.place AS place, r.id AS id, r.record AS record'
  const byId = db.prepare<{ id: string }, Row>(`SELECT ${row} FROM ${records} AS r WHERE r.id = :id`)
  const byIds = db.prepare<{ ids: string }, Row>(`
    SELECT ${row} FROM json_each(:ids) JOIN ${records} AS r ON r.id = json_each.value`)
  const byKey = db.prepare<{ key: string }, Row>(`
    SELECT ${row} FROM ${keys} AS k JOIN ${records} AS r ON r.place = k.place WHERE k.key = :key`)
  const list = db.prepare<Parameters, Row>(`
    SELECT ${row} FROM ${values} AS v JOIN ${records} AS r ON r.place = v.place
    WHERE v.finder = :by AND v.value BETWEEN :from AND :to ORDER BY v.value, v.place LIMIT :limit`)
  const count = db.prepare<{ by: string; value: Value }, { found: number }>(`
    SELECT count(*) AS found FROM ${values} WHERE finder = :by AND value = :value`)
  const distinct = db.prepare<{ by: string }, { value: Value }>(`
    SELECT DISTINCT value FROM ${values} WHERE finder = :by`)
  const counts = db.prepare<{ by: string }, Counted>(`
    SELECT value, count(*) AS count FROM ${values} WHERE finder = :by GROUP BY value`)
  const search = db.prepare<{ id: string; beginning: string; part: string; limit: number }, Row>(`
    SELECT ${row} FROM ${searched} AS s JOIN ${records} AS r ON r.place = s.place
    WHERE s.place = (SELECT place FROM ${records} WHERE id = :id)
      OR instr(s.beginnings, :beginning) > 0 OR instr(s.parts, :part) > 0
    ORDER BY s.created_at DESC, s.place DESC LIMIT :limit`)

  return {
    byId: (id: string) => byId.get({ id }),
    byIds: (ids: string[]) => byIds.all({ ids: JSON.stringify([...new Set(ids)]) }),
    byKey: (key: string) => byKey.get({ key }),
    list({ by, from, to, limit }: Query<F>): Row[] {
      const first = from ?? (typeof to === 'string' ? '' : Number.NEGATIVE_INFINITY)
      const last = to ?? (typeof from === 'number' ? Number.POSITIVE_INFINITY : LAST)
      return list.all({ by, from: first, to: last, limit })
    },
    count: (by: F, value: Value) => count.get({ by, value })?.found ?? 0,
    values: (by: F) => distinct.all({ by }).map(({ value }) => value),
    counts: (by: F) => counts.all({ by }),
    search(text: string, limit: number): Row[] {
      const beginning = lineOf(text)
      return search.all({ id: text.trim(), beginning, part: beginning.slice(1), limit })
    },
  }
}

interface Saved<R> {
  id: string
  /** As it was. */
  row: Row | undefined
  before: FoundBy
  record: R
}

/** Writes what is different, within a transaction. A record of which nothing is left goes. */
function saver<R extends object>(db: Database, kind: Kind<R>) {
  const { records } = tablesOf(kind)
  const keepFinders = finderRows(db, kind)
  const empty = JSON.stringify(kind.empty())
  const insert = db.prepare<{ id: string; record: string }, { place: number }>(`
    INSERT INTO ${records} (id, revision, record) VALUES (:id, 1, :record) RETURNING place`)
  const update = db.prepare<{ place: number; record: string }>(`
    UPDATE ${records} SET record = :record, revision = revision + 1 WHERE place = :place`)
  const remove = db.prepare<{ place: number }>(`DELETE FROM ${records} WHERE place = :place`)

  return ({ id, row, before, record }: Saved<R>): void => {
    const kept = JSON.stringify(record)
    if (kept === (row?.record ?? empty)) return
    const isOver = kept.length === empty.length && isDeepStrictEqual(JSON.parse(kept), kind.empty())
    if (isOver && !row) return
    const place = row?.place ?? insert.get({ id, record: kept })?.place ?? 0
    keepFinders(place, before, isOver ? NOT_FOUND : foundBy(kind, record))
    if (isOver) remove.run({ place })
    else if (row) update.run({ place, record: kept })
  }
}
