/** Where the cluster's stores are, for one app: databases of its own on servers that many apps use. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DATABASES } from '../services/servers.ts'

/** The environment of a node whose stores stand for this data folder; undefined where there is no cluster. */
export async function clusterEnvironment(folder: string): Promise<Record<string, string> | undefined> {
  const { SIGMA_TEST_MONGODB: mongodb, SIGMA_TEST_REDIS: redis } = process.env
  if (!mongodb || !redis) return undefined
  const name = basename(folder).replaceAll(/[^\w-]/g, '-')
  return {
    SIGMA_MONGODB_URL: `${mongodb}/${name}`,
    SIGMA_REDIS_URL: `${redis}/${await redisDatabase(redis, folder)}`,
    SIGMA_KEYS: `test:${createHash('sha256').update(name).digest('base64')}`,
  }
}

/** A number that no other folder has; the first database counts them. */
async function redisDatabase(redis: string, folder: string): Promise<number> {
  const kept = join(folder, 'redis-database')
  if (existsSync(kept)) return Number(readFileSync(kept, 'utf8'))
  // Not at the top: every flow test imports this file, and few have a cluster.
  const { Redis } = await import('ioredis')
  const client = new Redis(redis)
  const number = await client.incr('databases').finally(() => client.disconnect())
  if (number >= DATABASES) throw new Error('more apps than Redis has databases')
  writeFileSync(kept, `${number}`)
  return number
}
