/**
 * One after the other: requests of one session that write it. The library reads the session when a request comes in and
 * writes the whole of it back at the end, so of several at once (a browser that opens its tabs again) all but the last
 * would be forgotten, with the codes they handed out; and one that was under way would bring back a session that was
 * signed out meanwhile. Holds within this process.
 */

/** `work` is told whether it had to wait for another. Not to be called from within `work` with the same key. */
export type InTurn = <T>(key: string, work: (waited: boolean) => Promise<T>) => Promise<T>

export function inTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>()

  return async (key, work) => {
    const before = last.get(key)
    const mine = (before ?? Promise.resolve()).then(() => work(before !== undefined))
    const over = mine.catch(() => undefined)
    last.set(key, over)
    try {
      return await mine
    } finally {
      if (last.get(key) === over) last.delete(key)
    }
  }
}
