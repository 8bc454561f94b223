/** All documents of a collection, a page at a time. */
import { type Connection, type Model, type mongo, trusted } from 'mongoose'
import { storeFault } from './faults.ts'

type Collection<D extends mongo.Document> = ReturnType<typeof Connection.prototype.collection<D>>

/** By their ids. */
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

/** In the order in which they came. What has no order has gone, and is left out. */
export async function* pagesInOrder<D extends { order: string }>(model: Model<D>, limit: number): AsyncGenerator<D[]> {
  for (let after = ''; ; ) {
    const later = { order: trusted({ $gt: after }) } as mongo.Filter<D>
    const page = await model.find(later).sort({ order: 1 }).limit(limit).lean<D[]>()
    const last = page.at(-1)
    if (!last) return
    yield page
    after = last.order
  }
}

export async function* withOurFaults<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* pages
  } catch (fault) {
    throw storeFault(fault)
  }
}
