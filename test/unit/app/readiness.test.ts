/** readiness.ts: what an operator is told, and what is never a reason to be restarted. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { type ReadinessParts, readiness } from '../../../src/app/readiness.ts'
import { logger } from '../../../src/lib/log.ts'
import { SECOND } from '../../../src/lib/time.ts'

const log = logger('silent')
const NOON = Date.UTC(2026, 10, 22, 12)

function troubles(store: Partial<ReadinessParts['store']>, wall = () => NOON): Promise<string[]> {
  return readiness({ store: { pings: { sqlite: async () => undefined }, ...store }, wall, log }).troubles()
}

test('nothing is in the way where the store keeps things', async () => {
  expect(await troubles({})).toEqual([])
})

test('a store that fails is told by its name, without what it said', async () => {
  const mongodb = async () => Promise.reject(new Error('mongodb://user:canary@db'))
  const redis = async () => undefined
  expect(await troubles({ pings: { mongodb, redis } })).toEqual(['MongoDB does not answer, or cannot keep anything'])
})

test('a store that hangs is told in the end, and nobody waits for it', async () => {
  const never = () => new Promise<never>(() => undefined)
  const health = readiness({
    store: { pings: { mongodb: never, redis: never }, time: never },
    wall: () => NOON,
    log,
    slow: 10,
  })
  expect(await health.troubles()).toEqual([
    'MongoDB needs too long for one small write',
    'Redis needs too long for one small write',
  ])
})

test.each([
  [9 * SECOND, []],
  [-9 * SECOND, []],
  [11 * SECOND, ['the clock of this machine is 11 s behind the store’s']],
  [-600 * SECOND, ['the clock of this machine is 600 s ahead of the store’s']],
])('a store whose clock is %i ms ahead', async (skew, told) => {
  expect(await troubles({ time: async () => NOON + skew })).toEqual(told)
})

test('an answer that took long is compared with the middle of the wait', async () => {
  const moments = [NOON, NOON + 16 * SECOND]
  expect(await troubles({ time: async () => NOON + 8 * SECOND }, () => moments.shift() ?? NOON)).toEqual([])
})

test('a clock that cannot be asked is the store’s trouble, told once', async () => {
  const redis = async () => Promise.reject(new Error('down'))
  const time = async () => Promise.reject(new Error('down'))
  expect(await troubles({ pings: { redis }, time })).toHaveLength(1)
})

test('a process that stood still is not sent requests for ten seconds', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const health = readiness({ store: { pings: { sqlite: async () => undefined } }, wall: () => NOON, log })
  health.start()
  vi.advanceTimersByTime(1000)
  expect(await health.troubles()).toEqual([])
  const now = performance.now()
  vi.spyOn(performance, 'now').mockReturnValue(now + 6 * SECOND)
  vi.advanceTimersByTime(1000)
  expect(await health.troubles()).toEqual(['this process stood still for 5 s'])
  vi.spyOn(performance, 'now').mockReturnValue(now + 17 * SECOND)
  expect(await health.troubles()).toEqual([])
  health.stop()
  vi.restoreAllMocks()
})
