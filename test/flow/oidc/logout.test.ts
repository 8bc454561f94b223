/** Signing out: RP-Initiated Logout 1.0, Back-Channel Logout 1.0, and those who would do it for others. */
import { createRemoteJWKSet, decodeJwt, jwtVerify, SignJWT } from 'jose'
import * as oidc from 'openid-client'
import { beforeEach, expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { countedStore } from '../../support/app/counted-store.ts'
import { answer, errorOf, relyingParty, type Tokens, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
let sanne: Person
let tokens: Tokens

const counted = countedStore()
const here = forAllTests(() => world({ instrument: counted.instrument }))
const house = forAllTests(() => relyingParty(here, 'house'))

clockOfEachTest()
beforeEach(async () => {
  await here.app.drain()
  here.apps.received.length = 0
  sanne = new Person()
  tokens = await house.signIn(sanne)
})

function endSession(parameters: Record<string, string> = {}): string {
  return oidc.buildEndSessionUrl(house.config, parameters).href
}

async function signedIn(person = sanne): Promise<boolean> {
  await house.open(person, { prompt: 'none' })
  return answer(person).has('code')
}

/** A page that does not send itself: the person has to say so. */
function asks(person = sanne): boolean {
  return person.page.status === 200 && person.page.html.includes('Stay signed in')
}

test('a bare address asks first, and Stay signed in means that', async () => {
  await sanne.visit(`${here.app.origin}/session/end`)
  expect(asks()).toBe(true)
  await sanne.submit()
  expect(await signedIn()).toBe(true)
  await sanne.visit(`${here.app.origin}/session/end`)
  await sanne.submit({ logout: 'yes' })
  expect(sanne.page.html).toContain('You are signed out')
  expect(await signedIn()).toBe(false)
})

/** Whoever asks as a browser does that is to show it. */
const SHOWN = { 'sec-fetch-dest': 'document' }
const IMAGE = { 'sec-fetch-dest': 'image' }

test('where nobody is signed in nothing is asked and nothing is kept, however many ask', async () => {
  const asked = await counted.during(async () => {
    for (const headers of [SHOWN, IMAGE, {}]) {
      const answer = await fetch(`${here.app.origin}/session/end`, { redirect: 'manual', headers })
      expect([answer.status, answer.headers.get('location')]).toEqual([303, `${here.app.origin}/session/end/success`])
      const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split('=')[0])
      // For a page to be shown a seat, which is kept nowhere else; an image takes nobody's away.
      expect(cookies).toEqual(headers === IMAGE ? [] : ['sigma-seat'])
    }
  })
  expect(asked).toEqual({})
  const stranger = new Person()
  await stranger.visit(`${here.app.origin}/session/end`)
  expect(stranger.page.html).toContain('You are signed out')
  expect(stranger.cookie('sigma-session')).toBeUndefined()
})

test.each([
  ['the application that is named', { client_id: 'house' }],
  ['the one of the ID token', {}],
])(
  'where nobody is signed in %s gets its person back with its state, by an address of its own',
  async (_what, named) => {
    const goodbye = `${here.apps.origin}/house/goodbye`
    const hint = 'client_id' in named ? named : { id_token_hint: tokens.id_token ?? '' }
    const stranger = new Person()
    await stranger.visit(
      `${here.app.origin}/session/end?${new URLSearchParams({ ...hint, post_logout_redirect_uri: goodbye, state: 'x y' })}`,
    )
    expect(stranger.page.url).toBe(`${goodbye}?state=x+y`)
    // Of no application, or not its own.
    for (const [status, parameters] of [
      [200, {}],
      [400, hint],
    ] as const) {
      const query = new URLSearchParams({ ...parameters, post_logout_redirect_uri: 'https://evil.example/' })
      const answer = await fetch(`${here.app.origin}/session/end?${query}`)
      expect([answer.status, answer.url.startsWith(here.app.origin)]).toEqual([status, true])
      expect(answer.headers.get('refresh')).toBeNull()
    }
    expect(await signedIn()).toBe(true)
  },
)

test('a cookie whose session has ended is that of nobody, and no other is given for it', async () => {
  const elsewhere = sanne.copy()
  await sanne.visit(`${here.app.origin}/session/end`)
  await sanne.submit({ logout: 'yes' })
  const cookie = elsewhere.cookie('sigma-session')
  await elsewhere.visit(`${here.app.origin}/session/end`)
  expect(elsewhere.page.html).toContain('You are signed out')
  expect(elsewhere.cookie('sigma-session')).toBe(cookie)
})

test('an application that proves with its ID token whose session it is needs no second word', async () => {
  const goodbye = `${here.apps.origin}/house/goodbye`
  await sanne.visit(
    endSession({ id_token_hint: tokens.id_token ?? '', post_logout_redirect_uri: goodbye, state: 'x y' }),
  )
  expect(asks()).toBe(false)
  expect(sanne.page.html).toContain('data-automatic')
  await sanne.submit({ logout: 'yes' })
  expect(sanne.page.url).toBe(`${goodbye}?state=x+y`)
  expect(await signedIn()).toBe(false)
  expect(await errorOf(house.refresh(tokens.refresh_token))).toBe('invalid_grant')
  const sub = tokens.claims()?.sub ?? ''
  expect(await errorOf(oidc.fetchUserInfo(house.config, tokens.access_token, sub))).toBe('invalid_token')
})

test.each(['spa', 'moving'])(
  'an application without an address for logout tokens (%s) proves it as well, by the ID token of a sign-in or a refresh',
  async (id) => {
    const party = await relyingParty(here, id)
    const first = await party.signIn(sanne)
    const refreshed = await party.refresh(first.refresh_token)
    expect(first.claims()?.sid).toBeTypeOf('string')
    expect(refreshed.claims()?.sid).toBe(first.claims()?.sid)
    const goodbye = `${here.apps.origin}/${id}/goodbye`
    for (const { id_token = '' } of [first, refreshed]) {
      const parameters = { id_token_hint: id_token, post_logout_redirect_uri: goodbye }
      await sanne.visit(oidc.buildEndSessionUrl(party.config, parameters).href)
      expect(sanne.page.html).toContain('data-automatic')
    }
    await sanne.submit({ logout: 'yes' })
    expect(sanne.page.url).toBe(goodbye)
    expect(await signedIn()).toBe(false)
  },
)

test('an ID token that has run out is still a hint for its own session (RP-Initiated Logout 1.0 section 2)', async () => {
  pass(11 * MINUTE)
  await sanne.visit(endSession({ id_token_hint: tokens.id_token ?? '' }))
  expect(sanne.page.html).toContain('data-automatic')
})

test('J-12 an ID token of another session of the same person asks', async () => {
  const phone = new Person()
  await house.signIn(phone)
  await phone.visit(endSession({ id_token_hint: tokens.id_token ?? '' }))
  expect(asks(phone)).toBe(true)
  expect(phone.page.html).not.toContain('data-automatic')
  expect(await signedIn(phone)).toBe(true)
})

test('J-12 a forged id_token_hint is refused and ends nothing', async () => {
  const claims = tokens.claims() ?? {}
  const forged = await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(house.secret))
  const [header = '', payload = ''] = (tokens.id_token ?? '').split('.')
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
  for (const id_token_hint of [forged, none, `${header}.${payload}.AAAA`, 'x', 'a.b.c']) {
    await sanne.visit(`${here.app.origin}/session/end?${new URLSearchParams({ id_token_hint })}`)
    expect(sanne.page.status).toBe(400)
    expect(await signedIn()).toBe(true)
  }
})

test('J-12 an image or a form on another site signs nobody out', async () => {
  await sanne.visit(`${here.app.origin}/session/end`)
  expect(await signedIn()).toBe(true)
  for (const xsrf of ['', 'x', 'a'.repeat(43)]) {
    await sanne.post(`${here.app.origin}/session/end/confirm`, { logout: 'yes', ...(xsrf && { xsrf }) })
    expect(sanne.page.status).toBe(400)
  }
  // The word of another browser.
  const attacker = new Person()
  await house.signIn(attacker)
  await attacker.visit(`${here.app.origin}/session/end`)
  await sanne.post(`${here.app.origin}/session/end/confirm`, { ...attacker.forms()[0]?.fields, logout: 'yes' })
  expect(sanne.page.status).toBe(400)
  expect(await signedIn()).toBe(true)
})

test.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example',
  'javascript:alert(1)',
  '{apps}/house/goodbye/',
  '{apps}/house/goodbye?x=1',
  '{apps}/house/goodbye#x',
  '{apps}/house/../house/goodbye',
  '{apps}/second/goodbye',
  '{apps}/BUILT_IN/goodbye',
])('J-13 post_logout_redirect_uri %s is not on the list and leads nowhere', async (address) => {
  const post_logout_redirect_uri = address.replace('{apps}', here.apps.origin)
  const trail = sanne.trail.length
  await sanne.visit(endSession({ id_token_hint: tokens.id_token ?? '', post_logout_redirect_uri }))
  expect(sanne.page.status).toBe(400)
  // Without a client it is not looked at.
  await sanne.visit(`${here.app.origin}/session/end?${new URLSearchParams({ post_logout_redirect_uri })}`)
  await sanne.submit({ logout: 'yes' })
  expect(sanne.page.url).toBe(`${here.app.origin}/session/end/success`)
  expect(sanne.trail.slice(trail).every(({ url }) => url.startsWith(here.app.origin))).toBe(true)
})

test('every application that the person opened gets a logout token that jose accepts', async () => {
  const second = await relyingParty(here, 'second')
  const others = await second.signIn(sanne)
  await sanne.visit(endSession({ id_token_hint: tokens.id_token ?? '' }))
  await sanne.submit({ logout: 'yes' })
  await here.app.drain()
  expect(here.apps.received.map(({ path }) => path).sort()).toEqual(['/house/logout', '/second/logout'])
  const keys = createRemoteJWKSet(new URL(`${here.app.origin}/jwks`))
  for (const { path, type, body } of here.apps.received) {
    const of = path.startsWith('/house') ? tokens : others
    expect(type).toContain('application/x-www-form-urlencoded')
    const { payload } = await jwtVerify(body.get('logout_token') ?? '', keys, {
      issuer: here.app.origin,
      audience: of.claims()?.aud as string,
      typ: 'logout+jwt',
    })
    // Back-Channel Logout 1.0 section 2.4.
    expect(payload).toMatchObject({ sub: of.claims()?.sub, sid: of.claims()?.sid, events: { [EVENT]: {} } })
    expect(payload.jti).toBeTypeOf('string')
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(120)
    expect(payload).not.toHaveProperty('nonce')
  }
})

test('R-13 an application that does not answer keeps nobody waiting and is told again, with a new token each time', async () => {
  here.apps.answers.push(500, 400, 302, 200)
  await sanne.visit(endSession({ id_token_hint: tokens.id_token ?? '' }))
  await sanne.submit({ logout: 'yes' })
  expect(await signedIn()).toBe(false)
  expect(here.apps.received).toHaveLength(0)
  for (const wait of [0, SECOND, 5 * SECOND, 30 * SECOND, HOUR]) {
    pass(wait)
    await here.app.drain()
  }
  const sent = here.apps.received.map(({ body }) => body.get('logout_token') ?? '')
  expect(sent).toHaveLength(4)
  const keys = createRemoteJWKSet(new URL(`${here.app.origin}/jwks`))
  const seen = await Promise.all(sent.map((token) => jwtVerify(token, keys, { currentDate: new Date(0) })))
  expect(new Set(seen.map(({ payload }) => payload.jti)).size).toBe(4)
  expect(new Set(seen.map(({ payload }) => payload.sid)).size).toBe(1)
  const [first, , , last] = seen
  expect((last?.payload.exp ?? 0) - (first?.payload.exp ?? 0)).toBe(36)
})

test('LGO-04 a session that ran out is told of like one that was signed out, once', async () => {
  pass(61 * MINUTE + 10 * SECOND)
  await here.app.tidy()
  await here.app.drain()
  await here.app.tidy()
  await here.app.drain()
  const told = here.apps.received.map(({ body }) => decodeJwt(body.get('logout_token') ?? '').sid)
  expect(told.filter((sid) => sid === tokens.claims()?.sid)).toHaveLength(1)
  expect(await signedIn()).toBe(false)
})
