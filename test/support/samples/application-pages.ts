/** What the pages of applications are shown with in tests. */
import { KINDS } from '../../../src/client/kinds.ts'
import { PICTURE_FAULTS } from '../../../src/client/logo-picture.ts'
import type { PageData } from '../../../src/render/views.ts'
import { asForm, GROUPS, OWN_SCOPE_NAMES } from '../../../src/web/admin/applications/form.ts'
import { desk } from './desk-page.ts'

type Sample = [view: string, data: PageData]

const AT = Date.UTC(2026, 10, 20, 9, 30)
const DAY = 24 * 60 * 60 * 1000

const IN_FILE = { kind: 'file', file: 'config/clients.yaml', line: 14 }
const base = desk('applications')
const choices = { status: ['active', 'disabled', 'deleted'], kind: KINDS, owner: ['file', 'store'] }

const applications = KINDS.map((kind, index) => ({
  client: `application-${index}`,
  name: index ? `Application ${kind}` : 'Roster of the northern region, with a name that is longer than most',
  kind,
  status: (['active', 'disabled', 'deleted'] as const)[index % 3],
  owner: index % 2 ? IN_FILE : { kind: 'store' },
  version: index + 1,
  changedAt: AT - index * DAY,
  href: `/admin/applications/application-${index}`,
  ...(index === 1 && { logo: '/logo/digest.png' }),
}))

const lately = { people: 1, sinceAt: AT - 30 * DAY, stopped: false }
const seen = { id: 'a1', name: 'Sanne', email: 'sanne@sigma.example', at: AT, acr: 'urn:sigma:acr:mfa', href: '/admin' }

const list = { ...base, typed: {}, narrowed: false, choices, applications }

export const DEFINITION: Record<string, unknown> = {
  client_id: 'roster',
  client_name: 'Roster',
  client_uri: 'https://roster.example.org',
  application_type: 'web',
  redirect_uris: ['https://roster.example.org/callback', 'https://roster.example.org/silent'],
  post_logout_redirect_uris: [],
  backchannel_logout_session_required: true,
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'openid profile email payroll:read',
  token_endpoint_auth_method: 'client_secret_basic',
  jwks: { keys: [] },
  id_token_signed_response_alg: 'RS256',
  require_nonce: true,
  first_party: false,
  minimum_acr: 'mfa',
  second_factors: ['totp', 'backup'],
  mfa_max_age: 300,
  remembered_devices: false,
  staff_only: false,
}

const said = (...names: string[]) => names.map((field) => ({ field, value: DEFINITION[field] }))

const head = (current: string, changes: Record<string, unknown> = {}) => ({
  id: 'roster',
  name: 'Roster',
  kind: 'web',
  status: 'active',
  pending: 0,
  sections: ['overview', 'change', 'secrets', 'versions', 'signIns', 'doctor', 'yaml'].map((name) => ({
    name,
    href: `/admin/applications/roster/${name}`,
    current: name === current,
  })),
  ...changes,
})

const planted = 'https://roster.example.org/callback/'
const passed = {
  check: 'redirect',
  state: 'passed',
  said: { family: 'check', name: 'redirect', variant: 'passed' },
  values: {},
}
/** Wrong with a button, wrong with a link, not certain, and what was tried. */
const doctor = {
  ...base,
  head: head('doctor'),
  owner: { kind: 'store' },
  action: '/admin/applications/roster/doctor',
  lines: [
    {
      check: 'redirect',
      state: 'failed',
      finding: 'redirect-address',
      said: { family: 'fault', name: 'redirect-address', variant: 'is' },
      values: { sent: planted, registered: 'https://roster.example.org/callback' },
      at: AT,
      fix: { kind: 'change', action: '/admin/applications/roster/change', yaml: '- a: b', read: 3, planted: true },
    },
    {
      check: 'authentication',
      state: 'failed',
      finding: 'secret-encoding',
      said: { family: 'fault', name: 'secret-encoding', variant: 'is' },
      values: {},
      at: AT,
      fix: { kind: 'new-secret', href: '/admin/applications/roster/secrets' },
    },
    {
      check: 'claims',
      state: 'unknown',
      finding: 'email-unasked',
      said: { family: 'fault', name: 'email-unasked', variant: 'is' },
      values: { scopes: 'openid profile' },
    },
    {
      check: 'token',
      state: 'unknown',
      said: { family: 'live', name: 'token', variant: 'secret' },
      values: {},
    },
    passed,
  ],
}

const show = {
  ...base,
  head: head('overview'),
  owner: { kind: 'store' },
  groups: [
    { name: 'name', facts: said('client_id', 'client_name', 'client_uri', 'application_type', 'first_party') },
    { name: 'addresses', facts: said('redirect_uris', 'post_logout_redirect_uris') },
    { name: 'people', facts: said('minimum_acr', 'second_factors', 'remembered_devices', 'mfa_max_age', 'staff_only') },
    { name: 'access', facts: said('scope', 'grant_types', 'token_endpoint_auth_method', 'jwks') },
    { name: 'more', facts: said('id_token_signed_response_alg', 'require_nonce') },
  ],
  base: '/admin/applications/roster',
  acts: ['disable', 'adopt', 'delete'],
  facts: { createdAt: AT - 90 * DAY, changedAt: AT, version: 7 },
  auditHref: '/admin/audit?application=roster',
}

const asYaml = { ...base, head: head('yaml'), owner: { kind: 'store' }, yaml: '- client_id: roster\n' }

const CODES = [
  ['redirect_uris[0]', 'not-https'],
  ['redirect_uris', 'required'],
  ['client_name', 'look-alike'],
  ['client_id', 'format'],
  ['scope', 'unknown-scope'],
  ['second_factors', 'factors'],
  ['second_factors', 'floor'],
  ['mfa_max_age', 'too-big'],
  ['first_party', 'type'],
  ['require_nonce', 'nonce'],
  ['default_acr_values[0]', 'out-of-reach'],
  ['jwks.keys', 'duplicate-key'],
  ['', 'library'],
] as const
const faults = CODES.map(([path, code], index) => ({
  path,
  code,
  field: /^[^.[]*/.exec(path)?.[0] ?? '',
  reason: 'must be something else',
  ...(index % 2 && { line: index }),
}))

const changes = [
  { field: 'client_name', from: 'Roster', to: 'Rosters' },
  {
    field: 'redirect_uris',
    from: ['https://a.example/'],
    to: ['https://b.example/'],
    list: { removed: ['https://a.example/'], added: ['https://b.example/'], stay: 2 },
  },
  { field: 'scope', from: 'openid', to: 'openid email', list: { removed: [], added: ['email'], stay: 1 } },
  { field: 'minimum_acr', from: 'password', to: 'mfa' },
  { field: 'second_factors', from: ['totp', 'sms'], to: ['totp'], list: { removed: ['sms'], added: [], stay: 1 } },
  { field: 'remembered_devices', from: true, to: false },
  { field: 'mfa_max_age', to: 300 },
  { field: 'client_uri', from: 'https://roster.example.org' },
  { field: 'jwks', to: { keys: [] } },
  { field: 'owner', from: { kind: 'store' }, to: IN_FILE },
  { field: 'secrets', to: 'aB3dE5gH7jK9' },
  { field: 'status', from: 'active', to: 'disabled' },
  { field: 'unheard_of', to: 'x' },
]
const versions = ['pages', 'command-line', 'api', 'file'].map((via, index) => ({
  version: 4 - index,
  at: AT - index * DAY,
  via,
  by: index % 2 ? { kind: 'operator', code: 'root' } : index ? { code: '3f0c2b1e' } : { text: 'Bea Beheer' },
  changes: index === 3 ? [] : changes,
  href: `/admin/applications/roster/versions/${4 - index}`,
}))

const APPLICATION = '/admin/applications/roster'
const change = {
  ...base,
  head: head('change'),
  action: `${APPLICATION}/change`,
  otherHref: `${APPLICATION}/change?as=yaml`,
  groups: GROUPS,
  scopes: OWN_SCOPE_NAMES,
  typed: { ...asForm(DEFINITION), read: '3' },
  faults: [] as unknown[],
}
const text = { ...change, typed: { yaml: 'client_id: roster\nclient_name: "<Roster>"\n', read: '3' } }
const looking = {
  ...base,
  head: head('change'),
  action: `${APPLICATION}/change`,
  back: APPLICATION,
  changes,
  meanwhile: undefined as unknown,
  version: 4,
  typed: { ...asForm(DEFINITION), read: '3' },
  fresh: true,
}
const beginning = {
  ...base,
  action: '/admin/applications/new',
  back: '/admin/applications/new',
  apiHref: '/admin/apis/new',
  sorts: KINDS,
  typed: {} as Record<string, string>,
  noKind: false,
  faults: [] as unknown[],
}
const whole = {
  ...base,
  action: '/admin/applications/new',
  typed: { kind: 'web', name: 'Roster', address: 'https://roster.example.org/callback', id: 'roster' },
  groups: show.groups,
  sort: 'web',
  name: 'Roster',
  asksId: true,
  proof: 'client_secret_basic',
  fresh: true,
}
const made = {
  ...base,
  name: 'Roster',
  id: 'roster',
  secret: 'CANARY0secret0of0forty0three0letters0digits0',
  issuer: 'https://id.sigma.example',
  href: APPLICATION,
  connectHref: `${APPLICATION}/connect`,
}
const act = { ...base, head: head(''), back: APPLICATION, owner: { kind: 'store' }, version: 3 }
const logo = { ...act, head: head('logo'), action: `${APPLICATION}/logo` }
const kept = [
  {
    id: 'aB3dE5gH7jK9',
    createdAt: AT,
    ago: 3 * DAY,
    lately: true,
    removeHref: `${APPLICATION}/secrets/aB3dE5gH7jK9`,
  },
  { id: 'bB3dE5gH7jK9', env: 'ROSTER_CLIENT_SECRET', createdAt: AT - 90 * DAY, lately: false, removeHref: false },
]
const secrets = {
  ...base,
  head: head('secrets'),
  action: `${APPLICATION}/secrets`,
  version: 3,
  method: 'client_secret_basic',
  bySecret: true,
  secrets: kept,
  mayChange: true,
  full: true,
}
const version = {
  ...base,
  head: head('versions'),
  told: versions[0],
  current: false,
  version: 4,
  yaml: '- client_id: roster\n',
  action: `${APPLICATION}/versions/3`,
  back: `${APPLICATION}/versions`,
  changes,
  faults: [] as unknown[],
}

export const APPLICATION_PAGES: Sample[] = [
  ['admin/application/list', list],
  ['admin/application/list', { ...list, next: '/admin/applications?after=x', first: '/admin/applications' }],
  ['admin/application/list', { ...list, applications: [] }],
  [
    'admin/application/list',
    { ...list, narrowed: true, applications: [], typed: { text: 'x', kind: 'web', owner: 'file', status: 'active' } },
  ],
  ['admin/application/show', show],
  [
    'admin/application/show',
    { ...show, owner: IN_FILE, head: head('overview', { status: 'disabled' }), auditHref: false },
  ],
  [
    'admin/application/show',
    { ...show, owner: { kind: 'file', file: 'clients.yaml' }, groups: show.groups.slice(0, 2) },
  ],
  ['admin/application/show', { ...show, head: head('overview', { status: 'deleted' }) }],
  ['admin/application/yaml', asYaml],
  ['admin/application/yaml', { ...asYaml, owner: IN_FILE }],
  ['admin/confirmed', base],
  ['admin/application/change', change],
  ['admin/application/change', { ...change, faults, typed: { ...change.typed, version: '4' } }],
  ['admin/application/change-text', { ...text, refused: 'moved' }],
  ...['owned-by-file', 'deleted', 'too-many-proposals'].map(
    (refused): Sample => ['admin/application/change', { ...change, refused }],
  ),
  ['admin/application/change-text', text],
  ['admin/application/change-text', { ...text, faults }],
  ['admin/application/changes', looking],
  ['admin/application/changes', { ...looking, meanwhile: versions, fresh: false }],
  ['admin/application/changes', { ...looking, changes: [] }],
  ['admin/application/new', beginning],
  ['admin/application/new', { ...beginning, noKind: true, typed: { name: 'Roster' } }],
  ['admin/application/new', { ...beginning, faults, typed: { kind: 'native', name: 'Roster', id: 'roster' } }],
  ['admin/application/new', { ...beginning, taken: 'id-taken', typed: { kind: 'web', id: 'roster' } }],
  ['admin/application/new', { ...beginning, taken: 'deleted', typed: { kind: 'web', id: 'roster' } }],
  ['admin/application/new', { ...beginning, refused: 'role-not-held', typed: { kind: 'web' } }],
  ['admin/application/new-text', { ...beginning, typed: { yaml: '' }, refused: 'role-not-held' }],
  ['admin/application/new-text', { ...beginning, typed: { yaml: 'client_id: [' }, faults, taken: 'id-taken' }],
  ['admin/application/new-whole', whole],
  ...['client_secret_post', 'none', 'private_key_jwt', 'env'].map(
    (proof): Sample => [
      'admin/application/new-whole',
      { ...whole, proof, typed: { yaml: 'client_id: roster\n' }, asksId: false, fresh: false },
    ],
  ),
  ['admin/application/made', made],
  ['admin/application/made', { ...made, secret: undefined }],
  [
    'admin/application/made-before',
    { ...base, id: 'roster', href: APPLICATION, secretsHref: `${APPLICATION}/secrets` },
  ],
  ...['disable', 'enable', 'adopt', 'release', 'delete'].map(
    (does): Sample => ['admin/application/act', { ...act, does, asksId: does === 'delete' }],
  ),
  ['admin/application/act', { ...act, does: 'delete', asksId: true, wrongId: true, typed: 'rooster' }],
  ['admin/application/act', { ...act, does: 'disable', meanwhile: versions }],
  ['admin/application/act', { ...act, does: 'adopt', refused: 'too-many-proposals' }],
  ['admin/application/secrets', secrets],
  ['admin/application/secrets', { ...secrets, secrets: [], full: false, problem: 'no-such-secret' }],
  ['admin/application/secrets', { ...secrets, full: false, meanwhile: versions }],
  ['admin/application/secrets', { ...secrets, secrets: [], bySecret: false, mayChange: false }],
  ...['too-many-secrets', 'owned-by-file'].map(
    (problem): Sample => ['admin/application/secrets', { ...secrets, mayChange: false, problem }],
  ),
  ['admin/application/secret', { ...base, head: head('secrets'), secret: made.secret, back: '/' }],
  ['admin/application/secret-remove', { ...act, one: kept[0], only: false }],
  ['admin/application/secret-remove', { ...act, one: { ...kept[1], ago: 90 * DAY }, only: true }],
  ['admin/application/secret-remove', { ...act, one: { ...kept[0], ago: undefined, lately: false }, only: true }],
  ['admin/application/logo', logo],
  ['admin/application/logo', { ...logo, head: head('logo', { logo: '/logo/digest.png' }), removeHref: '/' }],
  ...PICTURE_FAULTS.map((problem): Sample => ['admin/application/logo', { ...logo, problem }]),
  ['admin/application/logo', { ...logo, refused: 'role-not-held' }],
  ['admin/application/logo', { ...logo, meanwhile: versions }],
  ['admin/application/logo-remove', { ...logo, head: head('logo', { logo: '/logo/digest.png' }) }],
  ['admin/application/doctor', doctor],
  ['admin/application/doctor', { ...doctor, lines: [passed], liveAt: AT, action: false }],
  ['admin/application/versions', { ...base, head: head('versions'), versions, current: 4 }],
  [
    'admin/application/sign-ins',
    { ...base, head: head('signIns'), lately, visitors: [seen], auditHref: '/admin/audit' },
  ],
  [
    'admin/application/sign-ins',
    {
      ...base,
      head: head('signIns'),
      lately: { ...lately, people: 12, stopped: true },
      visitors: [{ id: 'a2', at: AT, acr: 'urn:sigma:acr:password', href: false }],
    },
  ],
  ['admin/application/sign-ins', { ...base, head: head('signIns'), lately }],
  ['admin/application/version', version],
  ['admin/application/version', { ...version, current: true, changes: undefined }],
  ['admin/application/version', { ...version, changes: [], meanwhile: versions }],
  ['admin/application/version', { ...version, changes: undefined, faults }],
]
