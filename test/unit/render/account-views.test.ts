/** The pages of the security settings: every label by which people and their tools find what they look for. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LOCALES } from '../../../src/lib/locales.ts'
import { defaultBrand, type PageData, views } from '../../../src/render/views.ts'
import { SENTENCES } from '../../../src/web/account/activity.ts'
import { withoutDigests } from '../../support/runner/random.ts'
import { ACCOUNT_PAGES, bare, factors, overview, password } from '../../support/samples/account.ts'

const rendered = views(join(import.meta.dirname, '../../../views'), defaultBrand)
const page = (view: string, data: PageData) => rendered.page(view, 'en', data)
const EVIL = `"><script>alert(1)</script>'`

/** Links in the page's own part, and their labels. */
function links(html: string): Record<string, string> {
  const [main = ''] = html.match(/<main>.*<\/main>/s) ?? []
  const found = [...main.matchAll(/<a\b[^>]*href="(\/(?:account|session)[^"]*)"[^>]*>([^<]*)<\/a>/g)]
  return Object.fromEntries(found.map(([, href = '', label]) => [href, label ?? '']))
}

describe.each(LOCALES)('in %s', (locale) => {
  test.each(ACCOUNT_PAGES)('%s %#: whole, without markup of its own kind missing', (view, data) => {
    const html = rendered.page(view, locale, data)
    expect(html).toMatch(/<title>[^<]+ – Sigma ID<\/title>/)
    expect(html.match(/<h1>/g)).toHaveLength(1)
    expect(withoutDigests(html)).not.toMatch(/undefined|\[object|NaN|(?<!\\p)\{[a-z]\w*\}/i)
    expect(html).not.toMatch(/\s(style|on\w+)=/)
    for (const [form] of html.matchAll(/<form.*?<\/form>/gs)) {
      expect(form).toMatch(/name="csrf"/)
      if (view.startsWith('account/')) expect(form).toMatch(/name="for" value="FOR"/)
    }
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, about = ''] of html.matchAll(/aria-(?:describedby|labelledby)="([^"]*)"/g)) {
      for (const id of about.split(' ')) expect(ids, about).toContain(id)
    }
  })

  test('every sentence of the activity is there', () => {
    const t = rendered.translate(locale)
    for (const event of Object.values(SENTENCES)) expect(t(`account.activity.event.${event}`)).toBeTruthy()
  })
})

test('the overview leads to every change, each by its label', () => {
  expect(links(page('account/overview', overview))).toEqual({
    '/session/end': 'Sign out',
    '/account/password': 'Change password',
    '/account/apps/a0/rename': 'Rename',
    '/account/apps/a0/move': 'Move to a new phone',
    '/account/apps/a0/remove': 'Remove',
    '/account/apps/a1/rename': 'Rename',
    '/account/apps/a1/move': 'Move to a new phone',
    '/account/apps/a1/remove': 'Remove',
    '/account/phone': 'Change phone number',
    '/account/phone/remove': 'Remove',
    '/account/backup-code': 'New backup code',
    '/account/apps/new': 'Add another app',
    '/account/passkeys/k0/rename': 'Rename',
    '/account/passkeys/k0/remove': 'Remove',
    '/account/passkeys/k1/rename': 'Rename',
    '/account/passkeys/k1/remove': 'Remove',
    '/account/passkeys/new': 'Add a passkey',
    '/account/email': 'Change e-mail address',
    '/account/notice-address': 'Change second address',
    '/account/notice-address/remove': 'Remove',
    '/account/language': 'Change language',
    '/account/data': 'Download my data',
    '/account/sessions/s1/end': 'Sign this device out',
    '/account/sessions/s2/end': 'Sign this device out',
    '/account/sign-out-everywhere': 'Sign out everywhere',
    '/account/devices/d0/forget': 'Forget this device',
    '/account/devices/d1/forget': 'Forget this device',
    '/account/devices/forget': 'Forget all devices',
    '/account/applications/portal/remove': 'Remove',
    '/account/applications/roster/remove': 'Remove',
  })
})

test('without two-step verification there is one way, and nothing that needs it', () => {
  const found = links(page('account/overview', bare))
  expect(found['/account/two-step']).toBe('Set up two-step verification')
  expect(Object.keys(found).filter((href) => /apps|passkeys|phone|backup|devices/.test(href))).toEqual([])
})

test('the only app can be removed where nothing demands one, and not where something does', () => {
  const one = { ...factors, apps: factors.apps.slice(0, 1), passkeys: [] }
  const remove = (demanded: boolean) =>
    links(page('account/overview', { ...overview, factors: { ...one, demanded } }))['/account/apps/a0/remove']
  expect(remove(false)).toBe('Remove')
  expect(remove(true)).toBeUndefined()
})

test('an app beside a passkey is not the only one, nor the other way round; a passkey alone is', () => {
  const [passkeys, apps] = [factors.passkeys.slice(0, 1), factors.apps.slice(0, 1)]
  const found = (more: object) => links(page('account/overview', { ...overview, factors: { ...factors, ...more } }))
  const both = found({ apps, passkeys })
  expect([both['/account/apps/a0/remove'], both['/account/passkeys/k0/remove']]).toEqual(['Remove', 'Remove'])
  const alone = found({ apps: [], passkeys })
  expect(alone['/account/passkeys/k0/remove']).toBeUndefined()
  expect(alone['/account/apps/new']).toBe('Add an authenticator app')
})

test('of a passkey: who keeps it, where else it is, when and in which browser it was used, whether it works still', () => {
  const html = page('account/overview', overview)
  const facts = (id: string) => {
    const row = html.slice(html.indexOf(`id="passkey-${id}"`)).split('</li>')[0] ?? ''
    return [...row.matchAll(/<small>([^<]*)/g)].map(([, fact]) => fact)
  }
  expect(facts('k0')).toEqual([
    'In iCloud Keychain, since 3 March 2026',
    'Synced to your other devices',
    'Last used on 3 March 2026 in Safari, iPhone',
  ])
  expect(facts('k1')).toEqual([
    'No longer works: it was made for an earlier address of these pages. Remove it and add a new one.',
    'Since 3 March 2026',
    'On one device only',
    'Made in Chrome, Windows, not used to sign in yet',
  ])
})

test('where there are no passkeys none is offered', () => {
  const none = { ...overview, addsPasskeys: false, factors: { ...factors, passkeys: [] } }
  expect(page('account/overview', none)).not.toMatch(/id="passkeys"|\/account\/passkeys/)
})

test('the session that asks is marked, and ended by signing out only', () => {
  const html = page('account/overview', overview)
  expect(html.match(/>This device</g)).toHaveLength(1)
  expect(html).not.toContain('/account/sessions/s0/end')
})

test('a page that takes something away says what it is about', () => {
  const [, session] = ACCOUNT_PAGES.find(([, data]) => data.of === 'session') ?? []
  const html = page('account/confirm', session ?? overview)
  expect(html).toContain('<strong>Chrome, Windows</strong> Since 3 March 2026 at 10:30')
  expect(html).toContain('<div class="buttons"><button>Sign this device out</button></div>')
  expect(page('account/confirm', { ...overview, ...session, about: { name: undefined } })).toContain('Unknown browser')
})

test('of a phone number only the last two digits are shown', () => {
  expect(page('account/overview', { ...overview, number: '+31612345678' })).not.toContain('6123456')
})

test('a notice is said if it has a sentence; nothing of what the cookie holds is', () => {
  expect(page('account/overview', overview)).toContain('role="status"><p>Your password has been changed.')
  expect(page('account/overview', { ...overview, notice: EVIL })).not.toContain('role="status"')
})

test('the fields of a password tell password managers what they are for, and the server what is asked', () => {
  const html = page('account/password', password)
  expect(html).toMatch(/autocomplete="username".*autocomplete="current-password".*autocomplete="new-password"/s)
  expect(html.match(/<label for="\w+">[^<]+/g)).toEqual([
    '<label for="current">Current password',
    '<label for="password">New password',
    '<label for="repeat">Repeat password',
  ])
  expect(html).toContain('<div class="buttons"><button>Change password</button></div>')
})

test('what is wrong with one field of a password stands at that field, and the first has the keyboard', () => {
  const html = page('account/password', { ...password, current: 'wrong', error: { reason: 'refused' } })
  expect(html).toMatch(/<input id="current"[^>]*aria-describedby="current-error" aria-invalid="true" autofocus>/s)
  expect(html.match(/autofocus/g)).toHaveLength(1)
  expect(html).not.toMatch(/type="password"[^>]*value=/)
})

test('a code of eight digits: numeric keyboard, spaces and dashes allowed', () => {
  const [, code] = ACCOUNT_PAGES.find(([view]) => view === 'account/address-code') ?? []
  const field = page('account/address-code', code ?? overview).match(/<input id="code"[^>]*>/)?.[0] ?? ''
  expect(field).toMatch(/autocomplete="one-time-code".*inputmode="numeric"/s)
  const pattern = new RegExp(`^(?:${field.match(/pattern="([^"]*)"/)?.[1]})$`, 'v')
  expect(['12345678', '1234 5678', ' 1234-5678 '].filter((typed) => !pattern.test(typed))).toEqual([])
  expect(['', '123456', '1234567', '123456789', '1234567a'].filter((typed) => pattern.test(typed))).toEqual([])
})

test('injection: names of people, devices, apps and applications never become markup', () => {
  const evil = {
    account: { ...overview.account, name: EVIL, email: EVIL, noticeEmail: EVIL },
    factors: {
      ...factors,
      apps: factors.apps.map((app) => ({ ...app, label: EVIL })),
      devices: factors.devices.map((device) => ({ ...device, agent: EVIL })),
    },
    sessions: overview.sessions.map((session) => ({ ...session, agent: EVIL, applications: [EVIL] })),
    applications: [{ clientId: EVIL, name: EVIL, since: 0 }],
    activity: overview.activity.map((event) => ({ ...event, ip: EVIL })),
    about: { name: EVIL },
    email: EVIL,
    present: EVIL,
    address: EVIL,
    typed: EVIL,
    action: EVIL,
    for: EVIL,
    linkId: EVIL,
  }
  for (const [view, data] of ACCOUNT_PAGES) {
    const html = page(view, { ...data, ...evil, self: `/x${EVIL}` })
    expect(html, view).not.toContain('<script>')
    expect(html, view).not.toContain('"">')
  }
})
