/** Every page that there is, with what it can have to say. */

import { CLAIMS, OWN_SCOPES } from '../../../src/client/scopes.ts'
import type { PageData } from '../../../src/render/views.ts'
import { ACCOUNT_PAGES } from './account.ts'
import { ACCOUNT_FACTOR_PAGES } from './account-factors.ts'
import { ADMIN_PAGES, RECOVERY_PAGES } from './admin.ts'
import { TWO_STEP_PAGES } from './two-step.ts'

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

const REFUSAL = {
  error: 'invalid_redirect_uri',
  description: "redirect_uri did not match any of the client's registered redirect_uris",
  refused: { parameter: 'redirect_uri', value: 'https://portal.sigma.example/callback/?x=1' },
}
const DIFFERENCES = 'scheme user host port slash case path query fragment spelling'.split(' ')

export const PAGES: [view: string, data: PageData][] = [
  ['login', login],
  ['login', { ...login, reauth: true }],
  ...['wrong-credentials', 'wait', 'closed', 'email-missing', 'email-malformed', 'password-missing', 'stale'].map(
    (reason): [string, PageData] => ['login', { ...login, error: { reason, seconds: 30 } }],
  ),
  ...['activated', 'password-changed', 'signed-out'].map((notice): [string, PageData] => [
    'login',
    { ...login, notice },
  ]),
  ['select-account', { ...login, accounts: [{ email: login.email, signedIn: true, remembered: true }] }],
  ['set-password', password],
  ['set-password', { ...password, purpose: 'reset' }],
  ['set-password', longer],
  ['set-password', { ...longer, optional: true, cancel: false, until: Date.UTC(2026, 11, 1) }],
  ['set-password', { ...longer, optional: true, cancel: false, errors: ['too-short'] }],
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
  ].map((code): [string, PageData] => ['set-password', { ...password, errors: [code] }]),
  ['link-reopen', { ...base, home: '/' }],
  ['link-invalid', { ...base, purpose: 'activation', life: 604_800, known: true }],
  ['link-invalid', { ...base, purpose: 'reset', life: 3600, known: false, error: { reason: 'wait', seconds: 30 } }],
  ['link-invalid', { ...base, purpose: 'reset', life: 3600, known: false, error: { reason: 'email-malformed' } }],
  ['link-requested', { ...base, purpose: 'activation', life: 604_800, home: '/' }],
  ['link-requested', { ...base, purpose: 'reset', life: 3600 }],
  ['reset', { ...base, email: login.email, error: 'email-missing' }],
  ['reset', { ...base, email: 'sanne', error: { reason: 'email-malformed' } }],
  ['consent', { ...login, scopes: [...OWN_SCOPES], claims: [], access: [] }],
  [
    'consent',
    { ...login, scopes: ['openid'], claims: PERSON_CLAIMS, access: [{ scope: 'payroll:read', at: 'payroll.example' }] },
  ],
  ['logout', { ...base, xsrf: 'X', automatic: false }],
  ['logout', { ...base, xsrf: 'X', automatic: true }],
  ...['unknown-application', 'unknown-goodbye', 'faulty-sign-out'].flatMap((fault): [string, PageData][] => [
    ['logout', { ...base, xsrf: 'X', fault, reference: 'r3f', refusal: REFUSAL }],
    ['error', { ...base, code: fault, reference: 'r3f', refusal: { error: 'invalid_request' } }],
  ]),
  ...DIFFERENCES.map((differs): [string, PageData] => [
    'error',
    {
      ...base,
      code: 'unknown-address',
      reference: 'r3f',
      refusal: { ...REFUSAL, nearest: { address: 'https://portal.sigma.example/callback', differs: [differs] } },
    },
  ]),
  ['onward', { ...base, onward: 'https://portal.sigma.example/callback?code=x&state=y', name: 'Portal' }],
  ['onward', { ...base, onward: 'org.example.app:/callback' }],
  ['forward', { ...base, action: '/session/end', fields: [['state', 'x'.repeat(200)]] }],
  ['signed-out', { ...login, clientUri: 'https://portal.sigma.example' }],
  ['signed-out', { ...base, home: '/' }],
  ['sign-out-first', { ...login, purpose: 'activation', signedIn: login.email, home: '/' }],
  ...['expired', 'invalid_redirect_uri', 'access_denied', 'busy', 'no-such-code', 'constructor'].map(
    (code): [string, PageData] => ['error', { ...base, code, reference: 'r3f', home: '/' }],
  ),
  ['home', { ...base, applications: [{ name: 'Sigma Portal', href: '/p' }], outbox: true }],
  ['home', { ...base, applications: [], outbox: false }],
  ['dev-outbox', { ...base, messages: [{ channel: 'sms', to: '+31612345678', text: 'Code', at: 0 }] }],
  ['portal/home', { ...base, site: 'Sigma Portal', signedIn: false, issuerName: 'Sigma ID' }],
  ['portal/signed-in', person],
  ['portal/signed-in', { ...person, approve: { action: '/approve' } }],
  ['portal/error', { ...base, site: 'Sigma Portal', code: 'access_denied' }],
  ...TWO_STEP_PAGES,
  ...ACCOUNT_PAGES,
  ...ACCOUNT_FACTOR_PAGES,
  ...ADMIN_PAGES,
  ...RECOVERY_PAGES,
]
