/**
 * `node test/bench/left-open.ts [sittings]`: what sign-ins that were begun and left leave in the embedded store, and how the
 * sweep takes them away. Prints a table and judges nothing. The sittings are copies of one that the server made of a usual
 * request, and of one that is as long as a request may be.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { asUnit } from '../../src/lib/unit-of-work.ts'
import type { Artifact } from '../../src/oidc/artifact.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { installation } from './installation.ts'
import { beginning, Visitor } from './visitor.ts'

const SITTINGS = Number(process.argv[2] ?? 100_000)
const AT_ONCE = 500
const MINUTES = 60_000

const folder = mkdtempSync(join(tmpdir(), 'sigma-id-left-'))
const lengths = await lengthsOfSittings()
console.log('characters of a sitting as it is kept:', lengths)
try {
  const table: Record<string, unknown> = {}
  for (const [what, length] of Object.entries(lengths)) table[what] = await leave(what, length)
  console.table(table)
} finally {
  rmSync(folder, { recursive: true })
}

async function lengthsOfSittings(): Promise<Record<string, number>> {
  const data = join(folder, 'served')
  const server = await installation({ data, log: { level: 'silent' } }, [])
  await server.start()
  try {
    const usual = await kept(server.origin, data, beginning('left'))
    const rest = beginning('left', { state: '' }).length - '/auth?'.length
    const longest = await kept(server.origin, data, beginning('left', { state: 'x'.repeat(4096 - rest) }))
    return { usual, longest }
  } finally {
    await server.stop()
    server.remove()
  }
}

async function kept(origin: string, data: string, address: string): Promise<number> {
  const visitor = new Visitor(origin, '')
  const { status, location } = await visitor.send('GET', address)
  visitor.leave()
  if (!location) throw new Error(`no sitting but ${status}`)
  const db = new DatabaseSync(join(data, 'sigma-id.db'), { readOnly: true })
  const row = db.prepare("SELECT max(length(sealed)) AS longest FROM artifact WHERE model = 'Interaction'").get()
  db.close()
  return Number(row?.longest)
}

async function leave(name: string, length: number): Promise<object> {
  const path = join(folder, `${name}.db`)
  const commits: number[] = []
  let began = 0
  let longestCommit = 0
  const store = openSqliteStore(path, {
    onCommit(writes) {
      commits.push(writes)
      longestCommit = Math.max(longestCommit, performance.now() - began)
      began = performance.now()
    },
  })
  const before = bytes(path)
  for (let made = 0; made < SITTINGS; made += AT_ONCE)
    await asUnit(
      () => Promise.all(Array.from({ length: AT_ONCE }, () => store.expiring.putArtifact(sitting(length)))),
      () => undefined,
    )
  const full = bytes(path)

  commits.length = 0
  longestCommit = 0
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const used = process.cpuUsage()
  began = performance.now()
  const at = began
  const swept = await store.expiring.sweepArtifacts(Date.now() + 21 * MINUTES)
  const { user, system } = process.cpuUsage(used)
  delay.disable()
  const seconds = (performance.now() - at) / 1000
  const after = bytes(path)
  await store.close()
  return {
    sittings: SITTINGS,
    'MB more': Math.round((full - before) / 1e6),
    'bytes each': Math.round((full - before) / SITTINGS),
    swept,
    'in commits': commits.length,
    'processor s': ((user + system) / 1e6).toFixed(1),
    s: seconds.toFixed(1),
    'longest turn ms': Math.round(delay.max / 1e6),
    'MB afterwards, free to use': Math.round(after / 1e6),
  }
}

function bytes(path: string): number {
  return statSync(path).size + statSync(`${path}-wal`).size
}

function sitting(length: number): Artifact {
  return {
    model: 'Interaction',
    key: randomBytes(32).toString('base64url'),
    sealed: randomBytes(Math.ceil(length / 2))
      .toString('hex')
      .slice(0, length),
    expiresAt: Date.now() + 20 * MINUTES,
    grantKey: undefined,
    uidKey: randomBytes(32).toString('base64url'),
    accountId: undefined,
  }
}
