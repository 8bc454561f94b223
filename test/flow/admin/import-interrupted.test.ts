/** An import that is stopped anywhere and run again ends as one that was not, and so do two that run at once. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseForeign } from '../../../src/accounts/foreign/scheme.ts'
import type { AppliedTold } from '../../../src/migration/migration.ts'
import type { PersonRecord } from '../../../src/person/person.ts'
import { type RunningApp, startApp } from '../../support/app/app.ts'
import { bringIn, fileOf, type Given, line, plan, run } from '../../support/people/imports.ts'

const HASH = '$2b$06$be8LfpKitFe29VuR0SxDx./hh5VDb8dF9XmglxWaWNO/Qph0c6eBO'
const PEOPLE = 20
/** After how many writes a run is stopped, once or twice: of the file that makes people, and of the one that changes half. */
const STOPS: Array<[making: number[], changing: number[]]> = [
  ...Array.from({ length: PEOPLE }, (_, at): [number[], number[]] => [[at], []]),
  ...Array.from({ length: PEOPLE / 2 }, (_, at): [number[], number[]] => [[], [at]]),
  ...Array.from({ length: 10 }, (_, at): [number[], number[]] => [[at, at], [9 - at]]),
]

let app: RunningApp
/** How many more changes of people the store takes before it is gone. */
let left = Number.POSITIVE_INFINITY

/** Done once, after somebody was looked for who is not there yet. */
let meanwhile: (() => Promise<unknown>) | undefined

class Killed extends Error {}

beforeAll(async () => {
  app = await startApp({
    instrument: (store) => {
      const { people } = store.durable
      const change: typeof people.change = (id, rule) => {
        if (left === 0) return Promise.reject(new Killed())
        left -= 1
        return people.change(id, rule)
      }
      const findBy: typeof people.findBy = async (key) => {
        const found = await people.findBy(key)
        if (found || !key.startsWith('external:')) return found
        const work = meanwhile
        meanwhile = undefined
        await work?.()
        return found
      }
      return { ...store, durable: { ...store.durable, people: { ...people, change, findBy } } }
    },
  })
}, 60_000)

afterAll(() => app.stop())

const core = (node = 0) => {
  const found = app.nodes[node % app.nodes.length]
  if (!found) throw new Error('no node')
  return found
}

/** Of each round other people, so that all rounds are in one store. */
function lines(round: string, change: Given = {}): Given[] {
  return Array.from({ length: PEOPLE }, (_, at) => {
    const own = { external_id: `${round}-${at}`, email: `${round}-${at}@oud.example`, name: `Mens ${at}` }
    const password = at % 10 === 0 ? { password: HASH, ...factorsOf(`${round} ${at}`) } : {}
    return { ...line(at), ...own, ...password, ...(at % 2 === 0 ? change : {}) }
  })
}

/** An app, a number and an address for notices, of nobody else. */
function factorsOf(whose: string): Given {
  const made = createHash('sha256').update(whose).digest()
  const number = `+3161${1_000_000 + (made.readUInt32BE() % 9_000_000)}`
  return {
    totp: [{ secret: made.toString('hex'), encoding: 'hex' }],
    phone: { number, verified: true },
    notice_email: 'meldingen@oud.example',
  }
}

/** Everything of the people of a round, but for what is made at random or by the time, and what they are called. */
async function told(round: string): Promise<unknown[]> {
  const keys = Array.from({ length: PEOPLE }, (_, at) => `external:oud:${round}-${at}`)
  const found = await Promise.all(keys.map((key) => core().store.durable.people.findBy(key)))
  return found.map((each) => plain(each?.record, round))
}

function plain(record: PersonRecord | undefined, round: string): unknown {
  const { account, authenticators = [], ...rest } = record ?? {}
  if (!account) return undefined
  const { id: _id, createdAt: _at, passwordHash, imported, email, emailKey, enrolledAt, ...kept } = account
  const own = (text: string | undefined) => text?.replace(round, '')
  const {
    at: _when,
    wrote,
    run: _run,
    externalId,
    secrets = [],
    phone,
    ...brought
  } = imported ?? { at: 0, wrote: {}, run: {}, externalId: '', source: '' }
  const scheme = passwordHash && parseForeign(passwordHash.split(':')[1] ?? '')
  return {
    ...rest,
    ...kept,
    authenticators: authenticators.map(({ kind, imported: old }) => [kind, old]),
    factors: [secrets.length, phone?.length, enrolledAt !== undefined],
    scheme,
    ...brought,
    wrote: Object.keys(wrote),
    ids: [email, emailKey, externalId].map(own),
  }
}

async function stopped(work: () => Promise<unknown>, after: number): Promise<void> {
  left = after
  await expect(work()).rejects.toThrow(Killed)
  left = Number.POSITIVE_INFINITY
}

let whole: unknown[] = []

test('a run that nobody stops', async () => {
  const file = fileOf(app.folder, 'whole.jsonl', lines('whole'))
  expect(await bringIn(core(), { file })).toMatchObject({ written: PEOPLE })
  const next = fileOf(app.folder, 'whole-2.jsonl', lines('whole', { name: 'Iemand anders', locale: 'en' }))
  expect(await bringIn(core(), { file: next })).toMatchObject({ written: PEOPLE / 2 })
  whole = await told('whole')
  expect(whole).not.toContain(undefined)
})

/** On a cluster every write is waited for on the servers: there every eighth. All forty were run on it once. */
const CHOSEN = STOPS.filter((_, at) => process.env.SIGMA_TEST_MONGODB === undefined || at % 8 === 4)

test.each(CHOSEN)('stopped after %j and %j writes, run again: the same in the end', async (making, changing) => {
  const round = `stop${making.join('x')}y${changing.join('x')}z`
  const first = fileOf(app.folder, `${round}.jsonl`, lines(round))
  const next = fileOf(app.folder, `${round}-2.jsonl`, lines(round, { name: 'Iemand anders', locale: 'en' }))
  for (const [file, stops] of [
    [first, making],
    [next, changing],
  ] as const) {
    const { digest } = await plan(core(), { file })
    const apply = (node = 0) => run<AppliedTold>(core(node), 'people:apply', { source: 'oud', file, plan: digest })
    for (const after of stops) await stopped(apply, after)
    expect(await apply(1)).toMatchObject({ totals: { refuse: 0, conflict: 0 }, moved: [] })
  }
  expect(await told(round)).toEqual(whole)
})

test('two at once, on different nodes where there are some, do together what one would', async () => {
  const file = fileOf(app.folder, 'two.jsonl', lines('two'))
  const next = fileOf(app.folder, 'two-2.jsonl', lines('two', { name: 'Iemand anders', locale: 'en' }))
  for (const each of [file, next]) {
    const { digest } = await plan(core(), { file: each })
    const given = { source: 'oud', file: each, plan: digest }
    const done = await Promise.all([0, 1].map((node) => run<AppliedTold>(core(node), 'people:apply', given)))
    expect(done.reduce((sum, { written }) => sum + written, 0)).toBe(each === file ? PEOPLE : PEOPLE / 2)
    expect(done.flatMap(({ moved }) => moved)).toEqual([])
  }
  expect(await told('two')).toEqual(whole)
})

test('who is made by another run just after they were looked for is no stranger with their address', async () => {
  const file = fileOf(app.folder, 'between.jsonl', lines('between'))
  const { digest } = await plan(core(), { file })
  const apply = (node: number) => run<AppliedTold>(core(node), 'people:apply', { source: 'oud', file, plan: digest })
  meanwhile = () => apply(1)
  expect(await apply(0)).toMatchObject({ written: 0, totals: { refuse: 0 }, moved: [] })
})
