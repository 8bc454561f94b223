/** When a parcel that was not taken is tried again, and when no more. */
import { DAY, HOUR, MINUTE, SECOND } from '../lib/time.ts'
import type { Channel } from './queue.ts'

export interface Retry {
  /** How long to wait after the first attempt, the second, … */
  waits: number[]
  /** With it the last wait repeats until the parcel is this old; without it the waits are all there are. */
  until?: number
  /** True if it is worth nothing after `until`, not even a first attempt. */
  perishable?: boolean
}

export type Schedule = Record<Channel, Retry>

export const SCHEDULE: Schedule = {
  email: { waits: [10 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR], until: DAY },
  // The code in it is good for five minutes.
  sms: { waits: [5 * SECOND, 15 * SECOND, MINUTE], until: 5 * MINUTE, perishable: true },
  logout: { waits: [SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR] },
  link: { waits: [5 * SECOND, 30 * SECOND, 5 * MINUTE], until: DAY },
}

/** When to try again after attempt number `attempt` failed at `failedAt`; undefined if that was the last. */
export function nextAttempt(retry: Retry, attempt: number, createdAt: number, failedAt: number): number | undefined {
  const wait = retry.waits[attempt - 1] ?? (retry.until === undefined ? undefined : retry.waits.at(-1))
  if (wait === undefined) return undefined
  const dueAt = failedAt + wait
  return retry.until !== undefined && dueAt > createdAt + retry.until ? undefined : dueAt
}
