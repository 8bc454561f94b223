/**
 * What operators watch (Prometheus). Labels come from closed lists, so no input can make them grow. A scrape tells what is in
 * memory: it waits for nothing, least of all for a store, and one metric that fails is left out and fails no other.
 */
import { Gauge, Registry } from 'prom-client'
import type { AuditEvent } from '../audit/audit.ts'
import type { Channel } from '../delivery/queue.ts'
import type { Clock } from '../lib/time.ts'
import { counted } from './counted.ts'
import { type DeliveryOutcome, deliveryMetrics } from './deliveries.ts'
import { durations } from './durations.ts'
import { eventMetrics } from './events.ts'
import { type Build, processMetrics } from './process.ts'
import { readinessMetrics, type Trouble } from './readiness.ts'
import { storeMetrics } from './stores.ts'
import { type Watched, watched } from './watched.ts'

export interface Metrics extends Watched {
  countEvent(event: AuditEvent): void
  countRequest(request: { method: string; route: string; status: number; seconds: number }): void
  /** Somebody was asked to come back because there are too many: at which door. */
  countBusy(door: BusyDoor): void
  countDelivery(channel: Channel, attempt: number, outcome: DeliveryOutcome): void
  /** Told of every call to the store. */
  observeStore: ReturnType<typeof storeMetrics>
  /** A value that is at hand. */
  tell(name: string, help: string, value: () => number): void
  tellReadiness(known: () => Trouble[] | undefined): void
  /** The exposition text and its content type. */
  expose(): Promise<{ text: string; type: string }>
}

const METHODS = new Set(['GET', 'POST', 'HEAD', 'OPTIONS'])
const DOORS = ['first', 'password', 'sittings', 'pushed'] as const
export type BusyDoor = (typeof DOORS)[number]

export function metrics(build: Build, now: Clock): Metrics {
  const registry = new Registry()
  processMetrics(registry, build)
  const requests = durations(registry, 'sigma_http_request_seconds', 'Requests by method, route and class of status')
  const busy = counted(
    registry,
    'sigma_busy_refused_total',
    'Requests that were refused because there were too many, by door',
    DOORS.map((door) => ({ door })),
  )
  return {
    ...watched(registry, now),
    countEvent: eventMetrics(registry),
    countRequest: ({ method, route, status, seconds }) =>
      requests({ method: METHODS.has(method) ? method : 'other', route, status: `${Math.floor(status / 100)}xx` })(
        seconds,
      ),
    countBusy: (door) => busy({ door }),
    countDelivery: deliveryMetrics(registry),
    observeStore: storeMetrics(registry),
    tell(name, help, value) {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(value())
        },
      })
    },
    tellReadiness: (known) => readinessMetrics(registry, known),
    expose: async () => ({ text: await exposition(registry), type: registry.contentType }),
  }
}

async function exposition(registry: Registry): Promise<string> {
  const texts = await Promise.allSettled(
    registry.getMetricsAsArray().map(({ name }) => registry.getSingleMetricAsString(name)),
  )
  const told = texts.flatMap((text) => (text.status === 'fulfilled' ? [text.value] : []))
  return `${told.join('\n\n')}\n`
}
