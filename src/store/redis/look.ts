/** Redis, looked at without keeping anything in it. */
import { AppError, InputError } from '../../lib/errors.ts'
import { networkReason } from '../../lib/network-fault.ts'
import type { Clock } from '../../lib/time.ts'
import type { Look } from '../looked.ts'
import { openRedisStore } from './open.ts'

const REACHABLE = 'a Redis that this machine reaches, and that takes its password'

export async function lookAtRedis(urls: string, now: Clock): Promise<Look> {
  const warnings: string[] = []
  try {
    const store = await openRedisStore(urls, { now, onWarning: (warning) => warnings.push(warning) })
    try {
      return {
        ok: true,
        looked: { clients: [], passwordKeys: [], signingKeys: [], rootKeys: [], time: await store.time(), warnings },
      }
    } finally {
      await store.close()
    }
  } catch (fault) {
    return { ok: false, ...wrong(fault) }
  }
}

function wrong(fault: unknown): { found: string; expected: string; remedy: string } {
  if (fault instanceof InputError && fault.faults.some(({ path }) => path === 'maxmemory-policy'))
    return {
      found: fault.faults.map(({ path, reason }) => `${path} ${reason}`).join('; '),
      expected: 'maxmemory-policy noeviction',
      remedy: 'CONFIG SET maxmemory-policy noeviction, and the same in its file',
    }
  const remedy = 'look at SIGMA_REDIS_URL and at the network between'
  if (fault instanceof InputError)
    return { found: fault.faults.map(({ reason }) => reason).join('; '), expected: REACHABLE, remedy }
  const said = fault instanceof AppError || fault instanceof Error ? fault.message : 'failed'
  return { found: networkReason(fault) ?? `cannot be used: ${said}`, expected: REACHABLE, remedy }
}
