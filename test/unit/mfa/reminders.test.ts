/** Who is mailed before the deadline, when, and how often: nobody who is done, nobody twice. */
import { beforeEach, expect, test } from 'vitest'
import { wrapper } from '../../../src/delivery/queue.ts'
import { keyring, sealer } from '../../../src/lib/crypto.ts'
import { DAY, HOUR, MINUTE } from '../../../src/lib/time.ts'
import { workingHours } from '../../../src/lib/working-hours.ts'
import type { CampaignRules } from '../../../src/mfa/campaign.ts'
import { remindedBefore, reminders } from '../../../src/mfa/reminders.ts'
import type { Account } from '../../../src/person/account.ts'
import { personKind } from '../../../src/person/kind.ts'
import type { PersonRecord } from '../../../src/person/person.ts'
import { authenticator } from '../../support/samples/factors.ts'
import { account } from '../../support/samples/records.ts'
import { type MemoryRecords, memoryRecords } from '../../support/unit/memory-records.ts'

/** A Monday, eleven o'clock in Amsterdam. */
const MONDAY = Date.parse('2026-11-30T10:00:00Z')
const START = MONDAY - 90 * DAY
/** A Monday as well, eight weeks on, as a day without a time is read. */
const DEADLINE = Date.parse('2027-01-25')

test.each<[string, number, boolean]>([
  ['nine weeks before', 63, false],
  ['a moment more than four weeks before', 28.001, false],
  ['four weeks before', 28, true],
  ['some days after that', 25, true],
  ['one day before', 1, true],
  ['an hour before', 1 / 24, true],
  ['at the deadline', 0, false],
  ['after it', -3, false],
])('%s', (_when, days, due) => expect(remindedBefore(DEADLINE, DEADLINE - days * DAY) !== undefined).toBe(due))

interface Sent {
  name: string
  to: string
  deadline: number
}

let people: MemoryRecords<PersonRecord, keyof ReturnType<typeof personKind.finders>>
let sent: Sent[]
let at: number

beforeEach(() => {
  people = memoryRecords(personKind)
  sent = []
  at = MONDAY
})

async function keep(id: string, given: Partial<Account> = {}, factors: PersonRecord['authenticators'] = []) {
  const one = account({ id, email: `${id}@sigma.example`, emailKey: `${id}@sigma.example`, roles: [], ...given })
  await people.change(id, (person) =>
    Object.assign(person, { account: { ...one, status: given.status ?? 'active' }, authenticators: factors }),
  )
}

/** One node of a product with these dates. */
function node(rules: Partial<CampaignRules> = {}, most?: number) {
  const wrap = wrapper(sealer(keyring([{ id: 'a', key: Buffer.alloc(32, 1) }]), 'records'), () => at)
  return reminders({
    people,
    rules: {
      everyone: { start: START, deadline: DEADLINE },
      organizations: new Map(),
      roles: new Map(),
      exempt: [],
      ...rules,
    },
    organizations: { find: (id) => ({ id, active: id !== 'shut' }) },
    wrap(channel, content, whose) {
      if ('subject' in content) sent.push({ ...JSON.parse(content.subject), to: content.to })
      return wrap(channel, content, whose)
    },
    writeMail: (name, _locale, { deadline }) => ({ subject: JSON.stringify({ name, deadline }), text: '', html: '' }),
    working: workingHours('Europe/Amsterdam'),
    now: () => at,
    ...(most && { most }),
  })
}

/** A round each quarter of an hour until then; the days on which somebody was mailed. */
async function daysUntil(end: number, round: () => Promise<number>): Promise<string[]> {
  const days: string[] = []
  for (; at < end; at += 15 * MINUTE) if ((await round()) > 0) days.push(new Date(at).toISOString().slice(0, 10))
  return days
}

test('every week in the last four, each working day of the last one, in working hours', async () => {
  await keep('sanne')
  const days = await daysUntil(DEADLINE + 3 * DAY, node())
  // Four weeks before is a Monday; the last is the Friday before.
  const weekly = ['2026-12-28', '2027-01-04', '2027-01-11']
  expect(days).toEqual([...weekly, ...['18', '19', '20', '21', '22'].map((day) => `2027-01-${day}`)])
  expect(new Set(sent.map(({ name, to, deadline }) => `${name} ${to} ${deadline}`))).toEqual(
    new Set([`two-step-reminder sanne@sigma.example ${DEADLINE}`]),
  )
})

const near = { everyone: { start: START, deadline: MONDAY + 6 * DAY + HOUR } }

test('whoever has nothing to do, was never here, cannot come in or is not asked is left alone', async () => {
  await keep('missing')
  await keep('old', { enrolledAt: START }, [authenticator({ imported: true })])
  await keep('on', { enrolledAt: START }, [authenticator()])
  await keep('invited', { status: 'invited' })
  await keep('disabled', { status: 'disabled' })
  await keep('shut', { organizationId: 'shut' })
  await keep('later', { organizationId: 'later' })
  const later = new Map([['later', { start: START, deadline: MONDAY + 60 * DAY }]])
  expect(await node({ ...near, organizations: later })()).toBe(2)
  expect(sent.map(({ name, to }) => `${name} ${to.split('@')[0]}`).toSorted()).toEqual([
    'switch-reminder old',
    'two-step-reminder missing',
  ])
  expect(people.parcels).toHaveLength(2)
})

test('two nodes at once, again and again, send each person one mail', async () => {
  for (let n = 0; n < 60; n += 1) await keep(`p${n}`)
  const [one, other] = [node(near), node(near)]
  await Promise.all([one(), other(), one(), other()])
  expect(people.parcels).toHaveLength(60)
  expect(new Set(people.parcels.map(({ accountId }) => accountId)).size).toBe(60)
})

test('a round sends no more than it may, and the next one goes on', async () => {
  for (let n = 0; n < 7; n += 1) await keep(`p${n}`)
  const round = node(near, 3)
  expect([await round(), await round(), await round(), await round()]).toEqual([3, 3, 1, 0])
})

test('whoever may wait longer is mailed before their own date, and holds up nobody else', async () => {
  const until = MONDAY + 40 * DAY
  const extension = { until, reason: 'on leave', by: 'olga', at: START }
  for (let n = 0; n < 60; n += 1) await keep(`a${n}`, { extension })
  await keep('exempt')
  await keep('zed')
  const round = node({ ...near, exempt: [{ emailKey: 'exempt@sigma.example', until, reason: 'ill' }] })
  expect(await round()).toBe(1)
  expect(sent.at(-1)?.to).toBe('zed@sigma.example')
  // A Monday, four weeks before their date at most, when that of everyone is over.
  at = MONDAY + 14 * DAY
  expect(await round()).toBe(61)
  expect(sent.at(-1)?.deadline).toBe(until)
})

test('dates that are moved make no second mail of a day, and later ones begin anew', async () => {
  await keep('sanne')
  expect(await node(near)()).toBe(1)
  at += 2 * HOUR
  expect(await node({ everyone: { start: START, deadline: at + 6 * DAY - HOUR } })()).toBe(0)
  expect(await node({ everyone: { start: START, deadline: at + 20 * DAY } })()).toBe(0)
  at += DAY
  expect(await node({ everyone: { start: START, deadline: at + 40 * DAY } })()).toBe(0)
  expect(await node({ everyone: { start: START, deadline: at + 13 * DAY } })()).toBe(1)
})

test('somebody who cannot be changed holds up nobody else, and is told of', async () => {
  for (let n = 0; n < 3; n += 1) await keep(`p${n}`)
  const { change } = people
  people.change = async (id, rule) => {
    if (id === 'p0') throw new Error('the store is away')
    return change(id, rule)
  }
  await expect(node(near)()).rejects.toThrow('the store is away')
  expect(sent.map(({ to }) => to)).toEqual(['p1@sigma.example', 'p2@sigma.example'])
})
