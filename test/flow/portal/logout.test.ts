import { createHmac, randomUUID } from 'node:crypto'
import { generateKeyPair, type JWTPayload, UnsecuredJWT } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import { location, type PortalBrowser, portalBrowser, portalUnderTest } from '../../support/oidc/portal-under-test.ts'
import { forAllTests } from '../../support/runner/made.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

let sanne: PortalBrowser
const app = forAllTests(portalUnderTest)
beforeEach(async () => {
  sanne = portalBrowser(app)
  await sanne.signIn({ sid: 'sid-1' })
})

/** A logout token's claims as they should be, changed by `claims`; one that is undefined is left out. */
function proper(claims: JWTPayload = {}): JWTPayload {
  const iat = Math.floor(Date.now() / 1000)
  const defaults = { iss: app.provider.issuer, aud: 'portal', iat, exp: iat + 120, jti: randomUUID(), sid: 'sid-1' }
  return { ...defaults, sub: 'sub-sanne', events: { [EVENT]: {} }, ...claims }
}

function tell(token: string): Promise<Response> {
  return portalBrowser(app).post('/backchannel-logout', { logout_token: token })
}

async function signedIn(browser = sanne): Promise<boolean> {
  return (await browser.show()).view === 'portal/signed-in'
}

describe('back-channel logout', () => {
  test.each<[string, JWTPayload]>([
    ['its sid and sub', {}],
    ['its sid alone', { sub: undefined }],
    ['its person', { sid: undefined }],
  ])('a token that names %s ends the session', async (_what, claims) => {
    const answer = await tell(await app.provider.sign(proper(claims), 'logout+jwt'))
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(await signedIn()).toBe(false)
  })

  test('other sessions go on: by sid those of the same person, by sub those of others', async () => {
    const [phone, other] = [portalBrowser(app), portalBrowser(app)]
    await phone.signIn({ sid: 'sid-2' })
    await other.signIn({ sid: 'sid-3' })
    await tell(await app.provider.sign(proper(), 'logout+jwt'))
    expect([await signedIn(), await signedIn(phone), await signedIn(other)]).toEqual([false, true, true])
    await tell(await app.provider.sign(proper({ sid: undefined, sub: 'sub-someone-else' }), 'logout+jwt'))
    expect(await signedIn(phone)).toBe(true)
    await tell(await app.provider.sign(proper({ sid: undefined }), 'logout+jwt'))
    expect([await signedIn(phone), await signedIn(other)]).toEqual([false, false])
  })

  const now = Math.floor(Date.now() / 1000)
  test.each<[string, JWTPayload]>([
    ['for another client', { aud: 'someone-else' }],
    ['for another client too', { aud: ['portal', 'someone-else'] }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['with a nonce, as an ID token has', { nonce: 'n' }],
    ['with an empty nonce', { nonce: null }],
    ['that is old', { iat: now - 600, exp: now - 480 }],
    ['issued long ago, though it has not expired', { iat: now - 600, exp: now + 60 }],
    ['from the future', { iat: now + 600, exp: now + 700 }],
    ['that lives too long', { exp: now + 3600 }],
    ['without exp', { exp: undefined }],
    ['without iat', { iat: undefined }],
    ['without jti', { jti: undefined }],
    ['without events', { events: undefined }],
    ['with another event', { events: { 'http://schemas.openid.net/event/other': {} } }],
    ['with an event that is no object', { events: { [EVENT]: true } }],
    ['that names nobody', { sid: undefined, sub: undefined }],
    ['whose sid is no text', { sid: 7 } as unknown as JWTPayload],
    ['whose sid is empty', { sid: '' }],
  ])('forged logout: a token %s is refused', async (_what, claims) => {
    const answer = await tell(await app.provider.sign(proper(claims), 'logout+jwt'))
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([400, 'no-store'])
    expect(await signedIn()).toBe(true)
  })

  test.each<[string, () => Promise<string> | string]>([
    ['unsigned', () => unsecured(proper())],
    ['signed with a key that is not the provider’s', async () => foreign(proper())],
    ['signed by HMAC with the client’s secret', () => hmacSigned(proper(), 'a-secret-of-the-portal')],
    ['of the type of an ID token', () => app.provider.sign(proper(), 'JWT')],
    ['that is no token', () => 'nonsense'],
    ['that is empty', () => ''],
  ])('forged logout: a token %s is refused', async (_what, make) => {
    expect((await tell(await make())).status).toBe(400)
    expect(await signedIn()).toBe(true)
  })

  test('forged logout: a token whose claims were changed is refused', async () => {
    const [header, , signature] = (await app.provider.sign(proper({ sub: 'sub-other' }), 'logout+jwt')).split('.')
    const changed = Buffer.from(JSON.stringify(proper())).toString('base64url')
    expect((await tell(`${header}.${changed}.${signature}`)).status).toBe(400)
    expect(await signedIn()).toBe(true)
  })

  test('replay: the same token works once', async () => {
    const token = await app.provider.sign(proper({ sid: undefined }), 'logout+jwt')
    const answers = await Promise.all([tell(token), tell(token), tell(token)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400])
    await sanne.signIn({ sid: 'sid-1' })
    expect((await tell(token)).status).toBe(400)
    expect(await signedIn()).toBe(true)
  })

  test('replay: a token refused for another reason does not count as used', async () => {
    const claims = proper()
    expect((await tell(await app.provider.sign({ ...claims, nonce: 'n' }, 'logout+jwt'))).status).toBe(400)
    expect((await tell(await app.provider.sign(claims, 'logout+jwt'))).status).toBe(200)
  })

  test.each<[string, RequestInit]>([
    ['JSON', { body: '{"logout_token":"x"}', headers: { 'content-type': 'application/json' } }],
    ['two tokens', { body: new URLSearchParams('logout_token=a&logout_token=b') }],
    ['more than 16 KiB', { body: new URLSearchParams({ logout_token: 'x'.repeat(1_000_000) }) }],
  ])('%s is answered with 400', async (_what, init) => {
    expect((await sanne.send('/backchannel-logout', { method: 'POST', ...init })).status).toBe(400)
  })
})

describe('signing out', () => {
  async function csrf(): Promise<string> {
    return String((await sanne.show()).data.csrf)
  }

  test('ends the session here and sends the browser to the provider', async () => {
    const cookie = sanne.cookies.get('portal-session') ?? ''
    const answer = await sanne.post('/logout', { csrf: await csrf() }, { origin: app.origin })
    expect(answer.status).toBe(303)
    const url = new URL(location(answer))
    expect(url.origin + url.pathname).toBe(`${app.provider.issuer}/session/end`)
    expect(url.searchParams.get('id_token_hint')).toMatch(/^ey/)
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${app.origin}/`)
    expect(url.searchParams.get('state')).toMatch(/^[\w-]{43}$/)
    sanne.cookies.set('portal-session', cookie)
    expect(await signedIn()).toBe(false)
  })

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['without the token', {}, {}],
    ['with another token', { csrf: 'x'.repeat(43) }, {}],
    ['from another origin', { csrf: 'own' }, { origin: 'https://evil.example' }],
    ['from a sandboxed page', { csrf: 'own' }, { origin: 'null' }],
    ['from another port of this machine', { csrf: 'own' }, { 'sec-fetch-site': 'same-site' }],
  ])('logout CSRF: a form %s is refused', async (_what, fields, headers) => {
    const sent = fields.csrf === 'own' ? { csrf: await csrf() } : fields
    expect((await sanne.post('/logout', sent, headers)).status).toBe(403)
    expect(await signedIn()).toBe(true)
  })

  test('logout CSRF: a body of another type is not read as a form', async () => {
    const body = `csrf=${await csrf()}`
    const answer = await sanne.send('/logout', { method: 'POST', body, headers: { 'content-type': 'text/plain' } })
    expect(answer.status).toBe(415)
    expect(await signedIn()).toBe(true)
  })

  test('works though the provider is gone: the session here ends', async () => {
    const lonely = await portalUnderTest()
    const browser = portalBrowser(lonely)
    await browser.signIn()
    const { data } = await browser.show()
    lonely.provider.available = false
    await browser.post('/logout', { csrf: String(data.csrf) })
    expect((await browser.show()).view).toBe('portal/home')
    await lonely.close()
  })
})

function unsecured(claims: JWTPayload): string {
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'logout+jwt' })).toString('base64url')
  return `${header}.${new UnsecuredJWT(claims).encode().split('.')[1]}.`
}

async function foreign(claims: JWTPayload): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256')
  return app.provider.sign(claims, 'logout+jwt', privateKey)
}

function hmacSigned(claims: JWTPayload, secret: string): string {
  const parts = [{ alg: 'HS256', typ: 'logout+jwt', kid: 'stub' }, claims]
  const body = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
}
