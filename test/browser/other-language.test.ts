/** Another language on the way: what was typed stays, passwords too, and goes nowhere else. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Locale } from '../../src/lib/locales.ts'
import { startApp } from '../support/app/app.ts'
import { launchChromium, visitor } from '../support/browser/chromium.ts'
import { colleague } from '../support/people/help-desk.ts'
import { PASSWORD } from '../support/people/second-factor.ts'
import { forAllTests } from '../support/runner/made.ts'

const app = forAllTests(() => startApp({ settings: { throttle: { perAddress: 10000, perNetwork: 10000 } } }))
const browser = forAllTests(launchChromium)

const BOTH: Array<[from: Locale, to: Locale]> = [
  ['en', 'nl'],
  ['nl', 'en'],
]
const lang = (locale: Locale) => (locale === 'nl' ? 'nl-NL' : 'en-GB')

/** Presses the language in the footer and waits for this heading; it has to be the same document. */
async function change(page: Page, to: Locale, heading: string): Promise<void> {
  const say = app.core.templates.translate(to)
  await page.evaluate(() => Object.assign(window, { before: true }))
  await page.getByRole('link', { name: say('language.name'), exact: true }).click()
  await page.getByRole('heading', { level: 1, name: say(heading), exact: true }).waitFor()
  expect(await page.evaluate(() => 'before' in window)).toBe(true)
  expect(await page.getAttribute('html', 'lang')).toBe(to)
  expect(await page.title()).toContain(say(heading))
  expect(await page.evaluate(() => document.activeElement?.getAttribute('hreflang'))).not.toBe(to)
}

test.each(BOTH)(
  'from %s to %s: activating, signing in, a page of the settings',
  async (from, to) => {
    const before = app.core.templates.translate(from)
    const say = app.core.templates.translate(to)
    const email = `${from}@sigma.example`
    const someone = await visitor(browser, { locale: lang(from) })
    const { page } = someone
    const held = (key: string) => page.getByLabel(say(key), { exact: true }).inputValue()

    await app.core.links.invite({ email, name: 'Sanne de Vries', locale: from })
    await page.goto(await app.linkFor(email))
    await page.getByLabel(before('password.new'), { exact: true }).fill(PASSWORD)
    await page.getByLabel(before('password.repeat'), { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: before('show.show') }).click()
    await change(page, to, 'password.activation.title')
    expect([await held('password.new'), await held('password.repeat')]).toEqual([PASSWORD, PASSWORD])
    // Hidden again, and judged again.
    expect(await page.getByLabel(say('password.new'), { exact: true }).getAttribute('type')).toBe('password')
    await page.getByText(say('password.good')).waitFor()
    const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, location.href, history.state]))
    expect(kept).not.toContain(PASSWORD.split(' ')[0])
    await page.getByRole('button', { name: say('password.activation.submit'), exact: true }).click()

    // The portal asks for the language that the browser speaks.
    await page.getByRole('heading', { level: 1, name: before('login.title'), exact: true }).waitFor()
    await page.getByLabel(before('field.email')).fill(email)
    await page.getByLabel(before('login.password'), { exact: true }).fill('a wrong one')
    await page.getByRole('button', { name: before('action.signIn'), exact: true }).click()
    await page.getByText(before('login.error.wrong-credentials')).waitFor()
    await page.getByLabel(before('login.password'), { exact: true }).fill(PASSWORD)
    await page.getByRole('checkbox').check()
    await change(page, to, 'login.title')
    await change(page, from, 'login.title')
    expect(await page.getByLabel(before('login.password'), { exact: true }).inputValue()).toBe(PASSWORD)
    await change(page, to, 'login.title')
    expect([await held('field.email'), await held('login.password')]).toEqual([email, PASSWORD])
    expect(await page.getByRole('checkbox').isChecked()).toBe(true)
    await page.getByRole('button', { name: say('action.signIn'), exact: true }).click()
    await page.waitForURL((url) => url.origin === app.portalOrigin)

    await page.goto(`${app.origin}/account`)
    await page.goto(`${app.origin}/account/email`)
    await page.getByLabel(say('account.email.label')).fill('half an addr')
    await change(page, from, 'account.email.title')
    await change(page, to, 'account.email.title')
    expect(await held('account.email.label')).toBe('half an addr')
    await page.goBack()
    await page.getByRole('heading', { level: 1, name: say('account.title') }).waitFor()
    await page.goForward()
    await page.getByRole('heading', { level: 1, name: say('account.email.title') }).waitFor()
    expect(await someone.axe()).toEqual([])
    await someone.close()
  },
  40_000,
)

test('in administration, in both directions; what is shown once has no other language; half a date is none', async () => {
  const [en, nl] = [app.core.templates.translate('en'), app.core.templates.translate('nl')]
  const owner = await colleague(app, 'owner')
  const someone = await visitor(browser)
  const { page } = someone
  const cookies = owner.browser.cookies.map(({ name, value, path }) => ({ name, value, path, domain: 'localhost' }))
  await someone.context.addCookies(cookies)
  await page.goto(`${app.origin}/admin/people/invite`)
  await page.getByLabel(en('field.email')).fill('new@sigma.example')
  await page.getByLabel(en('admin.person.familyName')).fill('de Vries')
  await page.getByLabel(en('admin.person.language'), { exact: true }).selectOption('en')
  await page.getByLabel(en('admin.role.auditor')).check()
  const held = async () => ({
    email: await page.locator('#email').inputValue(),
    familyName: await page.locator('#familyName').inputValue(),
    locale: await page.locator('#locale').inputValue(),
    auditor: await page.locator('[name=role-auditor]').isChecked(),
  })
  const filled = await held()
  expect(filled).toEqual({ email: 'new@sigma.example', familyName: 'de Vries', locale: 'en', auditor: true })
  await change(page, 'nl', 'admin.invite.title')
  expect(await held()).toEqual(filled)
  await change(page, 'en', 'admin.invite.title')
  expect(await held()).toEqual(filled)

  // Where the same page does not come, the link leads on as ever.
  await page.route(/lang=nl/, (route) =>
    route.request().resourceType() === 'fetch' ? route.abort() : route.continue(),
  )
  await page.getByRole('link', { name: nl('language.name'), exact: true }).click()
  await page.getByRole('heading', { level: 1, name: nl('admin.invite.title'), exact: true }).waitFor()
  expect(await page.locator('#email').inputValue()).toBe('')
  await page.unroute(/lang=nl/)

  await page.goto(`${app.origin}/admin/organizations/new`)
  await page.locator('#name').fill('Bakkerij')
  await page.locator('#deadline').focus()
  await page.keyboard.type('12')
  await page.getByRole('button', { name: nl('admin.organization.submit') }).click()
  await page.getByText(nl('admin.organization.error.deadline')).waitFor()
  expect(await page.locator('#name').inputValue()).toBe('Bakkerij')

  await page.goto(`${app.origin}/account/backup-code`)
  await page.getByRole('button', { name: nl('account.backup.submit') }).click()
  await page.locator('#backup-code').waitFor()
  const code = await page.locator('#backup-code').innerText()
  expect(await page.locator('footer [hreflang]').count()).toBe(0)
  // Without the tick it is shown once more.
  await page.getByRole('button', { name: nl('action.next') }).click()
  await page.getByText(nl('enroll.backup.error.not-saved')).waitFor()
  expect(await page.locator('#backup-code').innerText()).toBe(code)
  await someone.close()
}, 40_000)
