/**
 * What the documents of a kind of record look like: the record itself beside what it is found by, which is made anew at
 * every save. Fields that are not named here are kept as they are, or nobody could go back from a later release to this one.
 */
import { type Connection, type Model, Schema, trusted } from 'mongoose'
import type { Parcel } from '../../delivery/queue.ts'
import { derivation } from '../../record/derivation.ts'
import type { Kind, Value } from '../../record/kind.ts'
import { searchKey } from '../../record/search-key.ts'
import { KNOWN } from './schema.ts'

export interface RecordDocument {
  _id: string
  /** Moves up with every write; 0 while it is not kept yet. */
  rev: number
  /** Grows from one document to the next. */
  order: string
  /** Absent when nothing is left. The document stays: were it made anew, `rev` would count from 0 again. */
  record?: object | undefined
  /** Absent where it is empty: an empty list would be in the unique index, as one that only one document may have. */
  keys?: string[] | undefined
  finders?: Record<string, Value | Value[]> | undefined
  search?: { beginnings: string[]; parts: string[]; createdAt: number } | undefined
  /** Parcels that came with a change and are not yet in the queue, see outbox.ts. */
  outbox?: Parcel[] | undefined
}

const ANYTHING = { type: Object }
const TEXTS = { type: [String], default: undefined }

/** Among the finders: by which of them they were made (record/derivation.ts). */
export const DERIVED = 'derived'

/** Those with something in their outbox. */
export const FULL = { 'outbox.createdAt': trusted({ $gte: 0 }) }

export const PARCEL = new Schema<Parcel>(
  { id: String, channel: String, sealed: String, createdAt: Number, dueAt: Number, accountId: String },
  { ...KNOWN, _id: false },
)

export function recordModel(connection: Connection, kind: Kind<object>): Model<RecordDocument> {
  const { name } = kind
  const known = connection.models[name]
  if (known) return known as Model<RecordDocument>
  const schema = new Schema(
    {
      _id: String,
      rev: Number,
      order: String,
      record: ANYTHING,
      keys: TEXTS,
      finders: ANYTHING,
      search: new Schema({ beginnings: TEXTS, parts: TEXTS, createdAt: Number }, { ...KNOWN, _id: false }),
      outbox: { type: [PARCEL], default: undefined },
    },
    KNOWN,
  )
  schema.index({ keys: 1 }, { name: 'keys', unique: true, sparse: true })
  schema.index({ order: 1 }, { name: 'order' })
  schema.index({ 'outbox.createdAt': 1 }, { name: 'outbox', sparse: true })
  schema.index({ 'search.createdAt': -1, order: -1 }, { name: 'newest' })
  // A finder may not have the name of one of these.
  for (const finder of [...Object.keys(kind.finders(kind.empty())), DERIVED]) {
    schema.index({ [`finders.${finder}`]: 1, order: 1 }, { name: finder })
  }
  return connection.model<RecordDocument>(name, schema as unknown as Schema<RecordDocument>, name)
}

/** What a record is found by, as its document has it. */
export function foundBy<R extends object>(kind: Kind<R>, record: R): Partial<RecordDocument> {
  const keys = [...new Set(kind.keys(record))]
  const searched = kind.search(record)
  const finders = Object.entries(kind.finders(record)).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? [...new Set(value)] : value
    return values === undefined || (Array.isArray(values) && values.length === 0) ? [] : [[name, values] as const]
  })
  return {
    keys: keys.length > 0 ? keys : undefined,
    finders: { ...Object.fromEntries(finders), [DERIVED]: derivation(kind) },
    search: searched && {
      ...searched,
      beginnings: searched.beginnings.map(searchKey),
      parts: searched.parts.map(searchKey),
    },
  }
}
