/** What the domain passes to each notice, as it does, and the two links that some may hold. */
import type { NoticeName } from '../../../src/accounts/notify.ts'

export const SETTINGS = 'https://id.sigma.example/account'
const TOKEN = 'q7Zr2mXw9Kd4Tn1Vb8Yc5Hs3Lf6Jg0PaEuRoIiWxQk'
export const CANCEL = `https://id.sigma.example/recovery/${TOKEN}`
export const UNDO = `https://id.sigma.example/undo/${TOKEN}`
export const CASE = '40718265'

/** Given with every notice. */
export const ALWAYS = {
  name: 'Sanne',
  email: 'sanne@sigma.example',
  at: Date.UTC(2025, 0, 1),
  settings: SETTINGS,
  home: 'https://portal.sigma.example/',
}

export const NOTICE_SAMPLES: Record<NoticeName, Record<string, unknown>[]> = {
  'password-changed': [{}],
  'password-closed': [{}],
  'two-step-on': [{ method: 'totp' }],
  'two-step-off': [{}],
  'app-added': [{ label: 'Telefoon van het werk' }],
  'app-moved': [{ from: 'Oude telefoon', to: 'Nieuwe telefoon' }],
  'app-switched': [{ from: 'Nmbrs', to: 'sanne@sigma.example' }],
  'app-renamed': [{ from: 'Telefoon', to: 'Tablet' }],
  'app-removed': [{ label: 'Tablet' }],
  'passkey-added': [{ label: 'iCloud Keychain' }],
  'passkey-renamed': [{ from: 'iCloud Keychain', to: 'iPhone van Sanne' }],
  'passkey-removed': [{ label: 'iCloud Keychain' }],
  'passkey-counted-back': [{ label: 'YubiKey 5' }],
  'passkey-switched': [{ from: 'Nmbrs', label: 'iCloud Keychain' }],
  'sms-added': [{ hint: '78' }],
  'sms-removed': [{ hint: '78' }],
  'backup-code-new': [{}],
  'backup-code-typed': [{}],
  'backup-code-used': [{}],
  'factor-closed': [{ method: 'sms' }],
  'factor-failed': [{ count: 3 }],
  'device-remembered': [{ agent: 'Firefox, Windows' }],
  'device-misused': [{ agent: 'Firefox, Windows' }],
  'devices-forgotten': [{ count: 4 }, { count: 1, agent: 'Safari, iPhone' }],
  'session-ended': [{ agent: 'Safari, iPhone' }, { agent: undefined }],
  'signed-out-everywhere': [{}],
  'application-removed': [{ application: 'Sigma Portal' }],
  'language-changed': [{}],
  'organization-changed': [{}],
  'name-changed': [{ name: 'Sanne de Vries' }],
  'roles-changed': [{ roles: ['help-desk'] }, { roles: [] }],
  'more-time': [{ until: Date.UTC(2025, 2, 1) }],
  'no-more-time': [{}],
  'data-downloaded': [{}],
  'email-changed': [
    { newEmail: 'sanne@home.example', undoHref: UNDO, days: 7 },
    { newEmail: 'sanne@home.example', days: 7 },
  ],
  'email-replaced': [
    { newEmail: 'sanne@home.example', undoHref: UNDO, days: 7 },
    { newEmail: 'sanne@home.example', days: 7 },
  ],
  'email-restored': [
    {},
    {
      removed: [{ method: 'totp', label: 'Telefoon van een ander', createdAt: Date.UTC(2025, 0, 1) }],
      kept: [
        { method: 'sms', label: '78', createdAt: Date.UTC(2024, 0, 1) },
        { method: 'backup', label: undefined, createdAt: Date.UTC(2024, 0, 1) },
      ],
    },
    { removed: [], kept: [], stranded: true },
  ],
  'notice-address-added': [{ noticeEmail: 'sanne@home.example' }],
  'notice-address-removed': [{ noticeEmail: 'sanne@home.example' }],
  'recovery-requested': [{ number: CASE, cancelHref: CANCEL }, { number: CASE }],
  'recovery-canceled': [{ number: CASE }],
  'recovery-issued': [{ number: CASE }],
  'recovery-declined': [{ number: CASE }],
  'account-disabled': [{}],
  'account-enabled': [{}],
  'account-erased': [{}],
}
