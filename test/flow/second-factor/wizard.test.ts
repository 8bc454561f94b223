/** The wizard with pages that are out of date: two tabs, the back button, forms sent twice or too early, time that ran out. */

import { beforeEach, expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { asked } from '../../support/people/asked-people.ts'
import { Person } from '../../support/people/person.ts'
import {
  activated,
  backupCodeOn,
  codeOf,
  keyOn,
  PASSWORD,
  press,
  scanned,
  text,
} from '../../support/people/second-factor.ts'
import { authorize, codesOf, halfSignedIn, smsCode, startTwoStep } from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'

let count = 0
let email = ''
let sanne: Person

clockOfAllTests()

const app = forAllTests(startTwoStep)
beforeEach(async () => {
  count += 1
  email = `wizard${count}@sigma.example`
  sanne = new Person()
  await activated(app, email, sanne)
  await halfSignedIn(app, email, 'payroll', sanne)
})

async function toCode(): Promise<string> {
  await press(sanne, 'enable')
  await press(sanne, 'app:other')
  const key = keyOn(sanne.page)
  await press(sanne, 'scanned')
  return key
}

async function factors(): Promise<string[]> {
  const { durable } = app.core.store
  const account = await asked(durable.people).findAccountByEmail(email)
  return (await asked(durable.people).listAuthenticators(account?.id ?? '')).map(({ kind }) => kind)
}

test('before the code nothing of what comes after it can be reached', async () => {
  await toCode()
  for (const step of ['skip', 'sms-code', 'send', 'resend', 'number', 'saved', 'continue', 'lost', 'kept']) {
    await press(sanne, step, { saved: 'yes', code: '123456', number: '0612345678', country: 'NL' })
    expect(text(sanne.page), step).toContain('6-digit code')
  }
  expect(await factors()).toEqual([])
  expect((await app.inbox()).filter(({ channel }) => channel === 'sms')).toEqual([])
})

test('K-01: a button that only every object has is none, and the page is shown anew', async () => {
  for (const step of ['__proto__', '__defineGetter__', 'constructor', 'valueOf', 'no such step']) {
    await press(sanne, step)
    expect([step, sanne.page.status]).toEqual([step, 200])
  }
  await press(sanne, 'enable')
  expect(text(sanne.page)).toContain('Choose your app')
})

test('a secret that nobody confirmed is void after a day, and going back and forth does not keep it', async () => {
  const key = await toCode()
  for (let hour = 0; hour < 24; hour += 8) {
    pass(8 * HOUR - MINUTE)
    await halfSignedIn(app, email, 'payroll', sanne)
    await press(sanne, 'back')
    expect(keyOn(sanne.page)).toBe(key)
    await press(sanne, 'scanned')
  }
  pass(3 * MINUTE + SECOND)
  await press(sanne, 'code', { code: codeOf(key, Date.now()) })
  expect(text(sanne.page)).toContain('Add an extra layer of security')
  expect(await factors()).toEqual([])
  expect(await toCode()).not.toBe(key)
})

test('a copy of the session alone has a key of its own, and never sees the one that its owner scans', async () => {
  const key = await toCode()
  const thief = sanne.copy()
  thief.cookies = thief.cookies.filter(({ name }) => name.startsWith('sigma-session'))
  await thief.visit(authorize(app, 'payroll'))
  expect(text(thief.page)).toContain('Add an extra layer of security')
  expect(await scanned(thief)).not.toBe(key)
  await press(sanne, 'code', { code: codeOf(key, Date.now()) })
  expect(await factors()).toEqual(['totp'])
})

test('whoever needs eight minutes to install the app has ten for its code', async () => {
  await press(sanne, 'enable')
  pass(8 * MINUTE)
  await press(sanne, 'app:company')
  const key = keyOn(sanne.page)
  pass(8 * MINUTE)
  await press(sanne, 'scanned')
  await press(sanne, 'code', { code: codeOf(key, Date.now()) })
  expect(await factors()).toEqual(['totp'])
})

test('a page of a wizard that has expired leads to its beginning, never to a code without a secret', async () => {
  await press(sanne, 'enable')
  await press(sanne, 'app:other')
  pass(24 * HOUR - MINUTE)
  await halfSignedIn(app, email, 'payroll', sanne)
  const old = sanne.copy()
  pass(2 * MINUTE)
  for (const step of ['scanned', 'back', 'code', 'app:other', 'skip', 'saved', 'continue']) {
    const tab = old.copy()
    await press(tab, step)
    expect(text(tab.page), step).toContain('Add an extra layer of security')
  }
  sanne = await halfSignedIn(app, email)
  const key = await toCode()
  await press(sanne, 'code', { code: codeOf(key, Date.now()) })
  expect(await factors()).toEqual(['totp'])
})

test('after the code no page of before it comes back, and its code counts once', async () => {
  const key = await toCode()
  const old = sanne.copy()
  await press(sanne, 'code', { code: codeOf(key, Date.now()) })
  for (const step of ['enable', 'app:company', 'scanned', 'back', 'lost', 'code']) {
    const tab = old.copy()
    // Tabs of one browser share their cookies.
    tab.cookies = sanne.cookies
    await press(tab, step, { code: codeOf(key, Date.now()) })
    expect(tab.page.html, step).toContain('value="send"')
  }
  expect(await factors()).toEqual(['totp'])
  const elsewhere = await halfSignedIn(app, email)
  await press(elsewhere, 'verify', { code: codeOf(key, Date.now()) })
  expect(elsewhere.page.status).toBe(400)
})

test('the back button from the last page: a form for a number leads to the last page again', async () => {
  const key = await toCode()
  await press(sanne, 'code', { code: codeOf(key, Date.now()) })
  const atNumber = sanne.copy()
  await press(sanne, 'skip')
  const atBackup = sanne.copy()
  await press(sanne, 'saved', { saved: 'yes' })
  for (const step of ['send', 'resend', 'sms-code', 'number', 'skip']) {
    const tab = atNumber.copy()
    await press(tab, step, { number: '0612345678', country: 'NL', code: '123456' })
    expect(tab.page.html, step).toContain('value="continue"')
  }
  for (const step of ['saved', 'skip', 'kept', 'lost', 'enable']) {
    const tab = atBackup.copy()
    await press(tab, step, { saved: 'yes' })
    expect(tab.page.html, step).toContain('value="continue"')
  }
  await press(sanne, 'continue')
  expect(codesOf(sanne)).toHaveLength(1)
  expect(await factors()).toEqual(['totp'])
})

test('a number is added once: its page sent again, or another number from the back button, adds none', async () => {
  const key = await toCode()
  await press(sanne, 'code', { code: codeOf(key, Date.now()) })
  await press(sanne, 'send', { number: '06 12 34 56 78', country: 'NL' })
  const old = sanne.copy()
  const code = await smsCode(app)
  await press(sanne, 'sms-code', { code })
  const backup = backupCodeOn(sanne.page)
  for (const [step, fields] of [
    ['sms-code', { code }],
    ['number', {}],
    ['send', { number: '0687654321', country: 'NL' }],
  ] as const) {
    const tab = old.copy()
    await press(tab, step, { ...fields })
    expect(backupCodeOn(tab.page), step).toBe(backup)
  }
  expect(await factors()).toEqual(['totp', 'sms'])
})

test('two browsers that owe a backup code: the one that is saved last counts, and nobody is stuck', async () => {
  const key = await toCode()
  await press(sanne, 'code', { code: codeOf(key, Date.now()) })
  const browsers: Person[] = []
  for (let each = 0; each < 2; each += 1) {
    pass(MINUTE)
    const browser = await halfSignedIn(app, email)
    await press(browser, 'verify', { code: codeOf(key, Date.now()) })
    browsers.push(browser)
  }
  const [first, second] = browsers as [Person, Person]
  expect(backupCodeOn(first.page)).not.toBe(backupCodeOn(second.page))
  // The second browser's code took the first one's place, so the first is given another instead of a lie.
  await press(first, 'saved', { saved: 'yes' })
  const renewed = backupCodeOn(first.page)
  await press(first, 'saved', { saved: 'yes' })
  expect(codesOf(first)).toHaveLength(1)
  // And the second is done: one code is saved.
  await press(second, 'saved', { saved: 'yes' })
  expect(codesOf(second)).toHaveLength(1)
  const third = await halfSignedIn(app, email)
  await third.visit(`${third.page.url}/challenge/backup`)
  await press(third, 'verify', { code: renewed })
  expect(text(third.page)).toContain('lost for good')
})

test('a second tab that owed a backup code too does not replace the one that was saved', async () => {
  const key = await toCode()
  await press(sanne, 'code', { code: codeOf(key, Date.now()) })
  pass(MINUTE)
  const browser = await halfSignedIn(app, email)
  await press(browser, 'verify', { code: codeOf(key, Date.now()) })
  const tab = browser.copy()
  pass(MINUTE)
  await tab.visit(authorize(app, 'leave', { prompt: 'login' }))
  await tab.submit({ email, password: PASSWORD })
  await press(tab, 'verify', { code: codeOf(key, Date.now()) })
  const shown = backupCodeOn(browser.page)
  expect(backupCodeOn(tab.page)).toBe(shown)
  // Tabs of one browser share their cookies.
  browser.cookies = tab.cookies
  await press(browser, 'saved', { saved: 'yes' })
  tab.cookies = browser.cookies
  const mails = (await app.inbox()).length
  await tab.visit(tab.page.url)
  expect(codesOf(tab)).toHaveLength(1)
  expect((await app.inbox()).length).toBe(mails)
})
