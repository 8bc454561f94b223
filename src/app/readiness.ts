/**
 * Whether this node should be sent requests. Told apart from being alive: a restart mends neither a store nor a clock.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '../lib/log.ts'
import { type Clock, SECOND, SKEW } from '../lib/time.ts'
import type { Store, StoreName } from '../store/store.ts'

/** A store that needs longer than this for one small write makes people wait for minutes. */
const SLOW = 2 * SECOND
/** How late a timer may be before we say that this process is not keeping up. */
const LAG = 2 * SECOND
const BEAT = SECOND
/** After which a lag is history. */
const MEMORY = 10 * SECOND

const SPELLED: Record<StoreName, string> = { sqlite: 'SQLite', mongodb: 'MongoDB', redis: 'Redis' }

export interface Readiness {
  /** What stands in the way, in words for an operator; none if this node is ready. */
  troubles(): Promise<string[]>
  /** Whether this node may decide what is over: one whose clock is wrong would end what others rely on. */
  clockIsRight(): Promise<boolean>
  /** Watches the event loop. */
  start(): void
  stop(): void
}

export interface ReadinessParts {
  store: {
    /** Each keeps something; rejects if it cannot. */
    pings: Store['pings']
    /** Resolves when it never will again in this process. */
    failed?: Promise<unknown>
    /** What time it is there, if that is another machine. */
    time?(): Promise<number>
  }
  wall: Clock
  log: Log
  /** Milliseconds that one small write may take. */
  slow?: number
}

export function readiness({ store, wall, log, slow = SLOW }: ReadinessParts): Readiness {
  let timer: NodeJS.Timeout | undefined
  let lagged = { by: 0, at: Number.NEGATIVE_INFINITY }
  let failed = false
  store.failed?.then(() => {
    failed = true
  })

  async function storeTroubles(): Promise<Array<string | undefined>> {
    if (failed) return ['the disk did not keep what was written: this process has to be started again']
    return Promise.all(
      Object.entries(store.pings).map(([name, ping]) =>
        Promise.race([
          ping().then(
            () => undefined,
            () => `${SPELLED[name as StoreName]} does not answer, or cannot keep anything`,
          ),
          pause(slow, `${SPELLED[name as StoreName]} needs too long for one small write`, { ref: false }),
        ]),
      ),
    )
  }

  /** How far the store is ahead of us; undefined if it does not say. */
  async function skewOf(): Promise<number | undefined> {
    if (!store.time) return 0
    const before = wall()
    const there = await Promise.race([store.time().catch(() => undefined), pause(slow, undefined, { ref: false })])
    // Half the way there and back: an answer that took long says less.
    return there && there - (before + wall()) / 2
  }

  async function clockTrouble(): Promise<string | undefined> {
    const skew = await skewOf()
    if (skew === undefined || Math.abs(skew) <= SKEW) return undefined
    return `the clock of this machine is ${Math.round(Math.abs(skew) / SECOND)} s ${skew > 0 ? 'behind' : 'ahead of'} the store’s`
  }

  function loopTrouble(): string | undefined {
    if (performance.now() - lagged.at > MEMORY) return undefined
    return `this process stood still for ${Math.round(lagged.by / SECOND)} s`
  }

  return {
    async troubles() {
      const [stores, clock] = await Promise.all([storeTroubles(), clockTrouble()])
      const found = [...stores, clock, loopTrouble()]
      return found.filter((trouble) => trouble !== undefined)
    },
    async clockIsRight() {
      const skew = await skewOf()
      return skew !== undefined && Math.abs(skew) <= SKEW
    },
    start() {
      let due = performance.now() + BEAT
      timer = setInterval(() => {
        const at = performance.now()
        if (at - due > LAG) {
          lagged = { by: at - due, at }
          log.warn({ milliseconds: Math.round(at - due) }, 'the event loop stood still')
        }
        due = at + BEAT
      }, BEAT).unref()
    },
    stop: () => clearInterval(timer),
  }
}
