/**
 * The expiring half on Redis: one server, a master that Sentinels know, or a Cluster (address.ts).
 *
 * All keys carry one hash tag, so that in a Cluster they are in one slot, and a script sees an artifact and its indexes
 * together: right, and on one node of it. While that slot is being moved elsewhere, calls are refused.
 *
 * What was acknowledged is as safe as Redis is set up to be: `appendfsync always` for a power cut,
 * `min-replicas-to-write` for a failover.
 */
import { type Clock, SECOND } from '../../lib/time.ts'
import type { LeaseStore } from '../../lib/turns.ts'
import type { ExpiringStore } from '../store.ts'
import { parseRedisAddress } from './address.ts'
import { admission } from './admission.ts'
import { artifacts } from './artifacts.ts'
import { type RedisTimeouts, redisClient, TIMEOUTS } from './connection.ts'
import { gate } from './gate.ts'
import { leases } from './leases.ts'
import { type SealedExpiring, sealedStore } from './sealed-store.ts'

export interface RedisOptions {
  /** Says how long Redis keeps what has expired, and nothing else. */
  now: Clock
  /** Of all keys: several installations may share a server. */
  prefix?: string
  timeouts?: Partial<RedisTimeouts>
  onWarning?: (warning: string) => void
}

export interface RedisStore {
  expiring: ExpiringStore
  leases: LeaseStore
  sealed: SealedExpiring
  /** Rejects if Redis cannot answer, cannot keep anything, or is not to be trusted with what it is given. */
  ping(): Promise<void>
  /** By the clock of Redis, in milliseconds. */
  time(): Promise<number>
  /** Finishes what was begun. */
  close(): Promise<void>
}

const PREFIX = 'sigma-id'
/** How long a server may take that still reads its file. */
const PATIENCE = 10 * SECOND

/**
 * Rejects with InputError if the address is wrong, Redis does not know us or may evict what it keeps; with
 * `store-unavailable` if it cannot be reached.
 */
export async function openRedisStore(urls: string | string[], options: RedisOptions): Promise<RedisStore> {
  const { now, prefix = PREFIX, onWarning = () => undefined } = options
  const address = parseRedisAddress(urls)
  const client = redisClient(address, { ...TIMEOUTS, ...options.timeouts })
  const tag = `{${prefix}}`
  const { open, run, ping, time, close } = gate(client, tag, admission(onWarning))
  try {
    await open(PATIENCE)
  } catch (fault) {
    await close()
    throw fault
  }
  return {
    expiring: artifacts(run, tag, now),
    leases: leases(run, tag),
    sealed: sealedStore(run, tag),
    ping,
    time,
    close,
  }
}
