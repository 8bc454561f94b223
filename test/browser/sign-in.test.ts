/** J1 and J2 as a person does them: in each of the ways to look at it. */
import { describe, expect, test } from 'vitest'
import { startApp } from '../support/app/app.ts'
import { launchChromium, type Visitor, visitor } from '../support/browser/chromium.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { invite } from '../support/people/organizations.ts'
import { forAllTests } from '../support/runner/made.ts'

const PASSWORD = 'vier losse woorden samen'

const WORDS = {
  en: {
    subject: 'Confirm your Sigma account',
    newPassword: 'New password',
    repeat: 'Repeat password',
    activate: 'Activate account',
    email: 'E-mail address',
    password: 'Password',
    signIn: 'Sign in',
    signOut: 'Sign out',
    forgot: 'Forgot password?',
    other: 'Nederlands',
    newLink: 'Send a new link',
    signedOut: 'Sign in',
  },
  nl: {
    subject: 'Bevestig je Sigma-account',
    newPassword: 'Nieuw wachtwoord',
    repeat: 'Wachtwoord herhalen',
    activate: 'Account activeren',
    email: 'E-mailadres',
    password: 'Wachtwoord',
    signIn: 'Inloggen',
    signOut: 'Uitloggen',
    forgot: 'Wachtwoord vergeten?',
    other: 'English',
    newLink: 'Nieuwe link sturen',
    signedOut: 'Inloggen',
  },
}

let people = 0

const app = forAllTests(startApp)
const browser = forAllTests(launchChromium)

describe.each(VARIANTS)('%s', (slug, locale, options) => {
  const words = WORDS[locale]

  async function open(): Promise<Visitor> {
    return visitor(browser, { ...options, locale: locale === 'nl' ? 'nl-NL' : 'en-GB' })
  }

  const sound = (someone: Visitor, step: string) => someone.sound(`${slug}-${step}`)

  test('activation, sign-in to the portal, sign-out', async () => {
    people += 1
    const email = `${slug}-${people}@sigma.example`
    await invite(app, { email, name: 'Sanne de Vries', locale, organization: 'Bakkerij de Vries' })
    await app.inbox()
    const sanne = await open()
    const { page } = sanne

    await page.goto(`${app.origin}/dev/outbox`)
    await sound(sanne, '1-outbox')
    await page.goto(await app.linkFor(email))
    await page.waitForURL(`${app.origin}/activate/set`)
    expect(await page.textContent('main')).toContain(email)
    await sound(sanne, '2-activate')

    await page.getByLabel(words.newPassword).fill('welkom')
    await page.getByLabel(words.repeat).fill('welkom')
    await page.getByRole('button', { name: words.activate }).click()
    await page.getByRole('alert').or(page.locator('[aria-invalid=true]')).first().waitFor()
    await sound(sanne, '3-activate-refused')

    await page.getByLabel(words.newPassword).fill(PASSWORD)
    await page.getByLabel(words.repeat).fill(PASSWORD)
    await page.getByRole('button', { name: words.activate }).click()
    await page.waitForURL(/\/interaction\//)
    await sound(sanne, '4-sign-in')
    expect(await page.getByLabel(words.email).inputValue()).toBe(email)

    await page.getByLabel(words.password, { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: words.signIn, exact: true }).click()
    await page.waitForURL(`${app.portalOrigin}/`)
    expect(await page.textContent('main')).toContain('Sanne de Vries')
    expect(await page.textContent('main')).toContain('urn:sigma:acr:password')
    await sound(sanne, '5-portal')

    await page.getByRole('button', { name: words.signOut }).click()
    if (options.javaScriptEnabled === false) {
      await page.waitForURL(/session\/end/)
      await sanne.picture(`${slug}-6-sign-out`)
      await page.getByRole('button', { name: words.signOut }).click()
    }
    await page.waitForURL((url) => url.href.startsWith(`${app.portalOrigin}/`))
    await sound(sanne, '7-signed-out')

    await page
      .getByRole('link', { name: words.signIn })
      .or(page.getByRole('button', { name: words.signIn, exact: true }))
      .first()
      .click()
    await page.waitForURL(/\/interaction\//)
    expect(await page.getByLabel(words.password, { exact: true }).count()).toBe(1)
    await sanne.close()
  })
})
