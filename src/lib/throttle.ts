/**
 * Counting tries, and making the next one wait.
 *
 * A streak spends a try before the secret is checked, in one atomic write that tells the new count, so that parallel
 * guesses cannot outrun the limit (CVE-2024-4629 is what happens otherwise). Where only failures count, a window may be
 * looked at before and counted on after; then the caller bounds how many can be under way in between. The caller also
 * says what a try is, and on which key it is counted.
 */
import type { Done, Outcome } from './outcome.ts'
import { type Clock, DAY, HOUR, SECOND } from './time.ts'
import { apart } from './unit-of-work.ts'

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

export type Spent = Outcome<Done, 'closed', 'wait'>
export type Refused = Exclude<Spent, { ok: true }>
/** `count` includes the try that was spent. */
export type SpentInRow = Outcome<{ count: number }, 'closed', 'wait'>

/** A key that begins so names what passes itself: a sitting, a browser, an address of nobody. It is forgotten in days. */
export const PASSING = 'passing/'
/** By the beginning of their keys: streaks that are dropped when they were not touched for `PASSING_LIFE`. */
export const PASSING_KEYS: readonly string[] = [
  PASSING,
  // What releases before counted by address: an address of nobody may be a password that was typed in the wrong field.
  'password/stranger/',
  'password/known/',
]
export const PASSING_LIFE = 7 * DAY
/** Failures in a row are counted over as long as it takes (NIST SP 800-63B-4 section 3.2.2). */
export const STREAK_LIFE = 400 * DAY

export interface WindowTry {
  key: string
  most: number
  window: number
}

export interface StreakTry {
  key: string
  cap: number
  delays: number[]
}

/** What the throttle needs kept. Each `spend…` decides in the write itself. */
export interface CounterStore {
  /**
   * If `key` is not blocked at `now` and counts fewer than `cap`: adds one, blocks the key until
   * `now + delays[count - 1]` (the last delay stands for all later ones), and returns the count. Otherwise changes
   * nothing and returns why. A delay of 0 blocks nobody, not even whoever read a clock that is behind.
   */
  spendStreak(key: string, now: number, cap: number, delays: number[]): Promise<SpentInRow>
  /** Takes back a try of a streak that was not looked at: one less, and the delay that it began is over. */
  refundStreak(key: string): Promise<void>
  /** Ends the delays of these streaks; what they count stays. */
  endDelays(keys: string[]): Promise<void>
  /**
   * If `key` has no window that is still open at `now`, opens one until `now + window` with count 1. If it has and
   * counts fewer than `most`, adds one. Otherwise changes nothing and returns when the window ends.
   */
  spendWindow(key: string, now: number, most: number, window: number): Promise<Spent>
  /**
   * One try in a window and on a streak: spent on both, or on neither. Of two that refuse, the window is told of. Where
   * the two are two writes, the one in the window is taken back.
   */
  spendBoth(window: WindowTry, streak: StreakTry, now: number): Promise<SpentInRow>
  /** Changes nothing: whether all of these windows have room at `now`, or else when the last of the full ones ends. */
  peekWindows(windows: Array<{ key: string; most: number }>, now: number): Promise<Spent>
  /** Takes one try of a window back, never below zero; nothing if the key is not there. */
  refund(key: string): Promise<void>
  /** Forgets the keys. */
  reset(keys: string[]): Promise<void>
  /** How many a key counts now, 0 if it is not there. */
  count(key: string): Promise<number>
  /** Drops windows that ended, and streaks that were untouched for longer than they live. Cleaning only. */
  sweepCounters(now: number): Promise<number>
}

export interface Throttle {
  streak(key: string, rule: StreakRule): Promise<SpentInRow>
  refundStreak(key: string): Promise<void>
  endDelays(...keys: string[]): Promise<void>
  /** Counts on a streak that refuses nobody: how many there are now. */
  tally(key: string): Promise<number>
  window(key: string, rule: WindowRule): Promise<Spent>
  /**
   * True for whoever comes first with this key, for so many milliseconds. For what nobody guesses: it becomes durable with
   * what follows from it, and costs no commit of its own.
   */
  first(key: string, life: number): Promise<boolean>
  /** A try in a window and on a streak, or on neither. */
  both(window: [key: string, rule: WindowRule], streak: [key: string, rule: StreakRule]): Promise<SpentInRow>
  peek(windows: Array<[key: string, rule: WindowRule]>): Promise<Spent>
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
  // In no unit of work: what a try may reveal is looked at only when the try is durable.
  return {
    streak: (key, rule) => apart(() => store.spendStreak(key, now(), rule.cap, delays(rule.free))),
    refundStreak: (key) => store.refundStreak(key),
    endDelays: (...keys) => store.endDelays(keys),
    async tally(key) {
      const spent = await store.spendStreak(key, now(), Number.MAX_SAFE_INTEGER, [0])
      return spent.ok ? spent.count : store.count(key)
    },
    window: (key, rule) => apart(() => store.spendWindow(key, now(), rule.most, rule.window)),
    first: async (key, life) => (await store.spendWindow(key, now(), 1, life)).ok,
    both: ([day, window], [key, { free, cap }]) =>
      apart(() => store.spendBoth({ key: day, ...window }, { key, cap, delays: delays(free) }, now())),
    peek: (windows) =>
      store.peekWindows(
        windows.map(([key, { most }]) => ({ key, most })),
        now(),
      ),
    refund: (key) => store.refund(key),
    reset: (...keys) => store.reset(keys),
    count: (key) => store.count(key),
  }
}
