import { availableParallelism } from 'node:os'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { defaultGate } from '../../../src/accounts/password.ts'
import { semaphore } from '../../../src/lib/semaphore.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Work that lasts until it is told to end. */
function task() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const work = vi.fn(() => promise)
  return { work, end: () => resolve('done'), fail: () => reject(new Error('broken')) }
}

const busy = { code: 'busy', status: 503, retryAfter: 5 }

test('as many run as there is room for, and the next begins when one ends', async () => {
  const gate = semaphore({ running: 2, waiting: 5, patience: 1000 })
  const [a, b, c] = [task(), task(), task()]
  const first = gate(a.work)
  void gate(b.work)
  const third = gate(c.work)
  await vi.advanceTimersByTimeAsync(0)
  expect([a, b, c].map((each) => each.work.mock.calls.length)).toEqual([1, 1, 0])
  a.end()
  expect(await first).toBe('done')
  await vi.advanceTimersByTimeAsync(0)
  expect(c.work).toHaveBeenCalledOnce()
  c.end()
  expect(await third).toBe('done')
})

test('those who wait are served in the order they came', async () => {
  const gate = semaphore({ running: 1, waiting: 5, patience: 1000 })
  const order: number[] = []
  const turns = [1, 2, 3, 4].map((turn) => gate(async () => order.push(turn)))
  await Promise.all(turns)
  expect(order).toEqual([1, 2, 3, 4])
})

test('one more than may wait is refused at once, and its work never begins', async () => {
  const gate = semaphore({ running: 1, waiting: 1, patience: 1000 })
  const [a, b, c] = [task(), task(), task()]
  void gate(a.work)
  void gate(b.work)
  await expect(gate(c.work)).rejects.toMatchObject(busy)
  expect(c.work).not.toHaveBeenCalled()
})

test('whoever is first runs before all who are last, however long these have waited', async () => {
  const gate = semaphore({ running: 1, waiting: 6, patience: 1000 })
  const order: string[] = []
  const work = (name: string) => async () => void order.push(name)
  const running = task()
  void gate(running.work)
  const rest = [
    gate(work('last 1'), 'last'),
    gate(work('last 2'), 'last'),
    gate(work('first 1'), 'first'),
    gate(work('last 3'), 'last'),
    gate(work('first 2')),
  ]
  running.end()
  await Promise.all(rest)
  expect(order).toEqual(['first 1', 'first 2', 'last 1', 'last 2', 'last 3'])
})

test('where no more may wait, whoever is first takes the place of the latest who is last; nobody takes another’s', async () => {
  const gate = semaphore({ running: 1, waiting: 2, patience: 1000 })
  const [running, earlier, later, first, second] = [task(), task(), task(), task(), task()]
  void gate(running.work)
  const kept = gate(earlier.work, 'last')
  const displaced = expect(gate(later.work, 'last')).rejects.toMatchObject(busy)
  const admitted = gate(first.work)
  await displaced
  await expect(gate(task().work, 'last')).rejects.toMatchObject(busy)
  const gone = expect(kept).rejects.toMatchObject(busy)
  const alsoAdmitted = gate(second.work)
  await gone
  await expect(gate(task().work)).rejects.toMatchObject(busy)
  for (const { end } of [running, first, second]) end()
  expect(await Promise.all([admitted, alsoAdmitted])).toEqual(['done', 'done'])
  expect([earlier, later].map(({ work }) => work.mock.calls.length)).toEqual([0, 0])
})

test('who waited too long is refused, and leaves the place in the queue to another', async () => {
  const gate = semaphore({ running: 1, waiting: 1, patience: 1000 })
  const [a, b, c] = [task(), task(), task()]
  void gate(a.work)
  const impatient = expect(gate(b.work)).rejects.toMatchObject(busy)
  await vi.advanceTimersByTimeAsync(999)
  await expect(gate(c.work)).rejects.toMatchObject(busy)
  await vi.advanceTimersByTimeAsync(1)
  await impatient
  const patient = gate(c.work)
  a.end()
  c.end()
  expect(await patient).toBe('done')
  expect(b.work).not.toHaveBeenCalled()
})

test('who was admitted in time is not refused later, and takes nobody else with it', async () => {
  const gate = semaphore({ running: 1, waiting: 1, patience: 1000 })
  const [a, b, c] = [task(), task(), task()]
  void gate(a.work)
  const waited = gate(b.work)
  a.end()
  await vi.advanceTimersByTimeAsync(900)
  const later = gate(c.work)
  await vi.advanceTimersByTimeAsync(200)
  b.end()
  c.end()
  expect(await waited).toBe('done')
  expect(await later).toBe('done')
})

test('work that fails gives its place back', async () => {
  const gate = semaphore({ running: 1, waiting: 0, patience: 1000 })
  const [a, b] = [task(), task()]
  const failing = expect(gate(a.work)).rejects.toThrow('broken')
  a.fail()
  await failing
  const next = gate(b.work)
  b.end()
  expect(await next).toBe('done')
})

test('after a rush there is room for exactly as many as before', async () => {
  const gate = semaphore({ running: 2, waiting: 50, patience: 1000 })
  let running = 0
  let most = 0
  const rush = () =>
    gate(async () => {
      running += 1
      most = Math.max(most, running)
      await Promise.resolve()
      running -= 1
    })
  await Promise.all(Array.from({ length: 40 }, rush))
  await Promise.all(Array.from({ length: 40 }, rush))
  expect(most).toBe(2)
})

test('of passwords as many are hashed at once as there are cores; fifty wait, for twenty seconds, and one more is refused', async () => {
  const gate = defaultGate()
  const running = Array.from({ length: availableParallelism() }, task)
  const admitted = running.map(({ work }) => gate(work))
  let impatient = 0
  for (let each = 0; each < 50; each += 1)
    void gate(task().work).catch(() => {
      impatient += 1
    })
  await expect(gate(task().work)).rejects.toMatchObject(busy)
  await vi.advanceTimersByTimeAsync(19_999)
  expect(impatient).toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(impatient).toBe(50)
  for (const { end } of running) end()
  expect(await Promise.all(admitted)).toEqual(running.map(() => 'done'))
})

test('how long one waits is told by the pace of those before', async () => {
  let at = 0
  const gate = semaphore({ running: 1, waiting: 100, patience: 10_000 }, () => at)
  expect(gate.wait()).toBe(0)
  const tasks = Array.from({ length: 60 }, task)
  for (const { work } of tasks) void gate(work)
  // What nobody knows is guessed.
  expect(gate.wait()).toBe(59 * 25)
  for (const { end } of tasks.slice(0, 50)) {
    end()
    at += 40
    await vi.advanceTimersByTimeAsync(0)
  }
  expect(gate.wait()).toBeGreaterThan(9 * 39)
  expect(gate.wait()).toBeLessThanOrEqual(9 * 40)
  for (const { end } of tasks) end()
  await vi.advanceTimersByTimeAsync(0)
  expect(gate.wait()).toBe(0)
})
