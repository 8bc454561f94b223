/** Counters for operators (Prometheus). Labels come from closed lists, so no input can make them grow. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { AuditEvent } from '../audit/audit.ts'
import { storeMetrics } from './stores.ts'

export interface Metrics {
  countEvent(event: AuditEvent): void
  countRequest(request: { method: string; route: string; status: number; seconds: number }): void
  /** Somebody was asked to come back because there are too many: at which door. */
  countBusy(door: string): void
  /** Told of every call to the store. */
  observeStore: ReturnType<typeof storeMetrics>
  /** How many parcels wait and how old the oldest is, asked for at every scrape. */
  watchBacklog(read: () => Promise<{ waiting: number; age: number }>): void
  /** The exposition text and its content type. */
  expose(): Promise<{ text: string; type: string }>
}

const METHODS = new Set(['GET', 'POST', 'HEAD', 'OPTIONS'])

export function metrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const events = new Counter({
    name: 'sigma_audit_events_total',
    help: 'Audit events by type and outcome',
    labelNames: ['type', 'outcome'],
    registers: [registry],
  })
  const requests = new Histogram({
    name: 'sigma_http_request_seconds',
    help: 'Requests by method, route and class of status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  })
  const busy = new Counter({
    name: 'sigma_busy_refused_total',
    help: 'Requests that were refused because there were too many, by door',
    labelNames: ['door'],
    registers: [registry],
  })

  return {
    observeStore: storeMetrics(registry),
    countBusy: (door) => busy.inc({ door }),
    countEvent: ({ type, outcome }) => events.inc({ type, outcome }),
    countRequest({ method, route, status, seconds }) {
      requests.observe(
        { method: METHODS.has(method) ? method : 'other', route, status: `${Math.floor(status / 100)}xx` },
        seconds,
      )
    },
    watchBacklog(read) {
      const waiting = new Gauge({
        name: 'sigma_queue_waiting',
        help: 'Mails, messages and logout tokens that wait to be delivered',
        registers: [registry],
        async collect() {
          const backlog = await read()
          this.set(backlog.waiting)
          age.set(backlog.age)
        },
      })
      const age = new Gauge({
        name: 'sigma_queue_oldest_seconds',
        help: 'Age of the oldest of them',
        registers: [registry],
      })
      waiting.set(0)
    },
    expose: async () => ({ text: await registry.metrics(), type: registry.contentType }),
  }
}
