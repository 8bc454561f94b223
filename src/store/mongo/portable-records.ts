/** A kind of record for copying, in the order in which they came, without its parcels. */
import { type Connection, trusted } from 'mongoose'
import type { Kind } from '../../record/kind.ts'
import type { Records } from '../../record/records.ts'
import { bare, PAGE, type Section } from '../portable.ts'
import { type RecordDocument, recordModel } from './record-documents.ts'

export function portableRecords<R extends object>(
  connection: Connection,
  kind: Kind<R>,
  { find, change }: Pick<Records<R>, 'find' | 'change'>,
): Section<R> {
  const model = recordModel(connection, kind)

  return {
    async *pages() {
      for (let after = ''; ; ) {
        const page = await model
          .find({ order: trusted({ $gt: after }) })
          .sort({ order: 1 })
          .limit(PAGE)
          .lean<RecordDocument[]>()
        const last = page.at(-1)
        if (!last) return
        after = last.order
        // A document stays when the last thing in it went.
        yield page.flatMap(({ _id, record }) =>
          record ? [{ key: _id, record: { ...kind.empty(), ...record } as R }] : [],
        )
      }
    },
    find,
    put: (id, record) =>
      change(id, (draft) => {
        const { parcels } = draft
        for (const field of Object.keys(draft)) Reflect.deleteProperty(draft, field)
        Object.assign(draft, bare(record), { parcels })
      }),
  }
}
