/** How long calls to the stores take and how many of them fail, by store. */
import { Counter, type Registry } from 'prom-client'
import { SECOND } from '../lib/time.ts'
import { durations } from './durations.ts'

/** Of the calls that a store may be asked (store/observed.ts). */
type Outcome = 'ok' | 'refused' | 'unavailable' | 'failed'
type OnCall = (milliseconds: number, outcome: Outcome) => void

/** Of much at once, and nobody waits for them. */
const BULK = /^(derive|forget|sweep|shorten|verify|remove(GivenUp|ArtifactsByAccount))/
const READS = /^(\w+\.)?(find|list|is[A-Z]|count|peek|backlog|values|search|look|follow|load|time)/

export function storeMetrics(registry: Registry): (store: string, call: string) => OnCall {
  const seconds = durations(registry, 'sigma_store_seconds', 'Calls to a store, by store and kind of call')
  const errors = new Counter({
    name: 'sigma_store_errors_total',
    help: 'Calls that a store did not answer as it should: because it could not (unavailable), or by a mistake (failed)',
    labelNames: ['store', 'kind'],
    registers: [registry],
  })
  return (store, call) => {
    const observe = seconds({ store, kind: kindOf(call) })
    for (const kind of ['unavailable', 'failed']) errors.inc({ store, kind }, 0)
    return (milliseconds, outcome) => {
      observe(milliseconds / SECOND)
      if (outcome === 'unavailable' || outcome === 'failed') errors.inc({ store, kind: outcome })
    }
  }
}

function kindOf(call: string): string {
  if (call === 'ping' || call === 'commit') return call
  if (BULK.test(call)) return 'bulk'
  return READS.test(call) ? 'read' : 'write'
}
