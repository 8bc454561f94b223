/** The authenticator app in the security settings (J6): the first one, and the move to a new phone. */
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../support/app/clock.ts'
import { launchChromium } from '../support/browser/chromium.ts'
import { readQr } from '../support/browser/qr-reader.ts'
import { FRESH, type Owner, settle, startSettings } from '../support/browser/settings-visitor.ts'
import { keyOnPage } from '../support/browser/two-step-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { wrongCode } from '../support/people/second-factor.ts'
import { forAllTests } from '../support/runner/made.ts'

clockOfAllTests()
const app = forAllTests(startSettings)
const browser = forAllTests(launchChromium)
let sanne: Owner

afterEach(() => sanne?.close())

describe.each(VARIANTS)('%s', (...variant) => {
  const [slug, , options] = variant

  async function answer(code: string): Promise<void> {
    await sanne.fill('code.digits', code)
    await sanne.press('action.next')
  }

  /** At the second step of a sign-in. */
  async function refuses(page: Page, code: string): Promise<void> {
    await page.getByLabel(sanne.say('code.digits'), { exact: true }).fill(code)
    await page.getByRole('button', { name: sanne.say('challenge.verify') }).click()
    await page.getByRole('alert').waitFor()
  }

  test('Set up two-step verification', async () => {
    sanne = await settle(app, browser, variant, { has: 'password' })
    const { page, say } = sanne
    await page.getByText(say('account.twoStep.off'), { exact: true }).waitFor()
    await sanne.stands('account.title', 'settings-11-off')
    await sanne.follow('account.twoStep.setUp')
    await sanne.stands('enroll.offer.title', 'settings-12-offer')
    await sanne.press('enroll.offer.enable')
    await page.getByRole('button', { name: say('enroll.app.other') }).click()
    sanne.key = await keyOnPage(page)
    await sanne.press('action.next')
    await answer(sanne.digits())
    await sanne.press('action.skip')
    await page.getByLabel(say('enroll.backup.saved')).check()
    await sanne.press('action.next')
    await sanne.press('enroll.done.continue')
    await page.waitForURL(`${app.origin}/account`)
    expect(await sanne.row(sanne.email).count()).toBe(1)
    await sanne.told('two-step-on')
  })

  test('Move to a new phone: the old app works until the new one has answered', async () => {
    sanne = await settle(app, browser, variant, { has: 'app' })
    const { page, say, email } = sanne
    const old = sanne.key
    pass(FRESH + MINUTE)
    await sanne.follow('account.action.move', email)
    await sanne.prove()
    await sanne.stands('account.app.move.title', 'settings-13-move')
    await sanne.press('action.next')
    // Only a screen that is touched is perhaps the phone with the app itself.
    expect(await page.getByRole('link', { name: say('enroll.scan.open') }).isVisible()).toBe(options.hasTouch === true)
    await page.getByText(say('enroll.scan.manually')).click()
    await sanne.stands(options.hasTouch ? 'enroll.scan.set' : 'enroll.scan.title', 'settings-14-scan')
    const key = await keyOnPage(page)
    expect(key).not.toBe(old)
    expect(new URL(await readQr(page)).searchParams.get('secret')).toBe(key)
    await sanne.press('action.next')
    await sanne.stands('enroll.code.title', 'settings-15-code')
    await answer(wrongCode(key, Date.now()).replace(/(...)/, '$1 '))
    await page.getByRole('alert').waitFor()
    await sanne.sound(`${slug}-settings-15-code-wrong`)
    // Signs in with the old one.
    const other = await sanne.elsewhere()
    expect(other.page.url()).toBe(`${app.origin}/account`)

    sanne.key = key
    await answer(sanne.digits())
    await sanne.notice('app-moved')
    expect(await sanne.told('app-moved')).toContain(`${email} (2)`)
    await sanne.sound(`${slug}-settings-16-moved`)
    await other.page.reload()
    expect(await sanne.asked(other.page)).toBe(true)
    await sanne.signIn(other.page)
    expect(other.page.url()).toBe(`${app.origin}/account`)
    pass(FRESH + MINUTE)
    await other.page.goto(`${app.origin}/account/apps/new`)
    await refuses(other.page, sanne.digits(old, key))
    await sanne.prove(other.page)
  })
})
