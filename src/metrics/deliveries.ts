/** What became of each attempt to deliver a mail, a message or a logout token. */
import type { Registry } from 'prom-client'
import type { Channel } from '../delivery/queue.ts'
import { counted } from './counted.ts'

const CHANNELS: Channel[] = ['email', 'sms', 'logout', 'link']
const ATTEMPTS = ['1', '2', '3', '4+']
/** `given-up` is tried no more. */
const OUTCOMES = ['delivered', 'postponed', 'given-up'] as const

export type DeliveryOutcome = (typeof OUTCOMES)[number]

export function deliveryMetrics(registry: Registry) {
  const kinds = CHANNELS.flatMap((kind) =>
    ATTEMPTS.flatMap((attempt) => OUTCOMES.map((outcome) => ({ kind, attempt, outcome }))),
  )
  const count = counted(
    registry,
    'sigma_deliveries_total',
    'Attempts to deliver, by kind, by which attempt it was, and by outcome',
    kinds,
  )
  return (kind: Channel, attempt: number, outcome: DeliveryOutcome) =>
    count({ kind, attempt: ATTEMPTS[Math.min(attempt, ATTEMPTS.length) - 1] ?? '1', outcome })
}
