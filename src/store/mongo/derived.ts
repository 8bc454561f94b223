/**
 * Makes anew what records are found by (record/derivation.ts) where another release made it. Each document says by which
 * finders it was made, among them: a release that does not know of that leaves it out with all that it does not know. So
 * it is done as a node starts, before it serves, and again while nodes of the release before may still be writing. So are
 * keys that such a node left out: none that is there goes, and none comes that another record has.
 */
import { type Connection, type Model, trusted } from 'mongoose'
import { derivation, type OnDerived } from '../../record/derivation.ts'
import type { Kind } from '../../record/kind.ts'
import { KINDS } from '../kinds.ts'
import { duplicateIndex } from './faults.ts'
import { DERIVED, foundBy, type RecordDocument, recordModel } from './record-documents.ts'

const BITE = 200

/** Resolves to how many there were. */
export async function deriveAnew(connection: Connection, onDerived?: OnDerived): Promise<number> {
  let all = 0
  for (const kind of Object.values(KINDS) as unknown as Array<Kind<object>>) {
    const records = await deriveKind(recordModel(connection, kind), kind)
    if (records > 0) onDerived?.({ kind: kind.name, records })
    all += records
  }
  return all
}

async function deriveKind(model: Model<RecordDocument>, kind: Kind<object>): Promise<number> {
  const path = `finders.${DERIVED}`
  const mark = derivation(kind)
  // What an index can tell: it has no «differs».
  const differs = [{ [path]: null }, { [path]: trusted({ $lt: mark }) }, { [path]: trusted({ $gt: mark }) }]
  let derived = 0
  for (let after = ''; ; ) {
    const later = { $or: differs, _id: trusted({ $gt: after }), record: trusted({ $exists: true }) }
    const found = await model.find(later).sort({ _id: 1 }).limit(BITE).lean<RecordDocument[]>()
    const last = found.at(-1)
    if (!last) return derived
    after = last._id
    const whole = await Promise.all(found.map((document) => withKeys(model, kind, document)))
    const { modifiedCount } = await model.bulkWrite(
      whole.map((document) => anew(kind, document)),
      { ordered: false },
    )
    derived += modifiedCount
  }
}

/** A passkey's, say: a release that knows no passkeys keeps them in the record, and leaves out what it would be found by. */
async function withKeys(model: Model<RecordDocument>, kind: Kind<object>, document: RecordDocument) {
  const { _id, rev, record, keys: there = [] } = document
  const missing = foundBy(kind, { ...kind.empty(), ...record }).keys?.filter((key) => !there.includes(key)) ?? []
  if (missing.length === 0) return document
  try {
    const put = { $addToSet: { keys: { $each: missing } }, $inc: { rev: 1 } }
    const { modifiedCount } = await model.updateOne({ _id, rev }, put)
    return modifiedCount === 1 ? { ...document, rev: rev + 1 } : document
  } catch (fault) {
    if (duplicateIndex(fault) !== 'keys') throw fault
    return document
  }
}

/** Keys that are there stay: they make two records different. Whoever changed it meanwhile has made all of it anew. */
function anew(kind: Kind<object>, { _id, rev, record }: RecordDocument) {
  const { finders, search } = foundBy(kind, { ...kind.empty(), ...record })
  const update = {
    $set: { finders, rev: rev + 1, ...(search && { search }) },
    ...(search ? {} : { $unset: { search: 1 } }),
  }
  return { updateOne: { filter: { _id, rev }, update } }
}
