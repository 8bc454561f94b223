/** A Redis store for one test: keys of its own on a shared server, gone when the test is over. */
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { onTestFinished } from 'vitest'
import { openRedisStore, type RedisOptions, type RedisStore } from '../../src/store/redis/open.ts'
import { NOW } from '../support/samples/records.ts'

export async function openedRedis(url: string, options: Partial<RedisOptions> = {}): Promise<RedisStore> {
  const store = await openRedisStore(url, { now: () => NOW, prefix: randomUUID(), ...options })
  onTestFinished(() => store.close())
  return store
}

/** A connection of somebody else to the same server. */
export function onlooker(url: string): Redis {
  const client = new Redis(url, { maxRetriesPerRequest: 0 })
  client.on('error', () => undefined)
  onTestFinished(() => client.disconnect())
  return client
}

/** What a call ends with that met a Redis which cannot answer. */
export const UNAVAILABLE = { code: 'store-unavailable', status: 503, retryAfter: 5 }
