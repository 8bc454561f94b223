/**
 * Lets one piece of work begin in each turn of the event loop, or several that are small; the others wait, by rank. Between
 * turns the loop takes in new connections and reads what they ask, so that nobody waits for a crowd in front of them merely
 * to be seen. What begins in one turn gets to the store together.
 *
 * It bounds what begins, not what is under way: whoever waits for a store holds nobody up.
 */
import type { Clock } from './time.ts'

export interface Turnstile {
  /**
   * Begins at once if nobody waits and this turn has room for it: it takes up a part of it, all if nothing is said. Of those
   * who wait the lowest rank goes first, and then who came first; but every fourth turn is of whoever came first of all.
   */
  pass(rank: number, begin: () => void, part?: number): void
  /** How many wait. */
  waiting(): number
  /** Milliseconds that one waits behind all of these, by how long the last turns took. */
  wait(): number
  /** A connection was taken in: the loop may have more of them at hand, and takes one a turn. */
  connected(): void
}

/** Turns that connections alone may take up before a piece of work begins. */
const MOST_TURNS = 16
/** Of so many turns one goes by no rank: whoever sends without end what goes first would keep out everybody else. */
const SHARED = 4

/** Milliseconds that a turn takes, as long as nobody knows better. */
const FIRST_GUESS = 10
/** A pause of the whole process is none. */
const LONGEST_TURN = 100

interface Waiting {
  begin: () => void
  part: number
  /** The place among all who ever waited. */
  place: number
}

/** `now` counts milliseconds from anywhere. */
export function turnstile(ranks: number, now: Clock = () => performance.now()): Turnstile {
  const queues = Array.from({ length: ranks }, (): Waiting[] => [])
  let places = 0
  let turn = 0
  /** Milliseconds from one that began to the next while others waited: an average in which the last eight weigh most. */
  let pace = FIRST_GUESS
  let beganAt: number | undefined
  /** What is taken up of this turn. */
  let taken = 0
  /** Turns that those who wait take up. */
  let ahead = 0
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
    turn = (turn + 1) % SHARED
    taken = 0
    const first = take()
    keepPace()
    if (!first) return
    setImmediate(next)
    for (let one: Waiting | undefined = first; one; one = take()) one.begin()
  }

  /** Who goes next, if this turn has room for them. */
  function take(): Waiting | undefined {
    const queue = turn === 0 ? longestWaiting() : queues.find(({ length }) => length > 0)
    const [one] = queue ?? []
    if (!one || !hasRoom(one.part)) return undefined
    queue?.shift()
    taken += one.part
    ahead -= one.part
    return one
  }

  /** Whatever it takes up, the first of a turn begins. */
  function hasRoom(part: number): boolean {
    return taken === 0 || taken + part <= 1
  }

  function waiting(): number {
    return queues.reduce((sum, { length }) => sum + length, 0)
  }

  function keepPace(): void {
    const at = now()
    if (beganAt !== undefined) pace += (Math.min(at - beganAt, LONGEST_TURN) - pace) / 8
    beganAt = waiting() > 0 ? at : undefined
  }

  /** The queue whose first came before those of all others. */
  function longestWaiting(): Waiting[] {
    return queues.reduce((one, other) => (placeOf(other) < placeOf(one) ? other : one))
  }

  return {
    pass(rank, begin, part = 1) {
      if (waiting() > 0 || !hasRoom(part)) {
        places += 1
        ahead += part
        queues[rank]?.push({ begin, part, place: places })
        return
      }
      if (taken === 0) setImmediate(next)
      taken += part
      begin()
    },
    waiting,
    wait: () => ahead * pace,
    connected() {
      isConnecting = true
    },
  }
}

function placeOf([first]: Waiting[]): number {
  return first?.place ?? Number.POSITIVE_INFINITY
}
