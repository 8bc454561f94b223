/** What config/monitoring/ has: alerts, and panels, by their expressions. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'

export const MONITORING = resolve(import.meta.dirname, '../../../config/monitoring')

export interface Alert {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string; runbook: string }
}

export interface Panel {
  id: number
  type: string
  title: string
  datasource?: { uid: string }
  targets?: Array<{ expr: string; datasource: { uid: string } }>
}

export interface Dashboard {
  uid: string
  panels: Panel[]
  templating: { list: Array<{ name: string; type: string }> }
}

export function alerts(): Alert[] {
  const { groups } = parse(readFileSync(join(MONITORING, 'alerts.yaml'), 'utf8')) as {
    groups: Array<{ rules: Alert[] }>
  }
  return groups.flatMap(({ rules }) => rules)
}

export function dashboard(): Dashboard {
  return JSON.parse(readFileSync(join(MONITORING, 'dashboard.json'), 'utf8')) as Dashboard
}

export function panelExpressions(): string[] {
  return dashboard().panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
}

export interface Selector {
  metric: string
  /** The values that it wants of each label. */
  wanted: Record<string, string[]>
}

/** The series that an expression asks for, as far as they are told by us, and the labels that it groups by. */
export function selectors(expression: string): { selectors: Selector[]; labels: string[] } {
  const found = [...expression.matchAll(/\b((?:sigma|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)]
  const by = [...expression.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/))
  return {
    selectors: found.map(([, metric = '', matchers = '']) => ({
      metric,
      wanted: Object.fromEntries(
        [...matchers.matchAll(/(\w+)=~?"([^"]*)"/g)].map(([, label = '', values = '']) => [label, values.split('|')]),
      ),
    })),
    labels: by,
  }
}
