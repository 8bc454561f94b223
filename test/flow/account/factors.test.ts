/** One's own second factors, changed in the security settings of the whole product. */
import { describe, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { at, open, settled, told } from '../../support/app/settings.ts'
import { Person } from '../../support/people/person.ts'
import { backupCodeOn, codeOf, keyOn, PASSWORD, press } from '../../support/people/second-factor.ts'
import { due, nextCode, type Someone, somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const app = forAllTests(() =>
  startApp({
    settings: {
      twoStep: { campaign: { organizations: { Strict: { start: '2020-01-01', deadline: '2020-01-02' } } } },
    },
  }),
)
clockOfEachTest()

const now = () => Date.now()
const someone = () => settled(app, now)

/** The address of what can be done with the only app. */
async function appOf({ browser }: Someone, act: string): Promise<string> {
  await browser.visit(`${app.origin}/account`)
  const path = /href="(\/account\/apps\/[\w-]+\/)(?:move|rename|remove)"/.exec(browser.page.html)?.[1]
  if (!path) throw new Error(`no app on ${browser.page.url}`)
  return `${app.origin}${path}${act}`
}

/** In a browser of their own, up to the second step. */
async function elsewhere(who: Someone): Promise<Person> {
  const browser = new Person()
  await browser.visit(`${app.origin}/account`)
  await browser.submit({ email: who.email, password: PASSWORD })
  return browser
}

async function signedInElsewhere(who: Someone): Promise<Person> {
  const browser = await elsewhere(who)
  await press(browser, 'verify', { code: nextCode(who) })
  expect(at(browser)).toBe('/account')
  return browser
}

/** From the QR code to the code of the new app, which comes back with its key. */
async function setUp({ browser }: Someone): Promise<string> {
  const key = keyOn(browser.page)
  await press(browser, 'scanned')
  pass(30 * SECOND)
  await press(browser, 'code', { code: codeOf(key, now()) })
  return key
}

async function codeBySms(): Promise<string> {
  const message = (await app.inbox()).find(({ channel }) => channel === 'sms')
  return /\b\d{6}\b/.exec(message?.text ?? '')?.[0] ?? ''
}

describe('a new phone', () => {
  test('the old app works until the new one has answered, then it is dead, and so is what was signed in elsewhere', async () => {
    const who = await someone()
    await who.browser.visit(await appOf(who, 'move'))
    await who.browser.submit()
    expect(at(who.browser)).toBe('/account/apps/scan')
    const other = await signedInElsewhere(who)

    const key = await setUp(who)
    expect(told(who.browser)).toBe(
      'Your new phone is set up. The old app no longer works, so you can delete its entry.',
    )
    await other.visit(`${app.origin}/account`)
    expect(due(other)).toBe('password')

    const old = await elsewhere(who)
    await press(old, 'verify', { code: nextCode(who, key) })
    expect(due(old)).toBe('code')
    who.enrolled = { key, backupCode: '' }
    await press(old, 'verify', { code: nextCode(who) })
    expect(at(old)).toBe('/account')
    expect(
      (await app.inbox()).filter(({ to, channel }) => to === who.email && channel === 'email').length,
    ).toBeGreaterThan(1)
  })

  test('E-03, OTP-05: what waits is another session’s, and gone after ten minutes', async () => {
    const who = await someone()
    await who.browser.visit(`${app.origin}/account/apps/new`)
    await who.browser.submit()
    const thief = await signedInElsewhere(who)
    await thief.visit(`${app.origin}/account/apps/scan`)
    expect(thief.page.html).not.toContain('otpauth')
    pass(9 * MINUTE)
    await who.browser.visit(`${app.origin}/account/apps/code`)
    pass(61 * SECOND)
    await press(who.browser, 'code', { code: '123456' })
    // By now the second factor is no longer fresh either.
    expect(due(who.browser)).toBe('code')
    await press(who.browser, 'verify', { code: nextCode(who) })
    expect(told(who.browser)).toMatch(/^That QR code is no longer in use/)
  })

  test('OTP-09: five apps, each with a name of its own, and no sixth', async () => {
    const who = await someone()
    for (let apps = 1; apps < 5; apps += 1) {
      await open(app, who, '/account/apps/new')
      await who.browser.submit()
      await setUp(who)
      expect(told(who.browser)).toBe('The new app is set up. From now on its codes work too.')
    }
    const titles = [...who.browser.page.html.matchAll(/<strong id="app-[^"]*">([^<]+)/g)].map(([, title]) => title)
    expect(new Set(titles).size).toBe(5)
    await open(app, who, '/account/apps/new')
    await who.browser.submit()
    expect(told(who.browser)).toBe('You have as many apps as possible. Remove one first.')
  })
})

describe('who may', () => {
  test('E-02: a second factor older than ten minutes changes nothing', async () => {
    const who = await someone()
    await who.browser.visit(await appOf(who, 'rename'))
    pass(10 * MINUTE + SECOND)
    await who.browser.submit({ label: 'Stolen' })
    expect(due(who.browser)).toBe('code')
    await press(who.browser, 'verify', { code: nextCode(who) })
    expect(at(who.browser)).toMatch(/rename$/)
    expect(who.browser.page.html).not.toContain('Stolen')
    await who.browser.submit({ label: 'Work phone' })
    expect(who.browser.page.html).toContain('Work phone')
  })

  test('E-04: no form without this browser’s token, nor from another account’s page', async () => {
    const who = await someone()
    const path = await appOf(who, 'remove')
    await who.browser.visit(path)
    const { csrf = '', ...fields } = who.browser.forms()[0]?.fields ?? {}
    expect((await who.browser.post(path, { ...fields, csrf: 'x' })).status).toBe(403)
    expect((await who.browser.post(path, { csrf, off: 'yes', for: 'x' })).status).toBe(403)
    expect((await who.browser.post(path, { csrf, ...fields }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    await who.browser.visit(`${app.origin}/account`)
    expect(who.browser.page.html).toContain('/move"')
  })

  test('nobody touches the app of somebody else', async () => {
    const mine = await appOf(await someone(), 'remove')
    const other = await someone()
    await other.browser.visit(mine)
    expect(told(other.browser)).toMatch(/^That app is no longer there/)
    await other.browser.visit(await appOf(other, 'remove'))
    await other.browser.post(mine, other.browser.forms()[0]?.fields ?? {})
    expect(told(other.browser)).toMatch(/^That app is no longer there/)
  })
})

describe('the last app', () => {
  test('E-07: it stays where two-step verification is demanded', async () => {
    const who = await somebody(app, 'Strict')
    expect(await open(app, who, '/account')).toEqual(['password', 'enroll'])
    const path = await appOf(who, 'remove')
    await who.browser.visit(path)
    expect(who.browser.page.html).toContain('This app cannot be removed')
    await who.browser.visit(path.replace('remove', 'rename'))
    await who.browser.post(path, { ...who.browser.forms()[0]?.fields, off: 'yes' })
    expect(who.browser.page.html).toContain('This app cannot be removed')
    expect(due(await elsewhere(who))).toBe('code')
  })

  test('elsewhere it goes with a warning, and two-step verification with it', async () => {
    const who = await someone()
    await who.browser.visit(await appOf(who, 'remove'))
    await who.browser.submit()
    expect(told(who.browser)).toMatch(/^Two-step verification is off/)
    expect(at(await elsewhere(who))).toBe('/account')
  })
})

test('a phone number is added and changed by the code that was sent to it, and removed', async () => {
  const who = await someone()
  await open(app, who, '/account/phone')
  await press(who.browser, 'send', { country: 'NL', number: '06 12345671' })
  await press(who.browser, 'code', { code: await codeBySms() })
  expect(told(who.browser)).toMatch(/^Your phone number is added/)
  pass(MINUTE)
  await open(app, who, '/account/phone')
  expect(who.browser.page.html).toContain('ending in <strong>71</strong>')
  await press(who.browser, 'send', { country: 'NL', number: '06 12345672' })
  await press(who.browser, 'code', { code: await codeBySms() })
  expect(told(who.browser)).toMatch(/^Your phone number is changed/)
  await open(app, who, '/account/phone/remove')
  expect(who.browser.page.html).toContain('ending in <strong>72</strong>')
  await who.browser.submit()
  expect(told(who.browser)).toBe('Your phone number is removed.')
})

test('G-01, BKP-05: of two backup codes the new one works, the old one from that moment on does not', async () => {
  const who = await someone()
  await open(app, who, '/account/backup-code')
  const stale = who.browser.copy()
  await who.browser.submit()
  const fresh = backupCodeOn(who.browser.page)
  expect(fresh).not.toBe(who.enrolled?.backupCode)
  expect(who.browser.page.headers.get('cache-control')).toBe('no-store')

  // The same form once more, with the cookies of now: a reload of the page that showed the code.
  stale.cookies = who.browser.cookies
  await stale.submit()
  expect(stale.page.html).toContain('a newer one was made')
  await who.browser.submit({ saved: 'yes' })
  expect(told(who.browser)).toBe('Your new backup code is ready for when you need it.')

  const lost = await elsewhere(who)
  await lost.visit(`${lost.page.url.split('/challenge')[0]}/challenge/backup`)
  await press(lost, 'verify', { code: who.enrolled?.backupCode ?? '' })
  expect(lost.page.html).toContain('This backup code is not right.')
  await press(lost, 'verify', { code: fresh })
  expect(lost.page.html).toContain('value="kept"')
})
