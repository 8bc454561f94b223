/** Rounds in which the targets take turns, so that what else the machine does meanwhile falls to all alike. */
import { since, spentBy, spentInAll } from './processor.ts'
import { FIGURES, type Reach, type Row, type Station, together } from './rows.ts'

/** Half of all rounds are between the quartiles. */
export interface Spread {
  median: number
  lower: number
  upper: number
}

export interface Measured {
  name: string
  /** Milliseconds of processor time of one work, by target. */
  cost: Record<string, Spread>
  /** How many times the first target, round by round. */
  ratio: Record<string, Spread>
  /** How many times the last target, of each between the first and it. */
  ofLast?: Record<string, Spread>
  reach: Reach | undefined
}

export interface MeasuredRow {
  figures: Measured[]
  /** What the driver costs, in parts of what the servers do. */
  driver: number
}

export async function measureRow(row: Row, stations: Station[], rounds: number, size: number): Promise<MeasuredRow> {
  const figures = FIGURES.filter(({ row: name }) => name === row.name)
  const costs = figures.map(({ ofHash }) => {
    const told = stations.filter(({ line: { target } }) => target.threadsLast || !ofHash)
    return new Map<string, number[]>(told.map(({ line }) => [line.target.name, []]))
  })
  let [driver, servers] = [0, 0]
  // For whatever is compiled and filled on the way.
  for (const station of stations) {
    for (let n = 0; n < station.line.target.warmRounds; n += 1) await together(await row.ready(station, size))
  }
  for (let round = 1; round <= rounds; round += 1) {
    for (const station of round % 2 === 0 ? stations : stations.toReversed()) {
      const works = await row.ready(station, size)
      const own = process.cpuUsage()
      const { pids, threadsLast } = station.line.target
      const sofar = threadsLast ? spentBy : spentInAll
      const before = sofar(pids())
      await together(works)
      const spent = since(before, sofar(pids()))
      const { user, system } = process.cpuUsage(own)
      driver += (user + system) / 1000
      servers += spent.all
      for (const [n, { of }] of figures.entries()) costs[n]?.get(station.line.target.name)?.push(of(spent) / size)
    }
  }
  return {
    figures: figures.map(({ name, reach }, n) => ({ name, reach, ...compared(costs[n]) })),
    driver: driver / servers,
  }
}

/** The figures of each round, by target; what is measured is the last, and the floor the first. */
export function compared(costs: Map<string, number[]> = new Map()): Pick<Measured, 'cost' | 'ratio' | 'ofLast'> {
  const entries = [...costs]
  return {
    cost: Object.fromEntries(entries.map(([name, values]) => [name, spread(values)])),
    ratio: timesThat(entries[0], entries.slice(1)),
    ofLast: timesThat(entries.at(-1), entries.slice(1, -1)),
  }
}

function timesThat([, base]: [string, number[]] = ['', []], others: Array<[string, number[]]>): Record<string, Spread> {
  return Object.fromEntries(
    others.map(([name, values]) => [name, spread(values.map((value, n) => value / (base[n] ?? Number.NaN)))]),
  )
}

export function spread(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (part: number) => {
    const place = (sorted.length - 1) * part
    const [below = Number.NaN, above = below] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
    return below + (above - below) * (place % 1)
  }
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) }
}
