/** How records of a kind are found. */
import { type Model, trusted } from 'mongoose'
import type { Kind, Value } from '../../record/kind.ts'
import type { Found, Query, Records } from '../../record/records.ts'
import { searchKey } from '../../record/search-key.ts'
import { collectionOf, insistText } from './native.ts'
import type { RecordDocument } from './record-documents.ts'

/** Longer than any name or address; the server takes patterns up to 32 kB. */
const LONGEST_SEARCH = 1000
const RECORD = { record: 1 }

export function finder<R extends object, F extends string>(
  model: Model<RecordDocument>,
  kind: Kind<R, F>,
): Omit<Records<R, F>, 'change' | 'changeBy'> {
  const documents = collectionOf<RecordDocument>(model.db, kind.name)

  /** Without what nothing is left of. */
  function found(kept: Pick<RecordDocument, '_id' | 'record'> | null): Array<Found<R>> {
    return kept?.record ? [{ id: kept._id, record: { ...kind.empty(), ...kept.record } as R }] : []
  }
  async function findOne(filter: { _id: string } | { keys: string }): Promise<Found<R> | undefined> {
    return found(await documents.findOne(filter, { projection: RECORD }))[0]
  }

  return {
    find: async (id) => (await findOne({ _id: insistText(id) }))?.record,
    async findMany(ids) {
      const kept = await documents.find({ _id: { $in: ids.map(String) } }, { projection: RECORD }).toArray()
      return kept.flatMap(found)
    },
    findBy: async (key) => findOne({ keys: insistText(key) }),
    async list(query) {
      const path = `finders.${query.by}`
      const listed = await documents
        .find({ [path]: range(query) }, { projection: RECORD })
        .sort({ [path]: 1, order: 1 })
        .limit(query.limit)
        .toArray()
      return listed.flatMap(found)
    },
    count: (by, value) => model.countDocuments({ [`finders.${by}`]: plain(value) }).exec(),
    values: (by) => model.distinct(`finders.${by}`).exec() as Promise<Value[]>,
    async counts(by) {
      const path = `finders.${by}`
      const counted = await model
        .aggregate<{ _id: Value; count: number }>([
          { $match: { [path]: { $exists: true } } },
          { $project: { _id: 0, value: `$${path}` } },
          { $unwind: '$value' },
          { $group: { _id: '$value', count: { $sum: 1 } } },
        ])
        .exec()
      return counted.map(({ _id: value, count }) => ({ value, count }))
    },
    async search(text, limit) {
      const typed = searchKey(text)
      if (typed.length > LONGEST_SEARCH) return []
      const hits = await model
        .find({
          'search.createdAt': trusted({ $exists: true }),
          $or: [
            { _id: text.trim() },
            { 'search.beginnings': trusted({ $elemMatch: { $regex: `^${literally(typed)}` } }) },
            { 'search.parts': trusted({ $elemMatch: { $regex: literally(typed) } }) },
          ],
        })
        .sort({ 'search.createdAt': -1, order: -1 })
        .limit(limit)
        .select(RECORD)
        .lean<Array<RecordDocument>>()
      return hits.flatMap(found)
    },
  }
}

/** One value is asked for as it is: a record that has several would have one above and one below it. */
function range({ from, to }: Query<string>) {
  if (from !== undefined && from === to) return plain(from)
  return trusted({
    ...(from !== undefined && { $gte: plain(from) }),
    ...(to !== undefined && { $lte: plain(to) }),
    ...(from === undefined && to === undefined && { $exists: true }),
  })
}

/** The schema does not say what a finder holds. */
function plain(value: Value): Value {
  if (typeof value !== 'string' && typeof value !== 'number') throw new Error('a finder holds texts or numbers')
  return value
}

/** A pattern that finds this text and nothing else: only letters and digits stand for themselves. */
function literally(text: string): string {
  return text.toWellFormed().replace(/[^\p{L}\p{N}]/gu, (character) => `\\x{${character.codePointAt(0)?.toString(16)}}`)
}
