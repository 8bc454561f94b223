/**
 * Carries the parcels of the durable queue: claims what is due, hands it to its channel, settles it or puts it off.
 *
 * How often is one parcel delivered? Once, as far as that can be had. At most one courier holds it: claiming is one
 * atomic write that leases it for a minute, an attempt is cut off after ten seconds, and what an earlier courier still
 * writes is fenced off by the attempt's number. A duplicate is possible only where the other side took the message and
 * that could not be kept: a crash, a store that stays away, or an answer that came too late or was lost, between the
 * acceptance and our `settle`. No protocol without a shared transaction closes that window; so every attempt carries
 * the same id, which is the mail's Message-ID, and the receiver can tell. A parcel is never lost: it is delivered, or
 * given up with a word to the caller, and then kept for a while for whoever wants it sent all the same, unless it is
 * worth nothing by then.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sealer } from '../lib/crypto.ts'
import type { Log } from '../lib/log.ts'
import { type Clock, MINUTE, SECOND } from '../lib/time.ts'
import { continued } from '../lib/tracing.ts'
import { isPermanent, reasonOf, withinLimit } from './attempt.ts'
import { type Channel, type Channels, type ClaimedParcel, type QueueStore, unwrap } from './queue.ts'
import { nextAttempt, SCHEDULE, type Schedule } from './retry.ts'

/** What a channel's handler knows of a parcel besides its content. Nobody waits any more once `signal` has aborted. */
export interface Handed {
  id: string
  attempt: number
  createdAt: number
  signal: AbortSignal
}

/** Delivers one parcel; rejects if it was not taken. */
export type Handlers = { [C in Channel]?: (content: Channels[C], parcel: Handed) => Promise<void> }

export interface Courier {
  /** Something was just put in the queue. */
  kick(): void
  /** Carries all that is due now; returns how many attempts were made. */
  drain(): Promise<number>
  start(): void
  /** Finishes what is in hand and takes nothing new. */
  stop(): Promise<void>
}

export interface CourierOptions {
  store: QueueStore
  seal: Sealer
  handlers: Handlers
  now: Clock
  log: Log
  retry?: Partial<Schedule>
  /** Milliseconds that one attempt may take; well below the lease, so that clocks may differ between nodes. */
  limit?: number
  /** Told after the parcel left the queue; `reason` is a code. Never told the content. */
  onGivenUp?: (channel: Channel, reason: string, id: string) => void | Promise<void>
  /** Told of every attempt that came to an end, before that is kept. */
  onAttempt?: (channel: Channel, attempt: number, outcome: 'delivered' | 'postponed' | 'given-up') => void
  onDelivered?: (channel: Channel, id: string) => void | Promise<void>
  pause?: (ms: number) => Promise<unknown>
}

const SPANS: Record<Channel, string> = {
  email: 'mail.send',
  sms: 'sms.send',
  logout: 'logout.notify',
  link: 'link.send',
}

const LEASE = MINUTE
const LIMIT = 10 * SECOND
/** How many parcels are carried at once. */
const HANDS = 5
const POLL = SECOND
/** A parcel that cannot be opened, or that nobody carries, waits for an operator: no receiver has refused it. */
const STUCK = 5 * MINUTE
/** Between tries to keep an outcome. All of them, after an attempt of full length, end before the lease does. */
const INSISTENCE = [100, SECOND, 4 * SECOND]
const LONGEST_REST = 30 * SECOND

export function courier(options: CourierOptions): Courier {
  const { store, seal, handlers, now, log, limit = LIMIT, pause = sleep } = options
  const { onAttempt = () => undefined } = options
  const schedule: Schedule = { ...SCHEDULE, ...options.retry }
  const inHand = new Set<Promise<void>>()
  let attempts = 0
  let asked = false
  let looking: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let rest = 0
  let restsUntil = 0

  function kick(): void {
    if (stopped) return
    asked = true
    looking ??= lookWhileAsked()
  }

  async function lookWhileAsked(): Promise<void> {
    try {
      while (asked && !stopped) {
        asked = false
        await fillHands()
      }
    } finally {
      looking = undefined
    }
  }

  /** Each hand that comes free reaches for the next parcel, so a slow one holds up nobody but itself. */
  async function fillHands(): Promise<void> {
    const free = HANDS - inHand.size
    if (free < 1 || now() < restsUntil) return
    for (const parcel of await claim(free)) {
      const carried = carry(parcel).finally(() => {
        inHand.delete(carried)
        kick()
      })
      inHand.add(carried)
    }
  }

  async function claim(most: number): Promise<ClaimedParcel[]> {
    const leasedUntil = now() + LEASE
    try {
      const parcels = await store.claim(now(), leasedUntil, most)
      rest = 0
      // A store that answered this late leaves too little of the lease; the parcels come free by themselves.
      return now() + 2 * limit < leasedUntil ? parcels : []
    } catch (error) {
      rest = Math.min(Math.max(2 * rest, POLL), LONGEST_REST)
      restsUntil = now() + rest
      log.error({ reason: reasonOf(error), rest }, 'the queue cannot be read')
      return []
    }
  }

  /** Never rejects. */
  async function carry<C extends Channel>(parcel: ClaimedParcel & { channel: C }): Promise<void> {
    const { channel, createdAt } = parcel
    const { until = 0, perishable } = schedule[channel]
    attempts += 1
    if (perishable && now() > createdAt + until) return giveUp(parcel, 'too-late')
    const content = open(parcel)
    const handler = handlers[channel]
    if (!content || !handler) return putOff(parcel, now() + STUCK, content ? 'no-handler' : 'unsealable')
    try {
      await withinLimit(limit, (signal) =>
        continued(SPANS[channel], content.traceparent, () =>
          handler(content, { id: parcel.id, attempt: parcel.attempt, createdAt, signal }),
        ),
      )
    } catch (error) {
      return missed(parcel, error)
    }
    onAttempt(channel, parcel.attempt, 'delivered')
    if (await keep(parcel, () => store.settle(parcel.id, parcel.attempt))) {
      await tell(() => options.onDelivered?.(channel, parcel.id))
    }
  }

  function open<C extends Channel>(parcel: ClaimedParcel & { channel: C }) {
    try {
      return unwrap(seal, parcel)
    } catch (error) {
      log.error({ parcel: parcel.id, reason: reasonOf(error) }, 'parcel cannot be opened')
      return undefined
    }
  }

  async function missed(parcel: ClaimedParcel, error: unknown): Promise<void> {
    const reason = reasonOf(error)
    const dueAt = nextAttempt(schedule[parcel.channel], parcel.attempt, parcel.createdAt, now())
    if (dueAt === undefined || isPermanent(error)) return giveUp(parcel, reason)
    return putOff(parcel, dueAt, reason)
  }

  async function putOff(parcel: ClaimedParcel, dueAt: number, reason: string): Promise<void> {
    log.warn({ ...label(parcel), reason, dueAt }, 'parcel put off')
    onAttempt(parcel.channel, parcel.attempt, 'postponed')
    await keep(parcel, () => store.postpone(parcel.id, parcel.attempt, dueAt, reason))
  }

  async function giveUp(parcel: ClaimedParcel, reason: string): Promise<void> {
    log.error({ ...label(parcel), reason }, 'parcel given up')
    onAttempt(parcel.channel, parcel.attempt, 'given-up')
    const { perishable } = schedule[parcel.channel]
    const write = () =>
      perishable ? store.settle(parcel.id, parcel.attempt) : store.giveUp(parcel.id, parcel.attempt, reason, now())
    if (await keep(parcel, write)) {
      await tell(() => options.onGivenUp?.(parcel.channel, reason, parcel.id))
    }
  }

  /** Keeps an outcome, insisting for a while: a delivered parcel that stays in the queue goes out twice. */
  async function keep(parcel: ClaimedParcel, write: () => Promise<boolean>): Promise<boolean> {
    for (let tries = 0; ; tries += 1) {
      try {
        const kept = await write()
        if (!kept) log.warn(label(parcel), 'parcel was taken over by another attempt')
        return kept
      } catch (error) {
        const wait = INSISTENCE[tries]
        log.error({ ...label(parcel), reason: reasonOf(error) }, 'outcome of a parcel cannot be kept')
        if (wait === undefined) return false
        await pause(wait)
      }
    }
  }

  async function tell(listener: () => void | Promise<void>): Promise<void> {
    try {
      await listener()
    } catch (error) {
      log.error({ reason: reasonOf(error) }, 'the outcome of a parcel could not be told')
    }
  }

  return {
    kick,
    async drain() {
      const before = attempts
      restsUntil = 0
      do {
        kick()
        await looking
        await Promise.all(inHand)
      } while (looking !== undefined || inHand.size > 0)
      return attempts - before
    },
    start() {
      stopped = false
      timer ??= setInterval(kick, POLL).unref()
      kick()
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      timer = undefined
      await looking
      await Promise.all(inHand)
    },
  }
}

function label(parcel: ClaimedParcel): { parcel: string; channel: Channel; attempt: number } {
  return { parcel: parcel.id, channel: parcel.channel, attempt: parcel.attempt }
}
