/**
 * The way back to the application, in a browser with the policy as people have it: whatever its address is, and wherever
 * that leads on to (RFC 8252 section 7.1, RFC 6749 section 3.1.2).
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningApp, startApp } from '../support/app/app.ts'
import { launchChromium, PHONE, type Visitor, visitor } from '../support/browser/chromium.ts'

const EMAIL = 'sanne@sigma.example'
const OTHER = 'sanne@bakkerij.example'
const PASSWORD = 'vier losse woorden samen'

let app: RunningApp
let browser: Browser
let broker: Server
let brokerOrigin: string

beforeAll(async () => {
  // Stands between us and where people end up: an origin that nothing of ours knows.
  broker = createServer(({ url = '', method }, response) => {
    const { port } = broker.address() as AddressInfo
    if (url.startsWith('/callback') && method === 'GET')
      response.writeHead(302, { location: `http://localhost:${port}/landed${new URL(url, brokerOrigin).search}` }).end()
    else response.writeHead(200, { 'content-type': 'text/html' }).end(`<h1>Landed by ${method}</h1>`)
  })
  broker.listen(0, '127.0.0.1')
  await once(broker, 'listening')
  brokerOrigin = `http://127.0.0.1:${(broker.address() as AddressInfo).port}`
  app = await startApp({
    settings: { portal: undefined, homeClient: 'broker', egress: [brokerOrigin] },
    clients: JSON.stringify({
      clients: [
        {
          client_id: 'broker',
          client_name: 'Broker',
          client_uri: brokerOrigin,
          initiate_login_uri: `${brokerOrigin}/login`,
          redirect_uris: [`${brokerOrigin}/callback`],
          post_logout_redirect_uris: [`${brokerOrigin}/callback`],
          client_secret: { env: 'BROKER_SECRET' },
          first_party: true,
        },
        {
          client_id: 'phone',
          client_name: 'Phone app',
          application_type: 'native',
          redirect_uris: ['org.example.app:/callback'],
          token_endpoint_auth_method: 'none',
          first_party: true,
        },
      ],
    }),
  })
  browser = await launchChromium()
  for (const email of [EMAIL, OTHER]) {
    await app.core.links.invite({ email, name: 'Sanne de Vries', locale: 'en' })
    const { page, close } = await visitor(browser)
    await page.goto(await app.linkFor(email))
    await page.getByLabel('New password').fill(PASSWORD)
    await page.getByLabel('Repeat password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Activate account' }).click()
    await page.waitForURL(`${brokerOrigin}/login*`)
    await close()
  }
})
afterAll(async () => {
  await browser?.close()
  await app?.stop()
  broker?.close()
})

function address(client: 'broker' | 'phone', more: Record<string, string> = {}): string {
  const parameters = {
    client_id: client,
    redirect_uri: client === 'phone' ? 'org.example.app:/callback' : `${brokerOrigin}/callback`,
    response_type: 'code',
    scope: 'openid',
    state: `a"'<b>&;c`,
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...more,
  }
  return `${app.origin}/auth?${new URLSearchParams(parameters)}`
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail address').fill(EMAIL)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Another program on the phone could have taken the same scheme, so the person is asked (RFC 8252 section 8.6). */
async function allow(page: Page): Promise<void> {
  await signIn(page)
  await page.getByRole('button', { name: 'Allow' }).click()
}

const cancel = (page: Page) => page.getByRole('button', { name: 'Cancel' }).click()

describe.each([true, false])('scripts: %s', (javaScriptEnabled) => {
  const moment = { en: ['One moment…', 'Continue'], nl: ['Een ogenblik…', 'Doorgaan'] } as const

  /** The page that goes on by itself where there are scripts; in the person's language, and ours, where there are none. */
  async function passes({ page, sound }: Visitor, locale: 'en' | 'nl', name: string): Promise<void> {
    if (javaScriptEnabled) return
    const [heading, button] = moment[locale]
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
    await sound(`onward-${name}-${locale}`)
    await page.getByRole('button', { name: button, exact: true }).click()
  }

  test.each(javaScriptEnabled ? (['en'] as const) : (['en', 'nl'] as const))(
    'signing in as somebody else and signing out meet no page of the library (%s)',
    async (locale) => {
      const someone = await visitor(browser, { javaScriptEnabled, locale: locale === 'en' ? 'en-GB' : 'nl-NL' })
      const { page, complaints, sound, close } = someone
      const words = {
        en: {
          in: 'Sign in',
          email: 'E-mail address',
          password: 'Password',
          other: 'Use another account',
          out: 'Sign out',
        },
        nl: {
          in: 'Inloggen',
          email: 'E-mailadres',
          password: 'Wachtwoord',
          other: 'Een ander account gebruiken',
          out: 'Uitloggen',
        },
      }[locale]
      const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
      const enter = async (email: string) => {
        await page.getByLabel(words.email).fill(email)
        await page.getByLabel(words.password, { exact: true }).fill(PASSWORD)
        await press(words.in)
      }
      await page.goto(address('broker'))
      await enter(EMAIL)
      await page.waitForURL(/landed/)
      await page.goto(address('broker', { prompt: 'login' }))
      await press(words.other)
      await enter(OTHER)
      await passes(someone, locale, 'switch')
      await page.waitForURL(/landed\?.*code=/)

      await page.goto(`${app.origin}/session/end`)
      await page.getByRole('heading', { level: 1, name: `${words.out}?` }).waitFor()
      await sound(`onward-sign-out-${locale}`)
      await press(words.out)
      await page.waitForURL(`${app.origin}/session/end/success`)
      // Nobody is signed in: nothing is asked, and no page stands in between.
      await page.goto(`${app.origin}/session/end`)
      await page.waitForURL(`${app.origin}/session/end/success`)
      expect(complaints.filter((line) => line.includes('Content Security Policy'))).toEqual([])
      await close()
    },
  )

  test.each<[string, (page: Page) => Promise<void>, string]>([
    ['a sign-in', signIn, 'code'],
    ['Cancel', cancel, 'error'],
  ])(
    '%s ends where the application’s own redirect leads, on an origin that we know nothing of',
    async (_what, act, given) => {
      const { page, complaints, close } = await visitor(browser, { javaScriptEnabled })
      await page.goto(address('broker'))
      await act(page)
      await page.waitForURL(/^http:\/\/localhost:\d+\/landed\?/)
      const back = new URL(page.url()).searchParams
      expect([back.has(given), back.get('state')]).toEqual([true, `a"'<b>&;c`])
      expect(complaints.filter((line) => line.includes('Content Security Policy'))).toEqual([])
      await close()
    },
  )

  test.each<[string, (page: Page) => Promise<void>, string]>([
    ['a sign-in', allow, 'code='],
    ['Cancel', cancel, 'error=access_denied'],
  ])('%s for an app on the phone offers the way into it', async (what, act, given) => {
    const { page, complaints, picture, close } = await visitor(browser, { javaScriptEnabled, viewport: PHONE })
    const opened: string[] = []
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Page.enable')
    cdp.on('Page.frameRequestedNavigation', ({ url }) => opened.push(url))
    await page.goto(address('phone'))
    await act(page)
    const on = page.getByRole('link', { name: 'Continue' })
    await on.waitFor()
    expect(await page.locator('h1').innerText()).toBe('One moment…')
    expect(await on.getAttribute('href')).toMatch(new RegExp(`^org\\.example\\.app:/callback\\?.*${given}`))
    await picture(`onward-${what.replace(' ', '-')}`)
    await on.click()
    // By itself, and once more by hand.
    await expect.poll(() => opened.filter((url) => url.startsWith('org.example.app:/callback?')).length).toBe(2)
    expect(complaints.filter((line) => line.includes('Content Security Policy'))).toEqual([])
    await close()
  })

  test('form_post reaches the application, and so does the way back from signing out', async () => {
    const someone = await visitor(browser, { javaScriptEnabled })
    const { page, complaints, close } = someone
    await page.goto(address('broker', { response_mode: 'form_post' }))
    await signIn(page)
    await passes(someone, 'en', 'form-post')
    await page.getByRole('heading', { name: 'Landed by POST' }).waitFor()
    const after = { client_id: 'broker', post_logout_redirect_uri: `${brokerOrigin}/callback` }
    await page.goto(`${app.origin}/session/end?${new URLSearchParams(after)}`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(/^http:\/\/localhost:\d+\/landed/)
    expect(complaints.filter((line) => line.includes('Content Security Policy'))).toEqual([])
    await close()
  })
})
