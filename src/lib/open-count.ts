/**
 * How much somebody has open, as near as one number tells: what is begun adds one, and all of it drains evenly, `most` in the
 * time that one lives. What ends takes away only what is left of its life, for the rest has drained. So there are never more
 * than twice `most`, and whoever finishes what they begin does not come near.
 *
 * More than twice `most` are not counted: whatever was begun past the bound, there is room again when it is over.
 *
 * Each process counts for itself: this bounds what is kept, and nothing can be guessed by going past it.
 */
import type { Clock } from './time.ts'

export interface OpenRule {
  /** For one key. Read each time, for it may be changed while the process runs. */
  most: () => number
  /** Milliseconds after which one that is left open ends by itself. */
  life: number
}

export interface OpenCount {
  /** Whether one more may be begun. */
  hasRoom(key: string): boolean
  begun(key: string): void
  /** `left`: the part of its life that it did not need, from 0 to 1. */
  ended(key: string, left: number): void
}

/** Keys that are remembered. Of more, those are forgotten that did nothing for longest. */
const KEYS = 50_000

export function openCount({ most, life }: OpenRule, now: Clock, keys = KEYS): OpenCount {
  const counts = new Map<string, { open: number; at: number }>()

  function openOf(key: string): number {
    const { open, at } = counts.get(key) ?? { open: 0, at: 0 }
    // A clock that was put back drains nothing.
    const drained = (Math.max(0, now() - at) * most()) / life
    return Math.max(0, Math.min(open, 2 * most()) - drained)
  }

  function keep(key: string, open: number): void {
    // Put at the end again, for it did something just now.
    counts.delete(key)
    if (open <= 0) return
    counts.set(key, { open, at: now() })
    for (const oldest of counts.keys()) {
      if (counts.size <= keys) break
      counts.delete(oldest)
    }
  }

  return {
    hasRoom: (key) => openOf(key) + 1 <= most(),
    begun: (key) => keep(key, openOf(key) + 1),
    ended: (key, left) => keep(key, openOf(key) - left),
  }
}
