/** What prom-client tells of any process, and which build this one is. */
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client'

/** Gauges whose names say that they count; and lists of all handles, which Node.js gives away to nobody any more. */
const MISNAMED = [
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

export interface Build {
  version: string
  /** The form of the store: `embedded` or `cluster`. */
  store: string
}

export function processMetrics(registry: Registry, { version, store }: Build): void {
  collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
  new Gauge({
    name: 'sigma_build_info',
    help: 'Which release this is, on which Node.js, with which form of the store: always 1',
    labelNames: ['version', 'node_version', 'store'],
    registers: [registry],
  }).set({ version, node_version: process.versions.node, store }, 1)
}
