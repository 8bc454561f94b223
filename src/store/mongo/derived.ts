/**
 * Makes anew what records are found by (record/derivation.ts) where another release made it. Each document says by which
 * finders it was made, among them: a release that does not know of that leaves it out with all that it does not know. So
 * it is done as a node starts, before it serves, and again while nodes of the release before may still be writing.
 */
import { type Connection, type Model, trusted } from 'mongoose'
import { derivation, type OnDerived } from '../../record/derivation.ts'
import type { Kind } from '../../record/kind.ts'
import { KINDS } from '../kinds.ts'
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
    const { modifiedCount } = await model.bulkWrite(
      found.map((document) => anew(kind, document)),
      { ordered: false },
    )
    derived += modifiedCount
  }
}

/** Keys stay: they are what makes two records different. Whoever changed it meanwhile has made all of it anew. */
function anew(kind: Kind<object>, { _id, rev, record }: RecordDocument) {
  const { finders, search } = foundBy(kind, { ...kind.empty(), ...record })
  const update = {
    $set: { finders, rev: rev + 1, ...(search && { search }) },
    ...(search ? {} : { $unset: { search: 1 } }),
  }
  return { updateOne: { filter: { _id, rev }, update } }
}
