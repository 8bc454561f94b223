/** The pages off the main road: each sound in both languages, on a phone and a desk, by light and dark. */
import type { BrowserContextOptions } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { startApp } from '../support/app/app.ts'
import { DESKTOP, launchChromium, PHONE, type Visitor, visitor } from '../support/browser/chromium.ts'
import { forAllTests } from '../support/runner/made.ts'

const PASSWORD = 'vier losse woorden samen'
const EMAIL = 'sanne@sigma.example'

const CLIENTS = `
clients:
  - client_id: portal
    client_name: Sigma Portal
    client_uri: '{portal}'
    initiate_login_uri: '{portal}/login'
    redirect_uris: ['{portal}/callback']
    post_logout_redirect_uris: ['{portal}/']
    client_secret: { env: PORTAL_CLIENT_SECRET }
    first_party: true
  - client_id: elsewhere
    client_name: Rooster & Co
    redirect_uris: ['{portal}/']
    token_endpoint_auth_method: none
`

const VARIANTS: Array<[name: string, locale: 'en' | 'nl', options: BrowserContextOptions]> = [
  ['en-desktop', 'en', { viewport: DESKTOP }],
  ['nl-phone', 'nl', { viewport: PHONE, isMobile: true, hasTouch: true }],
  ['nl-desktop-dark', 'nl', { viewport: DESKTOP, colorScheme: 'dark' }],
  ['en-phone-dark', 'en', { viewport: PHONE, isMobile: true, hasTouch: true, colorScheme: 'dark' }],
]

const app = forAllTests(() =>
  startApp({
    clients: CLIENTS,
    settings: { throttle: { perAddress: 1000, perNetwork: 1000, linksPerHour: 50 } },
  }),
)
const browser = forAllTests(launchChromium)
beforeAll(async () => {
  await app.core.links.invite({ email: EMAIL, name: 'Sanne de Vries', locale: 'nl' })
  const sanne = await visitor(browser)
  await sanne.page.goto(await app.linkFor(EMAIL))
  await sanne.page.getByLabel('New password').fill(PASSWORD)
  await sanne.page.getByLabel('Repeat password').fill(PASSWORD)
  await sanne.page.getByRole('button', { name: 'Activate account' }).click()
  await sanne.page.waitForURL(/interaction/)
  await sanne.close()
})

function authorize(clientId: string, redirect: string, extra: Record<string, string> = {}): string {
  const parameters = {
    client_id: clientId,
    redirect_uri: redirect,
    response_type: 'code',
    scope: 'openid profile email',
    state: 'state',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...extra,
  }
  return `${app.origin}/auth?${new URLSearchParams(parameters)}`
}

/** To an address that is not registered. */
function signOut(): string {
  const parameters = { client_id: 'portal', post_logout_redirect_uri: `${app.portalOrigin}/goodbye` }
  return `/session/end?${new URLSearchParams(parameters)}`
}

describe.each(VARIANTS)('%s', (slug, locale, options) => {
  const lang = locale === 'nl' ? 'nl-NL' : 'en-GB'
  const say = (en: string, nl: string) => (locale === 'nl' ? nl : en)

  const sound = (someone: Visitor, step: string) => someone.sound(`${slug}-${step}`)

  /** Waits for the page that says that a link is on its way. */
  async function requested({ page }: Visitor): Promise<void> {
    const title = app.core.templates.translate(locale)('requested.title')
    await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
  }

  async function signIn(someone: Visitor): Promise<void> {
    await someone.page.getByLabel(say('E-mail address', 'E-mailadres')).fill(EMAIL)
    await someone.page.getByLabel(say('Password', 'Wachtwoord'), { exact: true }).fill(PASSWORD)
    await someone.page.getByRole('button', { name: say('Sign in', 'Inloggen'), exact: true }).click()
  }

  test('front page, unknown page, refused request, expired interaction', async () => {
    const someone = await visitor(browser, { ...options, locale: lang })
    for (const [step, path] of [
      ['home', '/'],
      ['not-found', '/nowhere'],
      [
        'unknown-application',
        '/auth?client_id=nobody&response_type=code&scope=openid&redirect_uri=https://nobody.example/',
      ],
      [
        'unknown-address',
        new URL(authorize('portal', `${app.portalOrigin}/callback/?x=1`)).href.slice(app.origin.length),
      ],
      ['refused', '/auth?client_id=portal&scope=openid'],
      ['unknown-goodbye', signOut()],
      ['faulty-sign-out', '/session/end?id_token_hint=x'],
      ['expired', '/interaction/gone'],
      ['signed-out', '/session/end/success'],
    ] as const) {
      await someone.page.goto(`${app.origin}${path}`)
      await sound(someone, step)
    }
    await someone.close()
  })

  test('wrong password, forgotten password, a dead link, a new password', async () => {
    const someone = await visitor(browser, { ...options, locale: lang })
    const { page } = someone
    await page.goto(`${app.portalOrigin}/login`)
    await page.getByLabel(say('E-mail address', 'E-mailadres')).fill('nobody@sigma.example')
    await page.getByLabel(say('Password', 'Wachtwoord'), { exact: true }).fill('not the password')
    await page.getByRole('button', { name: say('Sign in', 'Inloggen'), exact: true }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByLabel(say('E-mail address', 'E-mailadres')).inputValue()).toBe('nobody@sigma.example')
    await sound(someone, 'wrong-password')

    await page.getByRole('link', { name: say('Forgot password?', 'Wachtwoord vergeten?') }).click()
    await sound(someone, 'recover')
    await page.getByLabel(say('E-mail address', 'E-mailadres')).fill(EMAIL)
    await page.getByRole('button', { name: say('Send link', 'Link sturen') }).click()
    await requested(someone)
    await sound(someone, 'link-requested')

    const link = await app.linkFor(EMAIL)
    await page.goto(link)
    await sound(someone, 'new-password')
    await page.getByLabel(say('New password', 'Nieuw wachtwoord')).fill(`${PASSWORD} ${slug}`)
    await page.getByLabel(say('Repeat password', 'Wachtwoord herhalen')).fill(`${PASSWORD} anders`)
    await page.getByRole('button', { name: say('Set new password', 'Nieuw wachtwoord instellen') }).click()
    await page.locator('[aria-invalid=true]').first().waitFor()
    await sound(someone, 'passwords-differ')
    await page.getByLabel(say('New password', 'Nieuw wachtwoord')).fill(PASSWORD)
    await page.getByLabel(say('Repeat password', 'Wachtwoord herhalen')).fill(PASSWORD)
    await page.getByRole('button', { name: say('Set new password', 'Nieuw wachtwoord instellen') }).click()
    await page.waitForURL(/interaction/)
    await sound(someone, 'after-new-password')

    await page.goto(link)
    await sound(someone, 'dead-link')
    await page.getByRole('button', { name: say('Send a new link', 'Nieuwe link sturen') }).click()
    await requested(someone)
    await sound(someone, 'new-link-sent')
    await page.goto(`${app.origin}/activate/unknown`)
    await sound(someone, 'unknown-link')
    await someone.close()
  })

  test('choosing an account, confirming again, consent, cancel, sign-out', async () => {
    const someone = await visitor(browser, { ...options, locale: lang })
    const { page } = someone
    const target = `${app.portalOrigin}/`
    await page.goto(authorize('portal', `${app.portalOrigin}/callback`, { prompt: 'login' }))
    await signIn(someone)
    await page.waitForURL((url) => url.origin === app.portalOrigin)

    await page.goto(authorize('portal', `${app.portalOrigin}/callback`, { prompt: 'login' }))
    expect(await page.textContent('main')).toContain(EMAIL)
    await sound(someone, 'confirm-again')
    await page.getByRole('button', { name: say('Use another account', 'Een ander account gebruiken') }).click()
    expect(await page.getByLabel(say('E-mail address', 'E-mailadres')).inputValue()).toBe('')

    await page.goto(authorize('portal', `${app.portalOrigin}/callback`, { prompt: 'select_account' }))
    await sound(someone, 'select-account')
    await page.getByRole('button', { name: say('Use another account', 'Een ander account gebruiken') }).click()
    await page.waitForURL(/interaction/)
    expect(await page.getByLabel(say('Password', 'Wachtwoord'), { exact: true }).count()).toBe(1)

    await page.goto(authorize('elsewhere', target))
    await sound(someone, 'consent')
    expect(await page.textContent('h1')).toContain('Rooster & Co')
    await page.getByRole('button', { name: say('Cancel', 'Annuleren') }).click()
    await page.waitForURL((url) => url.searchParams.get('error') === 'access_denied')
    await page.goto(authorize('elsewhere', target))
    await page.getByRole('button', { name: say('Allow', 'Toestaan') }).click()
    await page.waitForURL((url) => url.searchParams.has('code'))

    await page.goto(app.origin + signOut())
    await sound(someone, 'sign-out-unknown-goodbye')
    await page.goto(`${app.origin}/session/end`)
    await sound(someone, 'sign-out')
    await page.getByRole('button', { name: say('Sign out', 'Uitloggen') }).click()
    await page.waitForURL(/session\/end\/success/)
    await sound(someone, 'signed-out-here')
    await someone.close()
  })

  test('the language link changes the page and the pages after it', async () => {
    const someone = await visitor(browser, { ...options, locale: lang })
    const { page } = someone
    await page.goto(authorize('portal', `${app.portalOrigin}/callback`, { ui_locales: locale }))
    await page.getByRole('link', { name: say('Nederlands', 'English') }).click()
    // With scripts the page stays, and its words change.
    await page.locator(`html[lang=${locale === 'nl' ? 'en' : 'nl'}]`).waitFor()
    await page.getByRole('link', { name: say('Wachtwoord vergeten?', 'Forgot password?') }).click()
    expect(await page.getAttribute('html', 'lang')).toBe(locale === 'nl' ? 'en' : 'nl')
    await someone.close()
  })
})
