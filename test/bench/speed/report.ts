/** The figures as a table, and as the files that docs/speed.md shows: of the main run, and of others beside it. */
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

/** By the name that each was written by. */
export type Reports = Record<string, Report>

/** The run that the page begins with, and whose picture it has. */
export const MAIN = 'main'

const DOCS = resolve(import.meta.dirname, '../../../docs')

export function machine(): Report['machine'] {
  return { node: process.version, processors: cpus().length }
}

/** Into docs/: the figures, the picture if this is the main run, and the tables of the page. Other runs stay there. */
export function keepReport(name: string, report: Report): void {
  const kept = JSON.parse(JSON.stringify({ ...keptReports(), [name]: report }, rounded)) as Reports
  writeFileSync(join(DOCS, 'speed.json'), `${JSON.stringify(kept, undefined, 2)}\n`)
  const page = join(DOCS, 'speed.md')
  writeFileSync(page, withTables(readFileSync(page, 'utf8'), kept))
  if (name === MAIN) writeFileSync(join(DOCS, 'speed.svg'), picture(kept[MAIN]?.figures ?? []))
}

export function keptReports(): Reports {
  return JSON.parse(readFileSync(join(DOCS, 'speed.json'), 'utf8')) as Reports
}

/** The page with the table of the main run, and those of the others with a heading each. */
export function withTables(page: string, reports: Reports): string {
  const { [MAIN]: main, ...others } = reports
  const rest = Object.values(others).toSorted((a, b) => a.store.localeCompare(b.store) || sizeOf(a) - sizeOf(b))
  return between(
    between(page, 'figures', table(main?.figures ?? [])),
    'other runs',
    rest.map((report) => `### ${headingOf(report)}\n\n${told(report)}\n\n${table(report.figures)}`).join('\n\n'),
  )
}

function sizeOf({ nodes, people }: Report): number {
  return nodes * 1e9 + people
}

function headingOf({ people, store, nodes, figures }: Report): string {
  const many = store === 'embedded' ? '' : `, ${nodes > 1 ? `${nodes} nodes` : '1 node'}`
  const beside = inBetween(figures).map((name) => `, beside ${name}`)
  return `${people.toLocaleString('en')} accounts, ${store} store${many}${beside.join('')}`
}

function told({ rounds, load }: Report): string {
  return `${rounds} rounds, load ${load.before} to ${load.after}.`
}

function between(page: string, mark: string, text: string): string {
  const place = new RegExp(String.raw`(?<=<!-- ${mark} -->\n\n)(?:[\s\S]*?\n\n)??(?=<!-- end -->)`)
  return page.replace(place, () => (text === '' ? '' : `${text}\n\n`))
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value
}

/**
 * In Markdown. Names of targets come from the figures: the first is the floor and the last is what is measured. Those in
 * between are compared with the last.
 */
export function table(figures: Measured[]): string {
  const names = [...new Set(figures.flatMap(({ cost }) => Object.keys(cost)))]
  const [first = '', last = ''] = [names[0], names.at(-1)]
  const between = inBetween(figures)
  const head = [
    '',
    ...names,
    `${last} × ${first}`,
    ...between.map((name) => `${name} × ${last}`),
    'to reach',
    'reached',
  ]
  const rows = figures.map((figure) => [
    figure.name,
    ...names.map((name) => spreadOf(figure.cost[name])),
    spreadOf(figure.ratio[last]),
    ...between.map((name) => spreadOf(figure.ofLast?.[name])),
    reachOf(figure),
    figure.reach ? (isReached(figure, last) ? 'yes' : 'no') : '',
  ])
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Names of the targets that what is measured is compared with, besides the floor. */
function inBetween(figures: Measured[]): string[] {
  return [...new Set(figures.flatMap(({ ofLast = {} }) => Object.keys(ofLast)))]
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

function spreadOf(spread: Spread | undefined): string {
  if (!spread) return '–'
  const { median, lower, upper } = spread
  return lower === upper ? short(median) : `${short(median)} (${short(lower)}–${short(upper)})`
}

function short(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)
}
