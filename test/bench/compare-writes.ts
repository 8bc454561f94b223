/**
 * `node test/bench/compare-writes.ts <checkout before> [checkout after]`: what it costs a store to use up a code of an
 * app, in one checkout and in another (this one), on SQLite and, where it is on the machine, MongoDB; and what it costs
 * somebody with a thousand mails waiting. Prints ratios and judges nothing.
 *
 * Turn and turn about in pairs, for the machine may have other things to do: a ratio is the median of those of the pairs.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { missingServices, mongoServer } from '../support/services/servers.ts'
import type { Asked, Told } from './store-worker.ts'

const PAIRS = 25
const WORKER = join(import.meta.dirname, 'store-worker.ts')
const [, , before, after = resolve(import.meta.dirname, '../..')] = process.argv
if (!before) throw new Error('usage: compare-writes.ts <checkout before> [checkout after]')

const folder = mkdtempSync(join(tmpdir(), 'sigma-id-bench-'))
await compare('SQLite', (name) => join(folder, `${name}.db`), 100)
rmSync(folder, { recursive: true, force: true })
if (missingServices(['mongo']).length === 0) await onMongo()

async function onMongo(): Promise<void> {
  const server = await mongoServer()
  try {
    await compare('MongoDB', (name) => `${server.uri}/bench-${name}`, 10)
  } finally {
    await server.remove()
  }
}

async function compare(name: string, address: (which: string) => string, times: number): Promise<void> {
  const old = await worker(before ?? '', address('before'))
  const present = await worker(after, address('after'))
  const [one, all]: Asked[] = [
    { work: 'one', times },
    { work: 'all', times: Math.ceil(times / 20) },
  ]
  if (!one || !all) throw new Error('two were named')
  // A document with a thousand mails in it takes its time.
  const few: Asked = { work: 'one', times: Math.ceil(times / 10) }
  const crowded = (asked: Asked): Asked => ({ ...asked, work: 'crowded' })
  console.log(name)
  console.table({
    'one after the other: after, against before': await pairs(old, present, one, one),
    '100 people at once: after, against before': await pairs(old, present, all, all),
    'before: 1,000 mails waiting, against none': await pairs(old, old, few, crowded(few)),
    'after: 1,000 mails waiting, against none': await pairs(present, present, one, crowded(one)),
  })
  for (const child of [old, present]) {
    child.disconnect()
    await once(child, 'exit')
  }
}

async function worker(checkout: string, address: string): Promise<ChildProcess> {
  const child = fork(WORKER, [resolve(checkout), address], { cwd: resolve(checkout) })
  await once(child, 'message')
  return child
}

/** The first of a pair is the other one every time. */
async function pairs(one: ChildProcess, other: ChildProcess, first: Asked, second: Asked): Promise<unknown> {
  const ratios: number[] = []
  const told: Array<[Told, Told]> = []
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const turns: Array<() => Promise<Told>> = [() => ask(one, first), () => ask(other, second)]
    const a = await (turns[pair % 2] as () => Promise<Told>)()
    const b = await (turns[1 - (pair % 2)] as () => Promise<Told>)()
    const both: [Told, Told] = pair % 2 === 0 ? [a, b] : [b, a]
    // The first ones warm up.
    if (pair < 5) continue
    told.push(both)
    ratios.push(both[1].milliseconds / both[0].milliseconds)
  }
  return {
    'first, ms': round(median(told.map(([was]) => was.milliseconds)) / first.times),
    'second, ms': round(median(told.map(([, is]) => is.milliseconds)) / second.times),
    ratio: round(median(ratios)),
    'first, commits': median(told.map(([was]) => was.commits)) / first.times,
    'second, commits': median(told.map(([, is]) => is.commits)) / second.times,
  }
}

async function ask(child: ChildProcess, asked: Asked): Promise<Told> {
  child.send(asked)
  const [told] = (await once(child, 'message')) as [Told]
  return told
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
