/** Passkeys in the security settings (J6): one more, another name, one less, and what a device says that will not. */
import { afterEach, describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../support/app/clock.ts'
import { launchChromium } from '../support/browser/chromium.ts'
import { type VirtualAuthenticator, virtualAuthenticator } from '../support/browser/passkeys.ts'
import { FRESH, type Owner, settle, startSettings } from '../support/browser/settings-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { forAllTests } from '../support/runner/made.ts'

clockOfAllTests()
const app = forAllTests(startSettings)
const browser = forAllTests(launchChromium)
let sanne: Owner

afterEach(() => sanne?.close())

const scripted = ([, , { javaScriptEnabled = true }]: (typeof VARIANTS)[number]) => javaScriptEnabled

describe.each(VARIANTS.filter(scripted))('%s', (...variant) => {
  const [slug] = variant

  /** In front of the page that adds one, with a device that somebody holds. */
  async function adding(synced = true): Promise<VirtualAuthenticator> {
    sanne = await settle(app, browser, variant, { has: 'app' })
    const device = await virtualAuthenticator(sanne.page, { present: true, synced })
    await sanne.follow('account.passkey.new.title')
    await sanne.stands('account.passkey.new.title', 'settings-30-passkey-new')
    return device
  }

  async function add(): Promise<void> {
    await sanne.press('account.passkey.new.title')
    await sanne.page.getByText(sanne.say('account.notice.passkey-added'), { exact: true }).waitFor()
  }

  /** What the device made comes to nothing, and the page says why; everything is as it was. */
  async function refused(key: string, picture: string): Promise<void> {
    await sanne.press('account.passkey.new.title')
    await sanne.page.getByRole('status').getByText(sanne.say(key), { exact: true }).waitFor()
    await sanne.sound(`${slug}-${picture}`)
  }

  const names = () => sanne.page.locator('strong[id^=passkey-]').allInnerTexts()

  test('Add, Rename, Remove: the device follows', async () => {
    const device = await adding()
    await add()
    await sanne.stands('account.passkey.rename.first', 'settings-31-passkey-name')
    await sanne.told('passkey-added')
    await sanne.fill('account.passkey.rename.label', 'iPhone van Sanne')
    await sanne.press('account.passkey.rename.submit')
    await sanne.notice('passkey-renamed')
    expect(await names()).toEqual(['iPhone van Sanne'])
    await sanne.stands('account.title', 'settings-32-passkeys')
    const [kept] = await device.passkeys()
    expect([kept?.isResidentCredential, kept?.userName]).toEqual([true, sanne.email])
    expect(kept?.userDisplayName).toMatch(/^Sanne de Vries/)

    pass(FRESH + MINUTE)
    await sanne.follow('account.action.remove', 'iPhone van Sanne')
    // A passkey is proof enough to look after passkeys with.
    await sanne.press('passkey.signIn')
    await sanne.stands('account.passkey.remove.title', 'settings-33-passkey-remove')
    await sanne.press('account.passkey.remove.submit')
    await sanne.notice('passkey-removed')
    await sanne.told('passkey-removed')
    await sanne.stands('account.title', 'settings-34-no-passkeys')
    expect(await names()).toEqual([])
    await expect.poll(() => device.passkeys()).toEqual([])
  })

  test('a device that has one, and somebody who thinks better of it: it is said, and nothing has changed', async () => {
    const device = await adding(false)
    await device.verify(false)
    await refused('passkey.create.canceled', 'settings-35-passkey-canceled')
    await device.verify(true)
    await add()
    await sanne.page.goto(`${app.origin}/account/passkeys/new`)
    // Whoever has one is asked for it before there is another.
    await sanne.press('passkey.signIn')
    await refused('passkey.create.present', 'settings-36-passkey-present')
    await sanne.follow('account.back')
    await sanne.page.getByText(sanne.say('account.passkey.single'), { exact: true }).waitFor()
    expect([(await names()).length, (await device.passkeys()).length]).toEqual([1, 1])
  })

  test('a page that was open too long says so, and the device forgets what came to nothing', async () => {
    const device = await adding()
    pass(6 * MINUTE)
    await sanne.press('account.passkey.new.title')
    await sanne.page.getByRole('alert').getByText(sanne.say('account.passkey.new.error.expired')).waitFor()
    await sanne.sound(`${slug}-settings-37-passkey-expired`)
    await expect.poll(() => device.passkeys()).toEqual([])
    await add()
    expect(await device.passkeys()).toHaveLength(1)
  })
})

test.each(VARIANTS.filter((variant) => !scripted(variant)))(
  '%s: without scripts it is said that there is no way',
  async (...variant) => {
    sanne = await settle(app, browser, variant, { has: 'app' })
    await sanne.follow('account.passkey.new.title')
    await sanne.stands('account.passkey.new.title', 'settings-38-passkey-plain')
    // What is said to browsers without scripts is no text to Playwright.
    const said = sanne.page.locator('noscript p')
    expect([await said.isVisible(), await said.innerText()]).toEqual([true, sanne.say('account.passkey.new.noScript')])
    expect(await sanne.page.getByRole('button', { name: sanne.say('account.passkey.new.title') }).count()).toBe(0)
  },
)
