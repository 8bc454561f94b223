/** Passkeys at the sign-in as people meet them: in Chromium, with an authenticator that is not there (WebAuthn section 11). */
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RunningApp } from '../support/app/app.ts'
import { clockOfAllTests } from '../support/app/clock.ts'
import { launchChromium, type Visitor } from '../support/browser/chromium.ts'
import {
  type AuthenticatorOptions,
  type VirtualAuthenticator,
  virtualAuthenticator,
} from '../support/browser/passkeys.ts'
import { open, WORDS } from '../support/browser/two-step-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { passkeyOf } from '../support/people/passkey.ts'
import { codeOf, PASSWORD } from '../support/people/second-factor.ts'
import { authorize, someVictim, startTwoStep, type Victim } from '../support/people/second-factor-attack.ts'
import type { SoftKeyOptions } from '../support/people/soft-key.ts'

const PASSKEY = {
  en: {
    use: 'Sign in with a passkey',
    none: 'No passkey was used.',
    wrong: 'Signing in with a passkey did not work.',
  },
  nl: {
    use: 'Inloggen met een passkey',
    none: 'Er is geen passkey gebruikt.',
    wrong: 'Inloggen met een passkey is niet gelukt.',
  },
}
const ESSENTIAL = (acr: string) => ({
  claims: JSON.stringify({ id_token: { acr: { essential: true, values: [acr] } } }),
})

let app: RunningApp
let browser: Browser

clockOfAllTests()
beforeAll(async () => {
  app = await startTwoStep()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

describe.each(VARIANTS)('%s', (slug, locale, options) => {
  const words = { ...WORDS[locale], ...PASSKEY[locale] }
  const scripts = options.javaScriptEnabled !== false
  let sanne: Victim
  let visitor: Visitor

  beforeEach(async () => {
    sanne = await someVictim(app)
    visitor = await open(browser, locale, options)
  })
  afterEach(() => visitor.close())

  const button = (name: string) => visitor.page.getByRole('button', { name, exact: true })

  /** A passkey of hers, in the browser’s own authenticator or in a key that is plugged in. */
  async function holds(how: AuthenticatorOptions = {}, key: SoftKeyOptions = {}): Promise<VirtualAuthenticator> {
    const soft = await passkeyOf(app, sanne.email, { synced: how.synced ?? false, ...key })
    const authenticator = await virtualAuthenticator(visitor.page, how)
    const der = soft.privateKey.export({ format: 'der', type: 'pkcs8' })
    await authenticator.add({
      credentialId: Buffer.from(soft.credentialId, 'base64url').toString('base64'),
      isResidentCredential: true,
      rpId: 'localhost',
      privateKey: der.toString('base64'),
      userHandle: Buffer.from(soft.userHandle, 'base64url').toString('base64'),
      signCount: 1,
      backupEligibility: how.synced ?? false,
      backupState: how.synced ?? false,
    })
    return authenticator
  }

  /** Goes to an application that asks for this; whatever answers there, its address tells. */
  async function ask(more: Record<string, string> = {}): Promise<void> {
    await visitor.page.goto(authorize(app, 'payroll', more))
  }

  const back = () => visitor.page.waitForURL((url) => url.origin === app.portalOrigin)
  const told = () => new URL(visitor.page.url()).searchParams

  async function typePassword(): Promise<void> {
    await visitor.page.getByLabel(words.email).fill(sanne.email)
    await visitor.page.getByLabel(words.password, { exact: true }).fill(PASSWORD)
    await button(words.signIn).click()
  }

  test.runIf(scripts)('autofill: the field for the address offers it, and nothing opens by itself', async () => {
    const authenticator = await holds({ synced: true })
    await ask()
    expect(await visitor.page.getByLabel(words.email).getAttribute('autocomplete')).toBe('username webauthn')
    await visitor.sound(`passkey-${slug}-login`)
    // Picked from the list at the field: a request that is open already is not answered by this authenticator.
    await authenticator.attend(true)
    await visitor.page.reload()
    await back()
    expect(told().get('code')).toBeTruthy()
  })

  test.runIf(scripts).each<[what: string, how: AuthenticatorOptions]>([
    ['of the device', {}],
    ['that is synced', { synced: true }],
    ['of a security key with a PIN', { usb: true }],
  ])('the button: a passkey %s signs in', async (_what, how) => {
    const authenticator = await holds(how)
    await ask(ESSENTIAL('phr'))
    await authenticator.attend(true)
    // The conditional request may be quicker; either way it is one gesture.
    await button(words.use)
      .click({ timeout: 3000 })
      .catch(() => undefined)
    await back()
    expect(told().get('code')).toBeTruthy()
  })

  test.runIf(scripts)('a security key that verifies nobody opens nothing, and the password still does', async () => {
    const authenticator = await holds({ usb: true, verifies: false })
    await ask()
    await authenticator.attend(true)
    await button(words.use).click()
    await typePassword()
    await visitor.page.getByRole('heading', { name: words.challenge }).waitFor()
  })

  test.runIf(scripts)('a dialog that is canceled leaves everything as it was', async () => {
    const authenticator = await holds({ verified: false })
    await ask()
    await authenticator.attend(true)
    await button(words.use).click()
    await visitor.page.getByText(words.none).waitFor()
    await visitor.sound(`passkey-${slug}-canceled`)
    await typePassword()
    await visitor.page.getByRole('heading', { name: words.challenge }).waitFor()
    await visitor.sound(`passkey-${slug}-challenge`)
    await button(words.use).click()
    await visitor.page.getByText(words.none).waitFor()
    await authenticator.verify(true)
    await button(words.use).click()
    await back()
    expect(told().get('code')).toBeTruthy()
  })

  test.runIf(scripts)('a passkey that was removed here is refused, and the password still works', async () => {
    const authenticator = await holds()
    const { people } = app.core.store.durable
    await people.change(sanne.id, (person) => {
      person.authenticators = person.authenticators.filter(({ kind }) => kind !== 'passkey')
    })
    await ask()
    await authenticator.attend(true)
    await button(words.use)
      .click({ timeout: 3000 })
      .catch(() => undefined)
    await visitor.page.getByText(words.wrong).waitFor()
    await visitor.sound(`passkey-${slug}-refused`)
    // Chromium heard that nobody has it.
    await expect.poll(() => authenticator.passkeys()).toEqual([])
    await typePassword()
    await visitor.page.getByRole('heading', { name: words.challenge }).waitFor()
  })

  test.runIf(scripts)('step-up: by code first, then phr takes one gesture, and phrh is out of reach', async () => {
    const authenticator = await holds()
    await ask()
    await typePassword()
    await visitor.page.getByRole('link', { name: words.another }).click()
    await visitor.page.locator('a.choice').first().waitFor()
    await visitor.page.goto(visitor.page.url().replace(/methods$/, 'totp'))
    await visitor.page.getByLabel(words.digits).fill(codeOf(sanne.key, Date.now()))
    await button(words.verify).click()
    await back()
    await ask(ESSENTIAL('phr'))
    await visitor.sound(`passkey-${slug}-step-up`)
    await authenticator.attend(true)
    await button(words.use).click()
    await back()
    expect(told().get('code')).toBeTruthy()
    await ask(ESSENTIAL('phrh'))
    await back()
    expect(told().get('error')).toBe('unmet_authentication_requirements')
  })

  test.runIf(scripts)('two tabs: each is answered by its own gesture', async () => {
    const authenticator = await holds()
    await ask()
    const other = await visitor.context.newPage()
    await other.goto(authorize(app, 'leave'))
    await authenticator.attend(true)
    await visitor.page.reload()
    await back()
    await other.close()
    expect(told().get('code')).toBeTruthy()
  })

  test.runIf(!scripts)('without scripts everything is as it was, and the second step says what it needs', async () => {
    await passkeyOf(app, sanne.email)
    await ask()
    expect(await button(words.use).isVisible()).toBe(false)
    await typePassword()
    await visitor.page.locator('noscript p').waitFor()
    expect(await button(words.use).isVisible()).toBe(false)
    await visitor.sound(`passkey-${slug}-challenge`)
    await visitor.page.getByRole('link', { name: words.another }).click()
    await visitor.page.locator('a.choice[href$="/totp"]').click()
    await visitor.page.getByLabel(words.digits).fill(codeOf(sanne.key, Date.now()))
    await button(words.verify).click()
    await back()
    expect(told().get('code')).toBeTruthy()
  })
})
