import { generateKeyPair } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import { HOUR } from '../../../src/lib/time.ts'
import {
  location,
  type PortalBrowser,
  portalBrowser,
  portalUnderTest,
  type Shown,
} from '../../support/oidc/portal-under-test.ts'
import { forAllTests } from '../../support/runner/made.ts'

let sanne: PortalBrowser
const app = forAllTests(portalUnderTest)
beforeEach(() => {
  sanne = portalBrowser(app)
})

describe('signing in', () => {
  test('the portal shows who signed in and how well', async () => {
    expect(await sanne.show()).toMatchObject({
      view: 'portal/home',
      data: { signedIn: false, issuerName: new URL(app.provider.issuer).host },
    })
    const back = await sanne.signIn({ acr: 'urn:sigma:acr:mfa', amr: ['pwd', 'otp', 'mfa'] })
    expect([back.status, location(back)]).toEqual([303, `${app.origin}/`])
    const { view, data } = await sanne.show()
    expect(view).toBe('portal/signed-in')
    expect(data).toMatchObject({ name: 'Sanne de Vries', email: 'sanne@sigma.example' })
    expect(data.claims).toMatchObject({
      sub: 'sub-sanne',
      acr: 'urn:sigma:acr:mfa',
      amr: ['pwd', 'otp', 'mfa'],
      auth_time: expect.any(Number),
    })
  })

  test('the request is a code flow with PKCE S256, state and nonce', async () => {
    const started = await sanne.send('/login?login_hint=sanne%40sigma.example&prompt=login&lang=nl')
    expect(started.status).toBe(303)
    const url = new URL(location(started))
    expect(url.origin + url.pathname).toBe(`${app.provider.issuer}/auth`)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'portal',
      response_type: 'code',
      redirect_uri: `${app.origin}/callback`,
      scope: 'openid profile email organization',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      login_hint: 'sanne@sigma.example',
      prompt: 'login',
      ui_locales: 'nl',
    })
    const [cookie] = started.headers.getSetCookie().filter((line) => line.startsWith('portal-login-'))
    expect(cookie).toMatch(/path=\/callback; .*samesite=lax; httponly$/)
  })

  test('two tabs can sign in at once', async () => {
    const first = app.provider.authorize(location(await sanne.send('/login')))
    const second = app.provider.authorize(location(await sanne.send('/login')))
    expect((await sanne.send(first)).status).toBe(303)
    expect((await sanne.send(second)).status).toBe(303)
  })

  test('session fixation: every sign-in gets a new session id, and the old one is dead', async () => {
    await sanne.signIn()
    const before = sanne.cookies.get('portal-session') ?? ''
    await sanne.signIn()
    expect(sanne.cookies.get('portal-session')).not.toBe(before)
    const thief = portalBrowser(app)
    thief.cookies.set('portal-session', before)
    expect((await thief.show()).view).toBe('portal/home')
  })

  test.each<[string, (callback: URL) => void]>([
    ['a state that was changed', (callback) => callback.searchParams.set('state', 'x'.repeat(43))],
    ['no state', (callback) => callback.searchParams.delete('state')],
    ['two states', (callback) => callback.searchParams.append('state', 'x')],
    ['mix-up: the iss of another provider', (callback) => callback.searchParams.set('iss', 'https://evil.example')],
    ['mix-up: no iss from a provider that promised one', (callback) => callback.searchParams.delete('iss')],
    ['a code that the provider did not make', (callback) => callback.searchParams.set('code', 'guessed')],
  ])('%s signs nobody in', async (_what, meddle) => {
    app.provider.asked.length = 0
    const back = await sanne.signIn({}, meddle)
    expect(back.status).toBe(400)
    expect(((await back.json()) as Shown).view).toBe('portal/error')
    expect((await sanne.show()).view).toBe('portal/home')
  })

  test('mix-up: the code is not sent to the token endpoint when iss is wrong', async () => {
    app.provider.asked.length = 0
    await sanne.signIn({}, (callback) => callback.searchParams.set('iss', 'https://evil.example'))
    expect(app.provider.asked).not.toContain('/token')
  })

  test.each<[string, Record<string, unknown>]>([
    ['another nonce', { nonce: 'another' }],
    ['no nonce', { nonce: undefined }],
    ['another audience', { aud: 'someone-else' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['a time that is over', { exp: 1_000 }],
    ['another person than the userinfo', { sub: 'sub-other' }],
  ])('an ID token with %s signs nobody in', async (_what, claims) => {
    expect((await sanne.signIn(claims)).status).toBe(400)
    expect((await sanne.show()).view).toBe('portal/home')
  })

  test('an ID token that somebody else signed signs nobody in', async () => {
    app.provider.idTokenKey = (await generateKeyPair('RS256')).privateKey
    const back = await sanne.signIn()
    app.provider.idTokenKey = undefined
    expect(back.status).toBe(400)
    expect((await sanne.show()).view).toBe('portal/home')
  })

  test('replay: a state works once, whatever cookie and code come with it', async () => {
    const started = location(await sanne.send('/login'))
    const cookies = [...sanne.cookies]
    expect((await sanne.send(app.provider.authorize(started))).status).toBe(303)
    for (const [name, value] of cookies) sanne.cookies.set(name, value)
    expect((await sanne.send(app.provider.authorize(started))).status).toBe(400)
  })

  test('login CSRF: a callback that another browser began signs nobody in, and does not spoil it for that one', async () => {
    const callback = app.provider.authorize(location(await sanne.send('/login')))
    const victim = portalBrowser(app)
    expect((await victim.send(callback)).status).toBe(400)
    expect((await sanne.send(callback)).status).toBe(303)
    expect((await sanne.send(callback)).status).toBe(400)
  })

  test('a sign-in that takes longer than a day starts over', async () => {
    const callback = app.provider.authorize(location(await sanne.send('/login')))
    app.pass(24 * HOUR)
    const back = await sanne.send(callback)
    expect(((await back.json()) as Shown).data).toMatchObject({ code: 'sign-in-expired' })
  })

  test('a flood of sign-ins takes the place of the oldest, not all memory', async () => {
    const oldest = app.provider.authorize(location(await sanne.send('/login')))
    const flood = portalBrowser(app)
    for (let count = 0; count < 1_000; count += 1) {
      flood.cookies.clear()
      await flood.send('/login')
    }
    expect((await sanne.send(oldest)).status).toBe(400)
    expect((await sanne.signIn()).status).toBe(303)
  })

  test.each([
    ['access_denied', 'access_denied'],
    ['unmet_authentication_requirements', 'unmet_authentication_requirements'],
    ['<script>', 'sign-in-failed'],
  ])('the error %s of the provider becomes the page for %s', async (error, code) => {
    const back = await sanne.signIn({}, (callback) => {
      callback.searchParams.delete('code')
      callback.searchParams.set('error', error)
    })
    const { view, data } = (await back.json()) as Shown
    expect(view).toBe('portal/error')
    expect(data).toMatchObject({ code, reference: expect.stringMatching(/^[\w-]{10}$/) })
  })

  test('a session ends after twelve hours', async () => {
    await sanne.signIn()
    app.pass(12 * HOUR - 1000)
    expect((await sanne.show()).view).toBe('portal/signed-in')
    app.pass(1000)
    expect((await sanne.show()).view).toBe('portal/home')
  })
})

test('a provider that is not there yet is asked again', async () => {
  const early = await portalUnderTest()
  const sanne = portalBrowser(early)
  early.provider.available = false
  const refused = await sanne.send('/login')
  expect(refused.status).toBe(503)
  expect(((await refused.json()) as Shown).data).toMatchObject({ code: 'provider-unavailable' })
  early.provider.available = true
  expect((await sanne.signIn()).status).toBe(303)
  expect((await sanne.signIn()).status).toBe(303)
  expect(early.provider.asked.filter((path) => path.includes('openid-configuration'))).toHaveLength(2)
  await early.close()
})
