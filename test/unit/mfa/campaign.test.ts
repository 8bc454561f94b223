/** Who is asked from when, and who may wait until when. */
import { expect, test } from 'vitest'
import {
  type CampaignRules,
  isForRole,
  type Period,
  type Person,
  type Standing,
  standing,
} from '../../../src/mfa/campaign.ts'

const day = (text: string) => Date.parse(text)
const START = day('2026-10-01')
const DEADLINE = day('2026-12-01')
const everyone = { start: START, deadline: DEADLINE }
const none: Standing = { campaign: 'none', deadline: undefined }
const offered = (deadline: number | undefined): Standing => ({ campaign: 'offered', deadline })
const required = (deadline: number): Standing => ({ campaign: 'required', deadline })

const sanne: Person = { emailKey: 'sanne@sigma.example', organizationId: 'Bakkerij', roles: [] }
const piet: Person = { emailKey: 'piet@sigma.example', organizationId: undefined, roles: ['payroll'] }
const bea: Person = { emailKey: 'bea@sigma.example', organizationId: 'Bakkerij', roles: ['payroll', 'owner'] }

/** Of organizations by id. */
interface Written extends Partial<Pick<CampaignRules, 'everyone' | 'exempt'>> {
  organizations?: Record<string, Period>
  roles?: Record<string, Period>
}

function rules({ organizations = {}, roles = {}, ...some }: Written): CampaignRules {
  const [own, by] = [organizations, roles].map((periods) => new Map(Object.entries(periods)))
  return { organizations: own ?? new Map(), roles: by ?? new Map(), exempt: [], ...some }
}

function exempt(until: string, emailKey = 'sanne@sigma.example'): CampaignRules['exempt'] {
  return [{ emailKey, until: day(until), reason: 'on leave' }]
}

type Row = [when: string, rules: Written, person: Person, now: string, expected: Standing]

test.each<Row>([
  ['no campaign', {}, sanne, '2026-11-01', none],
  ['before the start', { everyone }, sanne, '2026-09-30T23:59:59.999Z', none],
  ['from the first moment', { everyone }, sanne, '2026-10-01', offered(DEADLINE)],
  ['until the last moment', { everyone }, sanne, '2026-11-30T23:59:59.999Z', offered(DEADLINE)],
  ['from the deadline on', { everyone }, sanne, '2026-12-01', required(DEADLINE)],
  ['long after it', { everyone }, sanne, '2036-12-01', required(DEADLINE)],
  [
    'a campaign without a deadline only offers',
    { everyone: { start: START } },
    sanne,
    '2036-01-01',
    offered(undefined),
  ],
  [
    'a deadline that is the start requires at once',
    { everyone: { start: START, deadline: START } },
    sanne,
    '2026-10-01',
    required(START),
  ],
])('everyone: %s', (_when, some, person, now, expected) => {
  expect(standing(rules(some), person, day(now))).toEqual(expected)
})

const LATER = { start: day('2027-01-01'), deadline: day('2027-03-01') }
const SOONER = { start: day('2026-08-01'), deadline: day('2026-09-01') }

test.each<Row>([
  ['its own dates are later: they count', { everyone, organizations: { Bakkerij: LATER } }, sanne, '2026-12-02', none],
  [
    'its own dates have come',
    { everyone, organizations: { Bakkerij: LATER } },
    sanne,
    '2027-02-01',
    offered(LATER.deadline),
  ],
  [
    'its own dates are sooner',
    { everyone, organizations: { Bakkerij: SOONER } },
    sanne,
    '2026-09-01',
    required(SOONER.deadline),
  ],
  [
    'another organization: dates of everyone',
    { everyone, organizations: { Slagerij: SOONER } },
    sanne,
    '2026-10-02',
    offered(DEADLINE),
  ],
  ['nobody else is asked', { organizations: { Bakkerij: SOONER } }, piet, '2026-10-02', none],
  ['a person of none is not of one without a name', { organizations: { undefined: SOONER } }, piet, '2026-10-02', none],
])('an organization: %s', (_when, some, person, now, expected) => {
  expect(standing(rules(some), person, day(now))).toEqual(expected)
})

test.each<Row>([
  ['has it', { roles: { payroll: SOONER } }, piet, '2026-09-02', required(SOONER.deadline)],
  ['does not have it', { roles: { payroll: SOONER } }, sanne, '2026-09-02', none],
  [
    'has it, and the role is sooner than everyone',
    { everyone, roles: { payroll: SOONER } },
    piet,
    '2026-10-02',
    required(SOONER.deadline),
  ],
  [
    'has it, and the role is later than everyone',
    { everyone, roles: { payroll: LATER } },
    piet,
    '2027-01-02',
    required(DEADLINE),
  ],
  [
    'has it, in an organization with later dates',
    { organizations: { Bakkerij: LATER }, roles: { owner: SOONER } },
    bea,
    '2026-09-02',
    required(SOONER.deadline),
  ],
  [
    'has two: the earliest deadline',
    { roles: { payroll: LATER, owner: everyone } },
    bea,
    '2027-01-02',
    required(DEADLINE),
  ],
  [
    'has two, of which one has begun',
    { roles: { payroll: LATER, owner: everyone } },
    bea,
    '2026-10-02',
    offered(DEADLINE),
  ],
  [
    'has two, of which one has no deadline',
    { roles: { payroll: { start: START }, owner: everyone } },
    bea,
    '2026-10-02',
    offered(DEADLINE),
  ],
])('a role: somebody %s', (_when, some, person, now, expected) => {
  expect(standing(rules(some), person, day(now))).toEqual(expected)
})

test.each<Row>([
  ['past the deadline', { everyone, exempt: exempt('2027-01-15') }, sanne, '2026-12-02', offered(day('2027-01-15'))],
  [
    'before the deadline, by a shorter exemption',
    { everyone, exempt: exempt('2026-11-15') },
    sanne,
    '2026-11-01',
    offered(DEADLINE),
  ],
  ['until the very day', { everyone, exempt: exempt('2027-01-15') }, sanne, '2027-01-15', required(DEADLINE)],
  ['before the start', { everyone, exempt: exempt('2027-01-15') }, sanne, '2026-09-01', none],
  ['and it is somebody else', { everyone, exempt: exempt('2027-01-15') }, piet, '2026-12-02', required(DEADLINE)],
  [
    'renewed: the first one has ended',
    { everyone, exempt: [...exempt('2026-12-15'), ...exempt('2027-02-01')] },
    sanne,
    '2027-01-01',
    offered(day('2027-02-01')),
  ],
  [
    'renewed: both hold, the longer counts',
    { everyone, exempt: [...exempt('2026-12-15'), ...exempt('2027-02-01')] },
    sanne,
    '2026-12-02',
    offered(day('2027-02-01')),
  ],
  [
    'of what a role requires',
    { roles: { payroll: SOONER }, exempt: exempt('2027-01-15', 'piet@sigma.example') },
    piet,
    '2026-10-02',
    offered(day('2027-01-15')),
  ],
])('exempt: %s', (_when, some, person, now, expected) => {
  expect(standing(rules(some), person, day(now))).toEqual(expected)
})

const longer = (until: string): Person => ({ ...sanne, extension: { until: day(until) } })

test.each<Row>([
  ['past the deadline', { everyone }, longer('2027-01-15'), '2026-12-02', offered(day('2027-01-15'))],
  ['until the very day', { everyone }, longer('2027-01-15'), '2027-01-15', required(DEADLINE)],
  ['before the deadline, by a shorter one', { everyone }, longer('2026-11-15'), '2026-11-01', offered(DEADLINE)],
  ['before the start', { everyone }, longer('2027-01-15'), '2026-09-01', none],
  [
    'beside an exemption, the longer counts',
    { everyone, exempt: exempt('2027-02-01') },
    longer('2027-01-15'),
    '2026-12-02',
    offered(day('2027-02-01')),
  ],
])('an extension of one person: %s', (_when, some, person, now, expected) => {
  expect(standing(rules(some), person, day(now))).toEqual(expected)
})

test.each(['__proto__', 'constructor', 'toString'])('a role or organization called %s is just a name', (name) => {
  expect(standing(rules({ everyone }), { ...sanne, organizationId: name, roles: [name] }, day('2026-11-01'))).toEqual(
    offered(DEADLINE),
  )
})

test.each<[string, Written, Person, string, boolean]>([
  ['the role alone asks for it', { roles: { payroll: SOONER } }, piet, '2100-01-01', true],
  ['everybody has to by now', { everyone: SOONER, roles: { payroll: SOONER } }, piet, '2100-01-01', false],
  ['it can still wait', { roles: { payroll: SOONER } }, piet, '2000-01-01', false],
  ['they have no such role', { roles: { payroll: SOONER } }, sanne, '2100-01-01', false],
])('whether it is for a role: %s', (_when, written, person, at, expected) => {
  expect(isForRole(rules(written), person, Date.parse(at))).toBe(expected)
})
