/** What the pages about one's own second factors are shown with in tests. */
import type { PageData } from '../../../src/render/views.ts'
import { CREATE } from './passkeys.ts'
import { backup, KEY, scan } from './two-step.ts'

type Sample = [view: string, data: PageData]

const base = { nonce: 'n0nce', self: '/interaction/x?step=1', csrf: 'CSRF', for: 'FOR', action: '/send' }
const label = 'sanne@sigma.example'
const apps = [{ name: 'Sigma Authenticator', stores: [{ name: 'App Store', href: 'https://apps.example/' }] }]
const countries = [
  { code: 'NL', name: 'Netherlands', prefix: '+31', selected: true },
  { code: 'BE', name: 'Belgium', prefix: '+32', selected: false },
]
const each = (view: string, data: PageData, reasons: string[]): Sample[] =>
  [undefined, ...reasons].map((reason) => [view, { ...data, ...(reason && { error: { reason, seconds: 30 } }) }])

export const waitingApp = { ...base, waiting: 'w4iting', cancel: true, replaces: label, entry: `${label} (2)` }
export const newKey = { ...scan, ...waitingApp, key: KEY }
export const removing = { ...base, id: 'a1', label, last: false, demanded: false }
export const newPasskey = {
  ...base,
  options: CREATE,
  signals: [{ method: 'signalAllAcceptedCredentials', options: {} }],
}
export const phone = { ...base, hint: '78', countries, number: '' }
export const phoneCode = { ...base, hint: '34', resendIn: 28, cancel: true }
export const newBackup = { ...backup, ...base, made: 'b2', sealed: 'S', action: '/account/backup-code/saved' }

export const ACCOUNT_FACTOR_PAGES: Sample[] = [
  ['account/app-new', { ...base, apps }],
  ['account/app-new', { ...base, apps: [{ name: 'Other', stores: [] }] }],
  ['account/app-new', { ...base, apps, only: true }],
  ['account/app-move', { ...base, apps, label }],
  ['account/app-scan', newKey],
  ['account/app-scan', { ...newKey, replaces: undefined }],
  ['account/app-scan', { ...newKey, notice: 'app-other' }],
  ['account/app-scan', { ...newKey, name: 'iPhone', typed: 'iPhone' }],
  ...each('account/app-scan', { ...newKey, typed: '123' }, ['too-long', 'not-allowed', 'taken']),
  ...each('account/app-code', waitingApp, ['code-missing', 'code-malformed', 'wrong-code', 'wait', 'closed']),
  ['account/app-code', { ...waitingApp, replaces: undefined }],
  ...each('account/app-rename', { ...base, label, typed: label }, ['missing', 'too-long', 'not-allowed', 'taken']),
  ['account/app-remove', removing],
  ['account/app-remove', { ...removing, last: true }],
  ['account/app-remove', { ...removing, last: true, demanded: true }],
  ...each('account/passkey-new', newPasskey, ['wrong', 'expired', 'known', 'gone']),
  ...each('account/passkey-rename', { ...base, label, typed: label }, ['missing', 'too-long', 'not-allowed', 'taken']),
  ['account/passkey-rename', { ...base, label, typed: label, added: true }],
  ['account/passkey-remove', removing],
  ['account/passkey-remove', { ...removing, last: true }],
  ['account/passkey-remove', { ...removing, last: true, demanded: true }],
  ['account/backup-first', { ...base, label }],
  ['account/backup-first', base],
  ...each('account/phone', phone, [
    'missing',
    'not-a-number',
    'country-not-allowed',
    'not-mobile',
    'number-in-use',
    'wait',
    'too-many',
    'unavailable',
  ]),
  ['account/phone', { ...phone, hint: undefined }],
  ['account/phone', { ...phone, notice: 'phone-expired' }],
  ...each('account/phone-code', phoneCode, [
    'code-missing',
    'code-malformed',
    'wrong-code',
    'expired',
    'wait',
    'resend-wait',
    'too-many',
    'closed',
    'unavailable',
  ]),
  ['account/phone-code', { ...phoneCode, notice: 'phone-other' }],
  ['account/phone-remove', { ...base, id: 'p1', hint: '78' }],
  ['account/backup', { ...base, before: 'b1', madeAt: Date.UTC(2025, 2, 1) }],
  ['account/backup', base],
  ['account/backup', { ...base, notice: 'backup-stale' }],
  ...each('account/backup-new', newBackup, ['not-saved']),
  ...each('account/backup-saved', { ...base, made: 'b2' }, ['not-saved']),
]
