/** The clock of a test: it stands where it is put, for the whole product, while timers go on as ever. */
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest'

/** From now on the clock goes only when it is told to. */
export function stopClock(now = Date.now()): void {
  vi.useFakeTimers({ toFake: ['Date'], now })
}

export function pass(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds)
}

export function setClock(time: number): void {
  vi.setSystemTime(time)
}

/** Each test begins at the machine's time. */
export function clockOfEachTest(): void {
  beforeEach(() => stopClock())
  afterEach(() => void vi.useRealTimers())
}

/**
 * One clock for all tests of a file: it never goes back, as a code works once. To be called before the hooks that start
 * something.
 */
export function clockOfAllTests(now?: number): void {
  beforeAll(() => stopClock(now))
  afterAll(() => void vi.useRealTimers())
}
