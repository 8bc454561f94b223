/** Lists of people, whatever narrows them, against one that looks at everybody. */
import { beforeAll, describe, expect, test } from 'vitest'
import {
  allPeople,
  INVITATIONS,
  LAST_SIGN_INS,
  type PeopleFilter,
  pageOfPeople,
} from '../../../src/accounts/people-list.ts'
import { DAY } from '../../../src/lib/time.ts'
import { emailKey } from '../../../src/person/account.ts'
import { personKind } from '../../../src/person/kind.ts'
import { activationUntil, NO_ORGANIZATION, placeOf, TWO_STEP_STATES, twoStepOf } from '../../../src/person/listing.ts'
import { emptyPersonRecord, type PersonRecord } from '../../../src/person/person.ts'
import { account, link, NOW } from '../../support/samples/records.ts'
import { memoryRecords } from '../../support/unit/memory-records.ts'

const people = memoryRecords(personKind)
const everybody: PersonRecord[] = []
/** The same at every run (mulberry32). */
let seed = 20261129
function dice(): number {
  seed = (seed + 0x6d2b79f5) | 0
  const mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  const more = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((more ^ (more >>> 14)) >>> 0) / 2 ** 32
}
const one = <T>(from: readonly T[]): T => from[Math.floor(dice() * from.length)] as T

const NAMES = ['Anna', 'anna', 'Änna', 'Bram', 'Ömer', '李', '😀', '\ufffd', 'van der Berg', 'Z']
const FACTORS = [[], ['totp'], ['totp', 'sms'], ['passkey']] as const

function somebody(index: number): PersonRecord {
  const status = one(['invited', 'active', 'active', 'disabled'] as const)
  const name = `${one(NAMES)} ${one(NAMES)}`
  const email = `person-${index}@sigma.example`
  const id = `id-${index}`
  return {
    ...emptyPersonRecord(),
    account: account({
      ...{ id, name, email, emailKey: emailKey(email), status },
      organizationId: one(['a', 'ab', 'b', undefined]),
      roles: one([[], [], [], ['owner'], ['help-desk', 'auditor']]),
      enrolledAt: one([undefined, NOW]),
      lastSignInAt: one([undefined, NOW, NOW - 60 * DAY, NOW - 200 * DAY, NOW - 400 * DAY]),
    }),
    authenticators: one(FACTORS).map((kind) => ({
      ...{ id: kind, accountId: id, kind, label: '', sealed: '', numberKey: undefined, lastStep: 0, createdAt: 0 },
      lastUsedAt: undefined,
      ...(dice() < 0.1 && { imported: true as const }),
    })),
    links: status === 'invited' ? [link(id, { purpose: 'activation', expiresAt: one([NOW, NOW + 1, NOW + DAY]) })] : [],
  }
}

beforeAll(async () => {
  for (let index = 0; index < 120; index += 1) {
    const person = somebody(index)
    everybody.push(person)
    await people.change(`id-${index}`, (draft) => void Object.assign(draft, structuredClone(person)))
  }
})

/** What a filter means, said once more. */
function fits(filter: PeopleFilter, person: PersonRecord): boolean {
  const { account: kept, authenticators } = person
  if (!kept) return false
  const days = (NOW - (kept.lastSignInAt ?? 0)) / DAY
  const known = kept.lastSignInAt !== undefined
  const signedIn = {
    'last-30-days': known && days <= 30,
    'over-90-days': known && days > 90,
    'over-365-days': known && days > 365,
    unknown: !known,
  }
  const open = activationUntil(person) > NOW
  const invitation = { waiting: kept.status === 'invited' && open, expired: kept.status === 'invited' && !open }
  return (
    (filter.status === undefined || kept.status === filter.status) &&
    (filter.twoStep === undefined || twoStepOf(person) === filter.twoStep) &&
    (filter.factor === undefined || authenticators.some(({ kind }) => kind === filter.factor)) &&
    (filter.organizationId === undefined || (kept.organizationId ?? NO_ORGANIZATION) === filter.organizationId) &&
    (filter.role === undefined || (filter.role === '' ? kept.roles.length > 0 : kept.roles.includes(filter.role))) &&
    (filter.lastSignIn === undefined || signedIn[filter.lastSignIn]) &&
    (filter.invitation === undefined || invitation[filter.invitation]) &&
    (filter.text === undefined || kept.name.toLowerCase().includes(filter.text.toLowerCase()))
  )
}

const some = <T>(value: T): T | undefined => (dice() < 0.3 ? value : undefined)

const FILTERS: PeopleFilter[] = [
  {},
  ...Array.from({ length: 60 }, () => ({
    status: some(one(['invited', 'active', 'disabled'] as const)),
    twoStep: some(one(TWO_STEP_STATES)),
    factor: some(one(['totp', 'sms', 'passkey'] as const)),
    organizationId: some(one(['a', 'ab', NO_ORGANIZATION, 'none'])),
    role: some(one(['owner', 'auditor', ''])),
    lastSignIn: some(one(LAST_SIGN_INS)),
    invitation: some(one(INVITATIONS)),
    text: dice() < 0.2 ? one(['an', 'ber']) : undefined,
  })),
]

async function walk(filter: PeopleFilter, limit: number, bites?: number[]) {
  const found: string[] = []
  let pages = 0
  let stops = 0
  for (let after: string | undefined; ; ) {
    const page = await pageOfPeople(people, filter, { limit, after, now: NOW, ...(bites && { bites }) })
    found.push(...page.found.map(({ id }) => id))
    expect(page.found.length).toBeLessThanOrEqual(limit)
    if (page.next !== undefined && !page.stopped) expect(page.found).toHaveLength(limit)
    stops += Number(page.stopped)
    pages += 1
    if (page.next === undefined) return { found, stops, pages }
    after = page.next
  }
}

describe('a list', () => {
  test('has everybody who fits, each once, whatever narrows it and however long its pages are', async () => {
    for (const filter of FILTERS) {
      const expected = everybody.filter((person) => fits(filter, person)).map(({ account: kept }) => kept?.id)
      const { found } = await walk(filter, one([7, 50]))
      expect(new Set(found).size).toBe(found.length)
      expect(found.toSorted(), JSON.stringify(filter)).toEqual(expected.toSorted())
    }
  })

  test('is by name, but for what goes by days: then the longest ago comes first', async () => {
    const place = (id: string) => placeOf(everybody[Number(id.slice(3))]?.account ?? { id, name: '' })
    for (const filter of [{}, { status: 'active' }, { organizationId: 'a' }, { twoStep: 'on' }] as PeopleFilter[]) {
      const places = (await walk(filter, 20)).found.map(place)
      expect(places).toEqual(places.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    }
    const days = (await walk({ lastSignIn: 'over-90-days' }, 20)).found.map(
      (id) => everybody[Number(id.slice(3))]?.account?.lastSignInAt ?? 0,
    )
    expect(days).toEqual(days.toSorted((a, b) => a - b))
  })

  test('where few of many fit, a page says that it has looked at enough, and the next goes on there', async () => {
    const { found, stops } = await walk({ status: 'active', factor: 'sms', twoStep: 'old' }, 50, [5, 8])
    const expected = everybody.filter((person) => fits({ status: 'active', factor: 'sms', twoStep: 'old' }, person))
    expect(found).toHaveLength(expected.length)
    expect(stops).toBeGreaterThan(2)
  })

  test('goes on though the last one of the page before is gone, or somewhere else by now', async () => {
    const filter: PeopleFilter = { lastSignIn: 'over-90-days' }
    const first = await pageOfPeople(people, filter, { limit: 5, now: NOW })
    const last = first.found.at(-1)?.id ?? ''
    const rest = async () => (await pageOfPeople(people, filter, { limit: 500, after: first.next, now: NOW })).found
    const before = (await rest()).map(({ id }) => id)
    await people.change(last, ({ account: kept }) => void Object.assign(kept ?? {}, { lastSignInAt: NOW }))
    expect((await rest()).map(({ id }) => id)).toEqual(before)
    await people.change(last, (draft) => void Object.assign(draft, emptyPersonRecord(), { account: undefined }))
    expect((await rest()).map(({ id }) => id)).toEqual(expect.arrayContaining(before))
    await people.change(last, (draft) => void Object.assign(draft, everybody[Number(last.slice(3))]))
  })

  test.each(['~', 'x~y', '~id-1~', 'zzz~id-1', '\u{10ffff}~id-1'])(
    'a mark that is none of ours, %j, does no harm',
    async (after) => {
      const { found } = await pageOfPeople(people, { status: 'invited' }, { limit: 50, after, now: NOW })
      for (const { record } of found) expect(record.account?.status).toBe('invited')
    },
  )
})

test('a file has everybody who fits, by the same rules', async () => {
  for (const filter of FILTERS.slice(0, 20)) {
    const found: string[] = []
    for await (const batch of allPeople(people, filter, NOW)) found.push(...batch.map(({ id }) => id))
    expect(found.toSorted()).toEqual((await walk(filter, 100)).found.toSorted())
  }
})
