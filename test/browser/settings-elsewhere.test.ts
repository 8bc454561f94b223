/** Where one is signed in (J6): remembered devices, sessions, applications, and the end of all of them. */
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../support/app/clock.ts'
import { launchChromium, type Visitor } from '../support/browser/chromium.ts'
import { FRESH, IPHONE, type Owner, settle, startSettings } from '../support/browser/settings-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { forAllTests } from '../support/runner/made.ts'

clockOfAllTests()
const app = forAllTests(startSettings)
const browser = forAllTests(launchChromium)
let sanne: Owner

afterEach(() => sanne?.close())

describe.each(VARIANTS)('%s', (...variant) => {
  const phone = 'Safari, iPhone'

  /** Signs out, and in to an application; whether a code was asked for. */
  async function asksForCode({ page }: Visitor): Promise<boolean> {
    await page.goto(`${app.origin}/session/end`)
    await page.getByRole('button', { name: sanne.say('action.signOut') }).click()
    await page.waitForURL(/success/)
    return signsIn(page)
  }

  async function signsIn(page: Page): Promise<boolean> {
    await page.goto(`${app.portalOrigin}/login`)
    const before = Date.now()
    await sanne.signIn(page)
    expect(page.url()).toBe(`${app.portalOrigin}/`)
    // Whoever reads a code waits for it.
    return Date.now() > before
  }

  test('Forget this device, Forget all devices', async () => {
    sanne = await settle(app, browser, variant, { has: 'app' })
    const { page, say } = sanne
    const handset = await sanne.elsewhere({ userAgent: IPHONE, remember: true })
    const desk = await sanne.elsewhere({ remember: true })
    pass(FRESH + MINUTE)
    await page.reload()
    await sanne.follow('account.device.forget.submit', phone)
    await sanne.prove()
    await sanne.stands('account.device.forget.title', 'settings-41-device')
    await sanne.press('account.device.forget.submit')
    await sanne.notice('device-forgotten')
    expect(await sanne.told('devices-forgotten')).toContain(phone)
    await handset.page.reload()
    expect(await sanne.asked(handset.page)).toBe(false)
    expect([await asksForCode(handset), await asksForCode(desk)]).toEqual([true, false])

    await sanne.follow('account.devices.forget.submit')
    await sanne.stands('account.devices.forget.title', 'settings-42-devices')
    await sanne.press('account.devices.forget.submit')
    await sanne.notice('devices-forgotten')
    await sanne.told('devices-forgotten')
    await page.getByText(say('account.device.none')).waitFor()
    expect(await asksForCode(desk)).toBe(true)
  })

  test('a session elsewhere ends, and with it what was opened there', async () => {
    sanne = await settle(app, browser, variant, { has: 'app' })
    const { page } = sanne
    const handset = await sanne.elsewhere({ userAgent: IPHONE })
    await handset.page.goto(`${app.portalOrigin}/login`)
    await handset.page.getByRole('button', { name: sanne.say('action.signOut') }).waitFor()
    pass(FRESH + MINUTE)
    await page.reload()
    await sanne.follow('account.session.end.submit', phone)
    await sanne.prove()
    await sanne.stands('account.session.end.title', 'settings-43-session')
    await sanne.press('account.session.end.submit')
    await sanne.notice('session-ended')
    expect(await sanne.told('session-ended')).toContain(phone)
    expect(await sanne.row(phone).count()).toBe(0)
    await handset.page.reload()
    expect(await handset.page.getByRole('button', { name: sanne.say('action.signOut') }).count()).toBe(0)
    await handset.page.goto(`${app.origin}/account`)
    expect(await sanne.asked(handset.page)).toBe(true)
  })

  test('Remove an application', async () => {
    sanne = await settle(app, browser, variant, { has: 'app' })
    const { page, say } = sanne
    await page.goto(`${app.portalOrigin}/login`)
    await page.goto(`${app.origin}/account`)
    pass(FRESH + MINUTE)
    await sanne.follow('account.action.remove', 'Sigma Portal')
    await sanne.prove()
    await page.waitForURL(/remove/)
    await sanne.stands('account.application.remove.title', 'settings-44-application', { name: 'Sigma Portal' })
    await sanne.press('account.application.remove.submit')
    await sanne.notice('application-removed')
    expect(await sanne.told('application-removed')).toContain('Sigma Portal')
    await page.getByText(say('account.application.none')).waitFor()
    await page.goto(app.portalOrigin)
    expect(await page.getByRole('button', { name: say('action.signOut') }).count()).toBe(0)
  })

  test('Sign out everywhere', async () => {
    sanne = await settle(app, browser, variant, { has: 'app' })
    const { page } = sanne
    const handset = await sanne.elsewhere({ userAgent: IPHONE, remember: true })
    pass(FRESH + MINUTE)
    await sanne.follow('account.everywhere.end.submit')
    await sanne.prove()
    await sanne.stands('account.everywhere.end.title', 'settings-45-everywhere')
    await sanne.press('account.everywhere.end.submit')
    await sanne.stands('signedOut.title', 'settings-46-signed-out')
    await sanne.told('signed-out-everywhere')
    await page.goto(`${app.origin}/account`)
    await handset.page.reload()
    expect([await sanne.asked(page), await sanne.asked(handset.page)]).toEqual([true, true])
    expect(await signsIn(handset.page)).toBe(true)
  })
})
