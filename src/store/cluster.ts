/** The form for several nodes: what must survive is in MongoDB, what may vanish in Redis. */
import type { Clock } from '../lib/time.ts'
import type { OnDerived } from '../record/derivation.ts'
import { openMongoStore } from './mongo/open.ts'
import { openRedisStore } from './redis/open.ts'
import type { Store } from './store.ts'

export interface ClusterOptions {
  /** mongodb:// or mongodb+srv://, with the database in it. */
  mongodb: string
  /** See redis/address.ts. */
  redis: string
  now: Clock
  /** Told what an operator should know and a start need not fail for. */
  onWarning: (text: string) => void
  onDerived?: OnDerived | undefined
}

/** Rejects with `store-unavailable` if one of them does not answer, and with `invalid-input` if one must not be used. */
export async function openCluster({ mongodb, redis, now, onWarning, onDerived }: ClusterOptions): Promise<Store> {
  const mongo = await openMongoStore(mongodb, { onDerived })
  const expiring = await openRedisStore(redis, { now, onWarning }).catch(async (fault: unknown) => {
    await mongo.close()
    throw fault
  })
  return {
    names: { durable: 'mongodb', expiring: 'redis' },
    durable: mongo.durable,
    expiring: expiring.expiring,
    sealed: { ...mongo.sealed, ...expiring.sealed },
    leases: expiring.leases,
    pings: { mongodb: mongo.ping, redis: expiring.ping },
    time: expiring.time,
    // The durable half closes last: others are still told from there (mails, logout tokens).
    close: () => expiring.close().finally(() => mongo.close()),
  }
}
