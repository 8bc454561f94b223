/**
 * Parcels for copying, those in people's documents and those that came alone. One that is put in gets a document of its
 * own, which goes with it; where it was there already, it stays where it is.
 */
import type { Connection, Model } from 'mongoose'
import { bare, PAGE, type Removable } from '../portable.ts'
import { batchFinders, emptyBatch } from './batch.ts'
import { type Change, type ChangeOptions, changer } from './change.ts'
import { documentPages } from './document-pages.ts'
import { type Box, parcelKey, type QueuedParcel } from './outbox.ts'
import type { People } from './people.ts'
import { batchModel } from './schema.ts'

export function portableParcels(
  connection: Connection,
  people: People,
  options: ChangeOptions,
): Removable<QueuedParcel> {
  const changeBatch = changer<Box>(
    {
      model: batchModel(connection) as unknown as Model<Box>,
      empty: emptyBatch,
      finders: batchFinders,
      isOver: ({ outbox }) => outbox.length === 0,
    },
    options,
  )
  const shelves = [
    { documents: connection.collection<Box>('people'), change: people.change as unknown as Change<Box> },
    { documents: connection.collection<Box>('batches'), change: changeBatch },
  ]

  async function findHolder(id: string) {
    for (const { documents, change } of shelves) {
      const box = await documents.findOne({ keys: parcelKey(id) })
      if (box) return { box, change }
    }
    return undefined
  }

  return {
    async *pages() {
      for (const { documents } of shelves) {
        for await (const page of documentPages(documents, PAGE)) {
          const parcels = page.flatMap(({ outbox }) => outbox)
          if (parcels.length > 0) yield parcels.map((parcel) => ({ key: parcel.id, record: bare(parcel) }))
        }
      }
    },
    async find(id) {
      const holder = await findHolder(id)
      return holder?.box.outbox.find((parcel) => parcel.id === id)
    },
    async put(id, parcel) {
      const holder = await findHolder(id)
      const change = holder?.change ?? changeBatch
      await change(holder?.box._id ?? id, (box) => {
        box.outbox = [...without(box, id), parcel]
      })
    },
    async remove(id) {
      const holder = await findHolder(id)
      await holder?.change(holder.box._id, (box) => {
        box.outbox = without(box, id)
      })
    },
  }
}

function without({ outbox }: Box, id: string): QueuedParcel[] {
  return outbox.filter((parcel) => parcel.id !== id)
}
