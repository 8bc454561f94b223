/** A single-page application by oidc-client-ts in a real Chromium; see docs/applications.md. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { launchChromium, visitor } from '../support/browser/chromium.ts'
import { keyOnPage } from '../support/browser/two-step-visitor.ts'
import { ACR } from '../support/oidc/relying-party.ts'
import { type Columns, type Peer, peers } from '../support/peers/peer.ts'
import { codeOf, PASSWORD } from '../support/people/second-factor.ts'
import { type Someone, somebody } from '../support/people/step-up.ts'

let chromium: Browser

beforeAll(async () => {
  chromium = await launchChromium()
})
afterAll(() => chromium?.close())

interface Tab {
  page: Page
  who: Someone
  /** Presses a button of the application. */
  press(name: string): Promise<void>
  /** What the application shows once it has come to rest: who is signed in, and what went wrong. */
  shows(): Promise<string>
}

/** A new person in a new browser, at the application. */
async function tab(peer: Peer): Promise<Tab> {
  const { page } = await visitor(chromium)
  const who = await somebody(peer.app)
  await page.goto(peer.origin)
  return {
    page,
    who,
    press: (name) => page.getByRole('button', { name, exact: true }).click(),
    async shows() {
      await page.waitForURL(`${peer.origin}/`)
      await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
      return page
        .locator('main')
        .evaluate(
          (main) => main.querySelector('output:not(:empty), main:not(:has(output:not(:empty))) pre')?.textContent ?? '',
        )
    },
  }
}

async function signedIn(peer: Peer): Promise<Tab> {
  const it = await tab(peer)
  await it.press('Sign in')
  await it.page.fill('[name=email]', it.who.email)
  await it.page.fill('[name=password]', PASSWORD)
  await it.page.press('[name=password]', 'Enter')
  return it
}

const columns: Columns = {
  'Signs in': async (peer) => {
    const shown = await (await signedIn(peer)).shows()
    return shown.includes('"sub"') ? 'yes' : shown
  },

  'Name, e-mail': async (peer) => {
    const it = await signedIn(peer)
    const shown = await it.shows()
    return shown.includes('Sanne de Vries') && shown.includes(it.who.email) ? 'yes' : shown
  },

  Refresh: async (peer) => {
    const it = await signedIn(peer)
    await it.shows()
    const answer = it.page.waitForResponse((response) => response.url() === `${peer.app.origin}/token`)
    await it.press('Refresh')
    return (await answer).ok() && (await it.shows()).includes('"sub"') ? 'yes' : it.shows()
  },

  Silent: async (peer) => {
    const it = await signedIn(peer)
    await it.shows()
    await it.press('Silent')
    await it.page.waitForURL(/callback/)
    return (await it.shows()).includes('"sub"') ? 'yes' : it.shows()
  },

  'Step-up': async (peer) => {
    const it = await signedIn(peer)
    await it.shows()
    await it.press('Payroll')
    const step = (value: string) => it.page.click(`[name=step][value="${value}"]`)
    await step('enable')
    await step('app:other')
    const key = await keyOnPage(it.page)
    await step('scanned')
    await it.page.fill('[name=code]', codeOf(key, Date.now()))
    await step('code')
    await step('skip')
    await it.page.check('[name=saved]')
    await step('saved')
    await step('continue')
    const shown = await it.shows()
    return shown.includes(ACR.mfa) ? 'yes' : shown
  },

  'Signs out': async (peer) => {
    const it = await signedIn(peer)
    await it.shows()
    await it.press('Sign out')
    const question = it.page.locator('form[action*="/session/end"]:not([data-automatic]) [value=yes]')
    const settled = it.page.getByText('null').or(it.page.locator('output:not(:empty)'))
    await question.or(settled).waitFor()
    const asks = (await question.count()) > 0
    if (asks) await question.click()
    const shown = await it.shows()
    if (shown !== 'null') return shown
    await it.press('Sign in')
    await it.page.locator('[name=password]').waitFor()
    return asks ? 'asks' : 'yes'
  },

  'New keys': async (peer) => {
    await (await signedIn(peer)).shows()
    await peer.rotate()
    const before = await (await signedIn(peer)).shows()
    if (!before.includes('"sub"')) return before
    for (const forced of [true, true]) await peer.rotate({ forced })
    const after = await (await signedIn(peer)).shows()
    return after.includes('"sub"') ? 'yes' : after
  },
}

peers(
  [{ library: 'oidc-client-ts', run: [process.execPath, 'server.js'], switched: { id_token_claims: undefined } }],
  columns,
)
