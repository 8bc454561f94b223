/**
 * The driver's own collections, for what every sign-in asks. Mongoose stays the place where documents are described and
 * where indexes come from; on the way of every request its queries and casts cost more than the driver itself. What a cast
 * would refuse is refused by `insistText`: nothing that somebody sent may become an operator.
 */
import type { Connection, mongo } from 'mongoose'

/** Of a connection that is open. */
export function collectionOf<D extends object>(connection: Connection, name: string): mongo.Collection<D> {
  if (!connection.db) throw new Error('the connection to MongoDB is not open')
  return connection.db.collection<D>(name)
}

/** Throws if it is none, whatever its type says: `{ $ne: … }` in the place of an id would be anybody's. */
export function insistText(value: string): string {
  if (typeof value !== 'string') throw new Error('what something is found by is a text')
  return value
}
