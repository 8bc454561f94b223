/** The way back from the dispatcher to the settings: it is one browser's, for one trip, with one code of our own client. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { at, open } from '../../support/app/settings.ts'
import { mint } from '../../support/oidc/raw-oauth.ts'
import { relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { due, type Someone, somebody } from '../../support/people/step-up.ts'
import { forAllTests, forEachTest } from '../../support/runner/made.ts'

let callback: string
/** Signed in, and about to enter the settings. */
let attacker: Someone

const here = forAllTests(world)
beforeAll(async () => {
  callback = `${here.app.origin}/account/callback`
})
/** Signed in to the settings. */
const victim = forEachTest(() => somebody(here.app))
beforeEach(async () => {
  await open(here.app, victim, '/account')
  attacker = await somebody(here.app)
  await open(here.app, attacker, '/account')
  attacker.browser.cookies = attacker.browser.cookies.filter(({ name }) => name !== 'sigma-account')
})

/** Sets out for the settings: the address of the authorization request. */
async function setOut(browser: Person, path = '/account'): Promise<URL> {
  const answer = await browser.request('GET', `${here.app.origin}${path}`)
  const to = new URL(answer.headers.get('location') ?? '')
  if (to.pathname !== '/auth') throw new Error(`no trip but ${to}`)
  return to
}

/** And up to the way back, which is not gone: the address with the code. */
async function setOutAndStay(browser: Person): Promise<URL> {
  const answer = await browser.request('GET', (await setOut(browser)).href)
  const back = new URL(answer.headers.get('location') ?? '')
  if (!back.href.startsWith(`${callback}?`) || !back.searchParams.has('code')) throw new Error(`no code: ${back}`)
  return back
}

function without(browser: Person, ...cookies: string[]): Person {
  const copy = browser.copy()
  copy.cookies = copy.cookies.filter(({ name }) => !cookies.includes(name))
  return copy
}

/** Whoever the settings say it is in this browser, if anyone. */
async function whose(browser: Person): Promise<string> {
  await browser.visit(`${here.app.origin}/account`)
  if (due(browser)) return 'nobody'
  return [attacker, victim].find(({ email }) => browser.page.html.includes(email))?.email ?? browser.page.url
}

test('the way there and back, to show that it can be gone', async () => {
  const back = await setOutAndStay(attacker.browser)
  await attacker.browser.visit(back.href)
  expect([at(attacker.browser), attacker.browser.page.status]).toEqual(['/account', 200])
  expect(attacker.browser.page.html).toContain(attacker.email)
  expect(attacker.browser.cookie('sigma-account-trip')).toBeUndefined()
})

describe('I-02 somebody else’s code in this browser does not sign it in as them', () => {
  test.each(['signed in', 'a stranger'])('without a trip, %s', async (which) => {
    const back = await setOutAndStay(attacker.browser)
    const browser = which === 'signed in' ? victim.browser : new Person()
    await browser.visit(back.href)
    expect(browser.page.html).not.toContain(attacker.email)
    expect(await whose(browser)).toBe(which === 'signed in' ? victim.email : 'nobody')
  })

  test.each(['signed in', 'a stranger'])('on a trip of its own, %s', async (which) => {
    const back = await setOutAndStay(attacker.browser)
    const browser = which === 'signed in' ? without(victim.browser, 'sigma-account') : new Person()
    await setOut(browser)
    await browser.visit(back.href)
    // It was not looked at: the way begins again.
    expect(browser.page.status).toBe(200)
    expect(browser.page.html).not.toContain(attacker.email)
    expect(await whose(browser)).toBe(which === 'signed in' ? victim.email : 'nobody')
  })

  test('with the state of the trip, which was stolen: the code does not fit the verifier', async () => {
    const back = await setOutAndStay(attacker.browser)
    const browser = new Person()
    const state = (await setOut(browser)).searchParams.get('state') ?? ''
    back.searchParams.set('state', state)
    await browser.visit(back.href)
    expect(browser.page.status).toBe(400)
    expect(await whose(browser)).toBe('nobody')
  })

  test('with the whole authorization request of the trip it is the attacker who signed in, in their browser alone', async () => {
    const browser = new Person()
    const request = await setOut(browser)
    const answer = await attacker.browser.request('GET', request.href)
    const back = answer.headers.get('location') ?? ''
    await attacker.browser.visit(back)
    expect(attacker.browser.page.html).toContain(attacker.email)
    expect(at(attacker.browser)).toBe('/account')
  })
})

describe('J-03 a code', () => {
  test.each(['house', 'second'])('of the application %s is none of ours, and stays good there', async (id) => {
    const party = await relyingParty(here, id)
    const minted = await mint(party, attacker.browser)
    const browser = attacker.browser
    const state = (await setOut(browser)).searchParams.get('state') ?? ''
    await browser.visit(`${callback}?${new URLSearchParams({ code: minted.code, state })}`)
    expect(browser.page.status).toBe(400)
    const address = `${party.redirectUri}?${new URLSearchParams({ code: minted.code, state: minted.request.state, iss: here.app.origin })}`
    await expect(party.redeem(address, minted.request)).resolves.toHaveProperty('access_token')
  })

  test('of ours is none of an application’s', async () => {
    const back = await setOutAndStay(attacker.browser)
    const party = await relyingParty(here, 'house')
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: callback,
      client_id: 'sigma-account',
      code_verifier: 'x'.repeat(43),
    })
    const headers = { authorization: `Basic ${btoa(`house:${party.secret}`)}` }
    const asHouse = await fetch(`${here.app.origin}/token`, { method: 'POST', body, headers })
    const asNobody = await fetch(`${here.app.origin}/token`, { method: 'POST', body })
    expect([asHouse.status, asNobody.status].every((status) => status >= 400 && status < 500)).toBe(true)
  })

  test('is good once: the way back that is gone again leads to the beginning, and to nothing for a thief', async () => {
    const thief = attacker.browser
    const back = await setOutAndStay(attacker.browser)
    const copy = without(thief, 'sigma-session')
    await attacker.browser.visit(back.href)
    expect(at(attacker.browser)).toBe('/account')
    await attacker.browser.visit(back.href)
    expect([at(attacker.browser), attacker.browser.page.status]).toEqual(['/account', 200])
    await copy.visit(back.href)
    expect(copy.page.status).toBe(400)
    expect(await whose(copy)).toBe('nobody')
  })

  test.each(['', 'x', 'x'.repeat(2000), '../../auth'])('that is none: «%s»', async (code) => {
    const browser = new Person()
    const state = (await setOut(browser)).searchParams.get('state') ?? ''
    await browser.visit(`${callback}?${new URLSearchParams({ code, state })}`)
    expect(browser.page.status).toBe(400)
    expect(await whose(browser)).toBe('nobody')
  })
})

describe('an error that comes back', () => {
  test.each([
    ['access_denied', '/account', 200],
    ['login_required', '/account/callback', 400],
    ['server_error', '/account/callback', 400],
    ['"><script>alert(1)</script>', '/account/callback', 400],
  ])('%s, with the right state, leads to %s', async (error, path, status) => {
    const { browser } = attacker
    const state = (await setOut(browser)).searchParams.get('state') ?? ''
    browser.cookies.push(...victim.browser.cookies.filter(({ name }) => name === 'sigma-account'))
    await browser.visit(`${callback}?${new URLSearchParams({ error, state, error_description: error })}`)
    expect([at(browser), browser.page.status]).toEqual([path, status])
    expect(browser.page.html).not.toContain('<script>alert')
  })

  test('of a stranger is the front door', async () => {
    const browser = new Person()
    const state = (await setOut(browser)).searchParams.get('state') ?? ''
    await browser.visit(`${callback}?${new URLSearchParams({ error: 'access_denied', state })}`)
    expect(browser.page.url).toBe(`${here.app.origin}/`)
  })

  test.each(['no trip', 'a trip of its own'])('without the state of a trip is not listened to: %s', async (which) => {
    for (const query of ['', 'error=access_denied', 'error=x&state=', 'state=x&state=y&error=x', 'code=x&state=%00']) {
      const browser = which === 'no trip' ? victim.browser.copy() : without(victim.browser, 'sigma-account')
      if (which !== 'no trip') await setOut(browser)
      await browser.visit(`${callback}?${query}`)
      expect([at(browser), browser.page.status], query).toEqual(['/account', 200])
      expect(browser.page.html).toContain(victim.email)
    }
  })
})

test('J-13 a trip leads to a page of ours, whatever was written after its address', async () => {
  const who = await somebody(here.app)
  for (const path of ['/account?next=https://evil.example', '/account/language?to=//evil.example#x']) {
    who.browser.cookies = []
    await open(here.app, who, path)
    expect(who.browser.page.url.startsWith(`${here.app.origin}/account`)).toBe(true)
    expect(who.browser.page.status).toBe(200)
  }
})
