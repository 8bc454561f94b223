/** One application against another: hints, pushed requests, introspection and revocation across the line. */
import * as oidc from 'openid-client'
import { beforeAll, expect, test } from 'vitest'
import { SECOND } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { REPORTS } from '../../support/oidc/client-records.ts'
import { basic, type Fields, post } from '../../support/oidc/raw-oauth.ts'
import { answer, asksPassword, errorOf, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const sanne = new Person()

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
const second = forAllTests(() => relyingParty(here, 'second'))
const pushed = forAllTests(() => relyingParty(here, 'pushed'))
beforeAll(async () => {
  await house.signIn(sanne)
})
clockOfEachTest()

test('J-17 an ID token of one application is no hint for another', async () => {
  const { id_token = '' } = await house.signIn(sanne)
  await second.open(sanne, { id_token_hint: id_token })
  expect(answer(sanne).get('error')).toBe('invalid_request')
  const address = `${here.app.origin}/session/end?${new URLSearchParams({ id_token_hint: id_token, client_id: 'second' })}`
  await sanne.visit(address)
  expect(sanne.page.status).toBe(400)
})

test('J-17 an ID token or a refresh token opens no door as a bearer token', async () => {
  const { id_token, refresh_token } = await house.signIn(sanne)
  for (const token of [id_token, refresh_token, '', 'x', 'null']) {
    const response = await fetch(`${here.app.origin}/me`, { headers: { authorization: `Bearer ${token}` } })
    expect([400, 401]).toContain(response.status)
    expect(await response.text()).not.toContain('"sub"')
  }
})

test('A-16 nothing but an access token opens userinfo: no cookie, no token in the address or for another audience', async () => {
  const { access_token } = await house.signIn(sanne)
  const apiToken = (await house.signIn(sanne, { scope: 'openid reports:read', resource: REPORTS })).access_token
  const cookie = sanne.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const attempts: Array<[string, Fields]> = [
    ['/me', { cookie }],
    [`/me?access_token=${access_token}`, {}],
    ['/me', { authorization: `Bearer ${apiToken}` }],
    ['/me', { authorization: `Basic ${btoa(`house:${house.secret}`)}` }],
  ]
  for (const [path, headers] of attempts) {
    const response = await fetch(`${here.app.origin}${path}`, { headers })
    expect([400, 401, 403]).toContain(response.status)
    expect(await response.text()).not.toContain('"sub"')
  }
})

test('A-16 half a sign-in is no session', async () => {
  const stranger = new Person()
  await stranger.visit((await house.request()).url.href)
  expect(asksPassword(stranger)).toBe(true)
  const cookie = stranger.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const response = await fetch(`${here.app.origin}/me`, { headers: { cookie } })
  expect([400, 401]).toContain(response.status)
  const silent = stranger.copy()
  await second.open(silent, { prompt: 'none' })
  expect(answer(silent).get('error')).toBe('login_required')
})

test('J-18 a pushed request of one application is worth nothing to another', async () => {
  const { url } = await pushed.push()
  url.searchParams.set('client_id', 'house')
  await sanne.visit(url.href)
  expect(answer(sanne).has('code')).toBe(false)
  expect(sanne.page.url.startsWith(here.app.origin)).toBe(true)
})

test('J-18 a pushed request cannot be guessed, and is gone after a minute', async () => {
  const { url } = await pushed.push()
  const guessed = new URL(url)
  guessed.searchParams.set('request_uri', `urn:ietf:params:oauth:request_uri:${'x'.repeat(43)}`)
  await sanne.visit(guessed.href)
  expect([sanne.page.status, sanne.page.url.startsWith(here.app.origin)]).toEqual([400, true])
  pass(66 * SECOND)
  await sanne.visit(url.href)
  expect([sanne.page.status, sanne.page.url.startsWith(here.app.origin)]).toEqual([400, true])
})

test('J-18 a link that a mail scanner or a preview opened first still works for the person', async () => {
  const request = await pushed.push()
  await new Person().visit(request.url.href)
  await new Person().visit(request.url.href)
  await sanne.visit(request.url.href)
  expect((await pushed.redeem(sanne.page.url, request)).claims()?.aud).toBe('pushed')
  // Used up by the answer, for everyone.
  await sanne.visit(request.url.href)
  expect(answer(sanne).has('code')).toBe(false)
})

test('J-18 what stands beside request_uri in the address changes nothing', async () => {
  const request = await pushed.push()
  for (const [name, value] of [
    ['scope', 'openid email'],
    ['redirect_uri', 'https://evil.example/'],
    ['state', 'evil'],
    ['claims', '{"id_token":{"email":null}}'],
  ])
    request.url.searchParams.set(name ?? '', value ?? '')
  await sanne.visit(request.url.href)
  expect(answer(sanne).get('state')).toBe(request.state)
  const tokens = await pushed.redeem(sanne.page.url, request)
  expect(tokens.scope).toBe('openid')
  expect(tokens.claims()).not.toHaveProperty('email')
})

test('J-20 introspection tells an application nothing about the tokens of another', async () => {
  const { access_token, refresh_token = '' } = await house.signIn(sanne)
  for (const token of [access_token, refresh_token])
    expect(await oidc.tokenIntrospection(second.config, token)).toEqual({ active: false })
  const service = await relyingParty(here, 'service')
  expect(await oidc.tokenIntrospection(service.config, access_token)).toEqual({ active: false })
  // A token for an API is told to that API only, not to whoever else may introspect.
  const api = await house.signIn(sanne, { scope: 'openid reports:read', resource: REPORTS })
  expect(await oidc.tokenIntrospection(service.config, api.refresh_token ?? '')).toEqual({ active: false })
})

test('J-20 introspection and revocation need an application that says who it is', async () => {
  const { access_token: token } = await house.signIn(sanne)
  for (const path of ['/token/introspection', '/token/revocation']) {
    for (const headers of [{}, basic('house', 'wrong'), basic('second', house.secret)]) {
      const { status, body } = await post(`${here.app.origin}${path}`, { token }, { ...headers } as Fields)
      expect([400, 401]).toContain(status)
      expect(body.error).toMatch(/^invalid_(client|request)$/)
    }
  }
  // A public client cannot say who it is: it learns nothing of the tokens of others.
  const spa = await post(`${here.app.origin}/token/introspection`, { token, client_id: 'spa' })
  expect(spa.body).not.toHaveProperty('sub')
  expect(await oidc.tokenIntrospection(house.config, token)).toMatchObject({ active: true })
})

test('J-20 an application revokes its own tokens only', async () => {
  const { access_token, refresh_token = '' } = await house.signIn(sanne)
  for (const token of [access_token, refresh_token])
    await oidc.tokenRevocation(second.config, token).catch(() => undefined)
  expect(await oidc.tokenIntrospection(house.config, access_token)).toMatchObject({ active: true })
  expect(await errorOf(house.refresh(refresh_token))).toBe('no error')
})

test('OAU-11 scripts of other sites get no answer they can read, and none from the sign-in pages', async () => {
  const options = { headers: { origin: 'https://evil.example' } }
  for (const path of ['/auth', '/session/end', '/', '/recover']) {
    const { headers } = await fetch(`${here.app.origin}${path}`, options)
    expect(headers.get('access-control-allow-origin')).toBeNull()
  }
  const refused = await fetch(`${here.app.origin}/token`, {
    ...options,
    method: 'POST',
    body: new URLSearchParams({ client_id: 'spa', grant_type: 'refresh_token', refresh_token: 'x' }),
  })
  expect(refused.headers.get('access-control-allow-origin')).toBeNull()
  const allowed = await fetch(`${here.app.origin}/token`, {
    method: 'POST',
    headers: { origin: here.apps.origin },
    body: new URLSearchParams({ client_id: 'spa', grant_type: 'refresh_token', refresh_token: 'x' }),
  })
  expect(allowed.headers.get('access-control-allow-origin')).toBe(here.apps.origin)
})

test('OAU-14 sub is random: no address, no name, the same for every application of the house', async () => {
  const [first, other] = [await house.signIn(sanne), await second.signIn(sanne)]
  const sub = first.claims()?.sub ?? ''
  expect(sub).toBe(other.claims()?.sub)
  expect(sub).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
})
