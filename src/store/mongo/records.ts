/**
 * One kind of record (record/records.ts), each in one document. What was read is changed, and kept only if nobody else
 * changed it meanwhile; otherwise it is read again. So a decision and what follows from it are one atomic write, on
 * whatever node, and no transaction is ever needed.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Connection, Types } from 'mongoose'
import { inTurn } from '../../lib/turns.ts'
import type { Kind } from '../../record/kind.ts'
import { KeyTaken, type Outgoing, type Records } from '../../record/records.ts'
import { bare } from '../portable.ts'
import { unavailable } from '../unavailable.ts'
import { duplicateIndex } from './faults.ts'
import { collectionOf, insistText } from './native.ts'
import type { Mover, Outbox, Shelf } from './outbox-mover.ts'
import { impatience, untilWon } from './races.ts'
import { FULL, foundBy, type RecordDocument, recordModel } from './record-documents.ts'
import { finder } from './record-finder.ts'

export interface ChangeOptions {
  /** Milliseconds that a change may wait for its turn. */
  patience: number
  /** Told when another node was first. */
  onLostRace?: (() => void) | undefined
}

export interface Shelved<R extends object, F extends string> extends Shelf {
  records: Records<R, F>
}

export function records<R extends object, F extends string>(
  connection: Connection,
  kind: Kind<R, F>,
  mover: Mover,
  { patience, onLostRace }: ChangeOptions,
): Shelved<R, F> {
  const model = recordModel(connection, kind)
  const documents = collectionOf<RecordDocument>(connection, kind.name)
  // Within this process nobody loses a race to a neighbor.
  const turns = inTurn()
  const shelf: Shelf = {
    full: (limit) =>
      collectionOf<Outbox>(connection, kind.name)
        .find(FULL, { projection: { outbox: 1 } })
        .limit(limit)
        .toArray(),
    async empty(_id, parcels) {
      await model.updateOne({ _id }, { $pull: { outbox: { id: { $in: parcels } } } })
    },
  }

  /** False if another was first. */
  async function save(document: RecordDocument): Promise<boolean> {
    const { _id, rev, keys } = document
    keys?.forEach(insistText)
    try {
      const next = { ...document, rev: rev + 1 }
      const { matchedCount, upsertedCount } = await documents.replaceOne({ _id, rev }, next, { upsert: rev === 0 })
      return matchedCount + upsertedCount === 1
    } catch (fault) {
      const index = duplicateIndex(fault)
      if (index === undefined) throw fault
      if (index === '_id_') return false
      const others = { keys: { $in: keys ?? [] }, _id: { $ne: _id } }
      const holder = await documents.findOne(others, { projection: { keys: 1 } })
      const taken = keys?.find((key) => holder?.keys?.includes(key))
      // Given up meanwhile.
      if (taken === undefined) return false
      throw new KeyTaken(taken)
    }
  }

  /** Undefined if another was first. */
  async function attempt<T>(id: string, order: string, rule: (draft: R & Outgoing) => T) {
    const kept = (await documents.findOne({ _id: insistText(id) })) ?? { _id: id, rev: 0, order }
    const draft = { ...kind.empty(), ...structuredClone(kept.record), parcels: [] as Outgoing['parcels'] } as R &
      Outgoing
    const outcome = rule(draft)
    const { parcels, ...rest } = structuredClone(bare(draft))
    const record = rest as unknown as R
    const nothing = bare(kind.empty())
    if (parcels.length === 0 && isDeepStrictEqual(record, { ...nothing, ...kept.record })) return { outcome, parcels }
    insistDifferent(parcels.map((parcel) => parcel.id))
    const outbox = [...(kept.outbox ?? []), ...parcels]
    const saved = await save({
      ...kept,
      ...foundBy(kind, record),
      record: isDeepStrictEqual(record, nothing) ? undefined : record,
      outbox: outbox.length > 0 ? outbox : undefined,
    })
    if (saved) return { outcome, parcels }
    onLostRace?.()
    return undefined
  }

  async function change<T>(id: string, rule: (draft: R & Outgoing) => T): Promise<T> {
    // Of several that are put in at once, the one that was begun first came first.
    const order = new Types.ObjectId().toHexString()
    const isTooLong = impatience(patience)
    const { outcome, parcels } = await turns(id, async () => {
      // Whoever asked was told that it takes too long.
      if (isTooLong()) throw unavailable('too many change one document at once')
      return untilWon(() => attempt(id, order, rule))
    })
    await mover.move(shelf, id, parcels)
    return outcome
  }

  return { ...shelf, records: { ...finder<R, F>(model, kind), change, changeBy } }

  async function changeBy<T>(key: string, rule: (draft: R & Outgoing) => T): Promise<T | undefined> {
    const holder = await documents.findOne({ keys: insistText(key) }, { projection: { _id: 1 } })
    // Whoever had it may have given it up since.
    return holder
      ? change(holder._id, (draft) => (kind.keys(draft).includes(key) ? rule(draft) : undefined))
      : undefined
  }
}

function insistDifferent(parcels: string[]): void {
  if (new Set(parcels).size < parcels.length) throw new Error('two parcels of one change have the same id')
}
