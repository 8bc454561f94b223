/** A passkey that is set up while signing in (J3): in the place of an app, where an application needs one, where it is offered. */
import { afterEach, describe, expect, test } from 'vitest'
import { clockOfAllTests } from '../support/app/clock.ts'
import { DESKTOP, launchChromium, PHONE } from '../support/browser/chromium.ts'
import { virtualAuthenticator } from '../support/browser/passkeys.ts'
import { IPHONE, type Owner, settle, startSettings } from '../support/browser/settings-visitor.ts'
import type { Variant } from '../support/browser/variants.ts'
import { PASSWORD } from '../support/people/second-factor.ts'
import { authorize } from '../support/people/second-factor-attack.ts'
import { forAllTests } from '../support/runner/made.ts'

clockOfAllTests()
const app = forAllTests(startSettings)
const browser = forAllTests(launchChromium)
let sanne: Owner

afterEach(() => sanne?.close())

const DARK = { isMobile: true, hasTouch: true, userAgent: IPHONE, colorScheme: 'dark' as const }

describe.each<[...Variant, choice: string]>([
  ['nl-phone', 'nl', { viewport: PHONE, ...DARK }, 'enroll.device.phone'],
  ['en-desk', 'en', { viewport: DESKTOP }, 'enroll.device.other'],
])('%s', (slug, locale, options, choice) => {
  const variant: Variant = [slug, locale, options]

  /** On the page that asks for an app. */
  async function choosing(): Promise<void> {
    await sanne.follow('account.twoStep.setUp')
    await sanne.press('enroll.offer.enable')
  }

  const device = () => sanne.page.getByRole('button', { name: sanne.say(choice) })

  test('this device in the place of an app: first of the choices, one gesture, another that shows that it works, and none after', async () => {
    sanne = await settle(app, browser, variant, { has: 'password' })
    const { page, say } = sanne
    const authenticator = await virtualAuthenticator(page, { present: true })
    await choosing()
    await device().waitFor()
    expect(await page.locator('.choice:visible').first().textContent()).toContain(say(choice))
    await sanne.stands('enroll.app.title', 'passkey-wizard-1-choice')
    await authenticator.verify(false)
    await device().click()
    await page.getByText(say('passkey.create.canceled')).waitFor()
    await sanne.sound(`${slug}-passkey-wizard-2-canceled`)
    expect(await page.getByRole('button', { name: say('enroll.app.other') }).isVisible()).toBe(true)
    await authenticator.verify(true)
    await device().click()
    await sanne.stands('enroll.passkey.confirm.title', 'passkey-wizard-8-confirm')
    await authenticator.verify(false)
    await sanne.press('passkey.signIn')
    await page.getByText(say('passkey.confirm.canceled')).waitFor()
    await sanne.sound(`${slug}-passkey-wizard-9-confirm-canceled`)
    await authenticator.verify(true)
    await sanne.press('passkey.signIn')
    await sanne.stands('enroll.sms.title', 'passkey-wizard-3-sms')
    const [kept] = await authenticator.passkeys()
    expect(kept).toMatchObject({ isResidentCredential: true, userName: sanne.email })
    await sanne.press('action.skip')
    await page.getByLabel(say('enroll.backup.saved')).check()
    await sanne.press('action.next')
    await sanne.stands('enroll.done.title', 'passkey-wizard-4-done')
    await sanne.press('enroll.done.continue')
    await page.waitForURL(`${app.origin}/account`)
  })

  test('whoever was shown a canceled dialog sets up an app as ever', async () => {
    sanne = await settle(app, browser, variant, { has: 'password' })
    const authenticator = await virtualAuthenticator(sanne.page, { present: true, verified: false })
    await choosing()
    await device().click()
    await sanne.page.getByText(sanne.say('passkey.create.canceled')).waitFor()
    await sanne.page.getByRole('button', { name: sanne.say('enroll.app.other') }).click()
    await sanne.page.locator('.qr').first().waitFor({ state: 'attached' })
    expect(await authenticator.passkeys()).toEqual([])
  })

  test('an application needs one: it is made on the page that says so, and used', async () => {
    sanne = await settle(app, browser, variant, { has: 'app' })
    const { page, say } = sanne
    const authenticator = await virtualAuthenticator(page, { present: true, verified: false })
    await page.goto(authorize(app, 'portal', { claims: '{"id_token":{"acr":{"essential":true,"value":"phr"}}}' }))
    await sanne.stands('enroll.passkey.needed', 'passkey-wizard-5-needed')
    await sanne.press('enroll.passkey.create')
    await page.getByText(say('passkey.create.canceled')).waitFor()
    await sanne.sound(`${slug}-passkey-wizard-6-needed-canceled`)
    await authenticator.verify(true)
    await sanne.press('enroll.passkey.create')
    await sanne.press('passkey.signIn')
    await page.waitForURL(`${app.portalOrigin}/**`)
    expect(await authenticator.passkeys()).toHaveLength(1)
  })

  test('it is offered after a sign-in in a browser that can: taken, or left for later', async () => {
    sanne = await settle(app, browser, variant, { has: 'app' })
    const { page, say, context } = sanne
    const authenticator = await virtualAuthenticator(page)
    await context.clearCookies()
    await page.goto(`${app.origin}/account`)
    await page.locator('[name=platform][value=yes]').waitFor({ state: 'attached' })
    await sanne.fill('field.email', sanne.email)
    await sanne.fill('login.password', PASSWORD)
    await sanne.press('action.signIn')
    await sanne.fill('code.digits', sanne.digits())
    await sanne.press('challenge.verify')
    await sanne.stands('enroll.passkey.offer', 'passkey-wizard-7-offer')
    for (const answer of ['enroll.passkey.later', 'enroll.passkey.never'])
      expect(await page.getByRole('button', { name: say(answer), exact: true }).isVisible()).toBe(true)
    await authenticator.attend(true)
    await sanne.press('enroll.passkey.create')
    await page.waitForURL(`${app.origin}/account`)
    expect(await authenticator.passkeys()).toHaveLength(1)
  })

  test.each([
    ['only a security key', { usb: true }],
    ['a device that cannot tell who holds it', { verifies: false }],
  ])('with %s the choice is not shown', async (_what, has) => {
    sanne = await settle(app, browser, variant, { has: 'password' })
    await virtualAuthenticator(sanne.page, { present: true, ...has })
    await choosing()
    await sanne.page.getByRole('button', { name: sanne.say('enroll.app.other') }).waitFor()
    // By then the browser has said whether it can: the answer to this comes after the one to the page.
    await sanne.page.evaluate('PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()')
    expect(await device().isVisible()).toBe(false)
  })
})
