/**
 * One after the other: requests of one session that write it. The library reads the session when a request comes in and
 * writes the whole of it back at the end, so of several at once (a browser that opens its tabs again) all but the last
 * would be forgotten, with the codes they handed out; and one that was under way would bring back a session that was
 * signed out meanwhile.
 *
 * Between nodes a lease stands for the turn. It spares people retries, and is no more than that: what is written is
 * written over what was read only (oidc/adapter.ts), so a node that was hung while its lease ran out does no harm.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { digest } from './crypto.ts'
import { AppError } from './errors.ts'
import { SECOND } from './time.ts'
import { forget } from './unit-of-work.ts'

/**
 * `work` is told whether it had to wait for another; `look` is for what has to be known of the moment when the wait began.
 * Not to be called from within `work` with the same key.
 */
export type InTurn = <T>(
  key: string,
  work: (waited: boolean) => Promise<T>,
  look?: () => Promise<unknown>,
) => Promise<T>

/** Says for all nodes who is on. Measured by the store's own clock. */
export interface LeaseStore {
  /** True if nobody else held it: it is `holder`'s now, for `life` milliseconds at most. */
  acquire(key: string, holder: string, life: number): Promise<boolean>
  /** Gives it back, if it still is `holder`'s. */
  release(key: string, holder: string): Promise<void>
}

/** Nobody waits longer for a node that died: what is written late is written over what was read, or not at all. */
const LEASE = 10 * SECOND
const PATIENCE = 10 * SECOND
const PAUSES = [5, 10, 20, 40]

export function inTurn(leases?: LeaseStore): InTurn {
  const last = new Map<string, Promise<unknown>>()

  return async (key, work, look) => {
    const before = last.get(key)
    const waited = before !== undefined
    const impatience = before && patience()
    const looked = before && look?.()
    // A failure is told when the turn comes, and if it never comes by nobody.
    looked?.catch(() => undefined)
    const own = async () => {
      await looked
      impatience?.end()
      // The caller was already told that it takes too long, so the work must not be done after all.
      if (impatience?.over()) throw tooLong()
      if (leases) return leased(leases, key, { waited, work, look: looked ? undefined : look })
      // Whoever had the turn before may have changed what this request has read.
      forget()
      return work(waited)
    }
    const mine = (before ?? Promise.resolve()).then(own)
    const over = mine.then(
      () => undefined,
      () => undefined,
    )
    last.set(key, over)
    void over.then(() => {
      if (last.get(key) === over) last.delete(key)
    })
    return impatience ? Promise.race([mine, impatience.late]) : mine
  }
}

/** For those before in this process, each of which may have to wait for a store. */
function patience() {
  const { promise: late, reject } = Promise.withResolvers<never>()
  let isOver = false
  const timer = setTimeout(() => {
    isOver = true
    reject(tooLong())
  }, PATIENCE)
  return { late, end: () => clearTimeout(timer), over: () => isOver }
}

function tooLong(): AppError {
  return new AppError('store-unavailable', 'another request of this session does not end', {
    status: 503,
    retryAfter: 5,
  })
}

async function acquired(leases: LeaseStore, name: string, holder: string): Promise<boolean> {
  try {
    return await leases.acquire(name, holder, LEASE)
  } catch (fault) {
    // It may be ours without our having heard of it.
    void leases.release(name, holder).catch(() => undefined)
    throw fault
  }
}

interface Turn<T> {
  waited: boolean
  work: (waited: boolean) => Promise<T>
  look: (() => Promise<unknown>) | undefined
}

async function leased<T>(leases: LeaseStore, key: string, { waited, work, look }: Turn<T>): Promise<T> {
  // What names the turn may be the id of a session, which is a secret.
  const name = digest(key)
  const holder = randomUUID()
  const until = performance.now() + PATIENCE
  for (let attempt = 0; ; attempt += 1) {
    if (await acquired(leases, name, holder)) {
      try {
        forget()
        return await work(waited || attempt > 0)
      } finally {
        // Nobody waits for it: whoever is next here asks after it, and whoever is elsewhere asks again. If it fails, it runs out.
        void leases.release(name, holder).catch(() => undefined)
      }
    }
    if (performance.now() > until) throw tooLong()
    if (attempt === 0) await look?.()
    await pause((PAUSES[attempt] ?? 50) * (0.5 + Math.random()))
  }
}
