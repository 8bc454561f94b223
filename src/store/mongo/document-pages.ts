/** All documents of a collection, a page at a time, by their ids. */
import type { Connection, mongo } from 'mongoose'

type Collection<D extends mongo.Document> = ReturnType<typeof Connection.prototype.collection<D>>

export async function* documentPages<D extends mongo.Document & { _id: string | number }>(
  collection: Collection<D>,
  limit: number,
  after: D['_id'] | undefined = undefined,
): AsyncGenerator<Array<mongo.WithId<D>>> {
  for (let last = after; ; ) {
    const filter = (last === undefined ? {} : { _id: { $gt: last } }) as mongo.Filter<D>
    const page = await collection.find(filter).sort({ _id: 1 }).limit(limit).toArray()
    const end = page.at(-1)
    if (!end) return
    yield page
    last = end._id
  }
}
