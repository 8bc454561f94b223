/** What administration is told of the campaign, and what other dates would do. */
import { expect, test } from 'vitest'
import { listCampaign, previewDates, setDates, showCampaign, showTexts } from '../../../src/admin/campaign.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import { DAY } from '../../../src/lib/time.ts'
import type { Organization } from '../../../src/organization/organization.ts'
import { type Group, groupValue } from '../../../src/person/group.ts'
import { administration, MACHINE, NOW } from '../../support/unit/administration.ts'
import { knownOrganizations, organization } from '../../support/unit/organizations.ts'

const START = NOW - 10 * DAY
const SOON = { start: START, deadline: NOW + 20 * DAY }
const LATE = { start: START, deadline: NOW + 90 * DAY }
const PAST = { start: START, deadline: NOW - DAY }

const bakery = organization('Bakkerij', { campaign: SOON, number: '4711' })
const KNOWN: Record<string, Organization> = {
  bakery,
  florist: organization('Bloemist', { campaign: PAST }),
  shop: organization('Winkel'),
  shut: organization('Dicht', { status: 'disabled' }),
  former: organization('Oude bakkerij', { mergedInto: 'bakery' }),
}

const CROWD: Array<[Group['twoStep'], string | undefined, number]> = [
  ['on', 'bakery', 10],
  ['missing', 'bakery', 5],
  ['old', 'former', 2],
  ['invited', 'bakery', 3],
  ['missing', 'florist', 4],
  ['missing', 'shop', 7],
  ['missing', 'shut', 100],
  ['missing', undefined, 1],
]

function world() {
  const changes: Array<[string, unknown]> = []
  const made = administration({
    organizations: knownOrganizations(KNOWN),
    campaign: {
      everyone: LATE,
      organizations: { get: (id) => KNOWN[id]?.campaign, elsewhere: () => undefined },
      roles: new Map(),
      exempt: [],
    },
    reminders: {
      areSent: () => true,
      write: (name, language, { deadline }) => ({ subject: `${name} ${language}`, text: `${deadline}`, html: '' }),
    },
    registry: {
      ...administration().context.registry,
      async change(id, { campaign }) {
        changes.push([id, campaign])
        return id === 'former' ? { ok: false, reason: 'merged' } : { ok: true, fields: campaign ? ['campaign'] : [] }
      },
    },
  })
  made.context.people.counts = async () =>
    CROWD.map(([twoStep, organizationId, count]) => ({
      value: groupValue({ twoStep, organizationId, roles: [] }),
      count,
    }))
  return { ...made, changes }
}

test('whom it would stop, of all and of one organization', async () => {
  const { context } = world()
  const told = await runVerb(context, showCampaign, { on: '2027-01-01' }, MACHINE)
  expect(told).toMatchObject({
    people: 32,
    ready: 10,
    old: 2,
    missing: 17,
    invited: 3,
    stoppedIfToday: 19,
    stoppedNow: 4,
  })
  expect(told.stops).toEqual([
    { at: SOON.deadline, stopped: 11 },
    { at: LATE.deadline, stopped: 19 },
  ])
  expect(told.on).toEqual({ at: Date.parse('2027-01-01'), stopped: 11 })
  const waves = told.waves?.map(({ deadlineAt, organizations, people, stopped }) => [
    deadlineAt,
    organizations,
    people,
    stopped,
  ])
  // A deadline that is over is a wave, too; people of no organization are in that of everyone.
  expect(waves).toEqual([
    [PAST.deadline, 1, 4, 4],
    [SOON.deadline, 1, 20, 11],
    [LATE.deadline, 1, 8, 19],
  ])
  const one = await runVerb(context, showCampaign, { organization: '4711' }, MACHINE)
  expect(one).toMatchObject({ people: 20, stoppedIfToday: 7, stoppedNow: 0, waves: undefined })
  expect(one.organization).toMatchObject({ id: 'bakery', from: 'record', deadlineAt: SOON.deadline, phase: 'offered' })
})

test('a day that is past is asked about as today', async () => {
  const told = await runVerb(world().context, showCampaign, { on: '2020-01-01' }, MACHINE)
  expect(told.on?.stopped).toBe(told.stoppedNow)
})

test.each<[string, Record<string, unknown>, string[]]>([
  ['every one that is not over', {}, ['bakery', 'florist', 'shop']],
  ['by name', { text: 'bloem' }, ['florist']],
  ['by phase', { campaign: 'required' }, ['florist']],
  ['by deadline', { deadline: new Date(SOON.deadline).toISOString() }, ['bakery']],
  ['with something to do', { todo: 'yes' }, ['bakery', 'florist', 'shop']],
  ['with nothing to do', { todo: 'no' }, []],
  ['from one on', { after: 'bakery', limit: 1 }, ['florist']],
])('organizations in the campaign, %s', async (_how, input, expected) => {
  const rows = await runVerb(world().context, listCampaign, input, MACHINE)
  expect(rows.map(({ id }) => id)).toEqual(expected)
})

test('what an organization is told by itself', async () => {
  const rows = await runVerb(world().context, listCampaign, {}, MACHINE)
  expect(rows.map(({ name, from, missing, stoppedAtDeadline }) => [name, from, missing, stoppedAtDeadline])).toEqual([
    ['Bakkerij', 'record', 5, 7],
    ['Bloemist', 'record', 4, 4],
    ['Winkel', 'everyone', 7, 7],
  ])
})

test('other dates are tried before they are given, over what was said of each', async () => {
  const { context, changes } = world()
  const input = { organization: ['4711', 'Winkel', 'Bakkerij'], deadline: '2026-11-01' }
  const early = { ...input, start: '2026-10-01' }
  const tried = await runVerb(context, previewDates, early, MACHINE)
  expect(tried.organizations.map(({ id, to }) => [id, to.deadlineAt])).toEqual([
    ['bakery', Date.parse('2026-11-01')],
    ['shop', Date.parse('2026-11-01')],
  ])
  expect([tried.before.stoppedNow, tried.after.stoppedNow]).toEqual([0, 14])
  expect(changes).toEqual([])
  const period = { start: Date.parse('2026-10-01'), deadline: Date.parse('2026-11-01') }
  expect(await runVerb(context, setDates, early, MACHINE)).toEqual({
    changed: ['bakery', 'shop'],
    unchanged: [],
    refused: [],
  })
  expect(changes).toEqual([
    ['bakery', period],
    ['shop', period],
  ])
})

test('dates that are taken away are those of everyone again', async () => {
  const { context } = world()
  const none = { organization: ['Bloemist'], start: '', deadline: '' }
  const tried = await runVerb(context, previewDates, none, MACHINE)
  expect([tried.before.stoppedNow, tried.after.stoppedNow]).toEqual([4, 0])
  expect(tried.after.stops).toEqual([{ at: LATE.deadline, stopped: 4 }])
})

test('dates that cannot be are refused by field, and what was merged meanwhile is told', async () => {
  const { context, changes } = world()
  const wrong = { organization: ['Winkel'], start: '2026-12-01', deadline: '2026-11-01' }
  await expect(runVerb(context, setDates, wrong, MACHINE)).rejects.toMatchObject({ faults: [{ path: 'deadline' }] })
  await expect(runVerb(context, setDates, { organization: ['Nobody'] }, MACHINE)).rejects.toMatchObject({ status: 404 })
  expect(changes).toEqual([])
  const some = { organization: ['former', 'shop'], start: '2026-12-01' }
  expect(await runVerb(context, setDates, some, MACHINE)).toEqual({
    changed: ['shop'],
    unchanged: [],
    refused: [{ id: 'former', reason: 'merged' }],
  })
})

test('the mails are shown in every language, as they are written for whoever gets them', async () => {
  const { mails } = await runVerb(world().context, showTexts, { deadline: '2026-12-01' }, MACHINE)
  expect(mails.map(({ subject }) => subject).toSorted()).toEqual([
    'switch-reminder en',
    'switch-reminder nl',
    'two-step-reminder en',
    'two-step-reminder nl',
  ])
  expect(new Set(mails.map(({ text }) => text))).toEqual(new Set([`${Date.parse('2026-12-01')}`]))
})
