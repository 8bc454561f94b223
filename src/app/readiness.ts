/**
 * Whether this node should be sent requests, and why not. Told apart from being alive: a restart mends neither a store nor a
 * clock.
 *
 * Whoever asks waits for less than a second, whatever hangs. It is looked at when somebody asks, when a call to a store was not
 * answered, once a second while something stands in the way, and otherwise now and then: a look writes to each store.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '../lib/log.ts'
import { type Clock, SECOND, SKEW } from '../lib/time.ts'
import type { Reason, Trouble } from '../metrics/readiness.ts'
import type { StoreObserver } from '../store/observed.ts'
import type { Store, StoreName } from '../store/store.ts'

/** A store that needs longer than this for one small write makes people wait for many seconds: a page asks it some ten times. */
const SLOW = 0.8 * SECOND
/** How late a timer may be before we say that this process is not keeping up. */
const LAG = 2 * SECOND
const BEAT = SECOND
/** After which a lag is history. */
const MEMORY = 10 * SECOND
/** Between two looks that nobody asked for and nothing called for. */
const LOOK = 30 * SECOND

const SPELLED: Record<StoreName, string> = { sqlite: 'SQLite', mongodb: 'MongoDB', redis: 'Redis' }

export interface Readiness {
  /** What stands in the way; none if this node is ready. Never rejects. */
  troubles(): Promise<Trouble[]>
  /** The same as it was found last; undefined before the first look. */
  known(): Trouble[] | undefined
  /** Whether this node may decide what is over: one whose clock is wrong would end what others rely on. */
  clockIsRight(): Promise<boolean>
  /** Milliseconds that the store's clock was ahead when it was asked last; 0 where it has none of its own. */
  skew(): number
  /** A store did not answer somebody: it is looked at within a second. */
  suspect(): void
  /** Watches the event loop, and looks by itself; says in the log when this node becomes ready, and when it no longer is. */
  start(): void
  /** From now on the answer is no. */
  drain(): void
  stop(): void
}

export interface ReadinessParts {
  store: Pick<Store, 'pings' | 'failed' | 'time'>
  wall: Clock
  log: Log
  /** Milliseconds that one small write may take. */
  slow?: number
}

export function readiness({ store, wall, log, slow = SLOW }: ReadinessParts): Readiness {
  const pings = Object.entries(store.pings) as Array<[StoreName, () => Promise<void>]>
  /** Not answered yet: one that hangs is asked once, however often somebody looks. */
  const asked = new Map<StoreName, Promise<string | undefined>>()
  let timer: NodeJS.Timeout | undefined
  let lagged = { by: 0, at: Number.NEGATIVE_INFINITY }
  let skew = 0
  let [failed, draining, suspected] = [false, false, false]
  let known: Trouble[] | undefined
  let lookedAt = Number.NEGATIVE_INFINITY
  let looking: Promise<Trouble[]> | undefined
  store.failed?.then(() => {
    failed = true
    suspected = true
  })

  function storeTroubles(): Promise<Array<Trouble | undefined>> {
    return Promise.all(
      pings.map(async ([reason, ping]) => {
        const answer = asked.get(reason) ?? ask(reason, ping)
        const found = await Promise.race([answer, pause(slow, 'needs too long for one small write', { ref: false })])
        return found === undefined ? undefined : { reason, text: `${SPELLED[reason]} ${found}` }
      }),
    )
  }

  function ask(name: StoreName, ping: () => Promise<void>): Promise<string | undefined> {
    const answer = ping()
      .then(
        () => undefined,
        () => 'does not answer, or cannot keep anything',
      )
      .finally(() => asked.delete(name))
    asked.set(name, answer)
    return answer
  }

  /** How far the store is ahead of us; undefined if it does not say. */
  async function skewNow(): Promise<number | undefined> {
    if (!store.time) return 0
    const before = wall()
    const there = await Promise.race([store.time().catch(() => undefined), pause(slow, undefined, { ref: false })])
    if (there === undefined) return undefined
    // Half the way there and back: an answer that took long says less.
    skew = there - (before + wall()) / 2
    return skew
  }

  async function clockTrouble(): Promise<Trouble | undefined> {
    const found = await skewNow()
    if (found === undefined || Math.abs(found) <= SKEW) return undefined
    const text = `the clock of this machine is ${inSeconds(Math.abs(found))} s ${found > 0 ? 'behind' : 'ahead of'} the store’s`
    return { reason: 'clock', text }
  }

  function loopTrouble(): Trouble | undefined {
    if (performance.now() - lagged.at > MEMORY) return undefined
    return { reason: 'stood-still', text: `this process stood still for ${inSeconds(lagged.by)} s` }
  }

  async function look(): Promise<Trouble[]> {
    lookedAt = performance.now()
    suspected = false
    if (failed) return found([DISK])
    const [stores, clock] = await Promise.all([storeTroubles(), clockTrouble()])
    return found([...stores, clock, loopTrouble()])
  }

  function found(all: Array<Trouble | undefined>): Trouble[] {
    const troubles = all.filter((trouble) => trouble !== undefined)
    const before = reasonsOf(known)
    known = troubles
    // Whoever stops this process says so.
    if (draining || reasonsOf(known) === before) return known
    if (known.length === 0) log.info('ready')
    else log.warn({ reasons: known.map(({ reason }) => reason), troubles: known.map(({ text }) => text) }, 'not ready')
    return known
  }

  async function troubles(): Promise<Trouble[]> {
    if (draining) return [STOPPING]
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }

  return {
    troubles,
    known: () => (draining ? [STOPPING] : known),
    async clockIsRight() {
      const found = await skewNow()
      return found !== undefined && Math.abs(found) <= SKEW
    },
    skew: () => skew,
    suspect() {
      suspected = true
    },
    start() {
      let due = performance.now() + BEAT
      timer = setInterval(() => {
        const at = performance.now()
        if (at - due > LAG) {
          lagged = { by: at - due, at }
          suspected = true
          log.warn({ milliseconds: Math.round(at - due) }, 'the event loop stood still')
        }
        due = at + BEAT
        if (suspected || known?.length !== 0 || at - lookedAt >= LOOK) void troubles()
      }, BEAT).unref()
      void troubles()
    },
    drain() {
      draining = true
    },
    stop: () => clearInterval(timer),
  }
}

const STOPPING: Trouble = { reason: 'stopping', text: 'stopping' }
const DISK: Trouble = {
  reason: 'disk',
  text: 'the disk did not keep what was written: this process has to be started again',
}

function reasonsOf(troubles: Trouble[] | undefined): string | undefined {
  return troubles?.map(({ reason }: { reason: Reason }) => reason).join(' ')
}

function inSeconds(milliseconds: number): number {
  return Math.round(milliseconds / SECOND)
}

/** Hears of every call that a store could not answer, from the moment on at which somebody listens. */
export function storeTrouble(): { observer: StoreObserver; listen: (heard: () => void) => void } {
  let hear = (): void => undefined
  return {
    observer: () => (_milliseconds, outcome) => {
      if (outcome === 'unavailable') hear()
    },
    listen(heard) {
      hear = heard
    },
  }
}
