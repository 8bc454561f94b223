/**
 * The queue of parcels (delivery/queue.ts). A parcel that came with a change of a person stays in that person's
 * document until it is settled; those that came alone are in a document of their own.
 */
import { randomUUID } from 'node:crypto'
import { type Connection, type Model, trusted } from 'mongoose'
import type { ClaimedParcel, QueueStore } from '../../delivery/queue.ts'
import { batchFinders, emptyBatch } from './batch.ts'
import { type Change, type ChangeOptions, changer } from './change.ts'
import { type Box, dueParcels, enqueue, lease, parcelKey, postpone, settle } from './outbox.ts'
import type { People } from './people.ts'
import { batchModel } from './schema.ts'

/** The documents of one collection, as far as they hold parcels. */
interface Boxes {
  model: Model<Box>
  change: Change<Box>
}

interface Wanted {
  boxes: Boxes
  id: string
  parcels: number
}

export function queue(connection: Connection, people: People, options: ChangeOptions): QueueStore {
  const model = batchModel(connection) as unknown as Model<Box>
  const change = changer<Box>(
    { model, empty: emptyBatch, finders: batchFinders, isOver: ({ outbox }) => outbox.length === 0 },
    options,
  )
  const batches: Boxes = { model, change }
  const everywhere: Boxes[] = [
    { model: people.model as unknown as Model<Box>, change: people.change as unknown as Change<Box> },
    batches,
  ]

  /** In which documents the `limit` parcels are that are due first. */
  async function look(now: number, limit: number): Promise<Wanted[]> {
    const found = await Promise.all(everywhere.map((boxes) => due(boxes, now, limit)))
    const first = found
      .flat()
      .sort((a, b) => a.dueAt - b.dueAt)
      .slice(0, limit)
    const ids = [...new Set(first.map(({ id }) => id))]
    return ids.flatMap((id) => {
      const parcels = first.filter((parcel) => parcel.id === id)
      return parcels[0] ? [{ boxes: parcels[0].boxes, id, parcels: parcels.length }] : []
    })
  }

  async function changeHolder(id: string, work: (box: Box) => boolean): Promise<boolean> {
    for (const { model, change } of everywhere) {
      const holder = await model.findOne({ keys: parcelKey(id) }, { _id: 1 }).lean<{ _id: string }>()
      if (holder) return change(holder._id, work)
    }
    return false
  }

  return {
    async enqueue(parcels) {
      if (parcels.length > 0) await batches.change(randomUUID(), (batch) => enqueue(batch, parcels))
    },
    async claim(now, leasedUntil, limit) {
      const claimed: ClaimedParcel[] = []
      while (claimed.length < limit) {
        const wanted = await look(now, limit - claimed.length)
        // What another courier takes meanwhile is made up for by what else is due in the same document, or by another look.
        const outcomes = await Promise.allSettled(
          wanted.map(({ boxes, id, parcels }) => boxes.change(id, (box) => lease(box, now, leasedUntil, parcels))),
        )
        const taken = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []))
        claimed.push(...taken)
        // One document that cannot be changed holds up no other: what was taken is carried, and the rest asked for later.
        const failed = outcomes.find((outcome) => outcome.status === 'rejected')
        if (failed && claimed.length === 0) throw failed.reason
        if (failed || wanted.length === 0) break
      }
      return claimed.sort((a, b) => a.dueAt - b.dueAt)
    },
    settle: (id, attempt) => changeHolder(id, (box) => settle(box, id, attempt)),
    postpone: (id, attempt, dueAt) => changeHolder(id, (box) => postpone(box, id, attempt, dueAt)),
    async backlog() {
      const found = await Promise.all(everywhere.map(({ model }) => count(model)))
      const since = found.flatMap(({ oldest }) => oldest ?? [])
      return {
        waiting: found.reduce((sum, { waiting }) => sum + waiting, 0),
        oldest: since.length > 0 ? Math.min(...since) : undefined,
      }
    },
  }
}

async function due(boxes: Boxes, now: number, limit: number) {
  const found = await boxes.model
    .find({ nextDue: trusted({ $lte: now }) }, { outbox: 1 })
    .sort({ nextDue: 1 })
    .limit(limit)
    .lean<Box[]>()
  return found.flatMap((box) => dueParcels(box, now).map(({ dueAt }) => ({ boxes, id: box._id, dueAt })))
}

async function count(model: Model<Box>): Promise<{ waiting: number; oldest: number | undefined }> {
  const [found] = await model.aggregate<{ waiting: number; oldest: number }>([
    { $match: { nextDue: { $exists: true } } },
    { $group: { _id: null, waiting: { $sum: '$waiting' }, oldest: { $min: '$waitingSince' } } },
  ])
  return { waiting: found?.waiting ?? 0, oldest: found?.oldest }
}
