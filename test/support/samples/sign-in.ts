/** What the pages around signing in, of the portal and of development are shown with in tests. */
import { CLAIMS, OWN_SCOPES } from '../../../src/client/scopes.ts'
import type { PageData } from '../../../src/render/views.ts'
import { GET, UNKNOWN } from './passkeys.ts'

type Sample = [view: string, data: PageData]

/** Every claim that consent may be asked for by its name. */
const PERSON_CLAIMS = Object.entries(CLAIMS).flatMap(([scope, claims]) => (scope === 'openid' ? [] : claims))

export const base = { nonce: 'n0nce', self: '/interaction/x?step=1', csrf: 'CSRF', action: '/send' }
export const login = {
  ...base,
  clientName: 'Sigma Portal',
  email: 'sanne@sigma.example',
  rememberEmail: true,
  canSwitch: true,
  forgotHref: '/recover',
  cancel: true,
  reauth: false,
}
export const password = {
  ...base,
  purpose: 'activation',
  email: login.email,
  name: 'Sanne',
  linkId: 'L',
  minimum: 15,
  check: '/check',
}
const longer = { ...password, purpose: 'longer', clientName: 'Salarisportaal', linkId: undefined, cancel: true }
const claims = { acr: 'urn:sigma:acr:password', amr: ['pwd'], auth_time: 1_763_000_000 }
const person = {
  ...base,
  ...{ site: 'Sigma Portal', name: 'Sanne', email: login.email, organization: 'Bakkerij', claims },
  settings: 'https://id.sigma.example/account',
}

const MAIL = `Hello Sanne,\n\nOpen this link:\nhttps://id.sigma.example/activate/${'x'.repeat(43)}\n`

const REFUSAL = {
  error: 'invalid_redirect_uri',
  description: "redirect_uri did not match any of the client's registered redirect_uris",
  refused: { parameter: 'redirect_uri', value: 'https://portal.sigma.example/callback/?x=1' },
}
/** What can have gone wrong, by what a person can do about it. */
const FAULTS = [
  'interaction-expired',
  'stale-form',
  'other-browser',
  'expired',
  'not-found',
  'bad-request',
  'authorization-refused',
  'invalid_redirect_uri',
  'access_denied',
  'not-allowed',
  'busy',
  'store-unavailable',
  'no-such-code',
  'constructor',
]
const DIFFERENCES = 'scheme user host port slash case path query fragment spelling'.split(' ')

export const SIGN_IN_PAGES: Sample[] = [
  ['login', login],
  ['login', { ...login, reauth: true }],
  ...['wrong-credentials', 'wait', 'closed', 'email-missing', 'email-malformed', 'password-missing', 'stale'].map(
    (reason): Sample => ['login', { ...login, error: { reason, seconds: 30 } }],
  ),
  ...['activated', 'password-changed', 'signed-out'].map((notice): Sample => ['login', { ...login, notice }]),
  ['login', { ...login, clientLogo: '/logo/digest.png', error: { reason: 'renew', seconds: 30 } }],
  ['login', { ...login, passkey: { options: GET } }],
  ['login', { ...login, passkey: { options: GET }, error: { reason: 'passkey' }, signal: UNKNOWN }],
  ['login', { ...login, passkey: { options: GET, first: true }, reauth: true }],
  ['login', { ...login, passkey: { options: GET }, reauth: true }],
  ['select-account', { ...login, accounts: [{ email: login.email, signedIn: true, remembered: true }] }],
  [
    'select-account',
    {
      ...login,
      clientLogo: '/logo/digest.png',
      accounts: [login.email, 'sanne.de.vries@administratiekantoor.example', 's@bakkerij.example'].map(
        (email, index) => ({ email, signedIn: index < 2, remembered: index > 0 }),
      ),
    },
  ],
  ['select-account', { ...login, cancel: false, accounts: [] }],
  ['set-password', password],
  ['set-password', { ...password, purpose: 'reset' }],
  ['set-password', longer],
  ['set-password', { ...longer, optional: true, cancel: false, until: Date.UTC(2026, 11, 1) }],
  ['set-password', { ...longer, optional: true, cancel: false, errors: ['too-short'] }],
  ['set-password', { ...longer, who: login.email, errors: ['stale', 'too-easy', 'repeat-differs'] }],
  ...[
    'too-short',
    'too-long',
    'too-common',
    'personal',
    'repeat-differs',
    'missing',
    'too-easy',
    'breached',
    'stale',
  ].map((code): Sample => ['set-password', { ...password, errors: [code] }]),
  ['link-reopen', { ...base, home: '/' }],
  ['link-invalid', { ...base, purpose: 'activation', life: 604_800, known: true }],
  ['link-invalid', { ...base, purpose: 'reset', life: 3600, known: false, error: { reason: 'wait', seconds: 30 } }],
  ...['email-missing', 'email-malformed', 'wait', 'stale'].flatMap((reason): Sample[] =>
    ['activation', 'reset'].map((purpose) => [
      'link-invalid',
      { ...base, purpose, life: 604_800, linkId: 'L', home: '/', error: { reason, seconds: 30 } },
    ]),
  ),
  ['link-requested', { ...base, purpose: 'activation', life: 604_800, home: '/' }],
  ['link-requested', { ...base, purpose: 'reset', life: 3600 }],
  ['reset', { ...base, email: login.email, error: 'email-missing' }],
  ...['email-malformed', 'wait', 'stale'].map(
    (reason): Sample => ['reset', { ...base, email: login.email, home: '/', error: { reason, seconds: 30 } }],
  ),
  ['consent', { ...login, scopes: [...OWN_SCOPES], claims: [], access: [] }],
  [
    'consent',
    { ...login, who: login.email, clientLogo: '/logo/digest.png', cancel: false, scopes: [], claims: [], access: [] },
  ],
  [
    'consent',
    { ...login, scopes: ['openid'], claims: PERSON_CLAIMS, access: [{ scope: 'payroll:read', at: 'payroll.example' }] },
  ],
  ['logout', { ...base, xsrf: 'X', automatic: false }],
  ['logout', { ...base, xsrf: 'X', automatic: true }],
  ...['unknown-application', 'unknown-goodbye', 'faulty-sign-out'].flatMap((fault): Sample[] => [
    ['logout', { ...base, xsrf: 'X', fault, reference: 'r3f', refusal: REFUSAL }],
    ['error', { ...base, code: fault, reference: 'r3f', refusal: { error: 'invalid_request' } }],
  ]),
  ...DIFFERENCES.map(
    (differs): Sample => [
      'error',
      {
        ...base,
        code: 'unknown-address',
        reference: 'r3f',
        refusal: { ...REFUSAL, nearest: { address: 'https://portal.sigma.example/callback', differs: [differs] } },
      },
    ],
  ),
  ['busy', { ...base, self: '' }],
  ['onward', { ...base, onward: 'https://portal.sigma.example/callback?code=x&state=y', name: 'Portal' }],
  ['onward', { ...base, onward: 'org.example.app:/callback' }],
  ['forward', { ...base, self: '', name: 'Portal', action: 'https://portal.example/', fields: [['code', 'x']] }],
  ['forward', { ...base, action: '/session/end', fields: [['state', 'x'.repeat(200)]] }],
  ['signed-out', { ...login, clientUri: 'https://portal.sigma.example' }],
  ['signed-out', { ...base, home: '/' }],
  ...['activation', 'reset'].map(
    (purpose): Sample => ['sign-out-first', { ...login, purpose, signedIn: 'beheer@sigma.example', home: '/' }],
  ),
  ...FAULTS.map((code): Sample => ['error', { ...base, code, reference: 'r3f', home: '/', homeName: 'Sigma Portal' }]),
  ['error', { ...base, code: 'too-many-requests', reference: 'K7QM2XNW', retryAfter: 30 }],
  ['home', { ...base, applications: [{ name: 'Sigma Portal', href: '/p' }], outbox: true }],
  [
    'home',
    {
      ...base,
      applications: [
        { name: 'Sigma Portal', href: '/p' },
        { name: 'Rooster & Co', href: '/r', logo: '/logo/digest.png' },
      ],
    },
  ],
  ['home', { ...base, applications: [], outbox: false }],
  [
    'dev-outbox',
    {
      ...base,
      messages: [
        { channel: 'sms', to: '+31612345678', text: 'Code', at: 0 },
        { channel: 'email', to: login.email, subject: 'Confirm your Sigma account', text: MAIL, at: 0 },
      ],
      more: true,
    },
  ],
  ['dev-outbox', { ...base, messages: [] }],
  ['portal/home', { ...base, site: 'Sigma Portal', signedIn: false, issuerName: 'Sigma ID' }],
  ['portal/signed-in', person],
  ['portal/signed-in', { ...person, approve: { action: '/approve' } }],
  ...[{ done: true }, { cancelled: true }].map(
    (ended): Sample => ['portal/signed-in', { ...person, approve: { action: '/approve', ...ended } }],
  ),
  ...['access_denied', 'unmet_authentication_requirements', 'server_error'].map(
    (code): Sample => ['portal/error', { ...base, site: 'Sigma Portal', code, reference: 'r3f' }],
  ),
]
