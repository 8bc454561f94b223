/**
 * `node test/bench/people-lists.ts [people] [mongodb address]`: what the list of people costs at 100,000 of them, by each
 * filter and several at once, on its last page and by text, and what the campaign's forecast costs, with how often each asks
 * the store. On the embedded store, or in an empty database of a MongoDB server.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PeopleFilter, pageOfPeople } from '../../src/accounts/people-list.ts'
import { DAY } from '../../src/lib/time.ts'
import { crowdOf } from '../../src/mfa/crowd.ts'
import { forecast } from '../../src/mfa/forecast.ts'
import type { People } from '../../src/person/kind.ts'
import { emptyPersonRecord } from '../../src/person/person.ts'
import { openMongoStore } from '../../src/store/mongo/open.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { account } from '../support/samples/records.ts'

/** More than a pool of connections holds would wait for one of them until they are refused. */
const AT_ONCE = process.argv[3] === undefined ? 500 : 20
const TIMES = 20
const ORGANIZATIONS = 200
const LIMIT = 50

const NOW = Date.now()
const count = Number(process.argv[2] ?? 100_000)
const mongodb = process.argv[3]
const folder = mkdtempSync(join(tmpdir(), 'sigma-id-lists-'))
const store = mongodb === undefined ? openSqliteStore(join(folder, 'bench.db')) : await openMongoStore(mongodb)
const { people } = store.durable
let asked = 0

const LISTS: Array<[string, PeopleFilter]> = [
  ['nothing', {}],
  ['status', { status: 'disabled' }],
  ['two-step', { twoStep: 'off' }],
  ['factor', { factor: 'totp' }],
  ['organization', { organizationId: 'o7' }],
  ['role', { role: 'payroll' }],
  ['last sign-in', { lastSignIn: 'over-90-days' }],
  ['invitation', { invitation: 'expired' }],
  ['text: the beginning of an address', { text: 'p999' }],
  ['text: a rare part of a name', { text: 'nummer 99998' }],
  ['text: what all are called', { text: 'Persoon' }],
  ['text: what nobody is called', { text: 'zzzzzz' }],
  ['text and organization', { text: 'Persoon', organizationId: 'o7' }],
  ['several, few fit', { organizationId: 'o7', status: 'disabled', twoStep: 'off', lastSignIn: 'unknown' }],
  ['several, of many nobody fits', { status: 'active', lastSignIn: 'unknown', twoStep: 'on' }],
  ['a factor that nobody has', { factor: 'sms' }],
]

try {
  for (let from = 0; from < count; from += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, n) => keep(from + n)))
  const rows: Record<string, Cost> = {}
  for (const [name, filter] of LISTS) rows[name] = await measure(() => page(filter))
  const last = `${'~'}p-${count - 2}`
  rows['last page'] = await measure(() => page({}, last))
  rows.forecast = await measure(predict)
  console.log(`${count} people, ${mongodb === undefined ? 'embedded' : 'MongoDB'}; milliseconds`)
  console.table(rows)
} finally {
  if ('close' in store) await store.close()
  rmSync(folder, { recursive: true })
}

async function keep(n: number): Promise<void> {
  const email = `p${n}@bench${n % ORGANIZATIONS}.example`
  const status = n % 50 === 0 ? 'disabled' : 'active'
  const more = {
    ...(n % 1000 === 0 && { roles: ['payroll'] }),
    ...(n % 3 === 0 && { lastSignInAt: NOW - (n % 400) * DAY }),
  }
  await people.change(`p-${n}`, (draft) => {
    const id = `p-${n}`
    // By name in the order of the numbers: so the last page is known.
    const name = `Persoon nummer ${String(n).padStart(6, '0')}`
    const organizationId = `o${n % ORGANIZATIONS}`
    const one = account({ id, email, emailKey: email, name, organizationId, status, createdAt: NOW - n, ...more })
    Object.assign(draft, emptyPersonRecord(), { account: one })
  })
}

/** Counts what is asked of the store. */
function counted(): People {
  const count = <A extends unknown[], R>(call: (...given: A) => R) => {
    return (...given: A) => {
      asked += 1
      return call(...given)
    }
  }
  const { find, findBy, list, search, counts } = people
  const each = { find: count(find), findBy: count(findBy), list: count(list), search: count(search) }
  return { ...people, ...each, counts: count(counts) }
}

function page(filter: PeopleFilter, after?: string): Promise<unknown> {
  return pageOfPeople(counted(), filter, { limit: LIMIT, after, now: NOW })
}

async function predict(): Promise<unknown> {
  const everyone = { start: NOW - DAY, deadline: NOW + DAY }
  const rules = { everyone, organizations: new Map(), roles: new Map(), exempt: [] }
  return forecast(rules, await crowdOf(counted(), [], NOW), { find: (id) => ({ id, active: true }) })
}

interface Cost {
  queries: number
  p50: number
  p95: number
  processor: number
}

async function measure(work: () => Promise<unknown>): Promise<Cost> {
  asked = 0
  await work()
  const queries = asked
  const times: number[] = []
  const before = process.cpuUsage()
  for (let turn = 0; turn < TIMES; turn += 1) {
    const began = performance.now()
    await work()
    times.push(performance.now() - began)
  }
  const { user, system } = process.cpuUsage(before)
  const at = (part: number) => round(times.toSorted((a, b) => a - b)[Math.floor(times.length * part)] ?? 0)
  return { queries, p50: at(0.5), p95: at(0.95), processor: round((user + system) / 1000 / TIMES) }
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10
}
