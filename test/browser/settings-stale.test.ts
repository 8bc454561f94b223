/** Pages of the security settings that stayed open for too long: the code is old, or another tab was first. */
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MINUTE } from '../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../support/app/clock.ts'
import { launchChromium } from '../support/browser/chromium.ts'
import { FRESH, IPHONE, type Owner, settle, startSettings } from '../support/browser/settings-visitor.ts'
import { keyOnPage } from '../support/browser/two-step-visitor.ts'
import { DESK } from '../support/browser/variants.ts'
import { forAllTests } from '../support/runner/made.ts'

clockOfAllTests()
const app = forAllTests(startSettings)
const browser = forAllTests(launchChromium)
let sanne: Owner
/** The other tab. */
let tab: Page

beforeEach(async () => {
  sanne = await settle(app, browser, DESK)
  tab = await sanne.context.newPage()
})
afterEach(() => sanne?.close())

const visit = (path: string, page = tab) => page.goto(app.origin + path)
const press = (key: string) => tab.getByRole('button', { name: sanne.say(key), exact: true }).click()
const refused = (key: string) =>
  sanne.page
    .getByRole('alert')
    .getByText(sanne.say(`account.notice.${key}`))
    .waitFor()

/** The address of the page that a link on a row of the overview leads to. */
async function addressOf(key: string, row: string): Promise<string> {
  const link = sanne.row(row).getByRole('link', { name: sanne.say(key), exact: true })
  return (await link.getAttribute('href')) ?? ''
}

test('every change asks for a code again after ten minutes, and Cancel changes nothing', async () => {
  const { page, say } = sanne
  await sanne.elsewhere({ userAgent: IPHONE, remember: true })
  await page.goto(`${app.portalOrigin}/login`)
  await visit('/account', page)
  const links = page.locator('.panel a[href^="/account"]')
  const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))
  expect(new Set(paths.map((path) => path.replace(/[\w-]{16,}/, ':id'))).size).toBeGreaterThan(16)
  const asked = async (path: string) => {
    await visit(path, page)
    return (await page.getByRole('heading', { level: 1 }).textContent()) === say('challenge.title')
  }
  for (const path of paths) expect([path, await asked(path)]).toEqual([path, false])
  pass(FRESH + MINUTE)
  await visit('/account', page)
  for (const path of paths) expect([path, await asked(path)]).toEqual([path, true])
  await sanne.press('action.cancel')
  await page.waitForURL(`${app.origin}/account`)
  expect(await asked('/account/phone/code')).toBe(true)
})

test('a form that was filled in for too long leads to a code and back to its page, and nothing was done', async () => {
  const { page, say, email } = sanne
  await sanne.follow('account.action.rename', email)
  pass(FRESH + MINUTE)
  await sanne.fill('account.app.rename.label', 'Tablet')
  await sanne.press('account.app.rename.submit')
  await sanne.prove()
  await page.getByRole('heading', { name: say('account.app.rename.title') }).waitFor()
  await visit('/account', page)
  expect([await sanne.row(email).count(), await sanne.row('Tablet').count()]).toEqual([1, 0])
})

test('an app that was removed in another tab', async () => {
  const { email } = sanne
  const remove = await addressOf('account.action.remove', email)
  await sanne.follow('account.action.rename', email)
  await visit(remove)
  await press('account.app.off.submit')
  await tab.waitForURL(`${app.origin}/account`)
  await sanne.fill('account.app.rename.label', 'Tablet')
  await sanne.press('account.app.rename.submit')
  // Nothing is set up any more, so the way there leads through the wizard.
  await sanne.page.getByRole('heading', { name: sanne.say('enroll.offer.title') }).waitFor()
})

test('of two new apps at once the later one is set up', async () => {
  const { page, say, email } = sanne
  await sanne.follow('account.action.move', email)
  await sanne.press('action.next')
  const first = await keyOnPage(page)
  await visit('/account/apps/new')
  await press('action.next')
  await sanne.press('action.next')
  await refused('app-other')
  await sanne.stands('enroll.scan.title', 'settings-61-another-tab')
  expect(await keyOnPage(page)).not.toBe(first)
  expect(await keyOnPage(page)).toBe(await keyOnPage(tab))
  await press('action.next')
  await tab.getByLabel(say('code.digits')).fill(sanne.digits(await keyOnPage(page)))
  await press('action.next')
  await tab.waitForURL(`${app.origin}/account`)
  await sanne.press('action.next')
  await sanne.notice('app-expired')
  await sanne.sound('en-desk-settings-62-finished-elsewhere')
})

test('a number, a backup code and a device that another tab took away', async () => {
  const { page, say } = sanne
  await sanne.elsewhere({ userAgent: IPHONE, remember: true })
  await page.reload()
  await sanne.follow('account.device.forget.submit')
  await visit('/account/devices/forget')
  await press('account.devices.forget.submit')
  await sanne.press('account.device.forget.submit')
  await sanne.notice('gone')
  await sanne.stands('account.title', 'settings-63-gone')

  await sanne.follow('account.action.newBackup')
  await visit('/account/backup-code')
  await press('account.backup.submit')
  await tab.getByRole('heading', { name: say('enroll.backup.title') }).waitFor()
  await sanne.press('account.backup.submit')
  await refused('backup-stale')
  await sanne.stands('account.backup.title', 'settings-64-backup-stale')

  await visit('/account', page)
  await sanne.follow('account.action.remove', say('account.factor.sms'))
  await visit('/account/phone/remove')
  await press('account.phone.remove.submit')
  await tab.waitForURL(`${app.origin}/account`)
  await sanne.press('account.phone.remove.submit')
  await sanne.notice('phone-unknown')
})

test('a session that ended meanwhile: signing in leads back to the page', async () => {
  const { page, say, email } = sanne
  const other = await sanne.elsewhere()
  await sanne.follow('account.action.rename', email)
  await visit('/account/sign-out-everywhere', other.page)
  await other.page.getByRole('button', { name: say('account.everywhere.end.submit') }).click()
  await other.page.waitForURL(/success/)
  await sanne.fill('account.app.rename.label', 'Tablet')
  await sanne.press('account.app.rename.submit')
  await page.getByLabel(say('login.password'), { exact: true }).waitFor()
  await sanne.signIn()
  await page.getByRole('heading', { name: say('account.app.rename.title') }).waitFor()
  expect(await page.getByLabel(say('account.app.rename.label')).inputValue()).toBe(email)
})

test('a page made for somebody who is not signed in here any more', async () => {
  const { page, say } = sanne
  const jan = await settle(app, browser, DESK)
  await sanne.follow('account.language.change')
  await visit('/session/end')
  await press('action.signOut')
  await tab.waitForURL(/success/)
  await visit('/account')
  await jan.signIn(tab)
  await page.getByRole('button', { name: 'Nederlands' }).click()
  await sanne.stands('error.stale.title', 'settings-65-somebody-else')
  await visit('/account')
  expect(await tab.textContent('html')).toContain(say('account.title'))
  await jan.close()
})
