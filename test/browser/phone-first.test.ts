/** J3.2 and J6 on the phone that the app is on: opening it comes first, and the entry has the name that its person gives it. */
import { afterEach, expect, test } from 'vitest'
import { MINUTE } from '../../src/lib/time.ts'
import { type RunningApp, startApp } from '../support/app/app.ts'
import { clockOfAllTests, pass } from '../support/app/clock.ts'
import { DESKTOP, launchChromium, PHONE } from '../support/browser/chromium.ts'
import { readQr } from '../support/browser/qr-reader.ts'
import { FRESH, type Owner, settle, startSettings } from '../support/browser/settings-visitor.ts'
import { keyOnPage } from '../support/browser/two-step-visitor.ts'
import type { Variant } from '../support/browser/variants.ts'
import { forAllTests } from '../support/runner/made.ts'

clockOfAllTests()
const app = forAllTests(startSettings)
const browser = forAllTests(launchChromium)
let sanne: Owner

afterEach(() => sanne?.close())

/** Taller than any page here, so that a picture of it is not taken of another screen. */
const SCREEN = { width: PHONE.width, height: 1500 }
const TOUCHED = { viewport: SCREEN, isMobile: true, hasTouch: true }
/** Passes the check of a citizen service number. */
const CITIZEN = '111222333'

async function offered(variant: Variant, at: RunningApp): Promise<void> {
  sanne = await settle(at, browser, variant, { has: 'password' })
  await sanne.follow('account.twoStep.setUp')
  await sanne.press('enroll.offer.enable')
}

const entryIn = (otpauth: string) => decodeURIComponent(new URL(otpauth).pathname).slice('/Sigma ID:'.length)

async function answered(key: string): Promise<void> {
  await sanne.press('action.next')
  await sanne.fill('code.digits', sanne.digits(key))
  await sanne.press('action.next')
}

test.each<[...Variant, name: string]>([
  ['nl-touched', 'nl', { ...TOUCHED, colorScheme: 'dark' }, 'iPhone van Sanne'],
  ['en-touched-plain', 'en', { ...TOUCHED, javaScriptEnabled: false }, 'Sanne’s iPhone'],
])('%s: the app opens first, and its entry has a name of one’s own, also on the next phone', async (...given) => {
  const [slug, locale, options, name] = given
  await offered([slug, locale, options], app)
  const { page, say, email, context } = sanne
  const scripts = options.javaScriptEnabled !== false
  if (scripts) await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: say('enroll.app.other') }).click()
  await sanne.stands('enroll.scan.set', 'phone-1-scan')
  const open = page.getByRole('link', { name: say('enroll.scan.open'), exact: true })
  const link = async () => (await open.getAttribute('href')) ?? ''
  // Who is signing in, and the way to another account, stand above.
  const controls = page
    .locator('.touch, h1 ~ details, h1 ~ form:has([name=label])')
    .locator('a, button, summary, input')
  expect(await controls.locator('visible=true').first().textContent()).toBe(say('enroll.scan.open'))
  const secret = new URL(await link()).searchParams.get('secret')
  expect(await page.locator('.qr:visible').count()).toBe(0)
  const copy = page.getByRole('button', { name: say('enroll.scan.copy') })
  expect(await copy.count()).toBe(scripts ? 1 : 0)
  if (scripts) {
    await copy.click()
    await page.getByText(say('copy.done')).waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret)
  }
  expect(await readQr(page)).toBe(await link())

  await page.getByText(say('enroll.name.choose')).click()
  await sanne.fill('enroll.name.label', `Sanne ${CITIZEN}`)
  await sanne.press('action.next')
  await page.getByText(say('account.app.rename.error.not-allowed')).waitFor()
  expect(await page.getByLabel(say('enroll.name.label')).inputValue()).toBe(`Sanne ${CITIZEN}`)
  await sanne.sound(`${slug}-phone-2-name-refused`)
  await sanne.fill('enroll.name.label', name)
  // What was scanned before would not have this name: the page with the key comes once more.
  await sanne.press('action.next')
  await page.locator('strong').getByText(`${name} (${email})`, { exact: true }).waitFor()
  expect([entryIn(await link()), new URL(await link()).searchParams.get('secret')]).toEqual([
    `${name} (${email})`,
    secret,
  ])
  const key = await keyOnPage(page)
  expect(key).toBe(secret)
  await answered(key)
  await sanne.press('action.skip')
  await page.getByLabel(say('enroll.backup.saved')).check()
  await sanne.press('action.next')
  await sanne.press('enroll.done.continue')
  await page.waitForURL(`${app.origin}/account`)
  sanne.key = key
  pass(FRESH + MINUTE)
  await sanne.follow('account.action.move', name)
  expect(await page.textContent('main')).toContain(name)
  await sanne.prove()
  await sanne.press('action.next')
  await open.waitFor()
  expect(entryIn(await link())).toBe(`${name} (${email}) (2)`)
  await answered(await keyOnPage(page))
  await sanne.notice('app-moved')
  expect(await sanne.row(name).count()).toBe(1)
  expect(await sanne.told('app-moved')).toContain(`${name} (${email}) (2)`)
})

const houseless = forAllTests(() => startApp({ settings: { twoStep: { companyApp: { name: '' } } } }))

test('where there is no house app nobody is asked to choose; a desk scans, and names the entry', async () => {
  await offered(['en-desk', 'en', { viewport: DESKTOP }], houseless)
  const { page, say, email } = sanne
  await sanne.stands('enroll.scan.title', 'phone-6-desk')
  expect(await page.locator('.progress').textContent()).toBe(say('enroll.progress', { at: 1, of: 4 }))
  expect(await page.getByRole('link', { name: say('enroll.scan.open') }).count()).toBe(0)
  await page.getByText(say('enroll.scan.noApp')).click()
  for (const known of ['Google Authenticator, App Store', 'Microsoft Authenticator, Google Play'])
    expect(await page.getByRole('link', { name: known }).isVisible()).toBe(true)
  await page.getByText(say('enroll.name.choose')).click()
  await sanne.fill('enroll.name.label', 'Werk')
  await sanne.press('enroll.name.use')
  await page.locator('strong').getByText(`Werk (${email})`).waitFor()
  await sanne.sound('en-desk-phone-7-named')
  expect(entryIn(await readQr(page))).toBe(`Werk (${email})`)
  // And none again.
  await sanne.fill('enroll.name.label', '')
  await sanne.press('enroll.name.use')
  await page.locator('strong').getByText(`Werk (${email})`).waitFor({ state: 'detached' })
  expect(entryIn(await readQr(page))).toBe(email)
})
