/** Asking the help desk to be let back in (JOURNEYS J7.1), and the link that cancels it. */
import { expect, test } from 'vitest'
import { DAY } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { at } from '../../support/app/settings.ts'
import { askForHelp, cancelLink, type LockedOut, lockedOut, signIn, sitting } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { press, text } from '../../support/people/second-factor.ts'
import { forAllTests } from '../../support/runner/made.ts'

let seen = 0

const app = forAllTests(() =>
  startApp({
    settings: { brand: { supportPhone: '+31 20 123 45 67', supportEmail: 'help@sigma.example' } },
  }),
)
clockOfEachTest()

function someoneNew(): Promise<LockedOut> {
  seen += 1
  return lockedOut(app, `sanne${seen}@sigma.example`)
}

async function stateOf(number: string): Promise<string | undefined> {
  return (await app.core.recovery.find(number))?.state
}

test('the number stays to be read, what happens next is said, and the ways back are there', async () => {
  const { browser } = await someoneNew()
  expect(text(browser.page)).toContain('How can we reach you?')
  expect(/<input id="contact"[^>]*>/.exec(browser.page.html)?.[0]).not.toContain('value=')
  const form = browser.forms()[0]?.fields
  const number = await askForHelp(browser)
  expect(browser.trail.at(-2)).toMatchObject({ method: 'POST', status: 303 })
  await browser.visit(browser.page.url)
  expect(text(browser.page)).toContain(`${number.slice(0, 4)} ${number.slice(4)}`)
  expect(browser.page.html).toContain('href="tel:+31201234567"')
  expect(browser.page.html).toMatch(/challenge\/temporary".*challenge\/methods"/s)
  // In another tab the form of before is still open: no second case, no second mail.
  await browser.post(browser.page.url, { ...form, contact: 'again', step: 'request' })
  expect(text(browser.page)).toContain(`${number.slice(0, 4)} ${number.slice(4)}`)
  expect(await app.core.recovery.listOpen()).toHaveLength(1)
})

test.each([
  ['nothing', ' ', 'Tell us how we can reach you.'],
  ['too much', 'x'.repeat(201), 'Use at most 200 characters.'],
  ['a citizen service number', '111222333', 'This looks like a citizen service number'],
])('%s as a contact: what to do about it, and what was typed stays', async (_what, contact, words) => {
  const { browser } = await someoneNew()
  await press(browser, 'request', { contact })
  expect(browser.page.status).toBe(400)
  expect(text(browser.page)).toContain(words)
  if (contact.trim()) expect(browser.page.html).toContain(`value="${contact}"`)
})

test('the fourth request of a day is refused with how long to wait', async () => {
  const { browser, email } = await someoneNew()
  for (let count = 0; count < 3; count += 1) {
    await askForHelp(browser)
    const reader = new Person()
    await reader.visit(await cancelLink(app, email))
    await reader.submit({ sure: 'yes' })
    await browser.visit(browser.page.url)
  }
  await press(browser, 'request', { contact: '06 1234 5678' })
  expect(browser.page.status).toBe(429)
  expect(Number(browser.page.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(text(browser.page)).toContain('You have asked for help several times today.')
})

test('J7.1 REC-02 opening the link changes nothing and leaves no token behind; its button cancels', async () => {
  const { browser, email } = await someoneNew()
  const number = await askForHelp(browser)
  const link = await cancelLink(app, email)
  expect(link.startsWith(`${app.origin}/recovery/`)).toBe(true)
  const reader = new Person()
  for (let count = 0; count < 3; count += 1) await reader.visit(link)
  expect(at(reader)).toBe('/recovery/cancel')
  expect(reader.trail[0]?.headers.get('referrer-policy')).toBe('no-referrer')
  expect(reader.cookie('sigma-recovery')).toBe(link.split('/').at(-1))
  expect(reader.page.html).not.toContain(link.split('/').at(-1))
  expect(text(reader.page)).toContain(email)
  expect(text(reader.page)).toContain(`${number.slice(0, 4)} ${number.slice(4)}`)
  expect(await stateOf(number)).toBe('open')

  // A mail scanner that presses buttons does not tick.
  await reader.submit()
  expect(reader.page.status).toBe(400)
  expect(await stateOf(number)).toBe('open')
  await reader.submit({ sure: 'yes' })
  expect(await stateOf(number)).toBe('canceled')
  expect(text(reader.page)).toContain('The request is canceled')
  expect(reader.page.html).toContain('href="/recover"')
  await reader.visit(reader.page.url)
  expect(text(reader.page)).toContain('The request is canceled')
  await browser.visit(browser.page.url)
  expect(text(browser.page)).toContain('How can we reach you?')
})

test('a form from another site, or about another request than the link in this browser, cancels nothing', async () => {
  const [sanne, piet] = [await someoneNew(), await someoneNew()]
  const first = await askForHelp(sanne.browser)
  const second = await askForHelp(piet.browser)
  const reader = new Person()
  await reader.visit(await cancelLink(app, sanne.email))
  const form = { ...reader.forms()[0]?.fields, sure: 'yes' }
  await reader.post('/recovery/cancel', { ...form, csrf: '' })
  expect(reader.page.status).toBe(403)
  // Two links in two tabs share the cookie.
  await reader.visit(await cancelLink(app, piet.email))
  await reader.post('/recovery/cancel', form)
  expect([await stateOf(first), await stateOf(second)]).toEqual(['open', 'open'])
  expect(text(reader.page)).toContain(piet.email)
})

test.each(['nonsense', 'a'.repeat(43), '%0d%0aset-cookie:x'])('a link to nothing (%s): a clear page', async (token) => {
  const reader = new Person()
  await reader.visit(`${app.origin}/recovery/${token}`)
  expect([at(reader), reader.page.status]).toEqual(['/recovery/cancel', 410])
  expect(text(reader.page)).toContain('This link no longer works')
})

test('a request that ran out: the link is dead, and the person can ask anew', async () => {
  const { browser, email } = await someoneNew()
  const number = await askForHelp(browser)
  const link = await cancelLink(app, email)
  pass(4 * DAY)
  const reader = new Person()
  await reader.visit(link)
  expect(reader.page.status).toBe(410)
  const again = new Person()
  await signIn(app, again, email)
  await again.visit(sitting(again, 'challenge/none'))
  expect(await askForHelp(again)).not.toBe(number)
})

test('nobody files a request before the password', async () => {
  const stranger = new Person()
  await stranger.visit(`${app.portalOrigin}/login`)
  const csrf = stranger.forms()[0]?.fields.csrf ?? ''
  await stranger.post(sitting(stranger, 'challenge/none'), { csrf, contact: '06 1234 5678', step: 'request' })
  expect(text(stranger.page)).not.toMatch(/\b\d{4} \d{4}\b/)
  expect(text(stranger.page)).toContain('Password')
})
