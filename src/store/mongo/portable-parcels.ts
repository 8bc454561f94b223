/** Parcels for copying, oldest first. What was settled is none: its mark stays where it is. */
import { type Model, trusted } from 'mongoose'
import { bare, PAGE, type Records, type Removable } from '../portable.ts'
import { pagesInOrder } from './document-pages.ts'
import { type ParcelDocument, parcelOrder } from './parcels.ts'

type Kept = Records['parcels']

export function portableParcels(model: Model<ParcelDocument>): Removable<Kept> {
  return {
    async *pages() {
      for await (const page of pagesInOrder(model, PAGE)) {
        yield page.map((parcel) => ({ key: parcel._id, record: toRecord(parcel) }))
      }
    },
    async find(id) {
      const parcel = await model.findOne({ _id: id, order: trusted({ $exists: true }) }).lean<ParcelDocument>()
      return parcel ? toRecord(parcel) : undefined
    },
    async put(id, { id: _id, ...parcel }) {
      await model.replaceOne({ _id: id }, { ...parcel, order: parcelOrder() }, { upsert: true, runValidators: true })
    },
    async remove(id) {
      await model.deleteOne({ _id: id })
    },
  }
}

function toRecord({ _id, order: _order, ...parcel }: ParcelDocument): Kept {
  return bare({ id: _id, ...parcel })
}
