/** A mailed link that is opened where somebody is signed in: nobody goes on as the other one (J1, SECURITY SES-00). */
import { expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { activate, PASSWORD, signedIn, signIn } from '../../support/attack/attack.ts'
import type { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const OTHER = 'heel andere woorden gekozen'
let people = 0

const app = forAllTests(startApp)

function newcomer(): string {
  people += 1
  return `person${people}@sigma.example`
}

/** Someone who is signed in to the portal. */
async function signedInPerson(email = newcomer()): Promise<{ email: string; browser: Person }> {
  await activate(app, email)
  return { email, browser: await signIn(app, email) }
}

const LINKS: Record<'activate' | 'recover', () => Promise<string>> = {
  async activate() {
    const email = newcomer()
    await app.core.links.invite({ email, name: 'Joris Jansen', locale: 'en' })
    return email
  },
  async recover() {
    const email = newcomer()
    await activate(app, email)
    await app.core.links.request(email, { ip: '192.0.2.1', correlation: 'TEST' })
    return email
  },
}

test.each(['activate', 'recover'] as const)('%s: whoever is signed in signs out first', async (path) => {
  const anna = await signedInPerson()
  const email = await LINKS[path]()
  const link = await app.linkFor(email)
  const { browser } = anna
  await browser.visit(link)
  expect(browser.page.status).toBe(200)
  expect(browser.page.html).toContain('<h1>Sign out first</h1>')
  expect([browser.page.html.includes(anna.email), browser.page.html.includes(email)]).toEqual([true, true])
  expect(browser.forms().map(({ action }) => action)).toEqual([`/${path}/sign-out`])

  await browser.submit()
  expect(browser.page.url).toBe(`${app.origin}/${path}/set`)
  await browser.submit({ password: OTHER, repeat: OTHER })
  // At the sign-in of the application, which finds nobody signed in.
  expect(browser.page.html).toContain(email)
  await browser.submit({ email, password: OTHER })
  expect(signedIn(app, browser)).toBe(true)
  await browser.visit(`${app.origin}/account`)
  expect([browser.page.html.includes(anna.email), browser.page.html.includes(email)]).toEqual([false, true])
})

test.each(['activate', 'recover'] as const)(
  '%s: a form that was open when somebody else signed in uses nothing up',
  async (path) => {
    const email = await LINKS[path]()
    const link = await app.linkFor(email)
    const anna = newcomer()
    await activate(app, anna)
    const page = await signIn(app, newcomer(), 'x')
    await page.visit(link)
    const [form] = page.forms()
    await signIn(app, anna, PASSWORD, page)
    await page.post(`${app.origin}/${path}/set`, { ...form?.fields, password: OTHER, repeat: OTHER })
    expect(page.page.status).toBe(409)
    expect(page.page.html).toContain('<h1>Sign out first</h1>')
    await page.submit()
    await page.submit({ password: OTHER, repeat: OTHER })
    expect(page.page.html).toContain('name="password"')
  },
)

test('an application that asked to be told hears of it, and no form of another page signs anybody out', async () => {
  const anna = await signedInPerson()
  const { browser } = anna
  await browser.visit(await app.linkFor(await LINKS.activate()))
  const stale = browser.copy()
  await stale.post(`${app.origin}/activate/sign-out`, { csrf: 'x' })
  expect(stale.page.status).toBe(403)
  await browser.visit(`${app.portalOrigin}/`)
  expect(signedIn(app, browser)).toBe(true)
  await browser.visit(`${app.origin}/activate/set`)
  await browser.submit()
  await app.drain()
  await browser.visit(`${app.portalOrigin}/`)
  expect(browser.page.html).not.toContain('Sanne de Vries')
})

test('one’s own link, opened where one is signed in, asks for the password at once', async () => {
  const anna = await signedInPerson()
  await app.core.links.request(anna.email, { ip: '192.0.2.1', correlation: 'TEST' })
  await anna.browser.visit(await app.linkFor(anna.email))
  expect(anna.browser.page.html).toContain('name="repeat"')
})
