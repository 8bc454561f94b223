/** What the pages of administration and recovery are shown with in tests; those of applications are a file of their own. */
import { EVENTS } from '../../../src/audit/audit.ts'
import type { PageData } from '../../../src/render/views.ts'
import { API_PAGES } from './api-pages.ts'
import { APPLICATION_PAGES } from './application-pages.ts'
import { CAMPAIGN_PAGES } from './campaign-pages.ts'
import { CONNECT_PAGES } from './connect-pages.ts'
import { base, desk } from './desk-page.ts'
import { INVITATION_PAGES } from './invitations.ts'
import { ORGANIZATION_PAGES } from './organizations.ts'
import { LOOKS_ALIKE, peoplePages } from './people-pages.ts'

type Sample = [view: string, data: PageData]

const AT = Date.UTC(2026, 10, 20, 9, 30)
const HOUR = 60 * 60 * 1000
const waiting = [
  {
    spoken: '4821 7730',
    href: '/admin/cases/48217730',
    name: 'Sanne de Vries',
    givenName: 'Sanne',
    familyName: 'de Vries',
    email: 'sanne@sigma.example',
    organization: 'Bakkerij de Vries',
    createdAt: AT,
    expiresAt: AT + 72 * HOUR,
  },
  {
    spoken: '0093 1164',
    href: '/admin/cases/00931164',
    name: 'Jan-Willem van der Wetering-Oosterhuis',
    email: 'jan-willem.van.der.wetering-oosterhuis@administratiekantoor.example',
    organization: undefined,
    createdAt: AT + HOUR,
    expiresAt: AT + 73 * HOUR,
  },
]

export const person = {
  id: '3f0c2b1e-7d1a-4a53-9e0a-1c5b8c2f6a77',
  name: 'Sanne de Vries',
  email: 'sanne@sigma.example',
  href: '/admin/people/3f0c2b1e',
  organization: 'Bakkerij de Vries',
  status: 'active',
  roles: [] as string[],
  twoStep: true,
  locale: 'nl',
  createdAt: AT - 9000 * HOUR,
  passwordChangedAt: AT - 900 * HOUR,
  emailChangedAt: undefined as number | undefined,
  noticeAddress: true,
  enrolledAt: AT - 8000 * HOUR,
  apps: [{ createdAt: AT - 8000 * HOUR, lastUsedAt: AT - 40 * HOUR }],
  passkeys: [
    { createdAt: AT - 700 * HOUR, lastUsedAt: AT - 20 * HOUR, synced: true, usable: true },
    { createdAt: AT - 60 * HOUR, lastUsedAt: undefined, synced: false, usable: true },
  ] as Array<{ createdAt: number; lastUsedAt: number | undefined; synced: boolean; usable: boolean }>,
  phone: { hint: '78', createdAt: AT - 8000 * HOUR },
  backupCode: { createdAt: AT - 8000 * HOUR, saved: true },
  devices: 2,
  lastActivityAt: AT - 20 * HOUR,
  brought: {
    ...{ source: 'nmbrs', at: AT - 9000 * HOUR, passwordProvenAt: AT - 8000 * HOUR, codeProvenAt: AT - 8000 * HOUR },
    ...{ fellBackAt: undefined as number | undefined, switchedAt: AT - 7000 * HOUR },
  },
  lastSignInAt: (AT - 20 * HOUR) as number | undefined,
  applications: [{ client: 'portal', name: 'Sigma Portal', signedInAt: AT - 20 * HOUR }],
  moreTime: { endsAt: AT + 900 * HOUR, reason: 'On leave' } as unknown,
  emailUnproven: true,
  openCase: '48217730',
}

const invited = {
  ...person,
  name: 'Piet Jansen',
  status: 'invited',
  roles: ['help-desk', 'unheard-of'],
  twoStep: false,
  passwordChangedAt: undefined,
  enrolledAt: undefined,
  noticeAddress: false,
  apps: [],
  passkeys: [],
  phone: undefined,
  backupCode: undefined,
  devices: 0,
  lastActivityAt: undefined,
  brought: undefined,
  lastSignInAt: undefined,
  applications: [],
  moreTime: undefined,
  emailUnproven: false,
  openCase: undefined,
}

const open = {
  number: '48217730',
  spoken: '4821 7730',
  state: 'open',
  contact: '06 1234 5678, this afternoon after two',
  createdAt: AT,
  expiresAt: AT + 72 * HOUR,
  decidableAt: AT,
  closedAt: undefined as number | undefined,
  check: undefined as string | undefined,
  note: undefined as string | undefined,
}
const checks = ['call-back', 'in-person', 'video', 'colleague']
const caseData = { ...desk('cases'), found: open, person, checks, typed: {}, decides: true }

const records = EVENTS.map((type, index) => ({
  id: String(index),
  at: AT - index * HOUR,
  type,
  outcome: (['ok', 'refused', 'failed'] as const)[index % 3],
  actor: [
    { text: 'Sanne de Vries', note: 'sanne@sigma.example' },
    { kind: 'system' },
    { kind: 'client', code: 'portal' },
    { kind: 'operator', code: 'root' },
    { kind: 'unknown' },
  ][index % 5],
  subject: index % 5 ? { code: '3f0c2b1e-7d1a-4a53-9e0a-1c5b8c2f6a77' } : undefined,
  client: index % 6 ? undefined : 'portal',
  details: index % 2 ? 'verb: person:disable, via: pages' : '',
  whole: index % 4 ? undefined : '/admin/audit?reference=ABCDEFGH2345',
  source: index % 7 ? { ip: '2001:db8:4a53:9e0a:1c5b:8c2f:6a77:1', correlation: 'K7QM2XNW' } : undefined,
}))

const audit = {
  ...desk('audit'),
  typed: {} as Record<string, string>,
  narrowed: false,
  faults: [] as string[],
  kinds: EVENTS,
  records: [] as unknown[],
  most: 50,
  stopped: false,
  exportHref: '/admin/audit/export',
  offered: {
    application: [{ value: 'portal', label: 'Sigma Portal' }],
    organization: [] as unknown[],
  },
}
const narrowed = { ...audit, narrowed: true }
const FILTERS = ['kind', 'person', 'actor', 'since', 'until', 'application', 'organization', 'reference']
const asExport = { ...desk('audit'), filters: {}, formats: ['jsonl', 'csv'], back: '/admin/audit' }
const REASONS = [
  'smtp-550',
  'smtp-451',
  'timed-out',
  'twilio-unreachable',
  'no-handler',
  'too-late',
  'unknown',
  undefined,
]
const parcels = REASONS.map((reason, index) => ({
  id: `0b3f0c2b-7d1a-4a53-9e0a-1c5b8c2f6a7${index}`,
  channel: (['email', 'sms', 'logout', 'link'] as const)[index % 4],
  person: index % 3 ? { name: 'Sanne de Vries', email: 'sanne@sigma.example' } : undefined,
  createdAt: AT - index * HOUR,
  dueAt: AT + index * HOUR,
  attempt: index,
  leasedUntil: 0,
  reason,
  failedAt: undefined as number | undefined,
  href: index % 2 && '/admin/deliveries/0b3f0c2b',
  inHand: index === 2,
}))
const outgoing = {
  ...desk('deliveries'),
  state: 'waiting',
  states: ['waiting', 'failed'].map((name) => ({
    name,
    href: '/admin/deliveries',
    current: name === 'waiting' && 'page',
  })),
  deliveries: [] as unknown[],
}
const delivery = {
  ...desk('deliveries'),
  delivery: parcels[0],
  person: { name: 'Sanne', email: 'sanne@sigma.example' },
}
const signing = ['next', 'current', 'previous'].flatMap((state, index) =>
  ['RS256', 'ES256'].map((alg) => ({
    kid: `NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs${alg}${index}`,
    ...{ alg, state, createdAt: AT - index * HOUR, activatedAt: index ? AT : undefined },
    retiredAt: index > 1 ? AT + HOUR : undefined,
  })),
)
const UNAWARE = [
  { client: 'roster', name: 'Roster', fetchedAt: Date.UTC(2026, 9, 20) },
  { client: 'payroll', name: 'Payroll of the northern region', fetchedAt: undefined },
]
const rotating = { ...desk('keys'), back: '/admin/keys' }
const every = {
  find: true,
  invite: true,
  invitations: true,
  cases: true,
  applications: true,
  apis: true,
  organizations: true,
  campaign: true,
  audit: true,
  deliveries: true,
  keys: true,
}
const names = ['Bakkerij de Vries', 'Slagerij Jansen']
const moving = { ...desk('people'), person, names, typed: '', error: undefined, back: '/admin/people/x' }
const form = {
  ...desk('people'),
  names,
  locales: ['en', 'nl'],
  grantable: ['owner', 'client-admin', 'auditor', 'help-desk'],
}
const typed = { email: 'piet@', name: 'Piet', organization: '', locale: 'en', 'role-auditor': 'yes' }

const approval = {
  id: 'portal.K7QM2XNW4tb9',
  client: 'portal',
  name: 'Sigma Portal',
  href: '/admin/approvals/portal.K7QM2XNW4tb9',
  by: { text: 'Chris Client', note: 'chris@sigma.example' } as Record<string, string>,
  via: 'pages',
  at: AT,
  expiresAt: AT + 7 * 24 * HOUR,
  state: 'open',
  decided: undefined as unknown,
  changes: [{ field: 'client_name' }, { field: 'redirect_uris' }],
}
const changes = [
  { field: 'client_name', from: 'Sigma Portal', to: 'Sigma Payroll' },
  {
    field: 'redirect_uris',
    from: ['https://portal.sigma.example/callback'],
    to: [
      'https://portal.sigma.example/callback',
      'https://a-rather-long-name.of-some-host.sigma.example/auth/callback',
    ],
    list: { removed: [], added: ['https://a-rather-long-name.of-some-host.sigma.example/auth/callback'], stay: 1 },
  },
  { field: 'first_party', from: true, to: false },
  { field: 'mfa_max_age', to: 300 },
  { field: 'secrets', to: 'new' },
]
const proposal = {
  ...desk('approvals'),
  approval,
  changes,
  own: false,
  decides: true,
  faults: [],
  back: '/admin/approvals',
}

export const ADMIN_PAGES: Sample[] = [
  ...APPLICATION_PAGES,
  ['admin/approvals', { ...desk('approvals'), approvals: [] }],
  [
    'admin/approvals',
    {
      ...desk('approvals'),
      approvals: [
        approval,
        { ...approval, by: { kind: 'operator', code: 'root' } },
        { ...approval, by: { code: 'gone' } },
      ],
    },
  ],
  ['admin/approval', proposal],
  ['admin/approval', { ...proposal, own: true }],
  ['admin/approval', { ...proposal, faults: ['client_name looks like the name of one of our own applications'] }],
  ...['approved', 'declined', 'withdrawn', 'expired', 'stale'].map(
    (state): Sample => [
      'admin/approval',
      {
        ...proposal,
        decides: false,
        approval: {
          ...approval,
          state,
          via: state === 'stale' ? 'file' : 'command-line',
          decided: ['expired', 'stale'].includes(state)
            ? undefined
            : { at: AT + HOUR, by: { kind: 'operator', code: 'root' } },
        },
      },
    ],
  ),
  [
    'admin/approval-secret',
    { ...desk('approvals'), made: 'K'.repeat(43), application: 'Sigma Portal', back: '/admin/approvals' },
  ],
  ['admin/home', { ...desk('home'), may: every, open: waiting, waiting: 7 }],
  ['admin/home', { ...desk('home'), may: { ...every, invite: false }, open: [], waiting: 0, notice: 'deleted' }],
  ['admin/home', { ...desk('home'), may: {}, open: [], waiting: 0 }],
  ...peoplePages(person, invited),
  [
    'admin/person',
    {
      ...desk('people'),
      person,
      applications: [{ ...person.applications[0], href: '/admin/applications/portal' }],
      base: '/p',
      actions: ['change', 'email', 'roles', 'more-time', 'move', 'sign-out', 'disable', 'data', 'delete'],
    },
  ],
  [
    'admin/person',
    {
      ...desk('people'),
      person: { ...person, emailChangedAt: AT },
      applications: person.applications,
      base: '/p',
      actions: ['sign-out', 'disable'],
      openCase: { href: '/admin/cases/48217730', spoken: '4821 7730' },
      auditHref: '/admin/audit?person=3f0c2b1e',
      notice: 'signed-out',
    },
  ],
  ['admin/person', { ...desk('people'), person: invited, base: '/p', actions: [], refused: 'above' }],
  ...['resend-activation', 'sign-out', 'disable', 'enable', 'data', 'delete'].map(
    (does): Sample => ['admin/action', { ...desk('people'), person, does, back: '/admin/people/x' }],
  ),
  ['admin/move', moving],
  ...['organization', 'disabled', 'same'].map(
    (error): Sample => ['admin/move', { ...moving, typed: 'Bakery', error, nearest: 'Bakkerij de Vries' }],
  ),
  ['admin/move', { ...moving, person: invited, names: [], notice: 'moved' }],
  ['admin/invite', { ...form, typed: { locale: 'nl' } }],
  ['admin/invite', { ...form, typed, faults: ['email', 'name', 'organization'] }],
  ['admin/invite', { ...form, typed, faults: ['organization'], nearest: 'Bakkerij de Vries' }],
  ['admin/invite', { ...form, typed, taken: true, grantable: [] }],
  ['admin/invite', { ...form, typed, alike: LOOKS_ALIKE }],
  ['admin/cases', { ...desk('cases'), cases: waiting }],
  ['admin/cases', { ...desk('cases'), cases: [], unknown: '1234' }],
  ['admin/case', caseData],
  ['admin/case', { ...caseData, waitUntil: AT + 24 * HOUR, person: { ...person, emailChangedAt: AT } }],
  [
    'admin/case',
    { ...caseData, waitUntil: AT + 24 * HOUR, typed: { check: 'video', note: 'Passport' }, error: 'wait' },
  ],
  ...['missing-check', 'citizen-number', 'too-long'].map(
    (error): Sample => ['admin/case', { ...caseData, typed: { note: 'Called', check: '' }, error }],
  ),
  ['admin/case', { ...caseData, decides: false, refused: 'self' }],
  ...['issued', 'declined'].map(
    (state): Sample => [
      'admin/case',
      {
        ...caseData,
        decides: false,
        closedBy: state === 'issued' ? 'Bea Beheer' : undefined,
        found: { ...open, state, closedAt: AT + HOUR, check: 'call-back', note: 'Called back on 020 555 0123' },
        notice: state === 'declined' ? state : undefined,
      },
    ],
  ),
  ...['canceled', 'expired'].map(
    (state): Sample => ['admin/case', { ...caseData, decides: false, found: { ...open, state, closedAt: AT } }],
  ),
  [
    'admin/code',
    {
      ...desk('cases'),
      code: 'K7QM-2XNW-PB4T',
      name: person.name,
      email: person.email,
      spoken: '4821 7730',
      expiresAt: AT + 4 * HOUR,
      back: '/admin/cases/48217730',
    },
  ],
  ...[
    'own-proposal',
    'own-service',
    'no-person',
    'proposer-gone',
    'role-missing',
    'role-not-held',
    'self',
    'above',
    'not-found',
    'case-closed',
    'in-hand',
    'no-such-code',
  ].map((reason): Sample => ['admin/refused', { ...desk('people'), reason, back: '/admin' }]),
  ['admin/refused', { ...desk('people'), reason: 'unknown-field', field: 'role-root', back: '/admin' }],
  ['admin/audit', { ...audit, records }],
  ['admin/audit', { ...audit, records: records.slice(0, 5), newest: '/admin/audit', older: '/admin/audit?after=5-5' }],
  ['admin/audit', audit],
  ['admin/audit', { ...narrowed, typed: { person: 'sanne@sigma.example', kind: 'key.rotated', since: '2026-11-20' } }],
  ['admin/audit', { ...narrowed, stopped: true, older: '/admin/audit?actor=system&after=5-5' }],
  ...[...FILTERS, 'after'].map(
    (name): Sample => ['admin/audit', { ...narrowed, typed: { [name]: 'nobody' }, faults: [name] }],
  ),
  ['admin/deliveries', { ...outgoing, deliveries: parcels, next: '/admin/deliveries?after=5-a' }],
  ['admin/deliveries', outgoing],
  ['admin/deliveries', { ...outgoing, state: 'failed', first: '/admin/deliveries?state=failed' }],
  [
    'admin/deliveries',
    { ...outgoing, state: 'failed', deliveries: parcels.map((one) => ({ ...one, failedAt: AT, inHand: false })) },
  ],
  ['admin/delivery', { ...delivery, back: '/admin/deliveries' }],
  ['admin/delivery', { ...delivery, delivery: parcels[7], person: undefined, back: '/admin/deliveries' }],
  ['admin/keys', { ...desk('keys'), keys: signing, rotateHref: '/admin/keys/rotate' }],
  ['admin/key-rotate', rotating],
  ['admin/key-rotate', { ...rotating, early: true }],
  ...ORGANIZATION_PAGES,
  ...INVITATION_PAGES,
  ...CAMPAIGN_PAGES,
  ...CONNECT_PAGES,
  ['admin/key-rotate', { ...rotating, unaware: UNAWARE }],
  ...API_PAGES,
  ['admin/audit-export', asExport],
  ['admin/audit-export', { ...asExport, filters: Object.fromEntries(FILTERS.map((name) => [name, 'ABCD2345'])) }],
]

const none = { ...base, action: '/interaction/x/challenge/none', back: '/methods', temporaryHref: '/temporary' }
const refused = (reason: string) => ({ typed: '06 1234 5678', error: { reason, seconds: 5000 } })

const canceling = { ...base, email: 'sanne@sigma.example', number: '48217730', spoken: '4821 7730', createdAt: AT }

export const RECOVERY_PAGES: Sample[] = [
  ['challenge/none', none],
  ...['missing', 'too-long', 'citizen-number', 'too-many'].map(
    (reason): Sample => ['challenge/none', { ...none, ...refused(reason) }],
  ),
  ['challenge/none', { ...none, open: { spoken: '4821 7730', expiresAt: AT + 72 * HOUR } }],
  [
    'challenge/none',
    { ...none, ...refused('too-many'), open: { spoken: '4821 7730', expiresAt: AT + 72 * HOUR }, who: person.email },
  ],
  ['challenge/none', { ...none, again: true }],
  ['recovery-cancel', canceling],
  ['recovery-cancel', { ...canceling, unsure: true }],
  ...['recovery-canceled', 'recovery-invalid'].flatMap((view): Sample[] => [
    [view, base],
    [view, { ...base, home: '/' }],
  ]),
]
