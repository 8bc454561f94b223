/** delivery/courier.ts and retry.ts: what is delivered, when it is tried again, and that nothing is lost or doubled. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { Undeliverable } from '../../../src/delivery/attempt.ts'
import { type Courier, type CourierOptions, courier, type Handlers } from '../../../src/delivery/courier.ts'
import { type Channel, wrapper } from '../../../src/delivery/queue.ts'
import { nextAttempt, SCHEDULE } from '../../../src/delivery/retry.ts'
import { keyring, sealer } from '../../../src/lib/crypto.ts'
import { logger } from '../../../src/lib/log.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { type MemoryQueue, memoryQueue } from '../../support/unit/memory-queue.ts'

const START = Date.UTC(2026, 0, 5, 9)
const seal = sealer(keyring([{ id: 'test', key: Buffer.alloc(32, 7) }]), 'parcel')
const mail = { to: 'sanne@sigma.example', subject: 'Welcome', text: 'canary-text', html: '<p>canary-text</p>' }
const sms = { to: '+31612345678', text: 'canary-text' }

let time: number
let queue: MemoryQueue
let logged: string[]
const now = () => time
const wrap = wrapper(seal, now)

beforeEach(() => {
  time = START
  queue = memoryQueue()
  logged = []
})

function carrying(handlers: Handlers, options: Partial<CourierOptions> = {}): Courier {
  const log = logger('debug', { write: (line) => void logged.push(line) })
  return courier({ store: queue, seal, handlers, now, log, pause: async () => undefined, ...options })
}

/** Drains at every moment at which something is due, until nothing waits; the seconds at which it was tried. */
async function attemptsOf(carrier: Courier, span: number): Promise<number[]> {
  const tried: number[] = []
  for (; time <= START + span; time += SECOND) {
    if ((await carrier.drain()) > 0) tried.push((time - START) / SECOND)
    if (queue.ids().length === 0) break
  }
  return tried
}

const refuses = () => Promise.reject(Object.assign(new Error('451 sanne@sigma.example later'), { code: 'smtp-451' }))

test('a parcel is handed to its channel with its content, and leaves the queue', async () => {
  const email = vi.fn(async () => undefined)
  const onDelivered = vi.fn()
  const parcel = wrap('email', mail)
  await queue.enqueue([parcel])

  expect(await carrying({ email }, { onDelivered }).drain()).toBe(1)

  expect(email).toHaveBeenCalledExactlyOnceWith(
    mail,
    expect.objectContaining({ id: parcel.id, attempt: 1, createdAt: START }),
  )
  expect(onDelivered).toHaveBeenCalledExactlyOnceWith('email', parcel.id)
  expect(queue.ids()).toEqual([])
})

test('each attempt is told with what came of it', async () => {
  const told: string[] = []
  const onAttempt = (...attempt: unknown[]) => void told.push(attempt.join(' '))
  await queue.enqueue([wrap('email', mail)])
  const answers = [refuses, async () => undefined]
  await attemptsOf(carrying({ email: () => (answers.shift() ?? refuses)() }, { onAttempt }), MINUTE)
  await queue.enqueue([wrap('sms', sms)])
  await attemptsOf(carrying({ sms: refuses }, { onAttempt }), 10 * MINUTE)
  expect(told).toEqual([
    'email 1 postponed',
    'email 2 delivered',
    ...[1, 2, 3, 4, 5, 6].map((attempt) => `sms ${attempt} postponed`),
    'sms 7 given-up',
  ])
})

describe('the schedule', () => {
  const M = 60
  const H = 60 * M
  test.each<[Channel, number, number[]]>([
    ['sms', 10 * MINUTE, [0, 5, 20, 80, 140, 200, 260]],
    ['logout', 2 * HOUR, [0, 1, 6, 36, 156, 756, 756 + H]],
  ])('%s is given up after its last attempt', async (channel, span, expected) => {
    const onGivenUp = vi.fn()
    const content = { sms, logout: { clientId: 'portal', accountId: 'a1' } }
    await queue.enqueue([channel === 'sms' ? wrap('sms', content.sms) : wrap('logout', content.logout)])
    const carrier = carrying({ sms: refuses, logout: refuses }, { onGivenUp })

    expect(await attemptsOf(carrier, span)).toEqual(expected)

    expect(onGivenUp).toHaveBeenCalledExactlyOnceWith(channel, 'smtp-451', expect.any(String))
  })

  test.each<[Channel, number, number | undefined]>([
    ['email', 1, 10 * SECOND],
    ['email', 2, 30 * SECOND],
    ['email', 3, MINUTE],
    ['email', 4, 5 * MINUTE],
    ['email', 5, 15 * MINUTE],
    ['email', 6, 30 * MINUTE],
    ['email', 7, HOUR],
    ['email', 12, HOUR],
    ['link', 1, 5 * SECOND],
    ['link', 2, 30 * SECOND],
    ['link', 3, 5 * MINUTE],
    ['link', 100, 5 * MINUTE],
    ['logout', 6, HOUR],
    ['logout', 7, undefined],
  ])('%s waits after attempt %i', (channel, attempt, wait) => {
    expect(nextAttempt(SCHEDULE[channel], attempt, START, START)).toBe(wait === undefined ? undefined : START + wait)
  })

  test('mail is tried for a day, and no longer', () => {
    expect(nextAttempt(SCHEDULE.email, 20, START, START + 23 * HOUR)).toBe(START + DAY)
    expect(nextAttempt(SCHEDULE.email, 20, START, START + 23 * HOUR + 1)).toBeUndefined()
  })
})

test('a mail server that is away for an hour costs no mail and doubles none (R-12)', async () => {
  const taken: string[] = []
  const parcels = Array.from({ length: 20 }, () => wrap('email', mail))
  await queue.enqueue(parcels)
  const email: Handlers['email'] = (_, { id }) => {
    if (time < START + HOUR) return refuses()
    taken.push(id)
    return Promise.resolve()
  }

  await attemptsOf(carrying({ email }), 3 * HOUR)

  expect(taken.sort()).toEqual(parcels.map((parcel) => parcel.id).sort())
})

test('a mail that was old before its first attempt is still sent', async () => {
  const email = vi.fn(async () => undefined)
  await queue.enqueue([wrap('email', mail)])
  time += 3 * DAY
  await carrying({ email }).drain()
  expect(email).toHaveBeenCalledOnce()
})

test('a text message whose code has expired is not sent any more', async () => {
  const send = vi.fn(async () => undefined)
  const onGivenUp = vi.fn()
  await queue.enqueue([wrap('sms', sms)])
  time += 5 * MINUTE + 1
  await carrying({ sms: send }, { onGivenUp }).drain()
  expect(send).not.toHaveBeenCalled()
  expect(onGivenUp).toHaveBeenCalledExactlyOnceWith('sms', 'too-late', expect.any(String))
  expect(queue.ids()).toEqual([])
})

test.each([
  ['our own class', new Undeliverable('smtp-550', 'no such user')],
  ['any error that says so', Object.assign(new Error('no such user'), { permanent: true, code: 'smtp-550' })],
])('what is refused for good is given up at once: %s', async (_, error) => {
  const email = vi.fn(() => Promise.reject(error))
  const onGivenUp = vi.fn()
  const parcel = wrap('email', mail)
  await queue.enqueue([parcel])
  const carrier = carrying({ email }, { onGivenUp })

  await carrier.drain()
  time += DAY
  await carrier.drain()

  expect(email).toHaveBeenCalledOnce()
  expect(onGivenUp).toHaveBeenCalledExactlyOnceWith('email', 'smtp-550', parcel.id)
  expect(queue.ids()).toEqual([])
})

describe('no doubles', () => {
  test('race: two couriers on one queue deliver 100 parcels once each', async () => {
    const delivered: string[] = []
    const email: Handlers['email'] = async (_, { id }) => {
      await new Promise((resolve) => setImmediate(resolve))
      delivered.push(id)
    }
    const parcels = Array.from({ length: 100 }, () => wrap('email', mail))
    await queue.enqueue(parcels)

    const attempts = await Promise.all([carrying({ email }).drain(), carrying({ email }).drain()])

    expect(delivered.toSorted()).toEqual(parcels.map((parcel) => parcel.id).toSorted())
    expect(Math.min(...attempts)).toBeGreaterThan(0)
  })

  test('a courier that died with a parcel in hand: the next delivers it, after the lease and not before', async () => {
    const email = vi.fn(async () => undefined)
    await queue.enqueue([wrap('email', mail)])
    await queue.claim(time, time + MINUTE, 1)
    const next = carrying({ email })

    time += MINUTE - 1
    expect(await next.drain()).toBe(0)
    time += 1
    expect(await next.drain()).toBe(1)

    expect(email).toHaveBeenCalledExactlyOnceWith(mail, expect.objectContaining({ attempt: 2 }))
    expect(queue.ids()).toEqual([])
  })

  test('a courier that comes back late cannot put off what another has taken over', async () => {
    const onDelivered = vi.fn()
    await queue.enqueue([wrap('email', mail)])
    const stuck = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    const email: Handlers['email'] = () => {
      reached.resolve()
      return stuck.promise
    }
    const late = carrying({ email }, { onDelivered }).drain()
    await reached.promise

    time += 2 * MINUTE
    const [again] = await queue.claim(time, time + MINUTE, 1)
    stuck.resolve()
    await late

    expect(onDelivered).not.toHaveBeenCalled()
    expect(queue.ids()).toEqual([again?.id])
  })

  test('a store that cannot keep the outcome at once is asked again, and the parcel is not sent again', async () => {
    const email = vi.fn(async () => undefined)
    await queue.enqueue([wrap('email', mail)])
    queue.failOn('settle', 3)
    const carrier = carrying({ email })

    await carrier.drain()
    time += DAY
    await carrier.drain()

    expect(email).toHaveBeenCalledOnce()
    expect(queue.ids()).toEqual([])
  })

  test('a claim that took nearly the whole lease is not acted on', async () => {
    const email = vi.fn(async () => undefined)
    await queue.enqueue([wrap('email', mail)])
    const claim: MemoryQueue['claim'] = async (...asked) => {
      const parcels = await queue.claim(...asked)
      time += 45 * SECOND
      return parcels
    }
    await carrying({ email }, { store: { ...queue, claim } }).drain()
    expect(email).not.toHaveBeenCalled()
    expect(queue.ids()).toHaveLength(1)
  })
})

test('an attempt that does not end is cut off, told so, and tried again', async () => {
  const seen: AbortSignal[] = []
  const email: Handlers['email'] = (_, { signal }) => {
    seen.push(signal)
    return seen.length === 1 ? new Promise(() => undefined) : Promise.resolve()
  }
  await queue.enqueue([wrap('email', mail)])
  const carrier = carrying({ email }, { limit: 20 })

  await carrier.drain()
  expect(seen[0]?.aborted).toBe(true)
  time += 10 * SECOND
  await carrier.drain()

  expect(seen).toHaveLength(2)
  expect(queue.ids()).toEqual([])
})

test('at most five are carried at once, and a slow one holds up nobody else', async () => {
  let running = 0
  let most = 0
  const slow = Promise.withResolvers<void>()
  let quick = 0
  const email: Handlers['email'] = async ({ subject }) => {
    running += 1
    most = Math.max(most, running)
    if (subject === 'slow') await slow.promise
    else await new Promise((resolve) => setImmediate(resolve))
    running -= 1
    quick += subject === 'slow' ? 0 : 1
    if (quick === 30) slow.resolve()
  }
  const quickOnes = Array.from({ length: 30 }, () => wrap('email', mail))
  await queue.enqueue([wrap('email', { ...mail, subject: 'slow' }), ...quickOnes])

  expect(await carrying({ email }).drain()).toBe(31)
  expect(most).toBe(5)
})

test('a parcel whose key is missing stays, and goes out when the key is back', async () => {
  const other = sealer(keyring([{ id: 'gone', key: Buffer.alloc(32, 9) }]), 'parcel')
  const email = vi.fn(async () => undefined)
  const onGivenUp = vi.fn()
  await queue.enqueue([wrapper(other, now)('email', mail)])

  await attemptsOf(carrying({ email }, { onGivenUp }), 2 * HOUR)
  expect(queue.ids()).toHaveLength(1)
  expect(logged.join('')).toContain('unknown-key')

  time += MINUTE * 5
  await carrying({ email }, { seal: other }).drain()
  expect(email).toHaveBeenCalledExactlyOnceWith(mail, expect.anything())
  expect(onGivenUp).not.toHaveBeenCalled()
  expect(queue.ids()).toEqual([])
})

test('a parcel for a channel that nobody carries here stays in the queue', async () => {
  await queue.enqueue([wrap('sms', sms)])
  await carrying({}).drain()
  expect(queue.ids()).toHaveLength(1)
})

test('a store that is away neither stops the courier nor is asked at every poll', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    // Nothing in memory takes longer, however busy the machine is.
    const settled = async () => {
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    }
    const email = vi.fn(async () => undefined)
    const claim = vi.spyOn(queue, 'claim')
    await queue.enqueue([wrap('email', mail)])
    queue.failOn('claim', 4)
    const carrier = carrying({ email })
    carrier.start()
    await settled()
    for (let poll = 0; poll < 20; poll += 1) {
      time += SECOND
      vi.advanceTimersByTime(SECOND)
      await settled()
    }
    await carrier.stop()
    expect(email).toHaveBeenCalledOnce()
    // Rests of 1, 2, 4 and 8 seconds.
    const asked = claim.mock.calls.slice(0, 5).map(([at]) => (at - START) / SECOND)
    expect(asked).toEqual([0, 1, 3, 7, 15])
  } finally {
    vi.useRealTimers()
  }
})

test('a kick carries at once, without waiting for the next poll', async () => {
  const done = Promise.withResolvers<void>()
  const carrier = carrying({ email: async () => done.resolve() })
  await carrier.drain()
  await queue.enqueue([wrap('email', mail)])
  carrier.kick()
  await done.promise
  await carrier.stop()
  expect(queue.ids()).toEqual([])
})

test('stopping finishes what is in hand and takes nothing new', async () => {
  const slow = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  let handed = 0
  const email: Handlers['email'] = () => {
    handed += 1
    if (handed === 5) reached.resolve()
    return slow.promise
  }
  await queue.enqueue(Array.from({ length: 8 }, () => wrap('email', mail)))
  const carrier = carrying({ email })
  carrier.start()
  await reached.promise

  const stopped = carrier.stop()
  slow.resolve()
  await stopped

  expect(handed).toBe(5)
  expect(queue.ids()).toHaveLength(3)
  expect(await carrier.drain()).toBe(0)
})

test('a listener that fails does not bring the parcel back', async () => {
  await queue.enqueue([wrap('email', mail)])
  const onDelivered = () => Promise.reject(new Error('audit is away'))
  await carrying({ email: async () => undefined }, { onDelivered }).drain()
  expect(queue.ids()).toEqual([])
})

test('nothing of the content, nor of what the server said, reaches the log', async () => {
  await queue.enqueue([wrap('email', mail), wrap('sms', sms)])
  await attemptsOf(carrying({ email: refuses, sms: refuses }), 10 * MINUTE)
  expect(logged.join('')).toContain('smtp-451')
  expect(logged.join('')).not.toMatch(/canary|sanne|sigma\.example|\+316/)
})

test('what was given up is kept with its reason and handed to nobody, until it is wanted all the same', async () => {
  let away = true
  const email = vi.fn(async () => {
    if (away) throw new Undeliverable('smtp-550', '550 no such mailbox')
  })
  const parcel = wrap('email', mail, 'sanne')
  await queue.enqueue([parcel])
  const carrier = carrying({ email })
  await carrier.drain()
  expect([queue.ids(), queue.givenUp()]).toEqual([[], [[parcel.id, 'smtp-550']]])
  time += 2 * DAY
  expect(await carrier.drain()).toBe(0)
  away = false
  expect(await queue.expedite(parcel.id, now())).toBe(true)
  expect(await carrier.drain()).toBe(1)
  expect([email.mock.calls.length, queue.ids(), queue.givenUp()]).toEqual([2, [], []])
})

test('a text message that was given up is not kept: the code in it is worth nothing by then', async () => {
  await queue.enqueue([wrap('sms', sms, 'sanne')])
  await carrying({ sms: async () => Promise.reject(new Undeliverable('twilio-21610', 'no')) }).drain()
  expect([queue.ids(), queue.givenUp()]).toEqual([[], []])
})

test('a parcel says whom it is for: by its content, or by whoever wraps it', () => {
  expect(wrap('logout', { clientId: 'portal', accountId: 'sanne' }).accountId).toBe('sanne')
  expect(wrap('email', mail, 'sanne').accountId).toBe('sanne')
  expect(wrap('link', { email: 'x@sigma.example', correlation: 'c' })).not.toHaveProperty('accountId')
})
