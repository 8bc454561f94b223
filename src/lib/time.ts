/** Time is an argument: whatever measures minutes or days takes a Clock, so that its tests never wait. */

/** The present, in milliseconds since the epoch (UTC). */
export type Clock = () => number

/** The only place in the product that asks the machine what time it is. */
export const systemClock: Clock = () => Date.now()

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** How far a node's clock may be from the stores' before it gets no requests: codes, links and tokens live by it. */
export const SKEW = 10 * SECOND
/** How far the clocks of two nodes may be apart. */
export const CLOCKS_APART = 2 * SKEW

/** Whole seconds since the epoch, as JWTs count (RFC 7519 section 2, NumericDate). */
export function seconds(ms: number): number {
  return Math.floor(ms / SECOND)
}

/** Whole seconds that somebody has to wait until `at`, as Retry-After counts them; 0 if it is past. */
export function secondsUntil(at: number, now: number): number {
  return Math.max(0, Math.ceil((at - now) / SECOND))
}

/** A moment that does not come. */
export const NEVER = Number.MAX_SAFE_INTEGER
