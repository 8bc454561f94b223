/**
 * Whether this node should be sent requests, and why not. Told apart from being alive: a restart mends neither a store nor a
 * clock.
 *
 * Whoever asks waits for less than a second, whatever hangs. It is looked at when somebody asks, when a call to a store was not
 * answered, once a second while something stands in the way, and otherwise now and then: a look writes to each store.
 */
import { isStoreLost } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { type Clock, SECOND } from '../lib/time.ts'
import type { Reason, Trouble } from '../metrics/readiness.ts'
import type { StoreObserver } from '../store/observed.ts'
import type { Store } from '../store/store.ts'
import { clockLook, storeLook } from './looks.ts'

/** A store that needs longer than this for one small write makes people wait for many seconds: a page asks it some ten times. */
const SLOW = 0.8 * SECOND
/** How late a timer may be before we say that this process is not keeping up. */
const LAG = 2 * SECOND
const BEAT = SECOND
/** After which a lag is history. */
const MEMORY = 10 * SECOND
/** Between two looks that nobody asked for and nothing called for. */
const LOOK = 30 * SECOND

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
  const stores = storeLook(store.pings, slow)
  const clock = clockLook(store.time, wall, slow)
  const loop = loopWatch(log)
  let failed: Trouble | undefined
  let [draining, suspected] = [false, false]
  let known: Trouble[] | undefined
  let lookedAt = Number.NEGATIVE_INFINITY
  let looking: Promise<Trouble[]> | undefined
  store.failed?.then((fault) => {
    failed = isStoreLost(fault) ? { reason: 'sqlite', text: `${fault.message}: this process ends` } : DISK
    suspected = true
  })

  async function look(): Promise<Trouble[]> {
    lookedAt = performance.now()
    suspected = false
    if (failed) return found([failed])
    const [ofStores, ofClock] = await Promise.all([stores(), clock.trouble()])
    return found([...ofStores, ofClock, loop.trouble()])
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
    clockIsRight: clock.isRight,
    skew: clock.skew,
    suspect() {
      suspected = true
    },
    start() {
      loop.start((stoodStill) => {
        if (stoodStill || suspected || known?.length !== 0 || performance.now() - lookedAt >= LOOK) void troubles()
      })
      void troubles()
    },
    drain() {
      draining = true
    },
    stop: loop.stop,
  }
}

/** Sees by a timer whether this process keeps up. */
function loopWatch(log: Log) {
  let timer: NodeJS.Timeout | undefined
  let lagged = { by: 0, at: Number.NEGATIVE_INFINITY }

  return {
    trouble(): Trouble | undefined {
      if (performance.now() - lagged.at > MEMORY) return undefined
      return { reason: 'stood-still', text: `this process stood still for ${Math.round(lagged.by / SECOND)} s` }
    },
    /** `onBeat` is told once a second, and whether it was late. */
    start(onBeat: (stoodStill: boolean) => void) {
      let due = performance.now() + BEAT
      timer = setInterval(() => {
        const at = performance.now()
        const late = at - due > LAG
        if (late) {
          lagged = { by: at - due, at }
          log.warn({ milliseconds: Math.round(at - due) }, 'the event loop stood still')
        }
        due = at + BEAT
        onBeat(late)
      }, BEAT).unref()
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
