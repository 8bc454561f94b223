/**
 * Whether to believe the clock of this machine where it decides what is removed for good. A machine may start with a clock
 * that stopped, or that somebody set to another year; by such a clock nearly all that is kept would be old at once.
 *
 * The store knows the last moment that was believed. A present that is far after that is not believed until the clock was
 * mended or an operator has said that it is right. Nor is any clock for an hour after it was set.
 */
import { type Clock, DAY, HOUR, SKEW } from './time.ts'

export interface KnownTimeStore {
  /** The last moment that was believed; undefined before the first. */
  findKnownTime(): Promise<number | undefined>
  putKnownTime(at: number): Promise<void>
}

/** An installation that runs knows the present to within an hour, and one is seldom off for longer than this. */
export const FAR = 7 * DAY
/** Whoever sets a clock, man or NTP, is done with it by then. */
const SETTLED = HOUR

export function isFarAfter(known: number | undefined, now: number): boolean {
  return known !== undefined && now - known > FAR
}

/**
 * Tells whether the clock was set within the last hour, by one that nobody can set, from the moment on at which this is
 * made. What happens is seen at the next look: to slew it (RFC 5905 section 12) is not to set it.
 */
export function settingsOf(wall: Clock, steady: Clock): () => boolean {
  let last = { wall: wall(), steady: steady() }
  let setAt = Number.NEGATIVE_INFINITY

  return () => {
    const now = { wall: wall(), steady: steady() }
    if (Math.abs(now.wall - last.wall - (now.steady - last.steady)) > SKEW) setAt = now.steady
    last = now
    return now.steady - setAt < SETTLED
  }
}
