/**
 * What this node has seen lately of the addresses that strangers come from. When there are more strangers than passwords
 * can be hashed, those whose address did not fail go first. An address that must wait for a window to end costs no look at
 * the store until then. The store counts and refuses; this only remembers its answer.
 */
import type { Rank } from '../lib/semaphore.ts'
import { type Clock, MINUTE } from '../lib/time.ts'

export interface Strangers {
  /** When the address may try again, if it was told to wait. */
  waitsUntil(address: string): number | undefined
  rank(address: string): Rank
  failed(address: string): void
  mustWait(address: string, until: number): void
}

interface Seen {
  failedUntil: number
  waitsUntil: number
}

const LATELY = 15 * MINUTE
/** A flood may come from more; then those are forgotten that were seen first. */
const MOST = 10_000

export function strangers(now: Clock): Strangers {
  const seen = new Map<string, Seen>()

  function note(address: string, what: Partial<Seen>): void {
    const before = seen.get(address) ?? { failedUntil: 0, waitsUntil: 0 }
    // Put at the end again, for it was seen just now.
    seen.delete(address)
    seen.set(address, { ...before, ...what })
    for (const oldest of seen.keys()) {
      if (seen.size <= MOST) break
      seen.delete(oldest)
    }
  }

  return {
    waitsUntil(address) {
      const { waitsUntil = 0 } = seen.get(address) ?? {}
      return waitsUntil > now() ? waitsUntil : undefined
    },
    rank: (address) => ((seen.get(address)?.failedUntil ?? 0) > now() ? 'last' : 'first'),
    failed: (address) => note(address, { failedUntil: now() + LATELY }),
    mustWait: (address, until) => note(address, { waitsUntil: until }),
  }
}
