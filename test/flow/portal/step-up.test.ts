/** **Approve payroll run**: the API asks for more, the page fetches it, and what happens when it does not come. */
import type { JWTPayload } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  location,
  type PortalBrowser,
  portalBrowser,
  portalUnderTest,
  type Shown,
} from '../../support/oidc/portal-under-test.ts'
import { forEachTest } from '../../support/runner/made.ts'

const MFA = { acr: 'urn:sigma:acr:mfa', amr: ['pwd', 'otp', 'mfa'] }

let sanne: PortalBrowser
const app = forEachTest(portalUnderTest)
beforeEach(async () => {
  sanne = portalBrowser(app)
})

/** What the provider was asked for on the way there. */
function asked(away: Response): Record<string, string> {
  const url = new URL(location(away))
  expect([away.status, url.origin + url.pathname]).toEqual([303, `${app.provider.issuer}/auth`])
  return Object.fromEntries(url.searchParams)
}

function comeBack(away: Response, claims?: JWTPayload): Promise<Response> {
  return sanne.send(app.provider.authorize(location(away), claims))
}

function comeBackWith(away: Response, error: string): Promise<Response> {
  const callback = app.provider.authorize(location(away))
  callback.searchParams.delete('code')
  callback.searchParams.set('error', error)
  return sanne.send(callback)
}

function approvals(): number {
  return app.logged('payroll run approved')
}

async function section(): Promise<unknown> {
  return (await sanne.show()).data.approve
}

async function errorPage(answer: Response): Promise<unknown[]> {
  const { view, data } = (await answer.json()) as Shown
  return [answer.status, view, data.code]
}

const PLAIN = { action: '/approve', done: false, cancelled: false }
const DONE = { ...PLAIN, done: true }

test('someone who proved two factors approves without leaving, and is told so once', async () => {
  await sanne.signIn(MFA)
  expect(await section()).toEqual(PLAIN)
  const answer = await sanne.approve()
  expect([answer.status, location(answer), approvals()]).toEqual([303, `${app.origin}/`, 1])
  await sanne.send('/', { method: 'HEAD' })
  expect(await section()).toEqual(DONE)
  expect(await section()).toEqual(PLAIN)
})

test('someone with a password is sent for what is missing, and it is approved when they are back', async () => {
  await sanne.signIn()
  const away = await sanne.approve()
  expect(asked(away)).toMatchObject({ acr_values: MFA.acr, login_hint: 'sanne@sigma.example', ui_locales: 'en' })
  expect(asked(away)).not.toHaveProperty('max_age')
  expect(approvals()).toBe(0)
  const back = await comeBack(away, MFA)
  expect([back.status, location(back), approvals()]).toEqual([303, `${app.origin}/`, 1])
  const { data } = await sanne.show()
  expect(data).toMatchObject({ approve: DONE, claims: MFA })
  expect((await sanne.approve()).headers.get('location')).toBe(`${app.origin}/`)
})

test('an authentication that is too old is renewed', async () => {
  const strict = await portalUnderTest({ approveMaxAge: 300 })
  const browser = portalBrowser(strict)
  await browser.signIn({ ...MFA, auth_time: Math.floor(Date.now() / 1000) - 600 })
  const away = new URL(location(await browser.approve()))
  expect([away.searchParams.get('max_age'), away.searchParams.get('acr_values')]).toEqual(['300', MFA.acr])
  await browser.send(strict.provider.authorize(away.href, MFA))
  expect((await browser.show()).data.approve).toEqual(DONE)
  await strict.close()
})

describe('nothing is approved, and nobody sent round in a loop, when', () => {
  test('the provider comes back with less than was asked for', async () => {
    await sanne.signIn()
    const back = await comeBack(await sanne.approve(), { acr: 'urn:sigma:acr:known-device' })
    expect(await errorPage(back)).toEqual([403, 'portal/error', 'unmet_authentication_requirements'])
    expect((await sanne.show()).data).toMatchObject({ approve: PLAIN, claims: { acr: 'urn:sigma:acr:known-device' } })
    expect(approvals()).toBe(0)
  })

  test('the ID token tells of two factors but the access token does not', async () => {
    await sanne.signIn()
    app.provider.introspected = { acr: 'urn:sigma:acr:password' }
    const back = await comeBack(await sanne.approve(), MFA)
    expect(await errorPage(back)).toEqual([403, 'portal/error', 'unmet_authentication_requirements'])
    expect(approvals()).toBe(0)
  })

  test('the person cancels: they are still signed in, and told so once', async () => {
    await sanne.signIn()
    const cookie = sanne.cookies.get('portal-session')
    const back = await comeBackWith(await sanne.approve(), 'access_denied')
    expect([back.status, location(back)]).toEqual([303, `${app.origin}/`])
    expect(sanne.cookies.get('portal-session')).toBe(cookie)
    expect(await section()).toEqual({ ...PLAIN, cancelled: true })
    expect(await section()).toEqual(PLAIN)
    expect(approvals()).toBe(0)
  })

  test.each([
    ['unmet_authentication_requirements', 'unmet_authentication_requirements'],
    ['temporarily_unavailable', 'temporarily_unavailable'],
    ['server_error', 'sign-in-failed'],
  ])('the provider answers %s', async (error, code) => {
    await sanne.signIn()
    const back = await comeBackWith(await sanne.approve(), error)
    expect(await errorPage(back)).toEqual([400, 'portal/error', code])
    expect(await section()).toEqual(PLAIN)
    expect(approvals()).toBe(0)
  })

  test('somebody else comes back: they are signed in, and have approved nothing', async () => {
    await sanne.signIn()
    const away = await sanne.approve()
    app.provider.person = { sub: 'sub-piet', name: 'Piet', email: 'piet@sigma.example' }
    const back = await comeBack(away, { ...MFA, sub: 'sub-piet' })
    expect([back.status, location(back), approvals()]).toEqual([303, `${app.origin}/`, 0])
    expect((await sanne.show()).data).toMatchObject({ email: 'piet@sigma.example', approve: PLAIN })
  })

  test('somebody else signed in meanwhile, though the same person comes back', async () => {
    await sanne.signIn()
    const away = await sanne.approve()
    app.provider.person = { sub: 'sub-piet', name: 'Piet', email: 'piet@sigma.example' }
    await sanne.signIn({ sub: 'sub-piet' })
    app.provider.person = undefined
    expect(location(await comeBack(away, MFA))).toBe(`${app.origin}/`)
    expect([await section(), approvals()]).toEqual([PLAIN, 0])
  })

  test('the provider ended the session meanwhile', async () => {
    await sanne.signIn({ sid: 'sid-1' })
    const away = await sanne.approve()
    await signOutByProvider('sid-1')
    await comeBack(away, MFA)
    expect([await section(), approvals()]).toEqual([PLAIN, 0])
  })

  test('replay: the way back is used twice', async () => {
    await sanne.signIn()
    const away = await sanne.approve()
    const cookies = [...sanne.cookies]
    await comeBack(away, MFA)
    for (const [name, value] of cookies) if (name.startsWith('portal-login')) sanne.cookies.set(name, value)
    expect(await errorPage(await comeBack(away, MFA))).toEqual([400, 'portal/error', 'sign-in-expired'])
    expect(approvals()).toBe(1)
  })

  test('the API is away', async () => {
    await sanne.signIn(MFA)
    app.provider.available = false
    expect(await errorPage(await sanne.approve())).toEqual([503, 'portal/error', 'api-unavailable'])
    app.provider.available = true
    expect([await section(), approvals()]).toEqual([PLAIN, 0])
  })
})

test.each<[string, Record<string, string>, Record<string, string>]>([
  ['without the token', {}, {}],
  ['with another token', { csrf: 'x'.repeat(43) }, {}],
  ['from another origin', { csrf: 'own' }, { origin: 'https://evil.example' }],
  ['from another port of this machine', { csrf: 'own' }, { 'sec-fetch-site': 'same-site' }],
])('CSRF: an approval %s is refused', async (_what, fields, headers) => {
  await sanne.signIn(MFA)
  const { data } = await sanne.show()
  const sent = fields.csrf === 'own' ? { csrf: String(data.csrf) } : fields
  expect((await sanne.post('/approve', sent, headers)).status).toBe(403)
  expect([await section(), approvals()]).toEqual([PLAIN, 0])
})

test('CSRF: a sign-in that another site starts approves nothing', async () => {
  await sanne.signIn()
  await sanne.signIn(MFA)
  expect((await sanne.send('/approve')).status).toBe(404)
  expect([await section(), approvals()]).toEqual([PLAIN, 0])
})

test('someone who is not signed in is shown the first page', async () => {
  const answer = await sanne.post('/approve', { csrf: '' })
  expect([answer.status, location(answer)]).toEqual([303, `${app.origin}/`])
})

async function signOutByProvider(sid: string): Promise<void> {
  const iat = Math.floor(Date.now() / 1000)
  const event = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const claims = { iss: app.provider.issuer, aud: 'portal', iat, exp: iat + 60, jti: sid, sid, events: event }
  const token = await app.provider.sign(claims, 'logout+jwt')
  expect((await portalBrowser(app).post('/backchannel-logout', { logout_token: token })).status).toBe(200)
}
