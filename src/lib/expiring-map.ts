/**
 * What is remembered for a while, all of it in memory: entries that end by themselves and never more than a fixed number,
 * so that nobody can fill the process up. When full, the oldest entry makes room.
 */
import type { Clock } from './time.ts'

export interface ExpiringMap<V> {
  set(key: string, value: V): void
  get(key: string): V | undefined
  /** Reads and deletes in one step: the same entry is never taken twice. */
  take(key: string): V | undefined
  /** Deletes every entry for which `matches` holds, and says how many that were. */
  removeWhere(matches: (value: V) => boolean): number
}

export function expiringMap<V>(limits: { most: number; lifetime: number }, now: Clock): ExpiringMap<V> {
  // Every entry lives equally long, so the order of insertion is the order of expiry.
  const entries = new Map<string, { value: V; endsAt: number }>()

  function makeRoom(): void {
    for (const [key, entry] of entries) {
      if (entry.endsAt > now() && entries.size < limits.most) return
      entries.delete(key)
    }
  }

  function get(key: string): V | undefined {
    const entry = entries.get(key)
    return entry && entry.endsAt > now() ? entry.value : undefined
  }

  return {
    get,
    set(key, value) {
      entries.delete(key)
      makeRoom()
      entries.set(key, { value, endsAt: now() + limits.lifetime })
    },
    take(key) {
      const value = get(key)
      entries.delete(key)
      return value
    },
    removeWhere(matches) {
      let removed = 0
      for (const [key, entry] of entries) {
        if (entry.endsAt <= now() || !matches(entry.value)) continue
        entries.delete(key)
        removed += 1
      }
      return removed
    },
  }
}
