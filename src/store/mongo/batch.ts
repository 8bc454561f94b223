/** Parcels that come with nothing else, put in the queue at once. The document is gone when all of them are. */
import { type Box, outboxFinders, parcelKey, uniqueKeys } from './outbox.ts'

export type Batch = Box
export type BatchDocument = Batch & ReturnType<typeof batchFinders>

export function emptyBatch(id: string): Batch {
  return { _id: id, rev: 0, outbox: [] }
}

export function batchFinders(batch: Batch) {
  return { ...outboxFinders(batch), keys: uniqueKeys(batch.outbox.map(({ id }) => parcelKey(id))) }
}
