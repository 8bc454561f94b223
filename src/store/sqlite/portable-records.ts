/** A kind of record for copying, in the order in which they came. */
import type { Kind } from '../../record/kind.ts'
import { become, PAGE, type Section } from '../portable.ts'
import type { Database } from './database.ts'
import { tablesOf } from './record-tables.ts'
import { records } from './records.ts'

export function portableRecords<R extends object>(db: Database, kind: Kind<R>): Section<R> {
  const { find, change } = records(db, kind)
  const list = db.prepare<{ place: number }, { place: number; id: string; record: string }>(`
    SELECT place, id, record FROM ${tablesOf(kind).records} WHERE place > :place ORDER BY place LIMIT ${PAGE}`)

  return {
    async *pages() {
      for (let place = 0; ; ) {
        const rows = await db.read(() => list.all({ place }))
        const last = rows.at(-1)
        if (!last) return
        place = last.place
        yield rows.map(({ id, record }) => ({ key: id, record: { ...kind.empty(), ...(JSON.parse(record) as R) } }))
      }
    },
    find,
    put: (id, record) => change(id, (draft) => become(draft, record)),
  }
}
