/** A share for each of something that strangers can cause at will, and that costs us something every time. */
import type { Clock } from './time.ts'

export interface RationRule {
  /** For one key, in one window. */
  each: number
  /** For all keys together: also bounds what is kept here. */
  all: number
  /** Milliseconds. */
  window: number
}

/** True as long as there is something left for the key. Each process counts for itself. */
export function ration({ each, all, window }: RationRule, now: Clock): (key: string) => boolean {
  const counts = new Map<string, number>()
  let began = Number.NEGATIVE_INFINITY
  let total = 0

  return (key) => {
    const at = now()
    // A clock that was put back begins a window too.
    if (at >= began + window || at < began) {
      counts.clear()
      total = 0
      began = at
    }
    const count = counts.get(key) ?? 0
    if (total >= all || count >= each) return false
    counts.set(key, count + 1)
    total += 1
    return true
  }
}
