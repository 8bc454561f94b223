/**
 * `node test/bench/compare-sign-ins.ts <checkout before> [checkout after]`: a whole sign-in with a password on SQLite, in
 * one checkout and in another (this one): one at a time in pairs, turn and turn about, and a thousand, of which each
 * server has so many at once. Prints ratios and judges nothing. Argon2id is most of what the processor does.
 */
import { resolve } from 'node:path'
import { signIn } from './flows.ts'
import { type Installation, installation } from './installation.ts'

const PAIRS = 30
const THOUSAND = 1000
const AT_ONCE = 50
/** The thousand are parted, so that what else the machine does meanwhile falls to both alike. */
const PARTS = 10

const [, , before, after = '.'] = process.argv
if (!before) throw new Error('usage: compare-sign-ins.ts <checkout before> [checkout after]')
const servers = [await started(before), await started(after)] as const
console.log('One sign-in at a time')
console.table(await oneByOne())
console.log(`${THOUSAND} sign-ins, ${AT_ONCE} at once`)
console.table(await manyAtOnce())
for (const server of servers) {
  await server.stop()
  server.remove()
}

async function started(checkout: string): Promise<Installation> {
  const server = await installation({}, undefined, resolve(checkout))
  await server.start()
  await server.activateEverybody()
  for (let n = 0; n < 20; n += 1) await signIn(server.origin, n)
  return server
}

async function oneByOne() {
  const pairs: Array<[number, number]> = []
  for (let n = 0; n < PAIRS; n += 1) pairs.push(await pair(n, (server) => timed(() => signIn(server.origin, n))))
  return comparison(pairs)
}

async function manyAtOnce() {
  const processor: Array<[number, number]> = []
  const times: Array<[number, number]> = []
  for (let part = 0; part < PARTS; part += 1) {
    const spent = servers.map((server) => server.processorTime())
    times.push(await pair(part, (server) => timed(() => crowd(server, THOUSAND / PARTS))))
    const [was = 0, is = 0] = servers.map((server, which) => server.processorTime() - (spent[which] ?? 0))
    processor.push([was, is])
  }
  return { 'until all are in': comparison(times), 'processor time': comparison(processor) }
}

async function crowd({ origin }: Installation, people: number): Promise<void> {
  let next = 0
  async function worker(): Promise<void> {
    for (let n = next++; n < people; n = next++) await signIn(origin, n)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** The first of a pair is the other one every time. */
async function pair(n: number, work: (server: Installation) => Promise<number>): Promise<[number, number]> {
  if (n % 2 === 0) return [await work(servers[0]), await work(servers[1])]
  const is = await work(servers[1])
  return [await work(servers[0]), is]
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

function comparison(pairs: Array<[number, number]>) {
  return {
    'before, ms': Math.round(median(pairs.map(([was]) => was))),
    'after, ms': Math.round(median(pairs.map(([, is]) => is))),
    ratio: Math.round(median(pairs.map(([was, is]) => is / was)) * 1000) / 1000,
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
