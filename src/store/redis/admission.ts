/**
 * Whether a server may keep our records. One that makes room by throwing away what it has (an eviction policy) would
 * forget that a code was used, so it is not asked: not at the start, and not when it takes the place of another.
 */
import type { Redis } from 'ioredis'
import { InputError } from '../../lib/errors.ts'
import { unavailable } from '../unavailable.ts'

/** Rejects with InputError if the server is set up wrongly, with `store-unavailable` if it is not the master (now). */
export type Admit = (server: Redis) => Promise<void>

const SAFE = 'noeviction'

/** `onWarning` is told once of each thing that is allowed and not wise. */
export function admission(onWarning: (warning: string) => void): Admit {
  const told = new Set<string>()

  function warn(warning: string): void {
    if (told.has(warning)) return
    told.add(warning)
    onWarning(warning)
  }

  return async (server) => {
    const info = fields(await server.info())
    if (info.get('role') === 'slave') {
      // On the next connection the name may lead to the new master.
      server.disconnect(true)
      throw unavailable('Redis is a replica: what it says may be old')
    }
    const policy = info.get('maxmemory_policy') ?? (await configured(server, 'maxmemory-policy'))
    if (policy !== SAFE) throw new InputError('redis', [{ path: 'maxmemory-policy', reason: evicts(policy) }])
    if (info.get('aof_enabled') === '0') {
      warn('redis: appendonly is off; after a restart of Redis everybody has to sign in again')
      return
    }
    const sync = await configured(server, 'appendfsync')
    if (sync !== undefined && sync !== 'always')
      warn(`redis: appendfsync is ${sync}; after a power cut a code of the last second may work a second time`)
  }
}

function evicts(policy: string | undefined): string {
  return policy === undefined
    ? `cannot be read (INFO, CONFIG GET); it must be known to be ${SAFE}`
    : `is ${policy}; it must be ${SAFE}, or codes that were used would count as unused`
}

async function configured(server: Redis, name: string): Promise<string | undefined> {
  try {
    const [, value] = (await server.config('GET', name)) as string[]
    return value
  } catch {
    return undefined
  }
}

/** `name:value` lines, as INFO answers. */
function fields(text: string): Map<string, string> {
  const lines = text.split(/\r?\n/).map((line) => line.split(':', 2))
  return new Map(lines.flatMap(([name, value]) => (name && value ? [[name, value]] : [])))
}
