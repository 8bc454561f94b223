/**
 * The queue of parcels (delivery/queue.ts): each in a document of its own. An attempt's number fences off whoever held a
 * parcel before. One that is settled leaves a mark for a day, its id and no content, so that a mover that was slow
 * (outbox-mover.ts) cannot bring it back.
 */
import { randomUUID } from 'node:crypto'
import mongoose, { type Connection, type Model, Schema, trusted } from 'mongoose'
import type { ClaimedParcel, ListedParcel, Parcel, ParcelLook, QueueStore } from '../../delivery/queue.ts'
import { DAY, NEVER, SECOND } from '../../lib/time.ts'
import { collectionOf } from './native.ts'
import { type Mover, mover, type Outbox, type Shelf } from './outbox-mover.ts'
import { FULL, PARCEL } from './record-documents.ts'
import { KNOWN } from './schema.ts'

export interface ParcelDocument extends Omit<Parcel, 'id'> {
  _id: string
  /** Grows from one parcel to the next. */
  order: string
  attempt: number
  /** 0 while nobody holds it. */
  leasedUntil: number
  reason?: string
  failedAt?: number
  /** Of a mark, by the server's clock. */
  settledAt?: Date
}

export interface Parcels {
  model: Model<ParcelDocument>
  mover: Mover
  /** Parcels that came with nothing else, several at once. */
  batches: Shelf
  queue(shelves: Shelf[]): QueueStore
}

const { MongoBulkWriteError } = mongoose.mongo
const DUPLICATE = 11000
const GONE = {
  ...{ channel: 1, sealed: 1, createdAt: 1, dueAt: 1, order: 1, attempt: 1, leasedUntil: 1 },
  ...{ accountId: 1, reason: 1, failedAt: 1 },
} as const
/** Without its content. */
const LISTED = { sealed: 0 }

const schema = new Schema<ParcelDocument>(
  {
    _id: String,
    channel: String,
    sealed: String,
    createdAt: Number,
    dueAt: Number,
    order: String,
    attempt: Number,
    leasedUntil: Number,
    accountId: String,
    reason: String,
    failedAt: Number,
    settledAt: Date,
  },
  KNOWN,
)
schema.index({ dueAt: 1, order: 1 }, { name: 'due', sparse: true })
schema.index({ order: 1 }, { name: 'order', sparse: true })
schema.index({ createdAt: 1 }, { name: 'oldest', sparse: true })
schema.index({ failedAt: 1, createdAt: 1, _id: 1 }, { name: 'waiting' })
schema.index({ failedAt: -1, _id: -1 }, { name: 'failed', sparse: true })
schema.index({ settledAt: 1 }, { name: 'settled', expireAfterSeconds: DAY / SECOND })

interface BatchDocument {
  _id: string
  outbox: Parcel[]
}

const batch = new Schema<BatchDocument>({ _id: String, outbox: [PARCEL] }, KNOWN)
batch.index({ 'outbox.createdAt': 1 }, { name: 'outbox', sparse: true })

export function parcels(connection: Connection): Parcels {
  const model = connection.model<ParcelDocument>('Parcel', schema, 'parcels')
  const batchModel = connection.model<BatchDocument>('Batch', batch, 'batches')
  const batches: Shelf = {
    full: (limit) => collectionOf<Outbox>(connection, 'batches').find(FULL).limit(limit).toArray(),
    async empty(_id) {
      await batchModel.deleteOne({ _id })
    },
  }

  /** One that is there already stays as it is. */
  async function insert(parcels: Parcel[]): Promise<void> {
    try {
      await model.insertMany(parcels.map(toDocument), { ordered: false })
    } catch (fault) {
      if (!(fault instanceof MongoBulkWriteError && onlyDuplicates(fault))) throw fault
    }
  }

  const moves = mover(insert)
  return { model, mover: moves, batches, queue: (shelves) => queue(model, batchModel, moves, batches, shelves) }
}

function queue(
  model: Model<ParcelDocument>,
  batchModel: Model<BatchDocument>,
  { move, moveAll }: Mover,
  batches: Shelf,
  shelves: Shelf[],
): QueueStore {
  const everywhere = [...shelves, batches]
  const documents = collectionOf<ParcelDocument>(model.db, 'parcels')

  /** Undefined if another courier was first. */
  function lease({ _id, attempt }: ParcelDocument, now: number, leasedUntil: number) {
    const free = { dueAt: trusted({ $lte: now }), leasedUntil: trusted({ $lte: now }) }
    return model
      .findOneAndUpdate({ _id, attempt, ...free }, { leasedUntil, attempt: attempt + 1 }, { returnDocument: 'after' })
      .lean<ParcelDocument>()
  }

  return {
    async enqueue(parcels) {
      if (parcels.length === 0) return
      const id = randomUUID()
      await batchModel.create({ _id: id, outbox: parcels })
      await move(batches, id, parcels)
    },
    async claim(now, leasedUntil, limit) {
      await moveAll(everywhere)
      const claimed: ParcelDocument[] = []
      while (claimed.length < limit) {
        const due = await documents
          .find({ dueAt: { $lte: now }, leasedUntil: { $lte: now } })
          .sort({ dueAt: 1, order: 1 })
          .limit(limit - claimed.length)
          .toArray()
        const outcomes = await Promise.allSettled(due.map((parcel) => lease(parcel, now, leasedUntil)))
        claimed.push(...outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? (outcome.value ?? []) : [])))
        // Parcels that were taken are carried; the rest is asked for later.
        const failed = outcomes.find((outcome) => outcome.status === 'rejected')
        if (failed && claimed.length === 0) throw failed.reason
        if (failed || due.length === 0) break
      }
      return claimed.sort(byDue).map(toClaimed)
    },
    async settle(_id, attempt) {
      const { modifiedCount } = await model.updateOne(
        { _id, attempt },
        { $currentDate: { settledAt: true }, $unset: GONE },
      )
      return modifiedCount === 1
    },
    async postpone(_id, attempt, dueAt, reason) {
      const { matchedCount } = await model.updateOne({ _id, attempt }, { dueAt, leasedUntil: 0, reason })
      return matchedCount === 1
    },
    async giveUp(_id, attempt, reason, failedAt) {
      const given = { dueAt: NEVER, leasedUntil: 0, reason, failedAt }
      const { matchedCount } = await model.updateOne({ _id, attempt }, given)
      return matchedCount === 1
    },
    async listParcels(look) {
      await moveAll(everywhere)
      const { state, limit } = look
      const order: Record<string, 1 | -1> = state === 'waiting' ? { createdAt: 1, _id: 1 } : { failedAt: -1, _id: -1 }
      const found = await model.find(within(look), LISTED).sort(order).limit(limit).lean<ParcelDocument[]>()
      return found.map(toListed)
    },
    async findParcel(_id) {
      await moveAll(everywhere)
      const found = await model.findOne({ _id, ...THERE }, LISTED).lean<ParcelDocument>()
      return found ? toListed(found) : undefined
    },
    async expedite(_id, now) {
      const free = { leasedUntil: trusted({ $lte: now }) }
      const { matchedCount } = await model.updateOne(
        { _id, ...THERE, ...free },
        { dueAt: now, $unset: { failedAt: 1 } },
      )
      return matchedCount === 1
    },
    async removeGivenUp(before) {
      const { deletedCount } = await model.deleteMany({ failedAt: trusted({ $lt: before }) })
      return deletedCount
    },
    async backlog() {
      await moveAll(everywhere)
      const waits = { ...THERE, failedAt: null }
      const [waiting, oldest] = await Promise.all([
        model.countDocuments(waits),
        model.findOne(waits, { createdAt: 1 }).sort({ createdAt: 1 }).lean<ParcelDocument>(),
      ])
      return { waiting, oldest: oldest?.createdAt }
    },
  }
}

/** What was settled is none: only its mark is there. */
const THERE = { createdAt: trusted({ $exists: true }) }

function within({ state, after }: ParcelLook) {
  if (state === 'waiting') {
    const later = after && { $or: [{ createdAt: trusted({ $gt: after.at }) }, { _id: trusted({ $gt: after.id }) }] }
    return { failedAt: null, createdAt: trusted({ $gte: after?.at ?? Number.MIN_SAFE_INTEGER }), ...later }
  }
  const earlier = after && { $or: [{ failedAt: trusted({ $lt: after.at }) }, { _id: trusted({ $lt: after.id }) }] }
  return { failedAt: trusted({ $lte: after?.at ?? NEVER }), ...earlier }
}

export function parcelOrder(): string {
  return new mongoose.Types.ObjectId().toHexString()
}

function toDocument({ id, ...parcel }: Parcel): ParcelDocument {
  return { _id: id, ...parcel, order: parcelOrder(), attempt: 0, leasedUntil: 0 }
}

function toClaimed({ _id, channel, sealed, createdAt, dueAt, attempt }: ParcelDocument): ClaimedParcel {
  return { id: _id, channel, sealed, createdAt, dueAt, attempt }
}

function toListed(parcel: ParcelDocument): ListedParcel {
  const { _id: id, channel, createdAt, dueAt, attempt, leasedUntil, accountId, reason, failedAt } = parcel
  return { id, channel, createdAt, dueAt, attempt, leasedUntil, accountId, reason, failedAt }
}

function byDue(a: ParcelDocument, b: ParcelDocument): number {
  return a.dueAt - b.dueAt || (a.order < b.order ? -1 : 1)
}

function onlyDuplicates(fault: InstanceType<typeof MongoBulkWriteError>): boolean {
  return [fault.writeErrors].flat().every(({ code }) => code === DUPLICATE)
}
