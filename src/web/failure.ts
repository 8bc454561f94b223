/** What a domain refused, as a page says it. */
import { secondsUntil } from '../lib/time.ts'

/** `seconds` that have to pass first, where waiting helps. */
export type Failure = { reason: string; seconds?: number }

export function failureOf(refused: { reason: string; retryAt?: number }, now: number): Failure {
  if (refused.retryAt === undefined) return { reason: refused.reason }
  // The breaker of one country is the operator's matter; the person can use another way.
  const reason = refused.reason === 'closed-for-country' ? 'unavailable' : refused.reason
  return { reason, seconds: secondsUntil(refused.retryAt, now) }
}
