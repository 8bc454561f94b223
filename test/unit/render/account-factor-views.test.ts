/** The views of one's own second factors: what a person, assistive technology and a stranger's text meet there. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Locale } from '../../../src/lib/locales.ts'
import { defaultBrand, type PageData, views } from '../../../src/render/views.ts'
import { withoutDigests } from '../../support/runner/random.ts'
import {
  ACCOUNT_FACTOR_PAGES,
  newBackup,
  newKey,
  phone,
  phoneCode,
  removing,
  waitingApp,
} from '../../support/samples/account-factors.ts'

const LOCALES: Locale[] = ['en', 'nl']
const rendered = views(join(import.meta.dirname, '../../../views'), defaultBrand)
const page = (view: string, data: PageData) => rendered.page(`account/${view}`, 'en', data)
const EVIL = `"><script>alert(1)</script>'`

describe.each(LOCALES)('in %s', (locale) => {
  test.each(ACCOUNT_FACTOR_PAGES)('%s %j', (view, data) => {
    const html = rendered.page(view, locale, data)
    expect(html).toMatch(new RegExp(`^\\s*<!doctype html>\\n<html lang="${locale}">`))
    expect(html.match(/<h1>/g)).toHaveLength(1)
    expect(withoutDigests(html)).not.toMatch(/undefined|\[object|NaN|(?<!\\p)\{[a-z]\w*\}/i)
    expect(html).not.toMatch(/\s(style|on\w+)=/)
    for (const [form] of html.matchAll(/<form.*?<\/form>/gs)) {
      expect(form).toContain('name="csrf" value="CSRF"')
      expect(form).toContain('name="for" value="FOR"')
    }
    // Nobody is stuck: a way back to the overview, or Cancel, except where the code must be saved first.
    if (view !== 'account/backup-new') expect(html).toMatch(/href="\/account"|value="cancel"/)
  })
})

test('what is wrong is said in the title too, and where the keyboard is', () => {
  for (const [view, data] of ACCOUNT_FACTOR_PAGES.filter(([, { error, notice }]) => error || notice)) {
    const html = rendered.page(view, 'en', data)
    expect(html, view).toContain('<title>Error: ')
    expect(html.match(/ autofocus/g), view).toHaveLength(1)
    expect(html.match(/role="alert"/g), view).toHaveLength(1)
  }
})

test('only what can end well is offered: the last app goes with a warning, or not at all', () => {
  const several = page('app-remove', removing)
  expect(several).toContain('<button>Remove</button>')
  expect(several).not.toContain('name="off"')
  const last = page('app-remove', { ...removing, last: true })
  expect(last).toContain('<h1>Turn two-step verification off?</h1>')
  expect(last).toContain('name="off" value="yes"')
  expect(last).toMatch(/only your password protects.*phone number and your backup code/s)
  const needed = page('app-remove', { ...removing, last: true, demanded: true })
  expect(needed).toMatch(/is your only app, and your account must have two-step verification/)
  expect(needed).not.toContain('<form')
  expect(needed).toContain('href="/account/apps/a1/move"')
  expect(needed).toContain('href="/account/apps/new"')
  expect(needed).toContain('href="/account/passkeys/new"')
})

test('the old app keeps working until the new one has answered, and every page of the way says so', () => {
  for (const view of ['app-scan', 'app-code'])
    expect(page(view, { ...newKey, ...waitingApp })).toContain('keeps working until the new app has answered')
  expect(page('app-move', { ...removing, apps: [] })).toContain('Your old app keeps working until')
  expect(page('app-scan', { ...newKey, replaces: undefined })).toContain('Everything that you use now keeps working.')
})

test('SMS-08, SMS-09: of a number the last two digits, and what is risky about text messages', () => {
  const html = page('phone', { ...phone, phone: '+31612345678' })
  expect(html).toMatch(/SIM swap/)
  expect(html).toContain('number ending in <strong>78</strong>')
  expect(html).not.toContain('6123456')
  expect(page('phone-code', phoneCode)).toContain('data-wait="28">Resend code<')
})

test('BKP-03: the page of a new code holds the file to download, and no address that knows the code', () => {
  const html = page('backup-new', newBackup)
  expect(html).toContain('download="sigma-id-backup-code-sanne@sigma.example.txt"')
  const code = newBackup.code.replaceAll('-', '-?')
  expect(html).not.toMatch(new RegExp(`(?:action|src)="[^"]*${code}|href="(?!data:)[^"]*${code}`))
  expect(html).toMatch(/name="saved" value="yes" required/)
})

test('E-09: names of apps, numbers and keys never become markup', () => {
  const evil = { label: EVIL, typed: EVIL, entry: EVIL, replaces: EVIL, waiting: EVIL, number: EVIL, hint: EVIL }
  const more = { id: EVIL, before: EVIL, made: EVIL, code: EVIL, account: EVIL, for: EVIL, issuer: EVIL, key: EVIL }
  const apps = [{ name: EVIL, stores: [{ name: EVIL, href: EVIL }] }]
  const links = { otpauth: EVIL, groups: [EVIL], action: EVIL }
  for (const [view, data] of ACCOUNT_FACTOR_PAGES) {
    const html = rendered.page(view, 'en', { ...data, ...evil, ...more, ...links, apps, name: EVIL })
    expect(html, view).not.toContain('<script>')
    expect(html, view).not.toContain('"">')
  }
})
