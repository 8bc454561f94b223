/** config/monitoring/: each alert is told when it should be and says what to do; the dashboard can be imported. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { promtool } from '../../support/monitoring/exposition.ts'
import { alerts, dashboard, MONITORING, panelExpressions } from '../../support/monitoring/shipped.ts'
import { describeWith } from '../../support/services/services.ts'

const page = readFileSync(resolve(MONITORING, '../../docs/monitoring.md'), 'utf8')
/** The part for each alert, by its anchor. */
const parts = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((part) => [part.split('\n', 1)[0]?.toLowerCase().replaceAll(' ', '-') ?? '', part]),
)

test('each alert has a part of the page that names it and says what to do, and each part has its alert', () => {
  const named = alerts().map(({ alert, annotations }) => {
    const [file, anchor = ''] = annotations.runbook.split('#')
    expect([alert, file]).toEqual([alert, 'docs/monitoring.md'])
    expect(parts.get(anchor), alert).toContain(`\`${alert}\``)
    return anchor
  })
  expect([...parts.keys()].sort()).toEqual(named.sort())
})

test('each alert says how bad it is, and is tried both ways', () => {
  const { tests } = parse(readFileSync(join(MONITORING, 'alerts.test.yaml'), 'utf8')) as {
    tests: Array<{ alert_rule_test: Array<{ alertname: string; exp_alerts?: unknown[] }> }>
  }
  const tried = tests.flatMap(({ alert_rule_test }) => {
    const fires = alert_rule_test.some(({ exp_alerts = [] }) => exp_alerts.length > 0)
    return alert_rule_test.slice(0, 1).map(({ alertname }) => `${alertname} ${fires ? 'fires' : 'is quiet'}`)
  })
  for (const { alert, labels } of alerts()) {
    expect(['critical', 'warning']).toContain(labels.severity)
    expect(tried).toContain(`${alert} fires`)
    expect(tried).toContain(`${alert} is quiet`)
  }
})

test('the dashboard asks the data source that is chosen, and no two panels have one number', () => {
  const { panels, templating } = dashboard()
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  expect(templating.list.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'datasource datasource',
    'instance query',
  ])
  for (const { title, type, datasource, targets = [] } of panels.filter((panel) => panel.type !== 'row')) {
    expect(title).not.toBe('')
    expect(targets.length, title).toBeGreaterThan(0)
    expect([title, type]).toEqual([title, expect.stringMatching(/^(stat|timeseries|state-timeline)$/)])
    for (const each of [datasource, ...targets.map((target) => target.datasource)])
      expect(each?.uid).toMatch(/^\$\{datasource\}$/)
  }
})

describeWith(['promtool'], 'promtool', () => {
  test('takes the alerts and the configuration, and each alert does as its tests say', () => {
    expect(promtool(['check', 'rules', 'alerts.yaml'], '', MONITORING)).toBe('')
    expect(promtool(['check', 'config', 'prometheus.yaml'], '', MONITORING)).toBe('')
    expect(promtool(['test', 'rules', 'alerts.test.yaml'], '', MONITORING)).toBe('')
  })

  test('understands what the panels ask', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sigma-id-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const rules = panelExpressions().map((expr, index) => ({ record: `panel:${index}`, expr }))
    writeFileSync(join(folder, 'panels.yaml'), stringify({ groups: [{ name: 'panels', rules }] }))
    expect(promtool(['check', 'rules', 'panels.yaml'], '', folder)).toBe('')
  })
})
