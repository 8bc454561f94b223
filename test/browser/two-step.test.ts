/** J3 as a person does it, word by word: from the offer to **Two-step verification is on**. */
import { readFile } from 'node:fs/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { SECOND } from '../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../support/app/clock.ts'
import { launchChromium, type Visitor } from '../support/browser/chromium.ts'
import { codeBySms, keyOnPage, open, signIn, startCampaign, WORDS } from '../support/browser/two-step-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { Person } from '../support/people/person.ts'
import { activated, codeOf, wrongCode } from '../support/people/second-factor.ts'
import { forAllTests } from '../support/runner/made.ts'

let people = 0

const app = forAllTests(startCampaign)
const browser = forAllTests(launchChromium)
clockOfEachTest()

describe.each(VARIANTS)('%s', (slug, locale, options) => {
  const words = WORDS[locale]
  const scripts = options.javaScriptEnabled !== false
  let email: string
  let number: string

  // Somebody new for each test, who has set nothing up; a number is good for a few messages a day.
  beforeEach(async () => {
    people += 1
    email = `${slug}-${people}@sigma.example`
    number = `06 ${30_000_000 + people * 7}`
    await activated(app, email, new Person())
  })

  async function at(sanne: Visitor, heading: string, picture: string): Promise<void> {
    await sanne.page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()
    await sanne.sound(`${slug}-${picture}`)
  }

  test('the offer can wait', async () => {
    const sanne = await open(browser, locale, options)
    const { page } = sanne
    await signIn(page, app, locale, email)
    await at(sanne, words.offer, 'enroll-1-offer')
    expect((await page.textContent('main'))?.replaceAll('\u00a0', ' ')).toContain(words.deadline)
    await page.getByRole('button', { name: words.later }).click()
    await page.waitForURL(`${app.portalOrigin}/`)
    expect(await page.textContent('main')).toContain('urn:sigma:acr:password')
    await sanne.close()
  })

  test('the wizard, from Enable to the portal', async () => {
    const sanne = await open(browser, locale, options)
    const { page, context } = sanne
    const button = (name: string) => page.getByRole('button', { name, exact: true })
    if (scripts) await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.addInitScript(() => {
      Object.assign(globalThis, { print: () => document.body.setAttribute('data-printed', 'yes') })
    })
    await signIn(page, app, locale, email)
    await button(words.enable).click()

    await at(sanne, words.choose, 'enroll-2-app')
    await page.getByRole('button', { name: words.other }).click()
    await at(sanne, options.hasTouch ? words.set : words.scan, 'enroll-3-scan-other')
    // Only a screen that is touched is perhaps the phone with the app itself.
    expect(await page.getByRole('link', { name: words.here }).isVisible()).toBe(options.hasTouch === true)
    expect(await page.locator('.progress').textContent()).toBe(words.second)
    await page.goBack()
    await page.goto(page.url())
    await page.getByText(words.manually).click()
    await at(sanne, options.hasTouch ? words.set : words.scan, 'enroll-3-scan-manually')
    const key = await keyOnPage(page)
    expect(key).toMatch(/^[A-Z2-7]{32}$/)
    expect(await page.textContent('.facts')).toContain(email)
    expect(await button(words.copyKey).count()).toBe(scripts ? 1 : 0)
    if (scripts) {
      await button(words.copyKey).click()
      await page.getByText(words.copied).waitFor()
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key)
    }
    await button(words.next).click()

    await page.getByLabel(words.digits).fill(wrongCode(key, Date.now()).replace(/(...)/, '$1 '))
    await sanne.sound(`${slug}-enroll-4-code`)
    await button(words.next).click()
    await page.getByRole('alert').waitFor()
    expect(await page.textContent('main')).toContain(email)
    await sanne.sound(`${slug}-enroll-4-code-wrong`)
    await button(words.back).click()
    expect(await keyOnPage(page)).toBe(key)
    await button(words.next).click()
    const code = codeOf(key, Date.now())
    await page.getByLabel(words.digits).fill(`${code.slice(0, 3)} ${code.slice(3)}`)
    await button(words.next).click()

    await at(sanne, words.sms, 'enroll-5-sms')
    expect(await page.getByLabel(words.country).locator('option:checked').textContent()).toBe(words.countryFirst)
    for (const wrong of ['06 12', 'no number', '010 123 4567']) {
      await page.getByLabel(words.number).fill(wrong)
      await button(words.send).click()
      await page.getByRole('alert').waitFor()
      expect(await page.getByLabel(words.number).inputValue()).toBe(wrong)
    }
    await sanne.sound(`${slug}-enroll-5-sms-wrong`)
    await page.getByLabel(words.number).fill(number)
    await button(words.send).click()

    await page.getByLabel(words.fromSms).waitFor()
    expect(await page.textContent('main')).toContain(number.slice(-2))
    await sanne.sound(`${slug}-enroll-6-sms-code`)
    const first = await codeBySms(app)
    const resend = page.getByRole('button', { name: words.resend })
    expect(await resend.isDisabled()).toBe(scripts)
    if (!scripts) {
      await resend.click()
      // Nobody tried too often.
      expect(await page.getByRole('alert').textContent()).toContain(words.wait)
      await sanne.sound(`${slug}-enroll-6-sms-wait`)
    }
    await button(words.change).click()
    expect(await page.getByLabel(words.number).inputValue()).toBe(number)
    pass(31 * SECOND)
    await button(words.send).click()
    await page.getByLabel(words.fromSms).fill(first === '000000' ? '111111' : '000000')
    await button(words.next).click()
    await page.getByRole('alert').waitFor()
    await sanne.sound(`${slug}-enroll-6-sms-code-wrong`)
    await page.getByLabel(words.fromSms).fill(await codeBySms(app))
    await button(words.next).click()

    await at(sanne, words.save, 'enroll-7-backup')
    const backupCode = ((await page.locator('#backup-code').textContent()) ?? '').replaceAll(/\s/g, '')
    expect(backupCode).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: words.download }).click()
    const file = await (await downloading).path()
    expect(await readFile(file, 'utf8')).toContain(backupCode)
    for (const name of [words.copy, words.print]) expect(await button(name).count()).toBe(scripts ? 1 : 0)
    if (scripts) {
      await button(words.copy).click()
      await page.getByText(words.copied).waitFor()
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(backupCode)
      await button(words.print).click()
      expect(await page.getAttribute('body', 'data-printed')).toBe('yes')
    }
    await button(words.next).click()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(words.save)
    await page.getByLabel(words.saved).check()
    await button(words.next).click()

    await at(sanne, words.on, 'enroll-8-done')
    await button(words.proceed).click()
    await page.waitForURL(`${app.portalOrigin}/`)
    expect(await page.textContent('main')).toContain('urn:sigma:acr:mfa')
    await sanne.sound(`${slug}-enroll-9-portal`)
    await sanne.close()
  })
})

test('nothing but the app is needed: SMS is skipped', async () => {
  people += 1
  const email = `skips-${people}@sigma.example`
  await activated(app, email, new Person())
  const sanne = await open(browser, 'en', {})
  const { page } = sanne
  await signIn(page, app, 'en', email)
  await page.getByRole('button', { name: 'Enable' }).click()
  await page.getByRole('button', { name: 'Sigma Authenticator' }).click()
  await page.getByText('Open Sigma Authenticator').waitFor()
  await sanne.sound('enroll-3-scan-house')
  const key = await keyOnPage(page)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('6-digit code').fill(codeOf(key, Date.now()))
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Skip' }).click()
  await page.getByLabel('I have saved this code').check()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL(`${app.portalOrigin}/`)
  expect(await page.textContent('main')).toContain('urn:sigma:acr:mfa')
  await sanne.close()
})
