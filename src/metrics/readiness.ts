/** Whether this node should be sent requests, and what stands in the way. app/readiness.ts finds it out. */
import { Gauge, type Registry } from 'prom-client'

/** Everything that may stand in the way: a store by its name, or this process and its machine. The list is closed. */
export const REASONS = ['sqlite', 'mongodb', 'redis', 'disk', 'clock', 'stood-still', 'stopping'] as const
export type Reason = (typeof REASONS)[number]

export interface Trouble {
  reason: Reason
  /** One sentence, for an operator. */
  text: string
}

/** `known` is what was found out last; undefined before the first look. */
export function readinessMetrics(registry: Registry, known: () => Trouble[] | undefined): void {
  new Gauge({
    name: 'sigma_ready',
    help: 'Whether this node should be sent requests: 1, or 0 while anything stands in the way',
    registers: [registry],
    collect() {
      this.set(known()?.length === 0 ? 1 : 0)
    },
  })
  new Gauge({
    name: 'sigma_not_ready',
    help: 'What stands in the way of this node, by reason: 1 if it does',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      const reasons = known()?.map(({ reason }) => reason) ?? []
      for (const reason of REASONS) this.set({ reason }, reasons.includes(reason) ? 1 : 0)
    },
  })
}
