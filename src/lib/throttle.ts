/**
 * Counting tries, and making the next one wait.
 *
 * A try is spent before the secret is checked, in one atomic write, so that parallel guesses cannot outrun the limit
 * (CVE-2024-4629 is what happens otherwise). What is a try, and on which key it is counted, is the caller's business.
 */
import { type Clock, HOUR, SECOND } from './time.ts'

/** Failed tries in a row on one key. */
export interface StreakRule {
  /** Tries that may follow each other freely. */
  free: number
  /** Tries in a row after which the key is closed until someone opens it (NIST SP 800-63B-4 section 3.2.2). */
  cap: number
}

/** Tries on one key within a window of time. */
export interface WindowRule {
  most: number
  /** Milliseconds. */
  window: number
}

export type Spent = { ok: true } | { ok: false; reason: 'wait'; retryAt: number } | { ok: false; reason: 'closed' }

/** What the throttle needs kept. Both `spend…` are one atomic conditional write each. */
export interface CounterStore {
  /**
   * If `key` is not blocked at `now` and counts fewer than `cap`: adds one, blocks the key until
   * `now + delays[count - 1]` (the last delay stands for all later ones; 0 is none), and returns ok. Otherwise changes
   * nothing and returns why.
   */
  spendStreak(key: string, now: number, cap: number, delays: number[]): Promise<Spent>
  /**
   * If `key` has no window that is still open at `now`, opens one until `now + window` with count 1. If it has and
   * counts fewer than `most`, adds one. Otherwise changes nothing and returns when the window ends.
   */
  spendWindow(key: string, now: number, most: number, window: number): Promise<Spent>
  /** Takes one back, never below zero; nothing if the key is not there. */
  refund(key: string): Promise<void>
  /** Forgets the keys. */
  reset(keys: string[]): Promise<void>
  /** How many a key counts now, 0 if it is not there. */
  count(key: string): Promise<number>
  /** Drops windows that ended and streaks untouched since before `now - 400 days`. Cleaning only. */
  sweepCounters(now: number): Promise<number>
}

export interface Throttle {
  streak(key: string, rule: StreakRule): Promise<Spent>
  window(key: string, rule: WindowRule): Promise<Spent>
  refund(key: string): Promise<void>
  reset(...keys: string[]): Promise<void>
  count(key: string): Promise<number>
}

const FIRST_DELAY = 30 * SECOND
const LONGEST_DELAY = HOUR

/** No delay for the free tries, then 30 s, doubling to one hour: the delay after each try, in milliseconds. */
export function delays(free: number): number[] {
  const growing: number[] = []
  for (let delay = FIRST_DELAY; delay < LONGEST_DELAY; delay *= 2) growing.push(delay)
  return [...Array<number>(Math.max(0, free - 1)).fill(0), ...growing, LONGEST_DELAY]
}

export function throttle(store: CounterStore, now: Clock): Throttle {
  return {
    streak: (key, rule) => store.spendStreak(key, now(), rule.cap, delays(rule.free)),
    window: (key, rule) => store.spendWindow(key, now(), rule.most, rule.window),
    refund: (key) => store.refund(key),
    reset: (...keys) => store.reset(keys),
    count: (key) => store.count(key),
  }
}
