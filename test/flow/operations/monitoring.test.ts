/** What the alerts, the dashboard and the page on monitoring speak of is what a server tells. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { type Exposition, scraped } from '../../support/monitoring/exposition.ts'
import { alerts, panelExpressions, selectors } from '../../support/monitoring/shipped.ts'
import { forAllTests } from '../../support/runner/made.ts'

/** What Prometheus adds. */
const ADDED = ['job', 'instance']
const PAGE = resolve(import.meta.dirname, '../../../docs/monitoring.md')

const folder = mkdtempSync(join(tmpdir(), 'sigma-id-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const app = forAllTests(() => startApp({ settings: { backup: { folder } } }))
let told: Exposition

beforeAll(async () => {
  await fetch(`${app.origin}/`)
  await app.core.store.lastBackup?.put(Date.now())
  await app.core.counters.refresh()
  // A request is counted as its connection is done with it.
  told = await vi.waitFor(async () => {
    const now = await scraped(app)
    expect(now.text).toContain('sigma_http_request_seconds_bucket')
    return now
  })
})

/** Labels and their values by the name of the metric, or of its series. */
function labelsOf(metric: string): Map<string, Set<string>> {
  const labels = new Map<string, Set<string>>()
  for (const sample of told.samples.filter(({ name }) => name === metric))
    for (const [label, value] of Object.entries(sample.labels))
      labels.set(label, (labels.get(label) ?? new Set()).add(value))
  return labels
}

test.each([
  ...alerts().map(({ alert, expr }) => [alert, expr]),
  ...panelExpressions().map((expr) => ['the dashboard', expr]),
])('%s asks for what there is: %s', (_who, expression = '') => {
  const { selectors: asked, labels } = selectors(expression)
  for (const { metric, wanted } of asked) {
    expect(told.samples.map(({ name }) => name)).toContain(metric)
    for (const [label, values] of Object.entries(wanted).filter(([name]) => !ADDED.includes(name)))
      for (const value of values) expect([...(labelsOf(metric).get(label) ?? [])], metric).toContain(value)
  }
  const known = asked.flatMap(({ metric }) => [...labelsOf(metric).keys()])
  for (const label of labels) expect([...known, ...ADDED]).toContain(label)
})

test('the page names every metric of ours with its type, its labels and, where the list is closed, their values', () => {
  const rows = readFileSync(PAGE, 'utf8').match(/^\| `sigma_.*$/gm) ?? []
  const documented = rows.map((row) => {
    const [, name = '', type = '', labels = ''] = row
      .split('|')
      .map((cell) => cell.trim().replace(/^`(sigma_\w+)`$/, '$1'))
    // `name`: `value`, `value`; `name`
    const parts = labels.split('; ').flatMap((part) => (part.includes(':') ? [part] : part.split(', ')))
    const listed = parts.filter(Boolean).map((part) => [...part.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word))
    return [`${name} ${type} ${listed.map(([label]) => label)}`, name, listed] as const
  })
  const ours = [...told.metrics].filter(([name]) => name.startsWith('sigma_'))
  const real = ours.map(([name, { type }]) => {
    const series = type === 'histogram' ? `${name}_count` : name
    return `${name} ${type} ${[...labelsOf(series).keys()]}`
  })
  expect(documented.map(([text]) => text).sort()).toEqual(real.sort())
  for (const [, name, listed] of documented)
    for (const [label = '', ...values] of listed.filter(({ length }) => length > 1)) {
      const seen = labelsOf(told.metrics.get(name)?.type === 'histogram' ? `${name}_count` : name).get(label) ?? []
      expect(values, name).toEqual(expect.arrayContaining([...seen]))
    }
})
