/** MongoDB, looked at without changing anything: no index is made, and no document. */
import type { Connection } from 'mongoose'
import { ALL } from '../../client/record.ts'
import { AppError, InputError } from '../../lib/errors.ts'
import { networkReason } from '../../lib/network-fault.ts'
import { SECOND } from '../../lib/time.ts'
import { KINDS } from '../kinds.ts'
import { type Look, type Looked, neededKeys, passkeysOf, ROOT_KEYS, sealedWith } from '../looked.ts'
import { connect } from './connection.ts'
import { knownTime } from './known-time.ts'
import { insistServableDatabase } from './marks.ts'
import { parcels } from './parcels.ts'
import { records } from './records.ts'
import { signingKeys } from './signing-keys.ts'

const PATIENCE = 5 * SECOND
const REACHABLE = 'a MongoDB that this machine reaches, and that takes its user and password'

export async function lookAtMongo(uri: string): Promise<Look> {
  let connection: Connection | undefined
  try {
    connection = await connect(uri)
    const { setName, msg, localTime } = await hello(connection)
    if (setName === undefined && msg !== ROUTER)
      return {
        ok: false,
        found: 'is a server by itself',
        expected: 'a replica set: what was acknowledged has to outlive one server',
        remedy: 'start it with --replSet and call rs.initiate(): docs/cluster.md',
      }
    await insistServableDatabase(connection)
    return { ok: true, looked: { ...(await lookedAt(connection)), time: localTime.getTime() } }
  } catch (fault) {
    return { ok: false, ...wrong(fault) }
  } finally {
    await connection?.close().catch(() => undefined)
  }
}

/** What a router of a sharded cluster says of itself: each of its shards is a replica set. */
const ROUTER = 'isdbgrid'

interface Hello {
  setName?: string
  msg?: string
  localTime: Date
}

/** By the name of before where a server does not know the other. */
async function hello({ db }: Connection): Promise<Hello> {
  if (!db) throw new Error('not connected')
  const admin = db.admin()
  return (await admin.command({ hello: 1 }).catch(() => admin.command({ isMaster: 1 }))) as unknown as Hello
}

async function lookedAt(connection: Connection): Promise<Looked> {
  const { mover } = parcels(connection)
  const kept = <K extends Parameters<typeof records>[1]>(kind: K) =>
    records(connection, kind, mover, { patience: PATIENCE })
  const clients = await kept(KINDS.clients as never).records.list(ALL as never)
  const peppers = await kept(KINDS.people as never).records.values('hashKey' as never)
  const passkeys = await kept(KINDS.people as never).records.counts('passkeyGroup' as never)
  const known = await kept(KINDS.rootKeys as never).records.list(ROOT_KEYS as never)
  return {
    clients: clients.map(({ id, record }) => ({ id, status: String((record as { status?: unknown }).status) })),
    ...neededKeys(peppers, known as never),
    signingKeys: sealedWith((await signingKeys(connection).loadKeys()).keys),
    passkeys: passkeysOf(passkeys),
    knownTime: await knownTime(connection).findKnownTime(),
  }
}

function wrong(fault: unknown): { found: string; expected: string; remedy: string } {
  const remedy = 'look at SIGMA_MONGODB_URL and at the network between'
  if (fault instanceof InputError)
    return { found: fault.faults.map(({ reason }) => reason).join('; '), expected: REACHABLE, remedy }
  const reason = networkReason(fault)
  if (reason !== undefined) return { found: reason, expected: REACHABLE, remedy }
  if (fault instanceof AppError && fault.code === 'store-not-servable')
    return { found: fault.message, expected: 'a database that may be served from', remedy: 'do what that says' }
  const said = fault instanceof AppError ? fault.message : fault instanceof Error ? fault.name : 'failed'
  return { found: `cannot be used: ${said}`, expected: REACHABLE, remedy }
}
