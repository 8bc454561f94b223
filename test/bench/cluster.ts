/**
 * `node test/bench/cluster.ts [sign-ins per second]`: people sign in at two nodes behind a proxy while one after the
 * other is restarted. They arrive at a fixed rate, whether or not those before them are done. Prints a table and judges
 * nothing, for machines differ: the databases, the proxy and the people run on the same machine as the nodes.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { crowd, nth } from '../support/nodes/crowd.ts'
import { load, type Outcome } from '../support/nodes/load.ts'
import { bothInRow, type NodeAt, startStores, twoNodes } from '../support/nodes/nodes.ts'
import { Visit } from '../support/nodes/visit.ts'

const RATE = Number(process.argv[2] ?? 20)
const PEOPLE = 100
const CALM = 15_000
const WARM_UP = 3000

console.log(
  `Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'processor'}, load before ${loadavg()[0]?.toFixed(1)}`,
)
const stores = await startStores()
const both = await twoNodes({ stores })
await Promise.all([both.a.start(), both.b.start()])
await bothInRow(both)
const people = await crowd(await both.core(), PEOPLE, { app: false })
const signIn = (n: number) => new Visit(both.origin).signIn(nth(people, n))

const warming = load(Math.min(RATE, 5), signIn)
await pause(WARM_UP)
await warming.end()

const spent = processorTimes()
const phases: Array<{ name: string; from: number }> = []
const begin = (name: string) => void phases.push({ name, from: Date.now() })
const signIns = load(RATE, signIn)
begin('both run')
await pause(CALM)
await restart(both.a)
begin('both run again')
await pause(CALM)
await restart(both.b)
begin('both run at the end')
await pause(CALM)
const until = Date.now()
const outcomes = await signIns.end()

console.log(`${RATE} sign-ins per second: password page, password, code, tokens (4 requests and one Argon2id each)`)
console.table(Object.fromEntries([...phases.map(measured), ['in all', figures(outcomes)]]))
const faults = outcomes.flatMap(({ fault }) => (fault === undefined ? [] : [String(fault)]))
if (faults.length > 0) console.log([...new Set(faults)].slice(0, 10).join('\n'))
const each = Object.entries(processorTimes()).map(([who, time]) => [
  who,
  round((time - (spent[who] ?? 0)) / outcomes.length),
])
console.log('Processor time for each sign-in, in ms; that of the nodes includes their starts')
console.table(Object.fromEntries(each))
console.log(`load after ${loadavg()[0]?.toFixed(1)}`)
await both.stop()
await Promise.all([stores.mongo.remove(), stores.redis.remove()])

async function restart(node: NodeAt): Promise<void> {
  begin(`${node.name} restarts`)
  node.running.signal('SIGTERM')
  await node.running.ended
  await node.start()
  await bothInRow(both)
}

function measured({ name, from }: { name: string; from: number }, index: number): [string, unknown] {
  const to = phases[index + 1]?.from ?? until
  return [
    name,
    {
      seconds: Math.round((to - from) / 1000),
      ...figures(outcomes.filter(({ began }) => began >= from && began < to)),
    },
  ]
}

function figures(some: Outcome[]): Record<string, number> {
  const times = some.map(({ took }) => took).sort((a, b) => a - b)
  const percentile = (part: number) => Math.round(times[Math.floor(times.length * part)] ?? 0)
  return {
    attempted: some.length,
    failed: some.filter(({ fault }) => fault !== undefined).length,
    'p50 ms': percentile(0.5),
    'p95 ms': percentile(0.95),
    'p99 ms': percentile(0.99),
  }
}

/** Milliseconds, of this process and its children; nodes that have ended count. */
function processorTimes(): Record<string, number> {
  const { user, system } = process.cpuUsage()
  const own = statOf(process.pid)
  const times = { 'people and proxy': (user + system) / 1000, nodes: own.ended, java: 0, 'redis-server': 0 }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const { name, parent, time } = statOf(pid)
    if (parent === process.pid) times[name === 'java' || name === 'redis-server' ? name : 'nodes'] += time
  }
  return times
}

/** proc(5): after the name come state, parent and so on; utime, stime, cutime and cstime are fields 14 to 17. */
function statOf(pid: number | string): { name: string; parent: number; time: number; ended: number } {
  const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(readStat(pid)) ?? []
  const fields = rest.split(' ').map(Number)
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15)
  // In hundredths of a second.
  return { name, parent: fields[1] ?? 0, time: (user + system) * 10, ended: (endedUser + endedSystem) * 10 }
}

function readStat(pid: number | string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    // It has ended since.
    return ''
  }
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10
}
