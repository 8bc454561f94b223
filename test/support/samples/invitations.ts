/** Pages of invitations of many, as they are shown. */
import { COLUMN_FAULTS } from '../../../src/accounts/invitation-columns.ts'
import { LINE_FAULTS } from '../../../src/accounts/invitation-file.ts'
import { TABLE_FAULTS } from '../../../src/accounts/spreadsheet.ts'
import { LOCALES } from '../../../src/lib/locales.ts'
import { desk } from './desk-page.ts'

const page = desk('invitations')

type Sample = [view: string, data: typeof page & Record<string, unknown>]

const NOW = Date.UTC(2026, 10, 30, 9)
const round = {
  ...{ round: '3f0c2b1e', label: 'Bakers, December', actor: 'bea', createdAt: NOW, perHour: 500, anyTime: false },
  ...{ people: 990, due: 200, sent: 700, came: 90, ended: 0, withdrawn: 0 },
}
const href = '/admin/invitations/3f0c2b1e'
const by = { text: 'Bea Beheer' }
const list = {
  ...page,
  rounds: [{ ...round, href, by }],
  newHref: '/admin/invitations/new',
  oneHref: '/admin/people/invite',
}
const form = {
  ...page,
  ...{
    action: '/admin/invitations/new',
    another: '/admin/invitations/new',
    csv: '',
    typed: { locale: 'nl', perHour: '500' },
  },
  ...{ locales: LOCALES, names: ['Bakkerij de Vries'], columns: [] as string[], faults: [] as string[] },
}
const line = {
  line: 12,
  email: 'sanne@devries.example',
  name: 'Sanne de Vries',
  locale: 'nl',
  organization: 'Bakkerij',
}
const faults = LINE_FAULTS.map((code) => ({ field: 'organization', code, said: 'Bakkerrij', hint: 'Bakkerij' }))
const counts = { digest: '3f0c', invite: 990, same: 3, refused: 12 }
const waves = Array.from({ length: 7 }, (_, index) => ({ at: NOW + index, count: 200 }))
const plan = {
  ...page,
  ...{
    action: '/admin/invitations/plan',
    typed: { label: round.label, perHour: '500' },
    csv: 'AAAA',
    most: 100,
    alike: 1,
  },
  ...{ plan: { ...counts, unused: ['Personeelsnummer'], waves }, fresh: true, changed: false },
  ...{ invited: [line], same: [line], refused: [{ ...line, faults }] },
  ...{ reasons: faults.map((fault) => ({ fault, count: 12 })), each: 10, mayAdd: true },
}
const absent = [
  { ...line, href: '/admin/people/sanne', dueAt: NOW, expired: false },
  { ...line, href: '/admin/people/sanne', sentAt: NOW, expired: false },
  { ...line, href: '/admin/people/sanne', sentAt: NOW, expired: true },
]
const acts = ['resend', 'withdraw'].map((name) => ({ name, href: `${href}/${name}` }))

export const INVITATION_PAGES: Sample[] = [
  ['admin/invitation/list', { ...list, next: '/admin/invitations?after=3f0c2b1e' }],
  ['admin/invitation/list', { ...list, rounds: [], newHref: false, oneHref: false, first: '/admin/invitations' }],
  [
    'admin/invitation/list',
    { ...list, rounds: [{ ...round, label: '', href, by: { kind: 'operator', code: 'root' } }] },
  ],
  ['admin/invitation/new', form],
  ...[...TABLE_FAULTS, ...COLUMN_FAULTS, 'missing', 'too-large'].map(
    (file): Sample => ['admin/invitation/new', { ...form, file, columns: ['E-mail werk', 'E-mail privé'] }],
  ),
  ['admin/invitation/new', { ...form, csv: 'AAAA', file: 'which-email', columns: ['E-mail werk', 'E-mail privé'] }],
  [
    'admin/invitation/new',
    { ...form, csv: 'AAAA', typed: { perHour: 'x', limit: '0', anyTime: 'yes' }, faults: ['perHour', 'limit'] },
  ],
  ['admin/invitation/new', { ...form, csv: 'AAAA', typed: { limit: '1' }, faults: ['limit'], tooSlow: true }],
  ['admin/invitation/plan', plan],
  [
    'admin/invitation/plan',
    { ...plan, alike: 0, fresh: false, changed: true, plan: { ...plan.plan, refused: 112, same: 300 } },
  ],
  [
    'admin/invitation/plan',
    {
      ...plan,
      ...{ typed: {}, alike: 0, invited: [], same: [], refused: [] },
      plan: { ...counts, invite: 0, same: 0, refused: 0, unused: [], waves: [] },
    },
  ],
  [
    'admin/invitation/round',
    { ...page, round: { ...round, limit: 200 }, by, absent, acts, next: `${href}?after=sanne` },
  ],
  [
    'admin/invitation/round',
    {
      ...page,
      round: { ...round, label: '', anyTime: true, ended: 1, withdrawn: 2 },
      by: {},
      absent: [],
      acts: [],
      first: href,
    },
  ],
  ...['invitations-sent', 'invitations-resent', 'invitations-rested', 'invitations-withdrawn'].map(
    (notice): Sample => ['admin/invitation/round', { ...page, round, by, absent, acts, notice }],
  ),
  ...acts.map(
    ({ name }): Sample => [
      'admin/invitation/act',
      { ...page, round, does: name, count: 900, action: `${href}/${name}`, back: href },
    ],
  ),
]
