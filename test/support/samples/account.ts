/** What the pages of the security settings are shown with in tests. */
import type { Overview } from '../../../src/mfa/factor-overview.ts'
import type { PageData } from '../../../src/render/views.ts'
import { SENTENCES } from '../../../src/web/account/activity.ts'

type Sample = [view: string, data: PageData]

const base = { nonce: 'n0nce', self: '/account/x?step=1', csrf: 'CSRF', for: 'FOR', action: '/account/x' }
const email = 'sanne@sigma.example'
const at = Date.UTC(2026, 2, 3, 9, 30)
const error = (reason: string) => ({ error: { reason, seconds: 30 } })

const person = {
  name: 'Sanne de Vries',
  email,
  locale: 'nl',
  passwordChangedAt: at,
  noticeEmail: 'sanne.de.vries@elders.example',
}
const phone = { id: 'a0', label: email, createdAt: at, lastUsedAt: at }
export const factors: Overview = {
  apps: [phone, { id: 'a1', label: 'Tablet', createdAt: at, lastUsedAt: undefined, old: true }],
  passkeys: [
    {
      id: 'k0',
      label: 'iCloud Keychain',
      createdAt: at,
      lastUsedAt: at,
      agent: 'Safari, iPhone',
      keptBy: 'iCloud Keychain',
      synced: true,
      usable: true,
    },
    {
      id: 'k1',
      label: 'Old laptop',
      createdAt: at,
      lastUsedAt: undefined,
      agent: 'Chrome, Windows',
      keptBy: undefined,
      synced: false,
      usable: false,
    },
  ],
  phone: { id: 'p0', hint: '78', createdAt: at },
  backup: { createdAt: at, saved: true },
  devices: [
    { id: 'd0', agent: 'Chrome, Windows', method: 'totp', createdAt: at, lastUsedAt: at, expiresAt: at },
    { id: 'd1', agent: 'Safari, iPhone', method: 'sms', createdAt: at, lastUsedAt: at, expiresAt: at },
  ],
  demanded: true,
}
const nothing: Overview = { apps: [], passkeys: [], phone: undefined, backup: undefined, devices: [], demanded: false }
export const overview = {
  ...base,
  account: person,
  factors,
  sessions: [
    {
      handle: 's0',
      current: true,
      agent: 'Firefox, Linux',
      signedInAt: at,
      lastUsedAt: at,
      applications: ['Sigma Portal'],
    },
    { handle: 's1', current: false, agent: 'Safari, iPhone', signedInAt: at, lastUsedAt: at, applications: [] },
    {
      handle: 's2',
      current: false,
      agent: undefined,
      signedInAt: at,
      lastUsedAt: at,
      applications: ['Sigma Portal', 'Rooster'],
    },
  ],
  applications: [
    { clientId: 'portal', name: 'Sigma Portal', since: at },
    { clientId: 'roster', name: 'Rooster', since: at },
  ],
  activity: Object.values(SENTENCES)
    .slice(0, 10)
    .map((event, index) => ({ id: `e${index}`, event, at, ip: index % 3 ? '2001:db8::17' : undefined })),
  addsPasskeys: true,
  signals: [{ method: 'signalAllAcceptedCredentials', options: { rpId: 'localhost' } }],
  notice: 'password-changed',
}
export const bare = {
  ...overview,
  account: { ...person, passwordChangedAt: undefined, noticeEmail: undefined },
  factors: nothing,
  sessions: overview.sessions.slice(0, 1),
  applications: [],
  activity: [],
  notice: undefined,
}
export const password = { ...base, check: '/account/password/check', minimum: 15, email }
const address = { ...base, kind: 'email', present: email }
const code = { ...base, kind: 'email', address: 'nieuw@sigma.example', otherHref: '/account/email' }
const confirm = (of: string, act: string, about?: { name: string | undefined; since?: number }): Sample => [
  'account/confirm',
  { ...base, of, act, about },
]

export const ACCOUNT_PAGES: Sample[] = [
  ['account/overview', overview],
  [
    'account/overview',
    { ...overview, factors: { ...factors, apps: [phone], passkeys: [], backup: { createdAt: at, saved: false } } },
  ],
  ['account/overview', { ...overview, factors: { ...factors, phone: undefined, backup: undefined, demanded: false } }],
  ['account/overview', { ...overview, factors: { ...factors, apps: [], passkeys: factors.passkeys.slice(0, 1) } }],
  ['account/overview', { ...overview, addsPasskeys: false, factors: { ...factors, passkeys: [] } }],
  ['account/overview', bare],
  ['account/overview', { ...overview, notice: 'no-such-notice' }],
  ...[...new Set(Object.values(SENTENCES))].map(
    (event): Sample => ['account/overview', { ...bare, activity: [{ id: 'e', event, at, ip: undefined }] }],
  ),
  ['account/password', password],
  ['account/password', { ...password, current: 'missing', faults: ['missing'], ...error('refused') }],
  ['account/password', { ...password, current: 'wrong' }],
  ...['too-short', 'too-long', 'too-common', 'too-easy', 'personal', 'same', 'repeat-differs'].map(
    (fault): Sample => ['account/password', { ...password, faults: [fault] }],
  ),
  ['account/password', { ...password, ...error('wait') }],
  ['account/password', { ...password, ...error('closed') }],
  ['account/address', address],
  ['account/address', { ...address, kind: 'noticeAddress', present: undefined }],
  ...['not-an-address', 'same', 'taken', 'resend-wait', 'expired'].map(
    (reason): Sample => ['account/address', { ...address, typed: 'sanne', ...error(reason) }],
  ),
  ['account/address-code', code],
  ['account/address-code', { ...code, kind: 'noticeAddress' }],
  ...['wrong-code', 'code-missing', 'code-malformed', 'resend-wait', 'closed', 'wait'].map(
    (reason): Sample => ['account/address-code', { ...code, ...error(reason) }],
  ),
  ['account/language', { ...base, present: 'nl' }],
  ['account/data', base],
  confirm('noticeAddress', 'remove', { name: person.noticeEmail }),
  confirm('session', 'end', { name: 'Chrome, Windows', since: at }),
  confirm('session', 'end', { name: undefined, since: at }),
  confirm('everywhere', 'end'),
  confirm('device', 'forget', { name: 'Safari, iPhone', since: at }),
  confirm('devices', 'forget'),
  confirm('application', 'remove', { name: 'Rooster' }),
  ['undo', { ...base, email, linkId: 'L' }],
  ['undo', { ...base, email, linkId: 'L', unsure: true }],
  ['undo-invalid', base],
  ['undo-invalid', { ...base, home: '/' }],
  ['undo-done', base],
  ['undo-done', { ...base, home: '/' }],
]
