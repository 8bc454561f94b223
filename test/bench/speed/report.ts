/** The figures as a table, and as the files that docs/speed.md shows. */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { picture } from './picture.ts'
import type { Measured, Spread } from './rounds.ts'

export interface Report {
  machine: { node: string; processors: number }
  people: number
  rounds: number
  store: string
  nodes: number
  /** Of the machine in the minute before the run, and in its last: 1 is one processor at work. */
  load: { before: number; after: number }
  figures: Measured[]
  /** What the driver costs in each row, in parts of what the servers do. */
  driver: Record<string, number>
}

const DOCS = resolve(import.meta.dirname, '../../../docs')
const TABLE = /(?<=<!-- figures -->\n\n)[\s\S]*?(?=\n\n<!-- end -->)/

export function machine(): Report['machine'] {
  return { node: process.version, processors: cpus().length }
}

/** Into docs/: the figures, the picture, and the table of the page. */
export function keepReport(report: Report): void {
  const text = `${JSON.stringify(report, rounded, 2)}\n`
  const kept = JSON.parse(text) as Report
  writeFileSync(join(DOCS, 'speed.json'), text)
  writeFileSync(join(DOCS, 'speed.svg'), picture(kept.figures))
  const page = join(DOCS, 'speed.md')
  writeFileSync(
    page,
    readFileSync(page, 'utf8').replace(TABLE, () => table(kept.figures)),
  )
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value
}

/** In Markdown. Names of targets come from the figures, the first of them is what the others are compared with. */
export function table(figures: Measured[]): string {
  const names = [...new Set(figures.flatMap(({ cost }) => Object.keys(cost)))]
  const others = names.slice(1)
  const last = names.at(-1) ?? ''
  const head = ['', ...names, ...others.map((name) => `${name} × ${names[0]}`), 'to reach', 'reached']
  const rows = figures.map((figure) => [
    figure.name,
    ...names.map((name) => between(figure.cost[name])),
    ...others.map((name) => between(figure.ratio[name])),
    reachOf(figure),
    figure.reach ? (isReached(figure, last) ? 'yes' : 'no') : '',
  ])
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

export function isReached({ cost, ratio, reach }: Measured, name: string): boolean {
  if (!reach) return false
  const { median } = (reach.by === 'times' ? ratio : cost)[name] ?? { median: Number.NaN }
  return median <= reach.most
}

function reachOf({ reach, cost }: Measured): string {
  if (!reach) return ''
  return reach.by === 'times' ? `≤ ${reach.most} × ${Object.keys(cost)[0]}` : `≤ ${reach.most}`
}

function between(spread: Spread | undefined): string {
  if (!spread) return ''
  const { median, lower, upper } = spread
  return lower === upper ? short(median) : `${short(median)} (${short(lower)}–${short(upper)})`
}

function short(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)
}
