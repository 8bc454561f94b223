/** How long a session lives: a while after its last use, never past its absolute end. */
import { type Clock, MINUTE, SECOND, seconds } from '../lib/time.ts'

export interface SessionLimits {
  /** Milliseconds. */
  absolute: number
  idle: number
}

/** Seconds from now, for a session that was signed in at `loginTs` (seconds). */
export type SessionLife = (session: { accountId?: string | undefined; loginTs?: number | undefined }) => number

export function sessionLife({ absolute, idle }: SessionLimits, now: Clock): SessionLife {
  return ({ accountId, loginTs = 0 }) => {
    // Without an account there is nothing worth keeping.
    if (!accountId) return (5 * MINUTE) / SECOND
    const left = loginTs + absolute / SECOND - seconds(now())
    return Math.max(1, Math.min(left, idle / SECOND))
  }
}
