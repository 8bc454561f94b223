/**
 * How many connections may be sent metrics at once, and for how long. One has one place, however many scrapes it asks for
 * one behind the other, and has it until they are answered: whoever reads slowly, or not at all, must not keep others away.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Clock, SECOND } from '../lib/time.ts'

export interface Timing {
  /** Milliseconds from anywhere. */
  now: Clock
  /** Runs `work` when so many milliseconds have passed. Returns what calls that off. */
  after(milliseconds: number, work: () => void): () => void
}

interface Place {
  since: number
  unanswered: number
  callOff: () => void
}

/** Two Prometheus servers, and whoever looks by hand, are three. */
const PLACES = 20
/** For all that a connection is sent without a pause: then it ends. Prometheus gives up after as long, by default. */
const DEADLINE = 10 * SECOND
/** From then on a connection ends where another one would be refused. */
const PATIENCE = SECOND

const SYSTEM: Timing = {
  now: () => performance.now(),
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds).unref()
    return () => clearTimeout(timer)
  },
}

/** Gives the connection of the request a place; false if there is none. */
export function scrapePlaces({ now, after }: Timing = SYSTEM) {
  /** The first is the one that has been there longest. */
  const taken = new Map<Socket, Place>()

  function take(socket: Socket): Place {
    const place = { since: now(), unanswered: 0, callOff: after(DEADLINE, () => end(socket, place)) }
    taken.set(socket, place)
    return place
  }

  function release(socket: Socket, { callOff }: Place): void {
    callOff()
    taken.delete(socket)
  }

  function end(socket: Socket, place: Place): void {
    release(socket, place)
    socket.destroy()
  }

  function makeRoom(): boolean {
    if (taken.size < PLACES) return true
    const [socket, place] = taken.entries().next().value ?? []
    if (!socket || !place || now() - place.since < PATIENCE) return false
    end(socket, place)
    return true
  }

  return ({ socket }: IncomingMessage, response: ServerResponse): boolean => {
    const place = taken.get(socket) ?? (makeRoom() ? take(socket) : undefined)
    if (!place) return false
    place.unanswered += 1
    // Node tells it of each, also when the connection ends before it was its turn.
    response.once('close', () => {
      place.unanswered -= 1
      if (place.unanswered === 0) release(socket, place)
    })
    return true
  }
}
