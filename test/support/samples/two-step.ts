/** What the pages of two-step verification are shown with in tests. */
import { NATURES, SECOND_FACTORS } from '../../../src/person/second-factor.ts'
import type { PageData } from '../../../src/render/views.ts'
import { KNOWN_APPS } from '../../../src/web/authenticator-apps.ts'
import { CREATE, GET } from './passkeys.ts'

type Sample = [view: string, data: PageData]

const base = {
  nonce: 'n0nce',
  self: '/interaction/x?step=1',
  csrf: 'CSRF',
  action: '/send',
  cancelAction: '/send',
  clientName: 'Sigma Portal',
}
const entry = 'sanne@sigma.example'
const error = (reason: string) => ({ error: { reason, seconds: 30 } })
const each = (view: string, data: PageData, reasons: string[]): Sample[] =>
  [{}, ...reasons.map(error)].map((extra): Sample => [view, { ...data, ...extra }])

/** To a browser that may keep passkeys which are gone. */
const SIGNALS = [{ method: 'signalAllAcceptedCredentials', options: { rpId: 'localhost' } }]
const offer = { ...base, optional: true, deadline: Date.UTC(2026, 2, 1), reason: 'campaign' }
const companyApp = { name: 'Sigma Authenticator', stores: [{ name: 'App Store', href: 'https://apps.example/' }] }
export const KEY = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
export const scan = {
  ...base,
  progress: { at: 2, of: 5 },
  qr: '<svg viewBox="0 0 1 1"><path d="M0 0h1"/></svg>',
  groups: KEY.match(/.{4}/g),
  key: KEY,
  issuer: 'Sigma ID',
  entry,
  appName: companyApp.name,
  typed: '',
  otpauth: `otpauth://totp/Sigma%20ID:${entry}?secret=${KEY}&issuer=Sigma%20ID`,
}
const countries = [
  { code: 'NL', name: 'Netherlands', prefix: '31', selected: true },
  { code: 'BE', name: 'Belgium', prefix: '+32', selected: false },
]
const number = { ...base, countries, number: '06 12345678' }
export const backup = {
  ...base,
  made: 'backup-1',
  code: 'K7QM-2XNW-PB4T-9HJC-3RVZ-5EDG',
  account: entry,
  madeAt: Date.UTC(2026, 2, 1),
  usedAt: 'id.sigma.example',
}
export const totp = {
  ...base,
  entries: [entry],
  remember: true,
  days: 30,
  stepUp: false,
  methodsHref: '/methods',
}
export const sms = { ...base, hint: '78', sent: true, resendIn: 28, remember: true, days: 30, methodsHref: '/methods' }
export const passkey = { ...base, passkey: { options: GET }, stepUp: false, methodsHref: '/methods' }
const methods = SECOND_FACTORS.map((kind) => ({
  kind,
  sign: NATURES[kind].sign,
  href: `/methods/${kind}`,
  hint: '78',
}))

const NAME = ['too-long', 'not-allowed', 'taken']
const CODE = ['wrong-code', 'code-missing', 'code-malformed', 'used-code', 'wait', 'closed', 'not-available', 'stale']
const SENT = [...CODE, 'resend-wait', 'expired', 'too-many', 'unavailable']

export const TWO_STEP_PAGES: Sample[] = [
  ['enroll/offer', offer],
  ['enroll/offer', { ...offer, deadline: undefined }],
  ...['campaign', 'client', 'role', 'lost', 'own'].map(
    (reason): Sample => ['enroll/offer', { ...offer, optional: false, reason, signals: SIGNALS }],
  ),
  ['enroll/offer', { ...offer, old: ['Nmbrs (sanne@sigma.example)'] }],
  ['enroll/offer', { ...offer, optional: false, old: ['Nmbrs (sanne@sigma.example)'] }],
  ['enroll/app', { ...base, companyApp, apps: KNOWN_APPS, progress: { at: 1, of: 5 } }],
  ['enroll/app', { ...base, apps: [], companyApp: { name: 'Other', stores: [], logo: 'data:image/png;base64,AA' } }],
  ...each('enroll/app', { ...base, companyApp, apps: KNOWN_APPS, device: { options: CREATE, phone: true } }, [
    'wrong-code',
    'stale',
    'not-allowed',
    'wait',
  ]),
  ['enroll/app', { ...base, companyApp, apps: KNOWN_APPS, device: { options: CREATE, phone: false } }],
  ['enroll/scan', scan],
  ['enroll/scan', { ...scan, device: { options: CREATE, phone: true } }],
  ['enroll/scan', { ...scan, device: { options: CREATE, phone: false }, error: { reason: 'stale', of: 'passkey' } }],
  [
    'enroll/scan',
    { ...scan, device: { options: CREATE, phone: false }, error: { reason: 'wait', seconds: 30, of: 'passkey' } },
  ],
  ['enroll/scan', { ...scan, apps: KNOWN_APPS, name: 'iPhone', typed: 'iPhone' }],
  ...each('enroll/scan', { ...scan, typed: '123' }, NAME),
  ...each('enroll/code', { ...base, entry }, [...CODE, 'expired', 'not-allowed']),
  ['enroll/code', { ...base, entry, old: ['Nmbrs'] }],
  ...each('enroll/sms', number, [
    'missing',
    'not-a-number',
    'country-not-allowed',
    'not-mobile',
    'wait',
    'too-many',
    'number-in-use',
    'unavailable',
  ]),
  ...each('enroll/sms-code', { ...base, hint: '78', resendIn: 28 }, SENT),
  ...each('enroll/backup', backup, ['not-saved']),
  ...each('enroll/passkey', { ...base, progress: { at: 3, of: 5 }, passkey: GET }, [
    'wrong-code',
    'stale',
    'not-allowed',
    'wait',
  ]),
  ['enroll/passkey-needed', { ...base, passkey: CREATE }],
  ...each('enroll/passkey-needed', { ...base, passkey: CREATE }, [
    'wrong-code',
    'stale',
    'too-many',
    'not-allowed',
    'wait',
  ]),
  ['enroll/passkey-offer', { ...base, cancel: false, passkey: CREATE }],
  ...each('enroll/passkey-offer', { ...base, cancel: false, passkey: CREATE }, ['wrong-code', 'stale', 'too-many']),
  ['enroll/done', base],
  ['enroll/done', { ...base, who: entry }],
  ['enroll/done', { ...base, passkey: true }],
  ['enroll/sms', { ...number, passkey: true }],
  ['enroll/done', { ...base, old: ['Nmbrs'] }],
  ...each('challenge/totp', totp, CODE),
  [
    'challenge/totp',
    { ...totp, stepUp: true, entries: [entry, `${entry} (2)`], remember: false, methodsHref: undefined },
  ],
  ['challenge/totp', { ...totp, entries: [] }],
  ['challenge/totp', { ...totp, entries: ['Nmbrs'], old: true, digits: [8] }],
  ['challenge/totp', { ...totp, entries: ['Nmbrs'], old: true, digits: [8, 6] }],
  ['challenge/methods', { ...base, methods, noneHref: '/none' }],
  ['challenge/methods', { ...base, methods, noneHref: '/none', cancelAction: undefined }],
  ...each('challenge/sms', sms, SENT),
  ...each('challenge/sms', { ...sms, sent: false }, ['wait', 'too-many', 'closed', 'unavailable']),
  ...each('challenge/backup', { ...base, methodsHref: '/methods' }, CODE),
  ...each('challenge/temporary', { ...base, methodsHref: '/methods' }, [...CODE, 'expired']),
  ...each('challenge/passkey', passkey, CODE),
  ['challenge/passkey', { ...passkey, stepUp: true, methodsHref: undefined }],
  ['challenge/lost', base],
  ['challenge/none', { ...base, back: '/methods' }],
]
