/** A table for copying, row by row. */
import { PAGE, type Removable } from '../portable.ts'
import type { Database, Parameters } from './database.ts'
import type { RowShape } from './row-shape.ts'

/** What a record is found by in its section, and in its table. */
export interface RowKey<R> {
  fields: ReadonlyArray<keyof R & string>
  of(record: R): string
  parameters(key: string): Parameters
}

export function portableRows<R extends object>(db: Database, shape: RowShape<R>, key: RowKey<R>): Removable<R> {
  const { table, columns, selected, slots } = shape
  const where = key.fields.map((field) => `${field} = :${field}`).join(' AND ')
  // By rowid: in the order in which they came.
  const list = db.prepare<{ place: number; limit: number }, object & { place: number }>(`
    SELECT rowid AS place, ${selected} FROM ${table} WHERE rowid > :place ORDER BY rowid LIMIT :limit`)
  const find = db.prepare<Parameters, object>(`SELECT ${selected} FROM ${table} WHERE ${where}`)
  const put = db.prepare<Parameters>(`
    INSERT INTO ${table} (${columns.join(', ')}) VALUES (${slots.join(', ')})
    ON CONFLICT (${key.fields.join(', ')}) DO UPDATE
    SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`)
  const remove = db.prepare<Parameters>(`DELETE FROM ${table} WHERE ${where}`)

  return {
    async *pages() {
      for (let place = 0; ; ) {
        const rows = await db.read(() => list.all({ place, limit: PAGE }))
        const last = rows.at(-1)
        if (!last) return
        place = last.place
        yield rows.map(shape.record).map((record) => ({ key: key.of(record), record }))
      }
    },
    async find(wanted) {
      const row = await db.read(() => find.get(key.parameters(wanted)))
      return row && shape.record(row)
    },
    put: (_key, record) => db.write(() => void put.run(shape.parameters(record))),
    remove: (unwanted) => db.write(() => void remove.run(key.parameters(unwanted))),
  }
}
