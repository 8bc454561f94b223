/**
 * An attacker has a host of the same domain (or plain http on one), which may set cookies for all of it. They lead people
 * to the genuine pages: what is typed there is never worth anything in the attacker's own browser.
 */
import type { BrowserContext, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { launchChromium, visitor } from '../support/browser/chromium.ts'
import { neighborhood, RESOLVE } from '../support/browser/sibling.ts'
import { secretOf } from '../support/oidc/secret-of.ts'
import { forAllTests } from '../support/runner/made.ts'

const PASSWORD = 'vier losse woorden samen'
const CHALLENGE = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }

let people = 0

const here = forAllTests(neighborhood)
const browser = forAllTests(() => launchChromium(RESOLVE))

async function open(): Promise<{ page: Page; context: BrowserContext }> {
  return visitor(browser, { ignoreHTTPSErrors: true })
}

async function invited(roles: Array<'owner'> = []): Promise<string> {
  people += 1
  const email = `person${people}@sigma.example`
  await here.app.core.links.invite({ email, name: 'Sanne de Vries', locale: 'en', roles })
  return email
}

/** Someone with a password, whose browser has never been here. */
async function person(roles: Array<'owner'> = []): Promise<string> {
  const email = await invited(roles)
  const { page, context } = await open()
  await page.goto(await here.app.linkFor(email))
  await setPassword(page)
  await context.close()
  return email
}

async function setPassword(page: Page): Promise<void> {
  await page.getByLabel('New password').fill(PASSWORD)
  await page.getByLabel('Repeat password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Activate account' }).click()
  // The way on to the application begins; it does not trust the issuer's certificate, and is not needed.
  await page.waitForURL(`${here.app.portalOrigin}/login*`)
}

/** Types the password wherever a page asks for it; what the page says otherwise. */
async function trust(page: Page, email: string): Promise<string> {
  const field = page.getByLabel('Password', { exact: true })
  if ((await field.count()) === 0) return page.locator('h1').innerText()
  const address = page.getByLabel('E-mail address')
  if (await address.isVisible()) await address.fill(email)
  await field.fill(PASSWORD)
  await Promise.all([page.waitForNavigation(), page.getByRole('button', { name: 'Sign in', exact: true }).click()])
  await page.waitForLoadState('networkidle')
  return page.locator('h1').innerText()
}

function request(): URLSearchParams {
  const parameters = { client_id: 'portal', response_type: 'code', scope: 'openid', state: 's', ...CHALLENGE }
  return new URLSearchParams({ ...parameters, redirect_uri: `${here.app.portalOrigin}/callback` })
}

async function pushed(): Promise<string> {
  const secret = secretOf(here.app, 'portal')
  const answer = await fetch(`${here.app.origin}/request`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`portal:${secret}`)}` },
    body: request(),
  })
  const { request_uri } = (await answer.json()) as { request_uri: string }
  return `${here.issuer}/auth?${new URLSearchParams({ client_id: 'portal', request_uri })}`
}

const BEGINNINGS: Array<[what: string, address: () => Promise<string> | string]> = [
  ['an authorization request', () => `${here.issuer}/auth?${request()}`],
  ['a pushed request', pushed],
  ['the way into the settings', () => `${here.issuer}/account`],
  ['the way into administration', () => `${here.issuer}/admin`],
]

test.each(BEGINNINGS)(
  'planted: what somebody types in a sitting that began as %s is not the attacker’s',
  async (_what, address) => {
    const email = await person(['owner'])
    const attacker = await open()
    await attacker.page.goto(await address())
    const sitting = attacker.page.url()
    expect(sitting).toContain('/interaction/')
    const uid = new URL(sitting).pathname.split('/')[2]
    // The way back stays theirs, so that the sitting goes on with them.
    const cookies = (await attacker.context.cookies())
      .filter(({ name }) => !name.includes('resume'))
      .map(({ name, value, path }) => `${name}=${value}; path=${path}`)

    const victim = await open()
    await victim.page.goto(here.plant(cookies, sitting))
    expect.soft(await trust(victim.page, email)).toBe('This page belongs to another browser')

    await attacker.page.goto(`${here.issuer}/auth/${uid}`)
    await attacker.page.waitForLoadState('networkidle')
    await attacker.page.goto(`${here.issuer}/account`)
    expect(await attacker.page.locator('body').innerText()).not.toContain(email)
    expect(await attacker.page.getByLabel('Password', { exact: true }).count()).toBe(1)

    // Back to the application: the person gets in, as themselves.
    await victim.page.goto(`${here.issuer}/auth?${request()}`)
    await trust(victim.page, email)
    await victim.page.goto(`${here.issuer}/account`)
    expect(await victim.page.locator('body').innerText()).toContain(email)
    await attacker.context.close()
    await victim.context.close()
  },
)

test('planted: the cookie of a way back alone leads nobody into the attacker’s account', async () => {
  const email = await person()
  const mallory = await person()
  const attacker = await open()
  await attacker.page.goto(`${here.issuer}/auth?${request()}`)
  const uid = new URL(attacker.page.url()).pathname.split('/')[2]
  // Signed in as far as the way back, which the attacker keeps for somebody else.
  await attacker.page.getByLabel('E-mail address').fill(mallory)
  await attacker.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  const answer = await attacker.page.locator('form').evaluate(async (form: HTMLFormElement) => {
    const body = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]))
    return (await fetch(form.getAttribute('action') ?? '', { method: 'POST', body, redirect: 'manual' })).type
  })
  expect(answer).toBe('opaqueredirect')
  const names = ['sigma-resume', 'sigma-resume.sig', 'sigma-interaction', 'sigma-interaction.sig']
  const known = (await attacker.context.cookies()).filter(({ name }) => name.includes('resume'))
  const cookies = [
    ...names.map((name) => `${name}=${uid}; path=/`),
    ...known.map((own) => `${own.name}=${own.value}; path=/auth`),
  ]

  const victim = await open()
  await victim.page.goto(here.plant(cookies, `${here.issuer}/auth?${request()}`))
  await trust(victim.page, email)
  await victim.page.goto(`${here.issuer}/account`)
  expect(await victim.page.locator('body').innerText()).toContain(email)
  await victim.page.goto(`${here.issuer}/auth/${uid}`)
  expect(await victim.page.locator('h1').innerText()).toBe('This page belongs to another browser')
  await attacker.context.close()
  await victim.context.close()
})

describe('planted: the cookie of a mailed link is of no use:', () => {
  const mailed: Record<'activate' | 'recover', () => Promise<string>> = {
    activate: invited,
    async recover() {
      const email = await person()
      await here.app.core.links.request(email, { ip: '127.0.0.1', correlation: 'TEST' })
      return email
    },
  }

  test.each(['activate', 'recover'] as const)('%s', async (path) => {
    const theirs = await mailed[path]()
    const token = (await here.app.linkFor(theirs)).split('/').at(-1)
    const email = await mailed[path]()
    const victim = await open()
    await victim.page.goto(await here.app.linkFor(email))
    expect(victim.page.url()).toBe(`${here.issuer}/${path}/set`)
    const names = [`sigma-${path}`, `__Secure-sigma-${path}`, `__Host-sigma-${path}`]
    const cookies = names.flatMap((name) =>
      [`/${path}/set`, `/${path}`, '/'].map((at) => `${name}=${token}; path=${at}`),
    )
    await victim.page.goto(here.plant(cookies, `${here.issuer}/${path}/set`))
    expect(await victim.page.locator('body').innerText()).toContain(email)
    await victim.context.close()
  })
})

test('no host but ours can set any cookie that we set, and fifty open sign-in pages add none', async () => {
  const email = await person()
  const { page, context } = await open()
  await page.goto(`${here.issuer}/auth?${request()}`)
  await trust(page, email)
  await page.goto(`${here.issuer}/account`)
  const own = async () => (await context.cookies(here.issuer)).map(({ name }) => name).sort()
  const before = await own()
  expect(before.filter((name) => !name.startsWith('__Host-'))).toEqual([])
  expect(before).toContain('__Host-sigma-browser')

  const again = `${here.issuer}/auth?${request()}&prompt=login`
  await page.evaluate(async (address) => {
    for (let tabs = 0; tabs < 50; tabs += 1) await (await fetch(address)).text()
  }, again)
  expect(await own()).toEqual(before)
  await page.goto(again)
  expect(await trust(page, email)).not.toContain('browser')
  await context.close()
})
