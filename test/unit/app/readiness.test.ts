/** readiness.ts: what an operator is told, and what is never a reason to be restarted. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { type ReadinessParts, readiness, storeTrouble } from '../../../src/app/readiness.ts'
import { AppError } from '../../../src/lib/errors.ts'
import { logger } from '../../../src/lib/log.ts'
import { SECOND } from '../../../src/lib/time.ts'

const log = logger('silent')
const NOON = Date.UTC(2026, 10, 22, 12)

type Parts = Partial<ReadinessParts['store']>
const KEEPS: Parts = { pings: { sqlite: async () => undefined } }
const never = () => new Promise<never>(() => undefined)
const down = async () => Promise.reject(new Error('mongodb://user:canary@db'))

function ready(store: Parts = {}, more: Partial<ReadinessParts> = {}) {
  return readiness({ store: { pings: {}, ...KEEPS, ...store }, wall: () => NOON, log, slow: 10, ...more })
}

async function troubles(store: Parts, wall = () => NOON): Promise<string[]> {
  return (await ready(store, { wall }).troubles()).map(({ reason, text }) => `${reason}: ${text}`)
}

/** What is in the log, and how to make time pass. */
function started(store: Parts) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const lines: Array<{ level: string; msg: string; reasons?: string[] }> = []
  const health = ready(store, { log: logger('info', { write: (line: string) => void lines.push(JSON.parse(line)) }) })
  health.start()
  onTestFinished(() => health.stop())
  return {
    health,
    told: () => lines.map(({ level, msg, reasons }) => [level, msg, ...(reasons ?? [])].join(' ')),
    /** A second at a time, and the answers of what does not hang. */
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second += 1) {
        vi.advanceTimersByTime(SECOND)
        await settled()
      }
    },
  }
}

const settled = () => new Promise(setImmediate)

test('nothing is in the way where the store keeps things', async () => {
  expect(await troubles({})).toEqual([])
})

test('a store that fails is told by its name, without what it said', async () => {
  const redis = async () => undefined
  expect(await troubles({ pings: { mongodb: down, redis } })).toEqual([
    'mongodb: MongoDB does not answer, or cannot keep anything',
  ])
})

test('stores that hang are told in the end, and nobody waits for them', async () => {
  expect(await troubles({ pings: { mongodb: never, redis: never }, time: never })).toEqual([
    'mongodb: MongoDB needs too long for one small write',
    'redis: Redis needs too long for one small write',
  ])
})

test('a store that hangs is asked once, however many look', async () => {
  const mongodb = vi.fn(never)
  const health = ready({ pings: { mongodb } })
  for (const _ of [1, 2, 3])
    expect(await Promise.all([health.troubles(), health.troubles()])).toMatchObject([[{}], [{}]])
  expect(mongodb).toHaveBeenCalledTimes(1)
})

test.each([
  [9 * SECOND, []],
  [-9 * SECOND, []],
  [11 * SECOND, ['clock: the clock of this machine is 11 s behind the store’s']],
  [-600 * SECOND, ['clock: the clock of this machine is 600 s ahead of the store’s']],
])('a store whose clock is %i ms ahead', async (skew, told) => {
  expect(await troubles({ time: async () => NOON + skew })).toEqual(told)
})

test('an answer that took long is compared with the middle of the wait', async () => {
  const moments = [NOON, NOON + 16 * SECOND]
  expect(await troubles({ time: async () => NOON + 8 * SECOND }, () => moments.shift() ?? NOON)).toEqual([])
})

test('a clock that cannot be asked is the store’s trouble, told once', async () => {
  expect(await troubles({ pings: { redis: down }, time: down })).toHaveLength(1)
})

test('a process that stood still is not sent requests for ten seconds', async () => {
  const { health, pass } = started(KEEPS)
  await pass(1)
  expect(await health.troubles()).toEqual([])
  const now = performance.now()
  vi.spyOn(performance, 'now').mockReturnValue(now + 6 * SECOND)
  await pass(1)
  expect(health.known()).toEqual([{ reason: 'stood-still', text: 'this process stood still for 5 s' }])
  vi.spyOn(performance, 'now').mockReturnValue(now + 17 * SECOND)
  expect(await health.troubles()).toEqual([])
  vi.restoreAllMocks()
})

test('the log says ready and not ready, with the reasons, at each change and only then, though nobody asks', async () => {
  let answer: () => Promise<void> = async () => undefined
  const { health, told, pass } = started({ pings: { mongodb: async () => answer(), redis: async () => undefined } })
  await pass(1)
  expect(told()).toEqual(['info ready'])
  answer = down
  health.suspect()
  await pass(3)
  expect(told()).toEqual(['info ready', 'warn not ready mongodb'])
  expect(health.known()).toMatchObject([{ reason: 'mongodb' }])
  answer = async () => undefined
  await pass(3)
  expect(told()).toEqual(['info ready', 'warn not ready mongodb', 'info ready'])
})

test('a store that keeps things is written to twice a minute by itself; one that did not answer somebody, within a second', async () => {
  const sqlite = vi.fn(async () => undefined)
  const { health, pass } = started({ pings: { sqlite } })
  await pass(60)
  expect(sqlite.mock.calls.length).toBeLessThanOrEqual(3)
  sqlite.mockClear()
  health.suspect()
  await pass(1)
  expect(sqlite).toHaveBeenCalledTimes(1)
})

test('a disk that failed is told without asking it again', async () => {
  const sqlite = vi.fn(async () => undefined)
  const failed = Promise.resolve(new Error('EIO'))
  const health = ready({ pings: { sqlite }, failed })
  await failed
  expect(await health.troubles()).toMatchObject([{ reason: 'disk' }])
  expect(sqlite).not.toHaveBeenCalled()
})

test('a store that is another server’s by now is told without asking it again, and not as a broken disk', async () => {
  const sqlite = vi.fn(async () => undefined)
  const failed = Promise.resolve(new AppError('store-lost', 'another server has it'))
  const health = ready({ pings: { sqlite }, failed })
  await failed
  expect(await health.troubles()).toEqual([{ reason: 'sqlite', text: 'another server has it: this process ends' }])
  expect(sqlite).not.toHaveBeenCalled()
})

test('a process that stops is not ready, asks nothing, and leaves it to others to say so', async () => {
  const { health, told, pass } = started({ pings: { mongodb: never } })
  await health.troubles()
  health.drain()
  expect(await health.troubles()).toEqual([{ reason: 'stopping', text: 'stopping' }])
  expect(health.known()).toEqual([{ reason: 'stopping', text: 'stopping' }])
  await pass(2)
  expect(told()).toEqual(['warn not ready mongodb'])
})

test('what was not answered is heard by whoever listens, and nothing else', () => {
  const { observer, listen } = storeTrouble()
  const tell = observer('mongodb', 'people.find')
  const heard = vi.fn()
  tell(1, 'unavailable')
  listen(heard)
  for (const outcome of ['ok', 'refused', 'failed', 'unavailable'] as const) tell(1, outcome)
  expect(heard).toHaveBeenCalledTimes(1)
})
