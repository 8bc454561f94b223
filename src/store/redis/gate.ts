/** The way in: every call waits for nothing but its answer, ends as one of our faults, and goes only to a server that was admitted. */
import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import { InputError } from '../../lib/errors.ts'
import { SECOND } from '../../lib/time.ts'
import { unavailable } from '../unavailable.ts'
import type { Admit } from './admission.ts'
import { connect, masters, persist, type RedisClient } from './connection.ts'
import { isAccessRefused, isUnknownScript, redisFault } from './faults.ts'

/**
 * Runs a script with the keys that it will touch, as far as they are known. The prefix becomes its first argument. It is
 * loaded where it is not known yet.
 */
export type RunScript = (lua: string, keys: string[], args: Array<string | number>) => Promise<unknown>

export interface Gate {
  /** Waits this long at most. Rejects with InputError for what waiting does not help. */
  open(patience: number): Promise<void>
  run: RunScript
  /** One small write, and another look at the servers that are in use. */
  ping(): Promise<void>
  /** By the clock of Redis, in milliseconds. */
  time(): Promise<number>
  /** Finishes what was begun; from now on everything is refused. */
  close(): Promise<void>
}

export function gate(client: RedisClient, prefix: string, admit: Admit): Gate {
  /** By connection: the next one may lead to another server, or to the same one with other settings. */
  const admitted = new WeakMap<Redis, Promise<void>>()
  const watched = new WeakSet<Redis>()
  const pending = new Set<Promise<unknown>>()
  const digests = new Map<string, string>()
  let closing: Promise<void> | undefined

  // Each fault reaches the caller that it is about; without a listener ioredis would write it to the console.
  client.on('error', () => undefined)

  function admission(server: Redis): Promise<void> {
    const known = admitted.get(server)
    if (known) return known
    if (!watched.has(server)) server.on('close', () => admitted.delete(server))
    watched.add(server)
    const asked = admit(server)
    admitted.set(server, asked)
    // Asked again by the next call: the setting may have been put right.
    asked.catch(() => admitted.delete(server))
    return asked
  }

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    if (closing) throw unavailable('the connection to Redis is closed')
    const mine = work()
    pending.add(mine)
    try {
      return await mine
    } catch (fault) {
      throw toFault(fault)
    } finally {
      pending.delete(mine)
    }
  }

  const evaluate: RunScript = async (lua, keys, args) => {
    const digest = digests.get(lua) ?? createHash('sha1').update(lua).digest('hex')
    digests.set(lua, digest)
    const given = [keys.length, ...keys, prefix, ...args] as const
    try {
      return await client.evalsha(digest, ...given)
    } catch (fault) {
      if (!isUnknownScript(fault)) throw fault
      return client.eval(lua, ...given)
    }
  }

  return {
    async open(patience) {
      try {
        await connect(client, patience)
        await Promise.all(masters(client).map(admission))
        persist(client, () => closing === undefined)
      } catch (fault) {
        if (!isAccessRefused(fault)) throw redisFault(fault)
        throw new InputError('redis', [{ path: 'address', reason: 'has a user or password that Redis does not take' }])
      }
    },

    run: (lua, keys, args) =>
      guarded(async () => {
        await Promise.all(masters(client).map(admission))
        return evaluate(lua, keys, args)
      }),

    ping: () =>
      guarded(async () => {
        const looks = masters(client).map((server) =>
          admit(server).catch((fault: unknown) => {
            admitted.delete(server)
            throw fault
          }),
        )
        await Promise.all([client.set(`${prefix}:ping`, '', 'PX', SECOND), ...looks])
      }),

    time: () =>
      guarded(async () => {
        const [whole, micro] = await client.time()
        return Number(whole) * SECOND + Math.floor(Number(micro) / 1000)
      }),

    close() {
      closing ??= (async () => {
        await Promise.allSettled(pending)
        await client.quit().catch(() => undefined)
        // Also ends what QUIT does not: attempts to connect, and the watch over a failover.
        client.disconnect()
      })()
      return closing
    },
  }
}

/** A server that is set up wrongly now was not when we started, and may be put right. */
function toFault(fault: unknown): unknown {
  if (fault instanceof InputError) return unavailable('Redis is set up so that it is not to be used', fault)
  return redisFault(fault)
}
