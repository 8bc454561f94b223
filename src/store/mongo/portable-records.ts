/** A kind of record for copying, in the order in which they came, without its parcels. */
import type { Connection } from 'mongoose'
import type { Kind } from '../../record/kind.ts'
import type { Records } from '../../record/records.ts'
import { become, PAGE, type Section } from '../portable.ts'
import { pagesInOrder } from './document-pages.ts'
import { recordModel } from './record-documents.ts'

export function portableRecords<R extends object>(
  connection: Connection,
  kind: Kind<R>,
  { find, change }: Pick<Records<R>, 'find' | 'change'>,
): Section<R> {
  const model = recordModel(connection, kind)

  return {
    async *pages() {
      for await (const page of pagesInOrder(model, PAGE)) {
        // A document stays when the last thing in it went.
        yield page.flatMap(({ _id, record }) =>
          record ? [{ key: _id, record: { ...kind.empty(), ...record } as R }] : [],
        )
      }
    },
    find,
    put: (id, record) => change(id, (draft) => become(draft, record)),
  }
}
