/** The embedded store, as it is gone through for sealing anew (keys/sealed-store.ts), beside whoever is served. */
import type { SealedArtifact, SealedParcel, SealedStore } from '../../keys/sealed-store.ts'
import type { Kind } from '../../record/kind.ts'
import { PAGE } from '../portable.ts'
import type { Database } from './database.ts'
import { tablesOf } from './record-tables.ts'

type Placed<T> = T & { place: number }

export function sealedStore(db: Database): SealedStore {
  const parcels = rows<SealedParcel>(db, 'parcel', 'id, channel, sealed')
  const artifacts = rows<SealedArtifact>(db, 'artifact', 'model, key, sealed')
  const sealParcel = db.prepare<{ id: string; from: string; sealed: string }>(`
    UPDATE parcel SET sealed = :sealed WHERE id = :id AND sealed = :from`)
  const sealArtifact = db.prepare<{ model: string; key: string; from: string; sealed: string }>(`
    UPDATE artifact SET sealed = :sealed WHERE model = :model AND key = :key AND sealed = :from`)

  return {
    records: (kind) => recordPages(db, kind),
    parcels,
    artifacts,
    resealParcel: ({ id, sealed: from }, sealed) => db.write(() => sealParcel.run({ id, from, sealed }) === 1),
    resealArtifact: ({ model, key, sealed: from }, sealed) =>
      db.write(() => sealArtifact.run({ model, key, from, sealed }) === 1),
  }
}

async function* recordPages<R extends object>(db: Database, kind: Kind<R>) {
  const pages = rows<{ id: string; record: string }>(db, tablesOf(kind).records, 'id, record', 'place')
  for await (const page of pages()) {
    yield page.map(({ id, record }) => ({ id, record: { ...kind.empty(), ...(JSON.parse(record) as R) } }))
  }
}

/** Of a table, in the order in which they came. */
function rows<T extends object>(db: Database, table: string, columns: string, place = 'rowid') {
  const list = db.prepare<{ last: number }, Placed<T>>(`
    SELECT ${place} AS place, ${columns} FROM ${table} WHERE ${place} > :last ORDER BY ${place} LIMIT ${PAGE}`)

  return async function* pages(): AsyncGenerator<Array<Placed<T>>> {
    for (let last = 0; ; ) {
      const page = await db.read(() => list.all({ last }))
      const end = page.at(-1)
      if (!end) return
      last = end.place
      yield page
    }
  }
}
