/** Whether the database may be served from (portable.ts): not while there is a mark. */
import type { Connection } from 'mongoose'
import { insistServable, type Mark, type Marks } from '../portable.ts'

const ID = 'not-servable'

export function marks(connection: Connection): Marks {
  const documents = connection.collection<Mark & { _id: string }>('marks')

  return {
    async find() {
      const mark = await documents.findOne({ _id: ID })
      return mark ? { kind: mark.kind, at: mark.at } : undefined
    },
    async put({ kind, at }) {
      await documents.replaceOne({ _id: ID }, { kind, at }, { upsert: true })
    },
    async remove() {
      await documents.deleteOne({ _id: ID })
    },
  }
}

/** For whoever opens the database to serve from it. Rejects with `store-not-servable`. */
export async function insistServableDatabase(connection: Connection): Promise<void> {
  insistServable(await marks(connection).find())
}
