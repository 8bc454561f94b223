/** J4 and J5 as a person does them: the second step at sign-in, by every way there is, and again for what needs more. */
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { SECOND } from '../../src/lib/time.ts'
import type { RunningApp } from '../support/app/app.ts'
import { clockOfAllTests } from '../support/app/clock.ts'
import { launchChromium, type Visitor } from '../support/browser/chromium.ts'
import {
  codeBySms,
  type Equipped,
  equipped,
  open,
  signIn,
  startCampaign,
  WORDS,
} from '../support/browser/two-step-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { codeOf, wrongCode } from '../support/people/second-factor.ts'

let app: RunningApp
let browser: Browser
let people = 0

clockOfAllTests()

beforeAll(async () => {
  app = await startCampaign()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

describe.each(VARIANTS)('%s', (slug, locale, options) => {
  const words = WORDS[locale]
  const scripts = options.javaScriptEnabled !== false
  let email: string
  let number: string
  let own: Equipped
  let sanne: Visitor

  // Somebody new for each test, who has used nothing up; a number is good for a few messages a day.
  beforeEach(async () => {
    people += 1
    email = `${slug}-${people}@sigma.example`
    number = `06 ${30_000_000 + people * 7}`
    own = await equipped(app, email, number)
    sanne = await open(browser, locale, options)
    await signIn(sanne.page, app, locale, email)
  })
  afterEach(() => sanne.close())

  const button = (name: string) => sanne.page.getByRole('button', { name, exact: true })
  const choice = (name: string) => sanne.page.locator('a.choice').filter({ has: sanne.page.getByText(name) })
  const main = () => sanne.page.textContent('main')

  async function verify(label: string, code: string): Promise<void> {
    await sanne.page.getByLabel(label, { exact: true }).fill(code)
    await button(words.verify).click()
  }

  /** The code that the app shows; each works once, so time goes on first. */
  function digits(): string {
    vi.setSystemTime(Date.now() + 31 * SECOND)
    return codeOf(own.key, Date.now())
  }

  async function atPortal(amr: string): Promise<void> {
    await sanne.page.waitForURL(`${app.portalOrigin}/`)
    expect(await sanne.page.textContent('[data-claim=amr]')).toBe(amr)
  }

  async function anotherMethod(name: string): Promise<void> {
    await sanne.page.getByRole('link', { name: words.another }).click()
    await choice(name).click()
  }

  test('the code from the app', async () => {
    expect(await sanne.page.textContent('h1')).toBe(words.challenge)
    expect(await main()).toContain(email)
    expect(await main()).toContain(words.rememberNot)
    expect(await sanne.page.getByLabel(words.remember).isChecked()).toBe(false)
    await sanne.sound(`${slug}-challenge-1-totp`)
    await verify(words.digits, wrongCode(own.key, Date.now()).replace(/(...)/, '$1 '))
    await sanne.page.getByRole('alert').waitFor()
    expect(await sanne.page.locator('#code-help').textContent()).toContain(email)
    await sanne.sound(`${slug}-challenge-1-totp-wrong`)
    await sanne.page.reload()
    await verify(words.digits, digits())
    await atPortal('pwd, otp, mfa')
  })

  test('a code by text message', async () => {
    await sanne.page.getByRole('link', { name: words.another }).click()
    await sanne.sound(`${slug}-challenge-2-methods`)
    expect(await choice(words.text).textContent()).toContain(number.slice(-2))
    expect(await main()).not.toContain(number.slice(-4))
    await choice(words.text).click()
    await sanne.sound(`${slug}-challenge-3-sms`)
    await button(words.send).click()
    await sanne.page.getByLabel(words.fromSms).waitFor()
    await sanne.sound(`${slug}-challenge-3-sms-sent`)
    expect(await sanne.page.getByRole('button', { name: words.resend }).isDisabled()).toBe(scripts)
    const code = await codeBySms(app)
    await verify(words.fromSms, code === '000000' ? '111111' : '000000')
    await sanne.page.getByRole('alert').waitFor()
    await sanne.sound(`${slug}-challenge-3-sms-wrong`)
    await verify(words.fromSms, code)
    await atPortal('pwd, sms, mfa')
  })

  test('nothing is at hand: the help desk, and Cancel', async () => {
    await anotherMethod(words.none)
    await sanne.sound(`${slug}-challenge-4-none`)
    await sanne.page.getByRole('link', { name: words.temporary }).click()
    await verify(words.temporaryCode, 'AAAA-BBBB')
    await sanne.page.getByRole('alert').waitFor()
    await sanne.sound(`${slug}-challenge-4-temporary`)
    await anotherMethod(words.none)
    await sanne.page.getByRole('link', { name: words.noneBack }).click()
    await button(words.cancel).click()
    await sanne.page.waitForURL((url) => url.origin === app.portalOrigin)
    expect(await main()).toContain(words.denied)
    await sanne.sound(`${slug}-challenge-4-canceled`)
  })

  test('the backup code, and the phone is still there', async () => {
    await anotherMethod(words.backupCode)
    await sanne.sound(`${slug}-challenge-5-backup`)
    await verify(words.backupCode, 'AAAA-BBBB')
    await sanne.page.getByRole('alert').waitFor()
    await sanne.sound(`${slug}-challenge-5-backup-wrong`)
    await verify(words.backupCode, own.backupCode.toLowerCase().replaceAll('-', ' '))
    await sanne.page.getByRole('heading', { name: words.lost }).waitFor()
    await sanne.sound(`${slug}-challenge-6-lost`)
    await button(words.lostNo).click()
    await sanne.page.getByRole('heading', { name: words.save }).waitFor()
    own.backupCode = ((await sanne.page.locator('#backup-code').textContent()) ?? '').replaceAll(/\s/g, '')
    await sanne.sound(`${slug}-challenge-6-new-backup`)
    await sanne.page.getByLabel(words.saved).check()
    await button(words.next).click()
    await atPortal('pwd, backup, mfa')
  })

  test('a remembered device saves a code at sign-in, not where an application needs more', async () => {
    await sanne.page.getByLabel(words.remember).check()
    await verify(words.digits, digits())
    await atPortal('pwd, otp, mfa')
    await button(words.signOut).click()
    if (!scripts) await button(words.signOut).click()
    await sanne.page.waitForURL((url) => url.origin === app.portalOrigin)
    await signIn(sanne.page, app, locale, email)
    await atPortal('pwd, device')

    await button(words.approve).click()
    expect(await main()).toContain(words.asks)
    // Approving something is no moment to think about which devices to trust.
    expect(await sanne.page.getByLabel(words.remember).count()).toBe(0)
    await sanne.sound(`${slug}-challenge-7-step-up`)
    await button(words.cancel).click()
    await sanne.page.waitForURL(`${app.portalOrigin}/`)
    expect(await main()).toContain(words.cancelled)
    await sanne.sound(`${slug}-challenge-7-step-up-canceled`)

    await button(words.approve).click()
    await verify(words.digits, digits())
    await sanne.page.waitForURL(`${app.portalOrigin}/`)
    expect(await main()).toContain(words.approved)
    expect(await sanne.page.textContent('[data-claim=acr]')).toBe('urn:sigma:acr:mfa')
    await sanne.sound(`${slug}-challenge-8-approved`)
  })

  test('the backup code, and the phone is lost: a new app under a name of its own', async () => {
    const old = own
    // Tried on another device first: the same code leads on here, and the page there says where it went.
    const elsewhere = await open(browser, locale, options)
    await signIn(elsewhere.page, app, locale, email)
    for (const visitor of [elsewhere, sanne]) {
      await visitor.page.getByRole('link', { name: words.another }).click()
      await visitor.page
        .locator('a.choice')
        .filter({ has: visitor.page.getByText(words.backupCode) })
        .click()
      await visitor.page.getByLabel(words.backupCode, { exact: true }).fill(old.backupCode)
      await visitor.page.getByRole('button', { name: words.verify, exact: true }).click()
      await visitor.page.getByRole('button', { name: words.lostYes, exact: true }).click()
      await visitor.page.getByRole('heading', { name: words.choose }).waitFor()
    }
    await elsewhere.page.reload()
    expect(await elsewhere.page.getByRole('alert').textContent()).toContain(words.elsewhere)
    await elsewhere.sound(`${slug}-challenge-9-elsewhere`)
    await elsewhere.close()
    await sanne.sound(`${slug}-challenge-9-new-phone`)
    await sanne.page.getByRole('button', { name: words.other }).click()
    await sanne.page.getByText(words.manually).click()
    // Apps silently overwrite an entry with the same name.
    expect(await main()).toContain(`${email} (2)`)
    const key = ((await sanne.page.locator('.facts .key').textContent()) ?? '').replaceAll(' ', '')
    await button(words.next).click()
    own = { ...own, key }
    await sanne.page.getByLabel(words.digits).fill(digits())
    await button(words.next).click()
    // The lost phone is out of it, its number too; here it can be added again.
    await sanne.page.getByRole('heading', { name: words.sms }).waitFor()
    await button(words.skip).click()
    await sanne.page.getByLabel(words.saved).check()
    await button(words.next).click()
    await button(words.proceed).click()
    await atPortal('pwd, otp, backup, mfa')
  })
})
