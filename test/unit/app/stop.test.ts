/** What the end of a server waits for, and for how long. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { logger } from '../../../src/lib/log.ts'
import { SECOND } from '../../../src/lib/time.ts'
import { stopWhenDue } from '../../../src/stop.ts'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
const before = SIGNALS.map((signal) => process.listeners(signal))

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  for (const [at, signal] of SIGNALS.entries())
    for (const added of process.listeners(signal)) if (!before[at]?.includes(added)) process.off(signal, added)
})

test('a request that never ends keeps nothing from being written: all is closed, and the exit says that it was cut off', async () => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never)
  const close = vi.fn(async () => undefined)
  const app = { drainRequests: () => undefined, close, core: { store: {} } }
  const slow = { announce: () => undefined, close: () => new Promise<void>(() => undefined), underWay: () => 1 }
  const stop = stopWhenDue({ production: true }, app, [slow], logger('silent'))
  void stop({ reason: 'test' })
  await vi.advanceTimersByTimeAsync(19 * SECOND)
  expect(close).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(SECOND)
  expect(close).toHaveBeenCalledOnce()
  expect(exit.mock.calls).toEqual([[1]])
})
