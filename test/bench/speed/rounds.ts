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

export async function measureRow(row: Row, all: Station[], rounds: number, size: number): Promise<MeasuredRow> {
  const stations = all.filter(({ line: { target } }) => !row.passkeys || target.passkey)
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
    figures: figures.map(({ name, reach }, n) => ({ name, reach, ...compared(costs[n], all[0]?.line.target.name) })),
    driver: stations.length > 0 ? driver / servers : 0,
  }
}

/**
 * The figures of each round, by target; what is measured is the last, and the floor the first. Where the floor has none,
 * nothing is a multiple of it.
 */
export function compared(
  costs: Map<string, number[]> = new Map(),
  floor = [...costs.keys()][0],
): Pick<Measured, 'cost' | 'ratio' | 'ofLast'> {
  const entries = [...costs]
  const others = entries.filter(([name]) => name !== floor)
  const base = entries.find(([name]) => name === floor)
  return {
    cost: Object.fromEntries(entries.map(([name, values]) => [name, spread(values)])),
    ratio: base ? timesThat(base, others) : {},
    ofLast: timesThat(others.at(-1), others.slice(0, -1)),
  }
}

/** What a passkey sign-in costs beside one with password and code, of each target that was measured at both. */
export function passkeyBesideCode(figures: Measured[]): Measured[] {
  const costOf = (name: string) => figures.find((figure) => figure.name === name)?.cost ?? {}
  const [codes, passkeys] = [costOf('password + code'), costOf('passkey sign-in')]
  const shares = Object.entries(passkeys).flatMap(([name, { median }]): Array<[string, Spread]> => {
    const code = codes[name]
    return code ? [[name, spread([median / code.median])]] : []
  })
  if (shares.length === 0) return []
  const reach: Reach = { most: 1 / 4, by: 'amount' }
  return [
    { name: 'passkey sign-in, in those with password + code', cost: Object.fromEntries(shares), ratio: {}, reach },
  ]
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
