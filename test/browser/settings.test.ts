/** J6 as a person reads it: everything at one look; and the changes that concern no second factor. */
import { readFile } from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../support/app/clock.ts'
import { launchChromium } from '../support/browser/chromium.ts'
import { FRESH, IPHONE, type Owner, settle, startSettings } from '../support/browser/settings-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { PASSWORD } from '../support/people/second-factor.ts'
import { forAllTests } from '../support/runner/made.ts'

const NEXT_PASSWORD = 'zeven andere woorden achter elkaar'

// It begins tomorrow morning: no midnight comes between what is done and the date that is shown.
clockOfAllTests(Math.ceil(Date.now() / DAY) * DAY + 8 * HOUR)
const app = forAllTests(startSettings)
const browser = forAllTests(launchChromium)
let sanne: Owner

afterEach(() => sanne?.close())

test('the labels that the journeys fix', () => {
  const say = app.core.templates.translate('en')
  const labels = ['move', 'rename', 'remove', 'changePhone', 'newBackup'].map((act) => say(`account.action.${act}`))
  labels.push(say('account.device.forget.submit'), say('account.devices.forget.submit'))
  labels.push(say('account.everywhere.end.submit'), say('account.password.change'), say('account.data.download'))
  expect(labels).toEqual([
    'Move to a new phone',
    'Rename',
    'Remove',
    'Change phone number',
    'New backup code',
    'Forget this device',
    'Forget all devices',
    'Sign out everywhere',
    'Change password',
    'Download my data',
  ])
})

describe.each(VARIANTS)('%s', (...variant) => {
  const [slug, locale, options] = variant
  const scripts = options.javaScriptEnabled !== false

  /** Every line of the page, by the heading of its panel. */
  async function panel(key: string): Promise<string> {
    const found = sanne.page
      .locator('section.panel')
      .filter({ has: sanne.page.locator('h2', { hasText: sanne.say(key) }) })
    return ((await found.textContent()) ?? '').replaceAll(/\s+/g, ' ')
  }

  test('everything at one look', async () => {
    sanne = await settle(app, browser, variant)
    const { page, say } = sanne
    const other = await sanne.elsewhere({ userAgent: IPHONE, remember: true })
    await other.page.goto(`${app.portalOrigin}/login`)
    await other.page.waitForURL(`${app.portalOrigin}/`)
    await page.goto(`${app.origin}/account`)
    const date = new Intl.DateTimeFormat(say('language.region'), {
      dateStyle: 'long',
      timeZone: 'Europe/Amsterdam',
    }).format(Date.now())

    const how = await panel('account.how')
    for (const fact of [
      say('account.password.changed', { date }),
      sanne.email,
      say('account.factor.app', { date }),
      say('account.factor.number', { hint: sanne.number.slice(-2), date }),
      say('account.factor.made', { date }),
    ])
      expect(how).toContain(fact)
    expect(await page.textContent('main')).not.toContain(sanne.number.slice(-4))
    // Ids and tokens are in the page too, and four digits are in one of those some day.
    expect(await page.content()).not.toContain(sanne.number.slice(-8))
    const signedIn = await panel('account.session.heading')
    expect(signedIn).toMatch(
      new RegExp(`Chrome, Linux ${say('account.session.current')}.*Safari, iPhone.*Sigma Portal`),
    )
    expect(await panel('account.application.heading')).toContain('Sigma Portal')
    expect(await panel('account.device.heading')).toContain('Safari, iPhone')
    const activity = await panel('account.activity.heading')
    for (const event of ['device-remembered', 'code-right', 'password-right', 'phone-added', 'app-added'])
      expect(activity).toContain(say(`account.activity.event.${event}`))
    await sanne.stands('account.title', 'settings-01-overview')
  })

  async function change(current: string, password: string): Promise<void> {
    await sanne.fill('account.password.current.label', current)
    await sanne.fill('password.new', password)
    await sanne.fill('password.repeat', password)
    await sanne.press('account.password.change')
  }

  test('Change password: judged while it is typed; elsewhere one is signed out', async () => {
    sanne = await settle(app, browser, variant, { has: 'app' })
    const { page, say } = sanne
    const other = await sanne.elsewhere()
    pass(FRESH + MINUTE)
    await sanne.follow('account.password.change')
    await sanne.stands('challenge.title', 'settings-02-fresh-code')
    await sanne.prove()
    await sanne.stands('account.password.change', 'settings-03-password')

    const strength = page.locator('.strength')
    await sanne.fill('password.new', 'welkom')
    if (scripts) {
      await strength.getByText(say('password.count', { count: 6, minimum: 15 })).waitFor()
      await sanne.fill('password.new', 'sanne de vries sanne')
      await strength.getByText(say('password.error.personal')).waitFor()
      await sanne.sound(`${slug}-settings-03-password-judged`)
      await sanne.fill('password.new', NEXT_PASSWORD)
      await strength.getByText(say('password.good')).waitFor()
    }
    expect(await strength.isVisible()).toBe(scripts)
    await change('something else altogether', 'welkom')
    await page.getByText(say('password.error.too-short', { minimum: 15 })).waitFor()
    await sanne.sound(`${slug}-settings-03-password-refused`)
    if (scripts) {
      // One message at a time: what was refused is not what is typed by now.
      await sanne.fill('password.new', NEXT_PASSWORD)
      await strength.getByText(say('password.good')).waitFor()
      expect(await page.getByText(say('password.error.too-short', { minimum: 15 })).count()).toBe(0)
    }
    await change('something else altogether', NEXT_PASSWORD)
    await page.getByText(say('account.password.current.wrong')).waitFor()
    await change(PASSWORD, NEXT_PASSWORD)
    await sanne.notice('password-changed')
    await sanne.told('password-changed')
    await sanne.sound(`${slug}-settings-04-password-changed`)
    await other.page.reload()
    expect(await sanne.asked(other.page)).toBe(true)
    await sanne.signIn(other.page, { password: NEXT_PASSWORD })
    expect(other.page.url()).toBe(`${app.origin}/account`)
  })

  test('Language, and Download my data', async () => {
    sanne = await settle(app, browser, variant)
    const { page } = sanne
    const speech = { en: 'English', nl: 'Nederlands' }
    const foreign = locale === 'en' ? 'nl' : 'en'
    const words = app.core.templates.translate(foreign)
    pass(FRESH + MINUTE)
    await sanne.follow('account.language.change')
    await sanne.prove()
    await sanne.stands('account.language.change', 'settings-05-language')
    await page.getByRole('button', { name: speech[foreign] }).click()
    await page.getByRole('status').getByText(words('account.notice.language-changed')).waitFor()
    expect(await page.getAttribute('html', 'lang')).toBe(foreign)
    const [mail] = await app.inbox()
    expect([mail?.to, mail?.subject]).toEqual([sanne.email, words('mail.language-changed.subject')])
    await page.getByRole('link', { name: words('account.language.change') }).click()
    await page.getByRole('button', { name: speech[locale] }).click()
    await sanne.notice('language-changed')

    await sanne.follow('account.data.download')
    await sanne.stands('account.data.download', 'settings-06-data')
    const downloading = page.waitForEvent('download')
    await sanne.press('account.data.download')
    const text = await readFile(await (await downloading).path(), 'utf8')
    expect(JSON.parse(text)).toMatchObject({ account: { name: 'Sanne de Vries' }, addresses: { email: sanne.email } })
    for (const secret of [sanne.key, sanne.backupCode, sanne.number.slice(-8), PASSWORD, '$argon2'])
      expect(text).not.toContain(secret)
    await sanne.told('data-downloaded')
  })
})
