/** What the pages of the campaign are shown with in tests. */
import { PHASES } from '../../../src/admin/organization.ts'
import type { PageData } from '../../../src/render/views.ts'
import { desk } from './desk-page.ts'

type Sample = [view: string, data: PageData]

const AT = Date.UTC(2026, 10, 20)
const DAY = 24 * 60 * 60 * 1000
const page = desk('campaign')

const figures = {
  people: 3412,
  ready: 2800,
  missing: 400,
  old: 12,
  invited: 200,
  passkeys: 640,
  longer: 3,
  stoppedIfToday: 412,
  stoppedNow: 9,
}
const nobody = {
  people: 0,
  ready: 0,
  missing: 0,
  old: 0,
  invited: 0,
  passkeys: 0,
  longer: 0,
  stoppedIfToday: 0,
  stoppedNow: 0,
}
const stops = [
  { at: AT + 30 * DAY, stopped: 120 },
  { at: AT + 101 * DAY, stopped: 380 },
]
const told = {
  at: AT,
  organization: undefined as unknown,
  ...figures,
  on: undefined as { at: number; stopped: number } | undefined,
  stops,
  everyone: { startsAt: AT, deadlineAt: AT + 101 * DAY } as { startsAt: number; deadlineAt?: number } | undefined,
  roles: [
    { role: 'owner', startsAt: AT, deadlineAt: AT + DAY },
    { role: 'payroll', startsAt: AT, deadlineAt: undefined },
  ],
  exempt: 2,
}
const waves = [
  { startsAt: AT, deadlineAt: AT + 30 * DAY, organizations: 40, ...figures, stopped: 120, href: '/admin/campaign/x' },
  { startsAt: AT, deadlineAt: undefined, organizations: 1, ...nobody, stopped: undefined, href: undefined },
]
const lists = { missing: '/admin/people?twoStep=off', old: '/admin/people?twoStep=old' }
const overview = {
  ...page,
  told,
  waves,
  lists,
  typed: '',
  wrong: false,
  action: '/admin/campaign',
  may: { migration: true },
}
const quiet = { ...told, ...nobody, stops: [], everyone: undefined, roles: [], exempt: 0 }

const long = 'Administratiekantoor Van der Wetering-Oosterhuis en Partners Beheer BV te Bergen'
const bakery = {
  id: '3f0c2b1e',
  name: 'Bakkerij de Vries',
  number: '4711' as string | undefined,
  status: 'active',
  phase: 'offered',
  startsAt: AT as number | undefined,
  deadlineAt: (AT + 30 * DAY) as number | undefined,
  from: 'record',
  version: 3,
  href: '/admin/organizations/3f0c2b1e/campaign',
  ...figures,
}
const bare = {
  ...bakery,
  number: undefined,
  phase: 'none',
  startsAt: undefined,
  deadlineAt: undefined,
  from: 'nothing',
}
const one = {
  ...overview,
  told: { ...told, organization: bakery },
  back: '/admin/organizations/3f0c2b1e',
  change: '/admin/campaign/dates?organization=3f0c2b1e' as string | false,
}
const choices = { campaign: PHASES, todo: ['yes', 'no'] }
const list = {
  ...page,
  action: '/admin/campaign/organizations',
  typed: {},
  deadline: undefined as number | undefined,
  narrowed: false,
  choices,
  organizations: PHASES.map((phase, index) => ({ ...bakery, name: index ? long : bakery.name, phase })),
  may: { dates: true },
}
const typed = { start: '2026-12-01', deadline: '2027-03-01' }
const form = {
  ...page,
  action: '/admin/campaign/dates',
  ids: '3f0c2b1e',
  back: '/admin/campaign/organizations',
  organizations: [bakery, { ...bare, name: long }],
  typed,
  faults: [] as string[],
}
const to = { startsAt: AT as number | undefined, deadlineAt: (AT + DAY) as number | undefined }
const none = { startsAt: undefined, deadlineAt: undefined }
const review = {
  ...form,
  versions: '3 0',
  conflict: false,
  organizations: [
    { ...bakery, to },
    { ...bare, name: long, to: none },
  ],
  before: { ...figures, stops },
  after: { ...figures, stoppedNow: 40, stops: [{ at: AT + DAY, stopped: 60 }] },
}

const migration = {
  stages: ['waiting', 'password', 'code', 'fell-back', 'switched'],
  total: [12, 30, 200, 3, 755],
  counts: [
    { source: 'nmbrs', organization: long, stages: [2, 10, 100, 1, 700] },
    { source: 'old-portal', organization: undefined, stages: [10, 20, 100, 2, 55] },
  ],
  back: '/admin/campaign',
  first: false,
  next: '/admin/campaign/migration?after=old-portal',
}

export const CAMPAIGN_PAGES: Sample[] = [
  ['admin/campaign/overview', { ...overview, notice: 'dates-given' }],
  ['admin/campaign/overview', { ...overview, told: { ...told, on: { at: AT, stopped: 7 } }, typed: '2026-11-20' }],
  ['admin/campaign/overview', { ...overview, may: {}, told: quiet, waves: [], typed: 'soon', wrong: true }],
  ['admin/campaign/organization', one],
  ...['settings', 'everyone', 'nothing'].map(
    (from): Sample => [
      'admin/campaign/organization',
      { ...one, change: false, told: { ...quiet, organization: { ...bare, from } } },
    ],
  ),
  ['admin/campaign/organization', { ...one, told: { ...told, organization: { ...bakery, deadlineAt: undefined } } }],
  ['admin/campaign/organizations', { ...list, next: '/admin/campaign/organizations?after=3f0c2b1e' }],
  ['admin/campaign/organizations', { ...list, organizations: [], may: {} }],
  [
    'admin/campaign/organizations',
    {
      ...list,
      organizations: [],
      narrowed: true,
      deadline: AT,
      typed: { text: 'baker', campaign: 'planned', todo: 'yes', deadline: '2026-11-20' },
      first: '/admin/campaign/organizations',
    },
  ],
  ['admin/campaign/dates', form],
  ['admin/campaign/dates', { ...form, organizations: [bakery], faults: ['start', 'deadline'] }],
  ['admin/campaign/dates', { ...form, typed: { start: '2026-12-01T08:00:00.000Z', deadline: '' } }],
  ['admin/campaign/review', review],
  ['admin/campaign/review', { ...review, conflict: true }],
  [
    'admin/campaign/review',
    {
      ...review,
      organizations: [{ ...bakery, to }],
      before: { ...nobody, stops: [] },
      after: { ...nobody, stops: [] },
    },
  ],
  ['admin/campaign/migration', { ...page, ...migration }],
  [
    'admin/campaign/migration',
    { ...page, ...migration, counts: [], total: [0, 0, 0, 0, 0], next: false, first: '/admin/campaign/migration' },
  ],
  ['admin/campaign/migration', { ...page, ...migration, counts: [], next: false }],
  ...[true, false].map(
    (sent): Sample => [
      'admin/campaign/texts',
      {
        ...page,
        back: '/admin/campaign',
        deadlineAt: AT,
        sent,
        mails: ['en', 'nl'].flatMap((language) =>
          ['two-step-reminder', 'switch-reminder'].map((name) => ({
            language,
            name,
            subject: 'S',
            text: 'Hello,\n\nhttps://x/\n',
          })),
        ),
      },
    ],
  ),
]
