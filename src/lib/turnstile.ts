/**
 * Lets one piece of work begin in each turn of the event loop; the others wait, by rank. Between two pieces the loop takes in
 * new connections and reads what they ask, so that nobody waits for a crowd in front of them merely to be seen.
 *
 * It bounds what begins, not what is under way: whoever waits for a store holds nobody up.
 */
export interface Turnstile {
  /** Begins at once if nothing else began in this turn. Of those who wait the lowest rank goes first, and then who came first. */
  pass(rank: number, begin: () => void): void
  /** How many wait. */
  waiting(): number
  /** A connection was taken in: the loop may have more of them at hand, and takes one a turn. */
  connected(): void
}

/** Turns that connections alone may take up before a piece of work begins. */
const MOST_TURNS = 16

export function turnstile(ranks: number): Turnstile {
  const queues = Array.from({ length: ranks }, (): Array<() => void> => [])
  let isTaken = false
  let isConnecting = false
  let skipped = 0

  function next(): void {
    if (isConnecting && skipped < MOST_TURNS) {
      isConnecting = false
      skipped += 1
      setImmediate(next)
      return
    }
    skipped = 0
    const begin = queues.find(({ length }) => length > 0)?.shift()
    isTaken = begin !== undefined
    if (!begin) return
    setImmediate(next)
    begin()
  }

  return {
    pass(rank, begin) {
      if (isTaken) {
        queues[rank]?.push(begin)
        return
      }
      isTaken = true
      setImmediate(next)
      begin()
    },
    waiting: () => queues.reduce((sum, { length }) => sum + length, 0),
    connected() {
      isConnecting = true
    },
  }
}
