/**
 * Whether to believe the clock of this machine where it decides what is removed for good. A machine may start with a clock
 * that stopped, or that somebody set to another year; by such a clock nearly all that is kept would be old at once.
 *
 * The store knows the last moment that was believed. A present that is far from that is not believed until the clock was
 * mended or an operator has said that it is right. Nor is any clock for an hour after it was set by an hour or more.
 */
import { type Clock, DAY, HOUR } from './time.ts'

export interface KnownTimeStore {
  /** The last moment that was believed; undefined before the first. */
  findKnownTime(): Promise<number | undefined>
  putKnownTime(at: number): Promise<void>
}

/** An installation that runs knows the present to within an hour, and one is seldom off for longer than this. */
export const FAR_AFTER = 7 * DAY
/** A clock that is behind removes less; one that is right, and knows a moment to come, would believe whoever sets it to that. */
export const FAR_BEFORE = DAY
/** What is set by less than this makes nothing old that would not be within the hour. */
const MATTERS = HOUR
/** Whoever sets a clock, man or NTP, is done with it by then. */
const SETTLED = HOUR
/** Whichever clock is set again and again meanwhile, as that of a machine that sleeps each hour, is believed by then. */
const LONGEST = 3 * HOUR

/** On which side the present is too far from what is known; undefined if it is not. */
export function farFrom(known: number | undefined, now: number): 'after' | 'before' | undefined {
  if (known === undefined) return undefined
  if (now - known > FAR_AFTER) return 'after'
  return known - now > FAR_BEFORE ? 'before' : undefined
}

/**
 * Tells whether the clock was set within the last hour, by one that nobody can set, from the moment on at which this is
 * made. Steps that do not matter add up until they do. What happens is seen at the next look: to slew a clock (RFC 5905
 * section 12) is not to set it.
 */
export function settingsOf(wall: Clock, steady: Clock): () => boolean {
  let apart = wall() - steady()
  let firstAt = Number.NEGATIVE_INFINITY
  let lastAt = Number.NEGATIVE_INFINITY

  return () => {
    const at = steady()
    const found = wall() - at
    if (Math.abs(found - apart) >= MATTERS) {
      // What was not believed for an hour in between is still the same.
      if (at - lastAt >= 2 * SETTLED) firstAt = at
      lastAt = at
      apart = found
    }
    return at - lastAt < SETTLED && at - firstAt < LONGEST
  }
}
