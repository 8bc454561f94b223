/** People reload, go back, open a second tab and leave: the wizard stands where it stood, and nothing confirmed is lost. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SECOND } from '../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../support/app/clock.ts'
import { launchChromium, type Visitor } from '../support/browser/chromium.ts'
import { codeBySms, keyOnPage, open, signIn, startCampaign, WORDS } from '../support/browser/two-step-visitor.ts'
import { Person } from '../support/people/person.ts'
import { activated, codeOf, wrongCode } from '../support/people/second-factor.ts'
import { forAllTests } from '../support/runner/made.ts'

const words = WORDS.en

let sanne: Visitor
let page: Page
let email = ''
let count = 0

const app = forAllTests(startCampaign)
const browser = forAllTests(launchChromium)
clockOfEachTest()
beforeEach(async () => {
  count += 1
  email = `sanne${count}@sigma.example`
  await activated(app, email, new Person())
  sanne = await open(browser, 'en', {})
  page = sanne.page
  await signIn(page, app, 'en', email)
})
afterEach(() => sanne.close())

async function press(name: string, where = page): Promise<void> {
  await where.getByRole('button', { name }).click()
}

async function stands(heading: string, where = page): Promise<void> {
  await where.getByRole('heading', { level: 1, name: heading }).waitFor()
}

async function give(label: string, code: string, where = page): Promise<void> {
  await where.getByLabel(label).fill(code)
  await press(words.next, where)
}

/** Reloads, then goes back and asks anew for what stands in the address bar: neither moves the wizard. */
async function unmoved(heading: string): Promise<void> {
  // A page that is still on its way cannot be reloaded.
  await stands(heading)
  await page.waitForLoadState()
  await page.reload()
  await stands(heading)
  await page.goBack()
  await page.waitForLoadState()
  await page.reload()
  await stands(heading)
}

const saveCode = () => page.locator('#backup-code').textContent()

test('reloading and the back button on every page', async () => {
  await press(words.enable)
  await stands(words.choose)
  await unmoved(words.choose)
  await press(words.other)
  await stands(words.scan)
  const key = await keyOnPage(page)
  await unmoved(words.scan)
  expect(await keyOnPage(page)).toBe(key)
  await press(words.next)
  await unmoved('Enter the code from the app')
  await give(words.digits, wrongCode(key, Date.now()))
  await unmoved('Enter the code from the app')
  await give(words.digits, codeOf(key, Date.now()))
  await stands(words.sms)
  await unmoved(words.sms)
  await page.getByLabel(words.number).fill('06 12345610')
  await press(words.send)
  await stands('Check your messages')
  await unmoved('Check your messages')
  await give(words.fromSms, await codeBySms(app))
  await stands(words.save)
  const code = await saveCode()
  await unmoved(words.save)
  expect(await saveCode()).toBe(code)
  await page.getByLabel(words.saved).check()
  await press(words.next)
  await stands(words.on)
  await unmoved(words.on)
  await press(words.proceed)
  await page.waitForURL(`${app.portalOrigin}/`)
  // The request was answered: what stands behind leads on to the application.
  await page.goBack()
  await page.waitForURL(`${app.portalOrigin}/`)
  expect(sanne.complaints.filter((line) => !/status of 4\d\d/.test(line))).toEqual([])
})

test('the back button shows the page that is due, not an old one', async () => {
  await press(words.enable)
  await press(words.other)
  const key = await keyOnPage(page)
  await press(words.next)
  await give(words.digits, codeOf(key, Date.now()))
  await stands(words.sms)
  await page.goBack()
  await page.goBack()
  await stands(words.sms)
})

test('two tabs show one key, and what one has confirmed is confirmed in the other', async () => {
  await press(words.enable)
  await press(words.other)
  const second = await sanne.context.newPage()
  await second.goto(`${app.portalOrigin}/login`)
  await stands(words.scan, second)
  const key = await keyOnPage(page)
  expect(await keyOnPage(second)).toBe(key)
  await press(words.next)
  await give(words.digits, codeOf(key, Date.now()))
  await stands(words.sms)
  await press(words.next, second)
  await stands(words.sms, second)
  await press(words.skip, second)
  const code = await second.locator('#backup-code').textContent()
  await press(words.skip)
  expect(await saveCode()).toBe(code)
  await second.getByLabel(words.saved).check()
  await press(words.next, second)
  await press(words.proceed, second)
  await second.waitForURL(`${app.portalOrigin}/`)
  // Nothing is left to do in the first tab: no second offer, no second app.
  await page.getByLabel(words.saved).check()
  await press(words.next)
  await page.waitForURL(`${app.portalOrigin}/`)
  for (const tab of [second, page]) expect(await tab.textContent('[data-claim=acr]')).toBe('urn:sigma:acr:mfa')
})

test('who leaves before the code is right has nothing; who leaves after it is asked for the code', async () => {
  await press(words.enable)
  await press(words.other)
  await press(words.cancel)
  await page.waitForURL((url) => url.origin === app.portalOrigin)
  const elsewhere = await open(browser, 'en', {})
  await signIn(elsewhere.page, app, 'en', email)
  await stands(words.offer, elsewhere.page)
  await press(words.enable, elsewhere.page)
  await press(words.other, elsewhere.page)
  const key = await keyOnPage(elsewhere.page)
  await press(words.next, elsewhere.page)
  await give(words.digits, codeOf(key, Date.now()), elsewhere.page)
  await stands(words.sms, elsewhere.page)
  await elsewhere.close()

  pass(31 * SECOND)
  const later = await open(browser, 'en', {})
  await signIn(later.page, app, 'en', email)
  await stands(words.challenge, later.page)
  await later.page.getByLabel(words.digits).fill(codeOf(key, Date.now()))
  await press(words.verify, later.page)
  await stands(words.save, later.page)
  await later.close()
})
