/** What the pages of people are shown with in tests: lists, the file, and what can be changed of one. */
import type { PageData } from '../../../src/render/views.ts'
import { desk } from './desk-page.ts'

type Sample = [view: string, data: PageData]

const ROLES = ['owner', 'client-admin', 'auditor', 'help-desk']
const CHOICES = {
  status: ['invited', 'active', 'disabled'],
  twoStep: ['on', 'old', 'off', 'lost'],
  factor: ['totp', 'sms'],
  role: ['any', ...ROLES],
  lastSignIn: ['last-30-days', 'over-90-days', 'over-365-days', 'unknown'],
  invitation: ['waiting', 'expired'],
}
const names = ['Bakkerij de Vries', 'Slagerij Jansen']
const ALIKE = [
  { like: 'person', id: 'x', name: 'Sanne de Vries', email: 'sanne@sigma.example' },
  { like: 'organization', id: 'y', name: 'Bakkerij de Vries', domain: 'sigma.example' },
  { like: 'nothing-else', domain: 'sіgma.example' },
]

/** With somebody who is in, and somebody who was invited. */
export function peoplePages(person: object, invited: object): Sample[] {
  const every = { find: true, invite: true }
  const list = {
    ...desk('people'),
    choices: CHOICES,
    names,
    typed: {},
    people: [],
    may: every,
    tooWide: false,
    mayAll: true,
  }
  const people = [
    { ...person, twoStepState: 'on', lastSignInAt: Date.UTC(2026, 10, 1) },
    { ...person, twoStepState: 'old', status: 'disabled' },
    { ...invited, twoStepState: 'off', linkOpen: true },
    { ...invited, twoStepState: 'lost', linkOpen: false },
  ]
  const about = { ...desk('people'), person, back: '/admin/people/x', faults: [], typed: {} }
  const file = { ...desk('people'), separators: ['semicolon', 'comma'], chosen: {}, back: '/admin/people' }
  const time = { until: '2026-12-24', reason: 'On leave until Christmas' }
  return [
    ['admin/people', list],
    ['admin/people', { ...list, people, next: '/admin/people?after=~x', exportHref: '/admin/people/export' }],
    ['admin/people', { ...list, tooWide: true, mayAll: false, may: {} }],
    ['admin/people', { ...list, q: 's', tooShort: true, typed: { text: 's' }, narrowed: true, may: {} }],
    ['admin/people', { ...list, q: 'nobody', typed: { text: 'nobody' }, narrowed: true, may: {} }],
    ['admin/people', { ...list, fault: 'organization', nearest: names[0], typed: { organization: 'Bakkerij' } }],
    ['admin/people', { ...list, fault: 'after' }],
    ['admin/people', { ...list, people, stopped: true, narrowed: true, next: '/admin/people?after=~x', first: '/x' }],
    ['admin/people', { ...list, people, stopped: true, narrowed: true, q: 'sa', typed: { text: 'sa' } }],
    ['admin/people-export', file],
    [
      'admin/people-export',
      {
        ...file,
        chosen: {
          ...Object.fromEntries(Object.entries(CHOICES).map(([name, values]) => [name, values[0]])),
          text: 'sanne',
          organization: names[0],
        },
      },
    ],
    ['admin/person/change', { ...about, locales: ['en', 'nl'], typed: { name: 'Sanne', locale: 'nl' } }],
    [
      'admin/person/change',
      { ...about, locales: ['en', 'nl'], typed: { locale: 'nl' }, faults: ['name', 'givenName', 'familyName'] },
    ],
    ['admin/person/email', about],
    ['admin/person/email', { ...about, person: invited, faults: ['email'], typed: { email: 'piet@' } }],
    ['admin/person/email', { ...about, alike: ALIKE, typed: { email: 'sanne@sigrna.example' } }],
    ...['same-address', 'address-taken', 'changed-meanwhile'].map(
      (clash): Sample => ['admin/person/email', { ...about, person: { ...person, emailUnproven: true }, clash }],
    ),
    ['admin/person/roles', { ...about, roles: ROLES, typed: { 'role-auditor': 'yes' } }],
    ['admin/person/roles', { ...about, roles: ROLES, clash: 'same-roles' }],
    ['admin/person/more-time', about],
    ['admin/person/more-time', { ...about, person: { ...person, moreTime: { endsAt: 0 } }, typed: time }],
    ['admin/person/more-time', { ...about, typed: { until: 'soon' }, faults: ['until', 'reason'] }],
    ['admin/person/more-time', { ...about, typed: time, clash: 'no-extension' }],
  ]
}

export const LOOKS_ALIKE = ALIKE
