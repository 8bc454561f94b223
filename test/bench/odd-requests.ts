/**
 * `node test/bench/odd-requests.ts [minutes] [requests per second] [seed]`: odd paths, bodies and headers
 * (test/support/attack/odd-request.ts) at two nodes, from bare sockets. Prints what they answered, whether every limit held, what
 * was kept at most, and the nodes' memory from beginning to end. Ends with 1 if anything was 5xx, stayed without an answer
 * or went past a limit. The same seed asks the same again.
 */
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { type OddRequest, oddRequest, seeded } from '../support/attack/odd-request.ts'
import { crowd, nth } from '../support/nodes/crowd.ts'
import { load } from '../support/nodes/load.ts'
import { bothInRow, isReady, type NodeAt, startStores, twoNodes, until } from '../support/nodes/nodes.ts'
import { Visit } from '../support/nodes/visit.ts'

const MINUTES = Number(process.argv[2] ?? 1)
const RATE = Number(process.argv[3] ?? 100)
const SEED = Number(process.argv[4] ?? 8)
/** An answer that takes longer is none. */
const PATIENCE = 15_000
const LOOK_EVERY = 10_000

const stores = await startStores()
const both = await twoNodes({ stores, settings: { log: { level: 'silent' } } })
await Promise.all([both.a.start(), both.b.start()])
await bothInRow(both)
const people = await crowd(await both.core(), 2, { app: false })
const redis = new Redis(both.redis)
const random = seeded(SEED)

const statuses: Record<string, Record<string, number>> = { a: {}, b: {} }
const faults: string[] = []
const past: string[] = []
const beyond: Record<string, number> = {}
const largest = new Map<string, number>()
const looks: Look[] = []

interface Look {
  minute: number
  [node: string]: number
}

await signIn(0)
const began = performance.now()
const requests = load(RATE, async (n) => {
  const node = n % 2 === 0 ? both.a : both.b
  const odd = oddRequest(random)
  count(node, odd, await send(node, odd))
})
while (performance.now() - began < MINUTES * 60_000) {
  await pause(Math.min(LOOK_EVERY, MINUTES * 60_000 - (performance.now() - began)))
  await look()
}
const outcomes = await requests.end()
// What people ask is answered as before.
await signIn(1)
const ready = await Promise.all([both.a, both.b].map(isReady))
await pause(10_000)
await look()
report()

redis.disconnect()
await both.stop()
await Promise.all([stores.mongo.remove(), stores.redis.remove()])
process.exitCode = faults.length + past.length > 0 || ready.includes(false) ? 1 : 0

/** On a machine that is busy with other things the proxy may find nobody ready for a moment. */
async function signIn(n: number): Promise<void> {
  const visit = () => new Visit(both.origin).signIn(nth(people, n))
  await until('a person signs in', () =>
    visit().then(
      () => true,
      () => false,
    ),
  )
}

/** The status of the answer; `none` if the connection was closed without one. */
function send(node: NodeAt, { pieces, unfinished }: OddRequest): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(node.origin).port), '127.0.0.1')
    let received = ''
    const timer = setTimeout(
      () => {
        if (received === '') received = unfinished ? 'unfinished' : 'late'
        socket.destroy()
      },
      unfinished ? 500 : PATIENCE,
    )
    socket.setEncoding('latin1').on('data', (data: string) => {
      received += received.length < 100 ? data : ''
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      // What was asked to go on comes after the word to go on (RFC 9110 section 10.1.1).
      const answer = received.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '')
      resolve(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? (answer === '' ? 'none' : answer.slice(0, 20)))
    })
    for (const piece of pieces) socket.write(piece, 'latin1')
  })
}

function count({ name }: NodeAt, odd: OddRequest, status: string): void {
  const counts = statuses[name] ?? {}
  counts[status] = (counts[status] ?? 0) + 1
  const shown = `${status} to ${JSON.stringify(odd.pieces[0]?.slice(0, 300))}`
  if (/^5|^late$/.test(status)) faults.push(shown)
  if (odd.beyond === undefined) return
  beyond[odd.beyond] = (beyond[odd.beyond] ?? 0) + 1
  if (/^[123]/.test(status)) past.push(`${odd.beyond}: ${shown}`)
}

async function look(): Promise<void> {
  const minute = Math.round((performance.now() - began) / 6000) / 10
  const memory: Array<[string, number]> = []
  for (const { name, running, operationsOrigin } of [both.a, both.b]) {
    const metrics = await (await fetch(`${operationsOrigin}/metrics`)).text()
    const heap = Number(/^nodejs_heap_size_used_bytes (\d+)/m.exec(metrics)?.[1] ?? 0)
    memory.push([`${name} resident`, mebibytes(resident(running.pid))], [`${name} heap`, mebibytes(heap)])
  }
  let kept = 0
  for await (const keys of redis.scanStream({ match: '*:artifact:*', count: 1000 }) as AsyncIterable<string[]>) {
    kept += keys.length
    const lengths = redis.pipeline()
    for (const key of keys) lengths.hstrlen(key, 'sealed')
    for (const [at, [, length]] of ((await lengths.exec()) ?? []).entries()) {
      const model = keys[at]?.split(':').at(-2) ?? ''
      largest.set(model, Math.max(largest.get(model) ?? 0, Number(length)))
    }
  }
  looks.push({ minute, ...Object.fromEntries(memory), 'artifacts kept': kept })
}

/** Bytes, by proc(5). */
function resident(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
}

function report(): void {
  console.log(`Node ${process.version}, seed ${SEED}: ${outcomes.length} odd requests in ${MINUTES} min`)
  console.log('Answers by status; unfinished ones were left alone after half a second')
  console.table(statuses)
  console.log('Requests beyond a bound, by bound')
  console.table(beyond)
  const every = Math.max(1, Math.round(looks.length / 12))
  console.log('Memory in MiB; the last line is ten seconds after the last request')
  console.table(looks.filter((_, n) => n % every === 0 || n === looks.length - 1))
  console.log('The largest of what is kept, sealed, in bytes')
  console.table(Object.fromEntries(largest))
  console.log(`5xx or late: ${faults.length}`, ...faults.slice(0, 10).map((line) => `\n  ${line}`))
  console.log(`past a bound: ${past.length}`, ...past.slice(0, 10).map((line) => `\n  ${line}`))
  console.log(`ready: ${ready.join(', ')}; a person signs in before and after`)
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 104857.6) / 10
}
