/** What a process costs before the first request, and what it holds: without rounds of requests. */
import { setTimeout as pause } from 'node:timers/promises'
import { withPassword } from './flows.ts'
import { megabytesOf } from './processor.ts'
import { compared, type Measured } from './rounds.ts'
import { type Reach, stationAt, together } from './rows.ts'
import type { Target } from './target.ts'

/** What is read in the lull after a start is there by then. */
const LULL = 5000
const PART = 40
/** After fewer sign-ins it says nothing of whether memory stays as it is. */
const MANY = 5000

/** From the start of a process to its first answer: seconds that pass. The first start of each is not counted. */
export async function starts(targets: Target[], rounds: number): Promise<Measured[]> {
  const took = new Map<string, number[]>(targets.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const target of targets) {
      const started = await target.start()
      if (round > 0) took.get(target.name)?.push(started.took / 1000)
      await target.stop()
    }
  }
  return [told({ name: 'start to first answer, s', ...compared(took), reach: atMost(0.6) })]
}

/** Megabytes: when nobody has come yet, and after so many have signed in with a password. */
export async function idleAndFull(targets: Target[], people: number, signIns: number): Promise<Measured[]> {
  const [idle, full] = [new Map<string, number[]>(), new Map<string, number[]>()]
  for (const target of targets) {
    await target.start()
    await pause(LULL)
    idle.set(target.name, [megabytesOf(target.pids())])
    const { line, people: row } = stationAt(target, people)
    for (let done = 0; done < signIns; done += PART) {
      const next = row.next(Math.min(PART, signIns - done), 'plain')
      await together(next.map((person) => () => withPassword(line, person)))
    }
    full.set(target.name, [megabytesOf(target.pids())])
    await line.close()
    await target.stop()
  }
  return [
    told({ name: 'memory idle, MB', ...compared(idle), reach: atMost(120) }),
    told({
      name: `memory after ${signIns} sign-ins, MB`,
      ...compared(full),
      reach: signIns < MANY ? undefined : atMost(220),
    }),
  ]
}

function atMost(most: number): Reach {
  return { most, by: 'amount' }
}

function told(measured: Measured): Measured {
  const figures = Object.entries(measured.cost).map(([name, { median }]) => `${name} ${median.toPrecision(3)}`)
  console.log(`${measured.name}: ${figures.join(', ')}`)
  return measured
}
