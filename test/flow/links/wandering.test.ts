/**
 * A mailed link works in whatever browser it is opened, until a valid form uses it up; and whoever forgot their password
 * ends at the application that they were heading for.
 */
import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { record } from '../../support/oidc/client-records.ts'
import { type Request, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { invite } from '../../support/people/organizations.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD, text } from '../../support/people/second-factor.ts'
import { somebody } from '../../support/people/step-up.ts'
import { leaveOpen, whereabouts } from '../../support/people/wanderer.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const OTHER = 'heel andere woorden gekozen'
const begin = { initiate_login_uri: '{apps}/begin' }
const stranger = { ...begin, first_party: false, scope: 'openid email' }
const all = forAllTests(() => world({ more: [record('heading', begin), record('stranger', stranger)] }))
const heading = forAllTests(() => relyingParty(all, 'heading'))

interface Mailed {
  browser: Person
  email: string
  link: string
  /** The request that the person came with, if they came with one. */
  request?: Request
}

const MAILED: Record<'activate' | 'recover', () => Promise<Mailed>> = {
  async activate() {
    const email = `invited${Math.random()}@sigma.example`
    await invite(all.app, { email, name: 'Joris Jansen', locale: 'en', organization: 'Bakkerij' })
    return { browser: new Person(), email, link: await all.app.linkFor(email) }
  },
  /** From the sign-in page of an application, after a wrong password, by **Forgot password?**. */
  async recover() {
    const { email } = await somebody(all.app)
    const browser = new Person()
    const request = await heading.request()
    await browser.visit(request.url.href)
    await browser.submit({ email, password: 'not the password of anybody' })
    await browser.visit(/href="(\/recover[^"]*)"/.exec(browser.page.html)?.[1] ?? '')
    // The address that was typed is there already.
    await browser.submit()
    expect(text(browser.page)).toContain('Check your e-mail')
    return { browser, email, link: await all.app.linkFor(email), request }
  },
}

/** Sets the password, and signs in with it where that leads. */
async function finish({ browser, email }: Mailed): Promise<void> {
  await browser.submit({ password: OTHER, repeat: OTHER })
  if (browser.page.html.includes('autocomplete="current-password"')) await browser.submit({ email, password: OTHER })
}

async function atApplication({ browser, email, request }: Mailed): Promise<void> {
  // The home application finds its own way from here.
  if (request) await heading.redeem(browser.page.url, request)
  else expect(browser.page.url).toBe(`${all.apps.origin}/house?login_hint=${encodeURIComponent(email)}`)
}

type Way = (mailed: Mailed, path: string) => Promise<void>

const WAYS: Record<string, Way> = {
  async '21 minutes'(mailed) {
    await mailed.browser.visit(mailed.link)
    leaveOpen(mailed.browser, 21 * MINUTE)
    await finish(mailed)
    await atApplication(mailed)
  },
  async '13 hours'(mailed, path) {
    await mailed.browser.visit(mailed.link)
    leaveOpen(mailed.browser, 13 * HOUR)
    if (path === 'recover') {
      // The link has had its hour: a new one comes by mail, and leads as far.
      await mailed.browser.submit({ password: OTHER, repeat: OTHER })
      expect(whereabouts(mailed.browser)).toBe('This link no longer works')
      await mailed.browser.submit()
      await mailed.browser.visit(await all.app.linkFor(mailed.email))
    }
    await finish(mailed)
    await atApplication(mailed)
  },
  async reload(mailed) {
    await mailed.browser.visit(mailed.link)
    leaveOpen(mailed.browser, 31 * MINUTE)
    await mailed.browser.visit(mailed.browser.page.url)
    await finish(mailed)
    await atApplication(mailed)
  },
  async back(mailed, path) {
    await mailed.browser.visit(mailed.link)
    await finish(mailed)
    await mailed.browser.visit(`${all.app.origin}/${path}/set`)
    expect(whereabouts(mailed.browser)).toBe('This link no longer works')
    const begin = mailed.request ? `${all.apps.origin}/begin` : `${all.apps.origin}/house`
    expect(mailed.browser.page.html).toContain(`<a href="${begin}">Go to sign in</a>`)
  },
  async 'second tab'(mailed, path) {
    await mailed.browser.visit(mailed.link)
    const tab = mailed.browser.copy()
    await finish(mailed)
    tab.cookies = mailed.browser.cookies
    await tab.submit({ password: PASSWORD, repeat: PASSWORD })
    expect([tab.page.url, whereabouts(tab)]).toEqual([`${all.app.origin}/${path}/set`, 'This link no longer works'])
  },
}

describe.each(Object.entries(MAILED))('%s', (path, mail) => {
  test.each(Object.entries(WAYS))('%s', async (_name, way) => way(await mail(), path))

  test('a form that is sent without its cookie asks to open the mail again: nothing is sent, and the link works on', async () => {
    const mailed = await mail()
    await mailed.browser.visit(mailed.link)
    const mails = (await all.app.inbox()).length
    const elsewhere = new Person()
    elsewhere.page = mailed.browser.page
    for (const address of [`/${path}/set`, `/${path}/again`]) {
      const { fields = {} } = mailed.browser.forms()[0] ?? {}
      // With and without a form of the other browser's own.
      if (address.endsWith('/again')) await elsewhere.visit(`${all.app.origin}/recover`)
      const { csrf = '' } = elsewhere.forms()[0]?.fields ?? {}
      await elsewhere.post(all.app.origin + address, { ...fields, csrf, email: mailed.email, password: OTHER })
      expect([elsewhere.page.status, whereabouts(elsewhere)]).toEqual([403, 'Open the link in the mail again'])
    }
    expect((await all.app.inbox()).length).toBe(mails)
    await elsewhere.visit(mailed.link)
    await finish({ ...mailed, browser: elsewhere })
    await elsewhere.visit(`${all.app.origin}/${path}/set`)
    expect(whereabouts(elsewhere)).toBe('This link no longer works')
  })
})

test('in another browser the link leads to where a sign-in to that application begins, with the address', async () => {
  const mailed = await MAILED.recover()
  const browser = new Person()
  await browser.visit(mailed.link)
  await browser.submit({ password: OTHER, repeat: OTHER })
  expect(browser.page.url).toBe(`${all.apps.origin}/begin?login_hint=${encodeURIComponent(mailed.email)}`)
})

test('an application of others is told no address: a link that somebody else asked for may lead to it', async () => {
  const { email } = await somebody(all.app)
  const thief = new Person()
  await thief.visit((await (await relyingParty(all, 'stranger')).request()).url.href)
  await thief.visit(/href="(\/recover[^"]*)"/.exec(thief.page.html)?.[1] ?? '')
  await thief.submit({ email })
  const owner = new Person()
  await owner.visit(await all.app.linkFor(email))
  await owner.submit({ password: OTHER, repeat: OTHER })
  expect(owner.page.url).toBe(`${all.apps.origin}/begin`)
})

test.each(['x', 'xxxxxxxxxxxxxxxxxxxxx', '../x', '', 'a&from=b'])(
  'a page %j that nobody came from carries nothing',
  async (from) => {
    const browser = new Person()
    await browser.visit(`${all.app.origin}/recover?from=${from}`)
    expect(browser.forms()[0]?.action).toBe('/recover')
  },
)

test('password managers find the page that changes the password, and learn that status codes can be relied on', async () => {
  for (const method of ['GET', 'HEAD']) {
    const there = await new Person().request(method, `${all.app.origin}/.well-known/change-password`)
    expect([there.status, there.headers.get('location')]).toEqual([302, '/account/password'])
    const probe = '/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200'
    expect((await new Person().request(method, all.app.origin + probe)).status).toBe(404)
  }
})
