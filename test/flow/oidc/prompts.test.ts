/** When a page is shown and when not: prompt, max_age, hints, languages, consent and single sign-on. */
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import {
  activate,
  answer,
  asksPassword,
  EMAIL,
  PASSWORD,
  type RelyingParty,
  relyingParty,
  world,
} from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const OTHER = 'joris@sigma.example'
let sanne: Person

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
beforeAll(async () => {
  await activate(here.app, OTHER, 'Joris Jansen')
})

clockOfEachTest()
beforeEach(async () => {
  sanne = new Person()
  await house.signIn(sanne)
})

test('a second application asks for nothing', async () => {
  const hops = sanne.trail.length
  const second = await relyingParty(here, 'second')
  const tokens = await second.signIn(sanne)
  expect(tokens.claims()?.aud).toBe('second')
  expect(sanne.trail.slice(hops).map(({ status }) => status)).toEqual([303, 200])
})

test('prompt=login asks for the password again, and auth_time moves', async () => {
  const before = await house.signIn(sanne)
  pass(5 * SECOND)
  const request = await house.request({ prompt: 'login' })
  await sanne.visit(request.url.href)
  expect(asksPassword(sanne)).toBe(true)
  await sanne.submit({ password: PASSWORD })
  const after = await house.redeem(sanne.page.url, request)
  expect(after.claims()?.auth_time).toBe((before.claims()?.auth_time ?? 0) + 5)
})

test('prompt=none never shows a page', async () => {
  await house.open(sanne, { prompt: 'none' })
  expect(answer(sanne).get('code')).toBeTypeOf('string')
  const stranger = new Person()
  await house.open(stranger, { prompt: 'none' })
  expect(answer(stranger).get('error')).toBe('login_required')
  const guest = await relyingParty(here, 'guest')
  await guest.open(sanne, { prompt: 'none' })
  expect(answer(sanne).get('error')).toBe('consent_required')
})

test('max_age asks again only when the password is older', async () => {
  pass(100 * SECOND)
  await house.open(sanne, { max_age: '101' })
  expect(answer(sanne).get('code')).toBeTypeOf('string')
  await house.open(sanne, { max_age: '99', prompt: 'none' })
  expect(answer(sanne).get('error')).toBe('login_required')
  const request = await house.request({ max_age: '99' })
  await sanne.visit(request.url.href)
  expect(asksPassword(sanne)).toBe(true)
  await sanne.submit({ password: PASSWORD })
  const tokens = await house.redeem(sanne.page.url, request)
  expect(tokens.claims()?.auth_time).toBe(Math.floor(Date.now() / SECOND))
})

test('max_age=0 always asks', async () => {
  const request = await house.request({ max_age: '0' })
  await sanne.visit(request.url.href)
  expect(asksPassword(sanne)).toBe(true)
  await house.open(sanne, { max_age: '0', prompt: 'none' })
  expect(answer(sanne).get('error')).toMatch(/^(login_required|invalid_request)$/)
})

test('max_age that makes no sense is refused', async () => {
  for (const max_age of ['-1', 'x', '1e400']) {
    await house.open(sanne, { max_age })
    expect(answer(sanne).get('error')).toBe('invalid_request')
  }
})

test('select_account shows who is signed in, and choosing that account goes straight on', async () => {
  const request = await house.request({ prompt: 'select_account' })
  await sanne.visit(request.url.href)
  expect(asksPassword(sanne)).toBe(false)
  expect(sanne.page.html).toContain(EMAIL)
  await sanne.submit({ account: EMAIL })
  expect((await house.redeem(sanne.page.url, request)).claims()?.amr).toEqual(['pwd'])
})

test('Remove this address takes it off the chooser of this browser, and off its next sign-in page', async () => {
  const browser = new Person()
  const visit = async (who: Person, prompt: string) => who.visit((await house.request({ prompt })).url.href)
  await visit(browser, 'login')
  await browser.submit({ email: EMAIL, password: PASSWORD, remember: 'yes' })
  await visit(browser, 'select_account')
  await browser.submit({ forget: EMAIL })
  // Who is signed in stays in the list as long as they are.
  expect([browser.page.html.includes(`value="${EMAIL}"`), browser.page.html.includes('name="forget"')]).toEqual([
    true,
    false,
  ])
  const signedOut = new Person()
  signedOut.cookies = browser.cookies.filter(({ name }) => !name.includes('session'))
  await visit(signedOut, 'login')
  expect([asksPassword(signedOut), signedOut.page.html.includes(EMAIL)]).toEqual([true, false])
})

test('I-06 Use another account ends the first session: another sid, another sub, nothing of the first', async () => {
  const before = await house.signIn(sanne)
  const request = await house.request({ prompt: 'select_account' })
  await sanne.visit(request.url.href)
  await sanne.submit({ action: 'other' })
  expect(asksPassword(sanne)).toBe(true)
  expect(sanne.page.html).not.toContain(EMAIL)
  await sanne.submit({ email: OTHER, password: PASSWORD })
  // The library ends the old session by a form that posts itself; this browser has no scripts.
  if (!sanne.page.url.startsWith(house.redirectUri)) await sanne.submit()
  const after = await house.redeem(sanne.page.url, request)
  expect(after.claims()?.sub).not.toBe(before.claims()?.sub)
  expect(after.claims()?.sid).not.toBe(before.claims()?.sid)
  await expect(house.refresh(before.refresh_token)).rejects.toThrow()
  await here.app.drain()
  expect(here.apps.received.map(({ path }) => path)).toContain('/house/logout')
})

test('login_hint fills in the address, for a stranger', async () => {
  const stranger = new Person()
  const request = await house.request({ login_hint: OTHER })
  await stranger.visit(request.url.href)
  expect(stranger.forms()[0]?.fields.email).toBe(OTHER)
  await stranger.visit((await house.request({ login_hint: '"><script>alert(1)</script>' })).url.href)
  expect(stranger.page.html).not.toContain('<script>alert')
})

test('id_token_hint of the person signed in asks nothing; of someone else, it asks or says login_required', async () => {
  const { id_token = '' } = await house.signIn(sanne)
  await house.open(sanne, { id_token_hint: id_token, prompt: 'none' })
  expect(answer(sanne).get('code')).toBeTypeOf('string')

  const joris = new Person()
  const request = await house.open(joris, {}, OTHER)
  const other = await house.redeem(joris.page.url, request)
  await house.open(sanne, { id_token_hint: other.id_token ?? '', prompt: 'none' })
  expect(answer(sanne).get('error')).toBe('login_required')
})

test('id_token_hint of someone else, answered by the same person again and again, ends with an error', async () => {
  const joris = new Person()
  const other = await house.redeem(...(await came(joris)))
  const request = await house.request({ id_token_hint: other.id_token ?? '' })
  await sanne.visit(request.url.href)
  for (let rounds = 0; rounds < 3 && asksPassword(sanne); rounds += 1) await sanne.submit({ password: PASSWORD })
  expect(answer(sanne).get('error')).toBe('login_required')

  async function came(person: Person): Promise<Parameters<RelyingParty['redeem']>> {
    const begun = await house.open(person, {}, OTHER)
    return [person.page.url, begun]
  }
})

test('ui_locales chooses the language of the page', async () => {
  const stranger = new Person({ language: 'en' })
  await stranger.visit((await house.request({ ui_locales: 'nl-NL nl' })).url.href)
  expect(stranger.page.html).toContain('lang="nl"')
  await stranger.visit((await house.request({ ui_locales: '../../etc/passwd xx' })).url.href)
  expect(stranger.page.status).toBe(200)
  expect(stranger.page.html).toContain('lang="en"')
})

test('an application that is not of the house asks once what it may know', async () => {
  const guest = await relyingParty(here, 'guest')
  const request = await guest.request({ scope: 'openid profile' })
  await sanne.visit(request.url.href)
  expect(sanne.page.html).toContain('Application guest')
  expect(sanne.page.html).toContain('Your name and language')
  await sanne.submit({ action: 'allow' })
  expect((await guest.redeem(sanne.page.url, request)).scope).toBe('openid profile')

  await guest.signIn(sanne, { scope: 'openid profile' })
  // More than before is asked for again.
  await sanne.visit((await guest.request({ scope: 'openid profile email' })).url.href)
  expect(sanne.page.html).toContain('Your e-mail address')
})

test('Cancel goes back to the application with access_denied, from the password and from consent', async () => {
  const guest = await relyingParty(here, 'guest')
  const stranger = new Person()
  await stranger.visit((await guest.request()).url.href)
  await stranger.submit({ action: 'cancel' })
  expect(answer(stranger).get('error')).toBe('access_denied')
  await sanne.visit((await guest.request()).url.href)
  await sanne.submit({ action: 'cancel' })
  expect(answer(sanne).get('error')).toBe('access_denied')
  await sanne.visit((await guest.request()).url.href)
  expect(sanne.page.html).toContain('value="allow"')
})

test('an interaction is over after 20 minutes', async () => {
  const stranger = new Person()
  await stranger.visit((await house.request()).url.href)
  pass(20 * MINUTE + 6 * SECOND)
  // Without what the browser kept of its request; see sign-in/wandering.test.ts.
  stranger.cookies = stranger.cookies.filter(({ name }) => name !== 'sigma-requests')
  await stranger.submit({ email: EMAIL, password: PASSWORD })
  expect(stranger.page.status).toBe(400)
  expect(stranger.page.url.startsWith(here.app.origin)).toBe(true)
})
