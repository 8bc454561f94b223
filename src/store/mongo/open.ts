/** The durable half on MongoDB, behind one guard. No write is about more than one document, so none needs a transaction. */
import type { Connection } from 'mongoose'
import { SECOND } from '../../lib/time.ts'
import type { OnDerived } from '../../record/derivation.ts'
import { KINDS } from '../kinds.ts'
import type { DurableStore } from '../store.ts'
import { auditTrail } from './audit.ts'
import { connect, type TimeOuts } from './connection.ts'
import { counters } from './counters.ts'
import { deriveAnew } from './derived.ts'
import { guard } from './guard.ts'
import { ensureIndexes } from './indexes.ts'
import { knownTime } from './known-time.ts'
import { insistServableDatabase } from './marks.ts'
import { collectionOf } from './native.ts'
import { parcels } from './parcels.ts'
import { type ChangeOptions, records } from './records.ts'
import { type SealedDurable, sealedStore } from './sealed-store.ts'
import { signingKeys } from './signing-keys.ts'

export interface MongoOptions extends Partial<ChangeOptions> {
  timeOuts?: TimeOuts
  onDerived?: OnDerived | undefined
}

export interface MongoStore {
  durable: DurableStore
  sealed: SealedDurable
  /** Rejects if MongoDB cannot answer, or cannot keep anything. */
  ping(): Promise<void>
  /** Finishes what was begun. */
  close(): Promise<void>
}

/** A page has no more time than that. */
const PATIENCE = 5 * SECOND
/** Nobody waits for these: they go on for as long as there is something to do. */
const UNHURRIED = [
  'deriveAnew',
  'forgetAddresses',
  'sweepCounters',
  'shortenAddresses',
  'verifyAudit',
  'linkAudit',
  'removeAudit',
  'removeGivenUp',
  // The courier judges for itself whether what it was given is still its own.
  'claim',
] as const

/**
 * `uri` names the database too. Rejects with `store-unavailable` if MongoDB cannot be reached, and with `invalid-input` if
 * it does not have, and does not get, the indexes that keep unique what must be.
 */
export async function openMongoStore(uri: string, options: MongoOptions = {}): Promise<MongoStore> {
  const { timeOuts, patience = PATIENCE, onLostRace, onDerived } = options
  const connection = await connect(uri, timeOuts)
  const { guarded, shut } = guard(patience)
  const { durable: opened, sealed } = durableStore(connection, { patience, onLostRace })
  const {
    people,
    organizations,
    clients,
    resources,
    appliedFiles,
    clientMemories,
    madeOnce,
    logos,
    invitationRounds,
    rootKeys,
    ...others
  } = opened
  const { ping } = guarded({ ping: heartbeat(connection) })
  let closing: Promise<void> | undefined

  const close = () => {
    closing ??= shut().then(async () => void (await connection.close()))
    return closing
  }

  try {
    await ensureIndexes(connection)
    await insistServableDatabase(connection)
    await deriveAnew(connection, onDerived)
  } catch (fault) {
    await close()
    throw fault
  }
  const kept = {
    people: guarded(people),
    organizations: guarded(organizations),
    clients: guarded(clients),
    resources: guarded(resources),
    appliedFiles: guarded(appliedFiles),
    clientMemories: guarded(clientMemories),
    madeOnce: guarded(madeOnce),
    logos: guarded(logos),
    invitationRounds: guarded(invitationRounds),
    rootKeys: guarded(rootKeys),
  }
  const { resealParcel } = guarded({ resealParcel: sealed.resealParcel })
  return { durable: { ...guarded(others, [...UNHURRIED]), ...kept }, sealed: { ...sealed, resealParcel }, ping, close }
}

function durableStore(
  connection: Connection,
  options: ChangeOptions,
): { durable: DurableStore; sealed: SealedDurable } {
  const kept = parcels(connection)
  const { mover, batches, queue } = kept
  const people = records(connection, KINDS.people, mover, options)
  const organizations = records(connection, KINDS.organizations, mover, options)
  const clients = records(connection, KINDS.clients, mover, options)
  const resources = records(connection, KINDS.resources, mover, options)
  const appliedFiles = records(connection, KINDS.appliedFiles, mover, options)
  const clientMemories = records(connection, KINDS.clientMemories, mover, options)
  const madeOnce = records(connection, KINDS.madeOnce, mover, options)
  const logos = records(connection, KINDS.logos, mover, options)
  const invitationRounds = records(connection, KINDS.invitationRounds, mover, options)
  const rootKeys = records(connection, KINDS.rootKeys, mover, options)
  // Of those with which something may leave.
  const shelves = [people, clients, resources]

  const durable: DurableStore = {
    people: people.records,
    organizations: organizations.records,
    clients: clients.records,
    resources: resources.records,
    appliedFiles: appliedFiles.records,
    clientMemories: clientMemories.records,
    madeOnce: madeOnce.records,
    logos: logos.records,
    invitationRounds: invitationRounds.records,
    rootKeys: rootKeys.records,
    deriveAnew: () => deriveAnew(connection),
    ...queue(shelves),
    ...auditTrail(connection),
    ...counters(connection),
    ...signingKeys(connection),
    ...knownTime(connection),
  }
  return { durable, sealed: sealedStore(connection, kept, () => mover.moveAll([...shelves, batches])) }
}

/** A write, because a server that is full, or has lost the others, still reads. */
function heartbeat(connection: Connection): () => Promise<void> {
  const beats = collectionOf<{ _id: string; beats: number }>(connection, 'heartbeat')

  return async () => {
    await beats.updateOne({ _id: 'heartbeat' }, { $inc: { beats: 1 } }, { upsert: true })
  }
}
