/** The figures as a table, and as the files that docs/speed.md shows. */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import type { Measured, Spread } from './rounds.ts'

export interface Kept {
  figures: Measured[]
  driver: Record<string, number>
}

export interface Circumstances {
  people: number
  rounds: number
  store: string
  nodes: number
  /** Of the machine in the minute before the run, and in its last. */
  load: [number, number]
}

const DOCS = resolve(import.meta.dirname, '../../../docs')

export function printFigures(figures: Measured[], driver: number): void {
  for (const { name, cost, ratio, reach } of figures) {
    const costs = Object.entries(cost).map(([target, spread]) => `${target} ${between(spread)}`)
    const ratios = Object.entries(ratio).map(([target, spread]) => `${target} × ${between(spread)}`)
    console.log([name.padEnd(26), ...costs, ...ratios, reach ? `to reach × ${reach}` : ''].filter(Boolean).join('   '))
  }
  console.log(`  driver: ${Math.round(driver * 100)} % of the servers`)
}

export function keepReport(kept: Kept, circumstances: Circumstances): void {
  const machine = { node: process.version, processor: cpus()[0]?.model, processors: cpus().length }
  writeFileSync(join(DOCS, 'speed.json'), `${JSON.stringify({ machine, circumstances, ...kept }, rounded, 2)}\n`)
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value
}

function between({ median, lower, upper }: Spread): string {
  return `${short(median)} (${short(lower)}–${short(upper)})`
}

function short(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1)
}
