/**
 * Forms on an application's own site that ask to sign in or out, in a browser that keeps its cookies from other sites'
 * forms (SameSite=Lax) as browsers do. What else holds for them is test/flow/sign-in/by-form.test.ts.
 */
import type { BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { escapeHtml } from '../../src/render/texts.ts'
import { launchChromium, type Visitor, visitor } from '../support/browser/chromium.ts'
import { EMAIL, PASSWORD, relyingParty, world } from '../support/oidc/relying-party.ts'
import { forAllTests } from '../support/runner/made.ts'

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
const browser = forAllTests(launchChromium)

/** Sends a form from a page of the application: 127.0.0.1 is another site than localhost. */
async function sendForm(page: Page, path: string, fields: Iterable<[string, string]>): Promise<void> {
  await page.goto(here.apps.origin)
  const inputs = [...fields].map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  )
  const form = `<form method="post" action="${here.app.origin}${path}">${inputs.join('')}<button>Send</button></form>`
  await page.setContent(form)
  await page.getByRole('button', { name: 'Send' }).click()
}

async function signedIn(options: BrowserContextOptions = {}): Promise<{ someone: Visitor; hint: string }> {
  const someone = await visitor(browser, options)
  const { page } = someone
  const request = await house.request()
  await sendForm(page, '/auth', request.url.searchParams)
  await page.waitForURL(/\/interaction\//)
  await someone.sound('by-form-sign-in')
  await page.getByLabel('E-mail address').fill(EMAIL)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL((url) => url.searchParams.has('code'))
  const tokens = await house.redeem(page.url(), request)
  return { someone, hint: tokens.id_token ?? '' }
}

const VARIANTS: Array<[string, BrowserContextOptions]> = [
  ['with scripts', {}],
  ['without scripts', { javaScriptEnabled: false }],
]

describe.each(VARIANTS)('%s', (_name, options) => {
  const scripts = options.javaScriptEnabled !== false

  test('who is signed in is recognized at a form of another site', async () => {
    const { someone } = await signedIn(options)
    const { page } = someone
    const silent = await house.request({ prompt: 'none' })
    await sendForm(page, '/auth', silent.url.searchParams)
    await page.waitForURL((url) => url.href.startsWith(house.redirectUri))
    expect((await house.redeem(page.url(), silent)).id_token).toBeDefined()
    await sendForm(page, '/session/end', [])
    await page.waitForURL(`${here.app.origin}/session/end`)
    await page.getByRole('button', { name: 'Stay signed in' }).waitFor()
    await someone.close()
  })

  test('signing out with more than an address can hold ends at the application', async () => {
    const { someone, hint } = await signedIn(options)
    const { page } = someone
    const goodbye = `${here.apps.origin}/house/goodbye`
    const state = 'x'.repeat(5000)
    await sendForm(page, '/session/end', [
      ['id_token_hint', hint],
      ['post_logout_redirect_uri', goodbye],
      ['state', state],
    ])
    if (!scripts) {
      await someone.sound('by-form-forward')
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('button', { name: 'Sign out' }).click()
    }
    await page.waitForURL((url) => url.href.startsWith(goodbye))
    expect(new URL(page.url()).searchParams.get('state')).toBe(state)
    const silent = await house.request({ prompt: 'none' })
    await page.goto(silent.url.href)
    expect(new URL(page.url()).searchParams.get('error')).toBe('login_required')
    await someone.close()
  })
})

test('J-14: a form of ours that another site sends is refused, and forms that are open stay good', async () => {
  const someone = await visitor(browser)
  const { page, context } = someone
  const open = await context.newPage()
  await open.goto(`${here.app.origin}/recover`)
  const csrf = (await open.locator('input[name=csrf]').getAttribute('value')) ?? ''
  const answered = page.waitForResponse((response) => response.url() === `${here.app.origin}/recover`)
  await sendForm(page, '/recover', [
    ['csrf', csrf],
    ['email', EMAIL],
  ])
  expect((await answered).status()).toBe(403)
  await open.getByLabel('E-mail address').fill(EMAIL)
  await open.locator('main button').first().click()
  await open.waitForLoadState()
  expect(await open.locator('main').textContent()).not.toContain('open for too long')
  expect(await open.locator('h1').textContent()).toContain('mail')
  await someone.close()
})
