/** What a domain refused, as a page says it. */
import { secondsUntil } from '../lib/time.ts'

/** `seconds` that have to pass first, where waiting helps; `of` where a page asks for several things. */
export type Failure = { reason: string; seconds?: number; of?: 'passkey' }

export function failureOf(refused: { reason: string; retryAt?: number }, now: number): Failure {
  if (refused.retryAt === undefined) return { reason: refused.reason }
  // The breaker of one country is the operator's matter; the person can use another way.
  const reason = refused.reason === 'closed-for-country' ? 'unavailable' : refused.reason
  return { reason, seconds: secondsUntil(refused.retryAt, now) }
}

/** Nobody tried too often: the next message may not leave yet. */
export function notSent(failure: Failure): Failure {
  return failure.reason === 'wait' ? { ...failure, reason: 'resend-wait' } : failure
}

/** RFC 6585 section 4 where waiting helps. */
export function statusOf({ seconds }: Failure): number {
  return seconds === undefined ? 400 : 429
}
