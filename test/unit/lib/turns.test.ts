/** lib/turns.ts, within one process and between several. */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { inTurn, type LeaseStore } from '../../../src/lib/turns.ts'

/** Leases as a store keeps them, without their running out. */
function leases(): LeaseStore & { held: Map<string, string>; seen: string[] } {
  const held = new Map<string, string>()
  const seen: string[] = []
  return {
    held,
    seen,
    async acquire(key, holder) {
      seen.push(key)
      if (held.has(key)) return false
      held.set(key, holder)
      return true
    },
    async release(key, holder) {
      if (held.get(key) === holder) held.delete(key)
    },
  }
}

/** Work that notices when another is on at the same time. */
function stage() {
  let on = 0
  let most = 0
  let done = 0
  return {
    async enter() {
      on += 1
      most = Math.max(most, on)
      await pause(1)
      on -= 1
      done += 1
    },
    seen: () => ({ most, done }),
  }
}

test('of several with one key one is on at a time, in the order in which they came; another key does not wait', async () => {
  const turns = inTurn()
  const order: number[] = []
  const { enter, seen } = stage()
  const first = Array.from({ length: 5 }, (_, n) =>
    turns('a', async (waited) => {
      expect(waited).toBe(n > 0)
      await enter()
      order.push(n)
    }),
  )
  let other = false
  await turns('b', async () => {
    other = order.length === 0
  })
  await Promise.all(first)
  expect(order).toEqual([0, 1, 2, 3, 4])
  expect(other).toBe(true)
  expect(seen()).toEqual({ most: 1, done: 5 })
})

test('one that fails lets the next one on, and is told of its own fault only', async () => {
  const shared = leases()
  const turns = inTurn(shared)
  const failing = turns('a', () => Promise.reject(new Error('mine')))
  const next = turns('a', async () => 'next')
  await expect(failing).rejects.toThrow('mine')
  expect(await next).toBe('next')
  expect(shared.held.size).toBe(0)
})

test('nobody waits until a turn is given back, and whoever is next asks after that', async () => {
  const asked: string[] = []
  const turns = inTurn({
    acquire: async () => asked.push('acquire') > 0,
    release: () => {
      asked.push('release')
      return new Promise(() => undefined)
    },
  })
  await Promise.all([turns('a', async () => undefined), turns('a', async () => undefined)])
  expect(asked).toEqual(['acquire', 'release', 'acquire', 'release'])
})

test('between processes that share leases one is on at a time as well', async () => {
  const shared = leases()
  const nodes = [inTurn(shared), inTurn(shared), inTurn(shared)]
  const { enter, seen } = stage()
  await Promise.all(Array.from({ length: 60 }, (_, n) => nodes[n % 3]?.('a', enter)))
  expect(seen()).toEqual({ most: 1, done: 60 })
  expect(shared.held.size).toBe(0)
})

test('whoever had to wait for another process is told so', async () => {
  const shared = leases()
  const over = Promise.withResolvers<void>()
  const first = inTurn(shared)('a', () => over.promise)
  const waiting = inTurn(shared)('a', async (waited) => waited)
  // Long enough for it to have asked.
  await pause(20)
  over.resolve()
  expect([await first, await waiting]).toEqual([undefined, true])
  // What names a turn may be a secret.
  expect(shared.seen).not.toContain('a')
})

test.each([
  ['this process', (one: LeaseStore) => Array.from({ length: 2 }, () => inTurn(one)).fill(inTurn(one))],
  ['another process', (one: LeaseStore) => [inTurn(one), inTurn(one)]],
])('whoever waits for %s looks when the wait begins, once, and before its turn', async (_whom, nodes) => {
  const [one, two] = nodes(leases())
  const over = Promise.withResolvers<void>()
  const events: string[] = []
  const note = (what: string) => async () => void events.push(what)
  const first = one?.('a', () => over.promise.then(note('first')), note('first looks'))
  const second = two?.('a', note('second'), note('second looks'))
  await pause(20)
  over.resolve()
  await Promise.all([first, second])
  expect(events).toEqual(['second looks', 'first', 'second'])
})

test('whoever cannot look has no turn, and the next one has', async () => {
  const turns = inTurn()
  const first = turns('a', () => pause(1))
  const { enter, seen } = stage()
  const second = turns('a', enter, () => Promise.reject(new Error('down')))
  await expect(second).rejects.toThrow('down')
  await turns('a', enter)
  await first
  expect(seen().done).toBe(1)
})

test('a lease that cannot be given back does not undo what was done', async () => {
  const shared = { ...leases(), release: () => Promise.reject(new Error('down')) }
  expect(await inTurn(shared)('a', async () => 'done')).toBe('done')
})

test('without the store of the leases nothing is done', async () => {
  const shared = { ...leases(), acquire: () => Promise.reject(new Error('down')) }
  const { enter, seen } = stage()
  await expect(inTurn(shared)('a', enter)).rejects.toThrow('down')
  expect(seen().done).toBe(0)
})

test('whoever waits too long behind a slow one is refused, and does not get a turn later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const turns = inTurn()
  const slow = Promise.withResolvers<void>()
  const first = turns('a', () => slow.promise)
  let late = false
  const second = turns('a', async () => {
    late = true
  })
  const refused = expect(second).rejects.toMatchObject({ code: 'store-unavailable', status: 503, retryAfter: 5 })
  await vi.advanceTimersByTimeAsync(11_000)
  await refused
  slow.resolve()
  await first
  expect(await turns('a', async () => 'third')).toBe('third')
  expect(late).toBe(false)
})
