/** Counters whose combinations of labels are all there from the start, at 0: a rate can be told of the first one, too. */
import { Counter, type Registry } from 'prom-client'

/** `labels` are all that there may be. */
export function counted<L extends Record<string, string>>(
  registry: Registry,
  name: string,
  help: string,
  labels: readonly L[],
): (labels: L) => void {
  const counter = new Counter({ name, help, labelNames: Object.keys(labels[0] ?? {}), registers: [registry] })
  for (const each of labels) counter.inc(each, 0)
  return (each) => counter.inc(each)
}
