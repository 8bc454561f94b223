/** What a scrape tells, taken apart (Prometheus's text format, version 0.0.4). */
import { spawnSync } from 'node:child_process'

export interface Sample {
  /** With `_bucket`, `_sum` or `_count` at its end, where it is of a histogram. */
  name: string
  labels: Record<string, string>
  value: number
}

export interface Exposition {
  text: string
  samples: Sample[]
  /** Type and help by the name of the metric. */
  metrics: Map<string, { type: string; help: string }>
}

export async function scraped({ operationsOrigin }: { operationsOrigin: string }): Promise<Exposition> {
  const answer = await fetch(`${operationsOrigin}/metrics`)
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}`)
  return exposition(await answer.text())
}

export function exposition(text: string): Exposition {
  const metrics = new Map<string, { type: string; help: string }>()
  const samples: Sample[] = []
  for (const line of text.split('\n').filter(Boolean)) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (kind) {
      const known = metrics.get(name) ?? { type: '', help: '' }
      metrics.set(name, { ...known, [kind === 'TYPE' ? 'type' : 'help']: rest })
    } else samples.push(sampleOf(line))
  }
  return { text, samples, metrics }
}

function sampleOf(line: string): Sample {
  const [, name = '', labels = '', value] = /^([a-zA-Z_:]\w*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  if (!value) throw new Error(`no sample: ${line}`)
  return { name, labels: labelsOf(labels), value: Number(value.replace('Inf', 'Infinity')) }
}

export function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]))
}

/** The values of the series of this name, by their labels. */
export function valuesOf({ samples }: Exposition, name: string): Record<string, number> {
  const own = samples.filter((sample) => sample.name === name)
  return Object.fromEntries(own.map(({ labels, value }) => [Object.values(labels).join(' '), value]))
}

/** What promtool says; nothing if all is well. */
export function promtool(args: string[], input = '', cwd?: string): string {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { input, encoding: 'utf8', cwd })
  if (error) throw error
  return status === 0 ? '' : stdout + stderr
}
