/**
 * `npm run bench`: how fast it starts, how much one process does, what it keeps in memory, and what it asks of the
 * store. Prints tables and judges nothing, for machines differ. The client runs on the same machine and takes its share
 * of it, so look at the processor time of the server, which it does not.
 */
import { availableParallelism, cpus } from 'node:os'
import { countedStore, total } from '../support/app/counted-store.ts'
import { EMAIL, PASSWORD, relyingParty, type Tokens, world } from '../support/oidc/relying-party.ts'
import { Person } from '../support/people/person.ts'
import { discovery, type Tokens as Issued, refresh, signIn, userinfo } from './flows.ts'
import { type Installation, installation } from './installation.ts'

const STARTS = 5
const SIGN_INS = 1000
const REQUESTS = 2000
const AT_ONCE = 8

console.log(`Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'processor'}\n`)
await measureStarts()
await measureFlows()
await countOperations()

async function measureStarts(): Promise<void> {
  const first: number[] = []
  const later: number[] = []
  for (let n = 0; n < STARTS; n += 1) {
    const server = await installation()
    first.push(await server.start())
    await server.stop()
    later.push(await server.start())
    await server.stop()
    server.remove()
  }
  console.log('Start to first discovery document, in ms')
  console.table({ 'first start (makes keys and database)': spread(first), 'later start': spread(later) })
}

async function measureFlows(): Promise<void> {
  const server = await installation()
  await server.start()
  const { origin } = server
  await server.activateEverybody()
  for (let n = 0; n < 20; n += 1) await signIn(origin, n)
  const before = server.memory()

  const issued: Issued[] = []
  const rows: Record<string, unknown> = {}
  rows['sign-in (4 requests, one Argon2id)'] = await measure(server, SIGN_INS, async (n) => {
    issued[n] = await signIn(origin, n)
  })
  const after = server.memory()
  const given = (n: number) => issued[n % issued.length] as Issued
  rows['refresh grant'] = await measure(server, SIGN_INS, async (n) => {
    issued[n] = await refresh(origin, given(n))
  })
  rows.userinfo = await measure(server, REQUESTS, (n) => userinfo(origin, given(n)))
  rows.discovery = await measure(server, REQUESTS, () => discovery(origin))
  console.log(`One process, ${AT_ONCE} requests at once`)
  console.table(rows)
  console.log('Resident memory, in MiB')
  console.table({
    'after 20 sign-ins': { memory: mebibytes(before) },
    [`after ${SIGN_INS} more`]: { memory: mebibytes(after) },
    'at the end': { memory: mebibytes(server.memory()) },
  })
  await server.stop()
  server.remove()
}

async function measure(server: Installation, times: number, work: (n: number) => Promise<void>): Promise<unknown> {
  const durations: number[] = []
  const began = performance.now()
  const spent = server.processorTime()
  let next = 0
  async function worker(): Promise<void> {
    for (let n = next++; n < times; n = next++) {
      const started = performance.now()
      await work(n)
      durations.push(performance.now() - started)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const seconds = (performance.now() - began) / 1000
  durations.sort((a, b) => a - b)
  return {
    'per second': Math.round(times / seconds),
    'p50 ms': round(durations[Math.floor(times / 2)]),
    'p99 ms': round(durations[Math.floor(times * 0.99)]),
    'processor ms each': round((server.processorTime() - spent) / times),
  }
}

async function countOperations(): Promise<void> {
  const counted = countedStore()
  const all = await world({ instrument: counted.instrument })
  const house = await relyingParty(all, 'house')
  const person = new Person()
  const rows: Record<string, unknown> = {}
  async function count(flow: string, work: () => Promise<unknown>): Promise<void> {
    const counts = await counted.during(work)
    const writes = Object.entries(counts).filter(([name]) => !/^(find|is|list|load|count|backlog)/.test(name))
    rows[flow] = { operations: total(counts), writes: total(Object.fromEntries(writes)) }
  }

  let tokens: Tokens | undefined
  let request = await house.request()
  await count('authorization that shows the password page', () => person.visit(request.url.href))
  await count('password, and back to the application', () => person.submit({ email: EMAIL, password: PASSWORD }))
  await count('code exchange', async () => {
    tokens = await house.redeem(person.page.url, request)
  })
  await count('refresh grant', async () => {
    tokens = await house.refresh(tokens?.refresh_token)
  })
  const headers = { authorization: `Bearer ${tokens?.access_token}` }
  await count('userinfo', () => fetch(`${all.app.origin}/me`, { headers }))
  request = await house.request()
  await count('single sign-on', () => person.visit(request.url.href))
  console.log('Operations on the store')
  console.table(rows)
  await all.stop()
}

function spread(values: number[]): unknown {
  const sorted = values.toSorted((a, b) => a - b)
  return {
    minimum: Math.round(sorted[0] ?? 0),
    median: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0),
    maximum: Math.round(sorted.at(-1) ?? 0),
  }
}

function round(milliseconds = 0): number {
  return Math.round(milliseconds * 10) / 10
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024)
}
