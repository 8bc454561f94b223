/**
 * One after the other: requests of one session that write it. The library reads the session when a request comes in and
 * writes the whole of it back at the end, so of several at once (a browser that opens its tabs again) all but the last
 * would be forgotten, with the codes they handed out; and one that was under way would bring back a session that was
 * signed out meanwhile. Holds within this process.
 */

export type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>

export function inTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>()

  return async (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work)
    const over = mine.catch(() => undefined)
    last.set(key, over)
    try {
      return await mine
    } finally {
      if (last.get(key) === over) last.delete(key)
    }
  }
}
