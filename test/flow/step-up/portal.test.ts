/** **Approve payroll run**, from a remembered device: the demonstration portal before the real provider, end to end. */
import { expect, test } from 'vitest'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD, press, text } from '../../support/people/second-factor.ts'
import { due, nextCode, oblige, obligeAll, type Someone, somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const APPROVED = 'The payroll run is approved.'

const app = forAllTests(startApp)
clockOfEachTest()

async function signIn({ browser, email }: Someone): Promise<void> {
  await browser.visit(`${app.portalOrigin}/login`)
  await browser.submit({ email, password: PASSWORD })
}

function approve({ browser }: Someone): Promise<unknown> {
  return browser.submit(
    {},
    browser.forms().findIndex(({ action }) => action === '/approve'),
  )
}

/** What the portal's page says of the sign-in. */
function claim({ browser }: Someone, name: string): string | undefined {
  return new RegExp(`\\b${name} (.+?) (?:Methods|sid)\\b`).exec(text(browser.page))?.[1]
}

/** Somebody who has an app, elsewhere: in another browser, which is remembered. */
async function onRememberedDevice(): Promise<Someone> {
  const who = await somebody(app)
  await signIn(who)
  await approve(who)
  expect(await obligeAll(who)).toEqual(['enroll'])
  expect(text(who.browser.page)).toContain(APPROVED)

  who.browser = new Person()
  await signIn(who)
  await press(who.browser, 'verify', { code: nextCode(who), remember: 'yes' })
  // The next day: the session is over, the device is not forgotten.
  pass(DAY)
  await signIn(who)
  expect([due(who.browser), claim(who, 'acr')]).toEqual([undefined, 'urn:sigma:acr:known-device'])
  return who
}

test('a remembered device: one page, the code, and the run is approved with mfa', async () => {
  const who = await onRememberedDevice()
  const { browser } = who
  const authenticated = claim(who, 'auth_time')
  pass(10 * MINUTE)
  browser.trail.length = 0
  await approve(who)
  expect(due(browser)).toBe('code')
  expect(text(browser.page)).toContain('Sigma Portal')
  await oblige(who)

  expect(browser.page.url).toBe(`${app.portalOrigin}/`)
  expect(text(browser.page)).toContain(APPROVED)
  // Not the one that goes on by itself.
  const pages = browser.trail.filter(
    ({ url, status, next }) => url.startsWith(app.origin) && status === 200 && next === undefined,
  )
  expect(pages).toHaveLength(1)
  expect(claim(who, 'acr')).toBe('urn:sigma:acr:mfa')
  expect(authenticated).toMatch(/\d\d:\d\d$/)
  expect(claim(who, 'auth_time')).toBe(authenticated)

  browser.trail.length = 0
  await browser.visit(`${app.portalOrigin}/`)
  await approve(who)
  expect(text(browser.page)).toContain(APPROVED)
  expect(browser.trail.filter(({ url }) => url.startsWith(app.origin))).toEqual([])
})

test('Cancel: the portal says that nothing was approved, and the person is still signed in', async () => {
  const who = await onRememberedDevice()
  await approve(who)
  await who.browser.submit({ action: 'cancel' })
  expect(who.browser.page.url).toBe(`${app.portalOrigin}/`)
  expect(text(who.browser.page)).toContain('Nothing was approved')
  expect([text(who.browser.page).includes(APPROVED), claim(who, 'acr')]).toEqual([false, 'urn:sigma:acr:known-device'])
})
