/** The durable half on MongoDB for copying (portable.ts). */
import type { Connection } from 'mongoose'
import { BEFORE_ALL } from '../../audit/chain.ts'
import { MINUTE } from '../../lib/time.ts'
import type { SigningKey } from '../../oidc/signing-key.ts'
import type { Kind } from '../../record/kind.ts'
import { KINDS } from '../kinds.ts'
import { KEY_SET, type KindSections, PAGE, type PortableStore, type Records, type Section } from '../portable.ts'
import { auditTrail } from './audit.ts'
import { CHECKPOINTS, type CheckpointDocument, toCheckpoint } from './audit-checkpoints.ts'
import { type AuditDocument, toDocument, toRow } from './audit-document.ts'
import { connect } from './connection.ts'
import { counters } from './counters.ts'
import { documentPages, withOurFaults } from './document-pages.ts'
import { guard } from './guard.ts'
import { ensureIndexes } from './indexes.ts'
import { marks } from './marks.ts'
import { parcels } from './parcels.ts'
import { portableParcels } from './portable-parcels.ts'
import { portableRecords } from './portable-records.ts'
import { records } from './records.ts'
import { signingKeys } from './signing-keys.ts'

export type PortableDurable = Omit<PortableStore, 'sections'> & {
  sections: Omit<PortableStore['sections'], 'artifacts'>
}

type Counter = Omit<Records['counters'], 'key'> & { _id: string }

/** Nobody waits for a page here. */
const OPTIONS = { patience: MINUTE }

/** Rejects with `store-unavailable` if MongoDB cannot be reached. */
export async function openMongoPortable(uri: string): Promise<PortableDurable> {
  const connection = await connect(uri)
  const { guarded, shut } = guard(OPTIONS.patience)
  const kept = parcels(connection)
  const shelved = Object.entries<Kind<object>>(KINDS).map(([name, kind]) => ({
    name,
    kind,
    shelf: records(connection, kind, kept.mover, OPTIONS),
  }))
  const trail = auditTrail(connection)
  const { moveAll } = guarded(
    { moveAll: () => kept.mover.moveAll([...shelved.map(({ shelf }) => shelf), kept.batches]) },
    ['moveAll'],
  )
  const close = () => shut().then(() => connection.close())

  function behindGuard<S extends Section<object>>(section: S): S {
    return { ...guarded(section), pages: () => withOurFaults(section.pages()) }
  }

  const store: PortableDurable = {
    sections: {
      audit: behindGuard(portableAudit(connection)),
      checkpoints: behindGuard(portableCheckpoints(connection)),
      keys: behindGuard(portableKeys(connection)),
      ...(Object.fromEntries(
        shelved.map(({ name, kind, shelf }) => [name, behindGuard(portableRecords(connection, kind, shelf.records))]),
      ) as unknown as KindSections),
      parcels: behindGuard(portableParcels(kept.model)),
      counters: behindGuard(portableCounters(connection)),
    },
    marks: guarded(marks(connection)),
    trail: guarded(trail, ['verifyAudit']),
    close,
  }
  try {
    await ensureIndexes(connection)
    // What a node that died left in an outbox is a parcel like any other.
    await moveAll()
    return store
  } catch (fault) {
    await close()
    throw fault
  }
}

function portableAudit(connection: Connection): Section<Records['audit']> {
  const documents = connection.collection<AuditDocument>('audit')

  return {
    async *pages() {
      for await (const page of documentPages(documents, PAGE, BEFORE_ALL.seq)) {
        yield page.map((kept) => ({ key: String(kept._id), record: toRow(kept) }))
      }
    },
    async find(key) {
      const kept = await documents.findOne({ _id: Number(key) })
      return kept ? toRow(kept) : undefined
    },
    // What is in a trail is never replaced: one record there with this place, and this rejects.
    async put(_key, row) {
      await documents.insertOne(toDocument(row))
    },
  }
}

function portableCheckpoints(connection: Connection): Section<Records['checkpoints']> {
  const documents = connection.collection<CheckpointDocument>(CHECKPOINTS)

  return {
    async *pages() {
      for await (const page of documentPages(documents, PAGE, BEFORE_ALL.seq)) {
        yield page.map((kept) => ({ key: String(kept._id), record: toCheckpoint(kept) }))
      }
    },
    async find(key) {
      const kept = await documents.findOne({ _id: Number(key) })
      return kept ? toCheckpoint(kept) : undefined
    },
    async put(_key, { from, ...rest }) {
      await documents.insertOne({ _id: from, ...rest })
    },
  }
}

function portableKeys(connection: Connection): Section<Records['keys']> {
  const { loadKeys } = signingKeys(connection)
  const documents = connection.collection<Records['keys'] & { _id: string }>('signingKeys')

  /** Undefined before the first start. */
  async function find(): Promise<Records['keys'] | undefined> {
    const set = await loadKeys()
    return set.version === 0 ? undefined : { ...set, keys: set.keys.toSorted(byAge) }
  }

  return {
    find,
    async *pages() {
      const record = await find()
      if (record) yield [{ key: KEY_SET, record }]
    },
    async put(_id, set) {
      await documents.replaceOne({ _id }, set, { upsert: true })
    },
  }
}

/** Their order says nothing; it is the same in every form. */
function byAge(a: SigningKey, b: SigningKey): number {
  return a.createdAt - b.createdAt || (a.kid < b.kid ? -1 : 1)
}

function portableCounters(connection: Connection): Section<Records['counters']> {
  // For its indexes.
  counters(connection)
  const documents = connection.collection<Counter>('counters')
  const toRecord = ({ _id, ...counter }: Counter) => ({ key: _id, ...counter })

  return {
    async *pages() {
      for await (const page of documentPages(documents, PAGE)) {
        yield page.map((kept) => ({ key: kept._id, record: toRecord(kept) }))
      }
    },
    async find(_id) {
      const kept = await documents.findOne({ _id })
      return kept ? toRecord(kept) : undefined
    },
    async put(_id, { key: _key, ...counter }) {
      await documents.replaceOne({ _id }, counter, { upsert: true })
    },
  }
}
