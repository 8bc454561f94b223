/**
 * `node test/bench/administration.ts`: what a request costs with 5 applications and with 500, in one run, in turn; and
 * what the lists of administration cost at few rows and at many, with how often each asks the store. Prints tables; says
 * nothing of it that the machine could say differently, but for the ratio of the two.
 */
import { availableParallelism, cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { listApprovals } from '../../src/admin/approvals.ts'
import { listClients } from '../../src/admin/client-looks.ts'
import { listOrganizations } from '../../src/admin/organizations.ts'
import { findPeople } from '../../src/admin/people.ts'
import { listAudit } from '../../src/admin/trail.ts'
import { runVerb, type Verb } from '../../src/admin/verb.ts'
import { openCore } from '../../src/app/core.ts'
import { emptyPersonRecord } from '../../src/person/person.ts'
import { type Counted, countedStore, total } from '../support/app/counted-store.ts'
import { record } from '../support/oidc/client-records.ts'
import { relyingParty, type World, world } from '../support/oidc/relying-party.ts'
import { account } from '../support/samples/records.ts'
import { MACHINE } from '../support/unit/administration.ts'

const FEW = 5
const MANY = 500
const ROUNDS = 1500
const WARM = 300
const TIMES = 30
const CHANGES = 20
const BENCH = { actor: 'bench', via: 'api' }
/** Changes at once, so that they share a commit. */
const AT_ONCE = 500

const SIZES = [
  { name: 'small', applications: 5, organizations: 50, people: 1000, audit: 1000 },
  { name: 'large', applications: 500, organizations: 5000, people: 100_000, audit: 20_000 },
]

console.log(`Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'processor'}\n`)
await measureRequests()
await measureLists()
await measureFollowing()

/** An authorization request of one application after the other: the library remembers a hundred of them by itself. */
async function measureRequests(): Promise<void> {
  const worlds = [await filled(FEW), await filled(MANY)] as const
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS + WARM; round += 1) {
    // Each is first every other time, so that what one leaves behind is the other's as often.
    for (const index of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const { addresses } = worlds[index]
      const began = performance.now()
      const answer = await fetch(addresses[round % addresses.length] ?? '', { redirect: 'manual' })
      await answer.arrayBuffer()
      if (answer.status !== 303) throw new Error(`${answer.status}`)
      if (round >= WARM) times[index].push(performance.now() - began)
    }
  }
  const [few, many] = times.map((each) => quantile(each, 0.5))
  console.log('A request of an application, in ms')
  console.table({
    [`${FEW} applications`]: told(times[0]),
    [`${MANY} applications`]: told(times[1]),
    'ratio of the medians': { p50: round2((many ?? 0) / (few ?? 1)) },
  })
  for (const { here } of worlds) await here.stop()
}

async function filled(count: number): Promise<{ here: World; addresses: string[] }> {
  const here = await world()
  await applications(here, count)
  const party = await relyingParty(here, 'house')
  const addresses = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const { url } = await party.request({
        client_id: `bench${n}`,
        redirect_uri: `${here.apps.origin}/bench${n}/callback`,
      })
      return url.href
    }),
  )
  return { here, addresses }
}

async function applications({ app, apps }: World, count: number): Promise<void> {
  await inBites(count, async (n) => {
    const { client_secret: _env, ...fields } = record(`bench${n}`, { client_name: `Application ${n}` }, apps.origin)
    const checked = app.core.definitions.client(fields, { scopes: undefined, hasSecret: true, ours: [] })
    if (!checked.ok) throw new Error(JSON.stringify(checked.faults))
    await app.core.store.durable.clients.change(`bench${n}`, (draft) => {
      const at = Date.now()
      const { definition } = checked
      const version = { version: 1, at, actor: 'bench', via: 'pages', changes: [], definition }
      Object.assign(draft, { definition, version: 1, versions: [version], createdAt: at, changedAt: at })
    })
  })
  await app.followClients()
}

async function measureLists(): Promise<void> {
  const rows: Record<string, Record<string, unknown>> = {}
  for (const size of SIZES) {
    const counted = countedStore()
    let ahead = 0
    const here = await world({ instrument: counted.instrument, now: () => Date.now() + ahead })
    const { core } = here.app
    await applications(here, size.applications)
    await inBites(size.organizations, (n) =>
      core.store.durable.organizations.change(`o-${n}`, (draft) => {
        const at = Date.now()
        Object.assign(draft, { name: `Employer ${n}`, number: `${n}`, createdAt: at, changedAt: at })
      }),
    )
    await inBites(size.people, (n) =>
      core.store.durable.people.change(`p-${n}`, (draft) => {
        const email = `p${n}@bench.example`
        Object.assign(draft, emptyPersonRecord(), {
          account: account({ id: `p-${n}`, email, emailKey: email, name: `Person ${n}`, createdAt: Date.now() }),
        })
      }),
    )
    await inBites(size.audit, () => core.record({ type: 'sign-in.completed', outcome: 'ok', subject: 'p-1' }))
    // What came all at once is read again for a while (record/mirror.ts): that is over.
    for (const passed of [0, 60_000, 1000]) {
      ahead += passed
      await here.app.second()
    }
    const LISTS: Array<[string, Verb, object]> = [
      [`applications (${SIZES.map((one) => one.applications).join(' / ')})`, listClients, {}],
      [`organizations (${SIZES.map((one) => one.organizations).join(' / ')})`, listOrganizations, {}],
      [`people (${SIZES.map((one) => one.people).join(' / ')})`, findPeople, { text: 'Person 99' }],
      [`audit (${SIZES.map((one) => one.audit).join(' / ')})`, listAudit, {}],
      ['approvals', listApprovals, {}],
    ]
    for (const [name, verb, given] of LISTS)
      rows[name] = { ...rows[name], ...(await measure(size.name, counted, here, verb, given)) }
    await here.stop()
  }
  console.log('Lists of administration: queries (the line in the trail that each leaves is none), and ms')
  console.table(rows)
}

/** Changed by another process, and counted by a running server: in real time, and with nobody to hurry it. */
async function measureFollowing(): Promise<void> {
  const here = await world()
  const { app } = here
  app.start()
  const elsewhere = await openCore(app.core.config, { log: app.core.log, now: app.core.now })
  const { client_secret: _env, ...fields } = record('followed', {}, here.apps.origin)
  await elsewhere.admin.clients.add(fields, BENCH)
  const times: number[] = []
  for (let turn = 0; turn < CHANGES; turn += 1) {
    const name = `Changed ${turn}`
    // Not always at the same moment of the server's second.
    await pause(turn * 37)
    const changed = await elsewhere.admin.clients.change('followed', { fields: { client_name: name } }, BENCH)
    if (!changed.ok) throw new Error(changed.reason)
    const began = performance.now()
    while (app.core.clients.find('followed')?.metadata.client_name !== name) await pause(5)
    times.push(performance.now() - began)
  }
  console.log('Changed by another process, counted by a running server, in ms')
  console.table({ [`${CHANGES} changes`]: { p50: round2(quantile(times, 0.5)), most: round2(Math.max(...times)) } })
  await elsewhere.close()
  await here.stop()
}

async function measure(size: string, counted: Counted, { app }: World, verb: Verb, given: object) {
  const work = () => runVerb(app.core.admin, verb, given, MACHINE)
  const { appendAudit: _line, ...queries } = await counted.during(work)
  const times: number[] = []
  for (let turn = 0; turn < TIMES; turn += 1) {
    const began = performance.now()
    await work()
    times.push(performance.now() - began)
  }
  return {
    [`queries, ${size}`]: total(queries),
    [`p50, ${size}`]: round2(quantile(times, 0.5)),
    [`p95, ${size}`]: round2(quantile(times, 0.95)),
  }
}

async function inBites(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, n) => work(from + n)))
}

function told(times: number[]): Record<string, number> {
  return { p50: round2(quantile(times, 0.5)), p95: round2(quantile(times, 0.95)), p99: round2(quantile(times, 0.99)) }
}

function quantile(times: readonly number[], part: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * part)] ?? 0
}

function round2(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100
}
