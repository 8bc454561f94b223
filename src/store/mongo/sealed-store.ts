/** The durable half on MongoDB, as it is gone through for sealing anew (keys/sealed-store.ts), beside whoever is served. */
import type { Connection } from 'mongoose'
import type { SealedParcel, SealedStore } from '../../keys/sealed-store.ts'
import type { Kind } from '../../record/kind.ts'
import type { Found } from '../../record/records.ts'
import { PAGE } from '../portable.ts'
import { pagesInOrder, withOurFaults } from './document-pages.ts'
import type { Parcels } from './parcels.ts'
import { recordModel } from './record-documents.ts'

export type SealedDurable = Omit<SealedStore, 'artifacts' | 'resealArtifact'>

/** `settle` puts what waits in outboxes where parcels are. */
export function sealedStore(
  connection: Connection,
  { model }: Pick<Parcels, 'model'>,
  settle: () => Promise<void>,
): SealedDurable {
  async function* parcels(): AsyncGenerator<SealedParcel[]> {
    await settle()
    for await (const page of pagesInOrder(model, PAGE)) {
      yield page.map(({ _id: id, channel, sealed }) => ({ id, channel, sealed }))
    }
  }

  return {
    records: (kind) => withOurFaults(recordPages(connection, kind)),
    parcels: () => withOurFaults(parcels()),
    async resealParcel({ id, sealed: from }, sealed) {
      const { modifiedCount } = await model.updateOne({ _id: id, sealed: from }, { sealed })
      return modifiedCount === 1
    },
  }
}

async function* recordPages<R extends object>(connection: Connection, kind: Kind<R>): AsyncGenerator<Array<Found<R>>> {
  for await (const page of pagesInOrder(recordModel(connection, kind), PAGE)) {
    // A document stays when the last thing in it went.
    yield page.flatMap(({ _id: id, record }) => (record ? [{ id, record: { ...kind.empty(), ...(record as R) } }] : []))
  }
}
