/** The portal's API by itself: which tokens it takes, and how it asks for more (RFC 6750, RFC 9470). */
import { afterEach, describe, expect, test } from 'vitest'
import type { PortalOptions } from '../../../src/portal/portal.ts'
import { location, type PortalUnderTest, portalBrowser, portalUnderTest } from '../../support/oidc/portal-under-test.ts'
import { forAllTests } from '../../support/runner/made.ts'

const MFA = 'urn:sigma:acr:mfa'
const WEAK = 'Bearer error="insufficient_user_authentication", error_description='
const seconds = () => Math.floor(Date.now() / 1000)

const app = forAllTests(portalUnderTest)
afterEach(() => {
  app.provider.introspected = {}
})

async function approve(
  authorization?: string,
  at = app,
): Promise<{ status: number; asked: string | null; body: unknown }> {
  const headers = authorization === undefined ? undefined : { authorization }
  const answer = await fetch(`${at.origin}/api/payroll/approve`, { method: 'POST', headers })
  return { status: answer.status, asked: answer.headers.get('www-authenticate'), body: await answer.json() }
}

/** A token that the provider vouches for, saying of it what `said` says. */
function bearer(said: Record<string, unknown>, at = app): string {
  at.provider.introspected = { acr: MFA, ...said }
  return `Bearer ${at.provider.token()}`
}

/** Another portal, with other settings, for as long as `act` takes. */
async function withPortal(settings: Partial<PortalOptions>, act: (other: PortalUnderTest) => Promise<void>) {
  const other = await portalUnderTest(settings)
  await act(other).finally(() => other.close())
}

test('a token of somebody with two factors approves', async () => {
  const { status, body } = await approve(bearer({}))
  expect([status, body]).toEqual([200, { approved: true, at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) }])
})

test('the name of the scheme may be in any case', async () => {
  expect((await approve(bearer({}).replace('Bearer', 'bearer'))).status).toBe(200)
})

describe('a request is answered with invalid_token when', () => {
  test.each<[string, string | undefined]>([
    ['there is no token', undefined],
    ['the scheme is another', 'Basic cG9ydGFsOng='],
    ['the token is empty', 'Bearer '],
    ['there are two tokens', 'Bearer one two'],
    ['the token is none of the provider’s', 'Bearer guessed'],
  ])('%s', async (_what, authorization) => {
    const { status, asked, body } = await approve(authorization)
    expect([status, asked, body]).toEqual([401, 'Bearer error="invalid_token"', { error: 'invalid_token' }])
  })

  test.each<[string, Record<string, unknown>]>([
    ['the token has ended', { active: false }],
    ['a refresh token takes the place of an access token', { token_type: undefined }],
    ['the token is bound to a key', { cnf: { jkt: 'x' } }],
    ['the token is of a type for which a key must be shown', { token_type: 'DPoP' }],
    ['the token was made for another application', { client_id: 'someone-else' }],
    ['the token is about nobody', { sub: undefined }],
  ])('%s', async (_what, said) => {
    const { status, asked } = await approve(bearer(said))
    expect([status, asked]).toEqual([401, 'Bearer error="invalid_token"'])
  })
})

test.each<[string, unknown]>([
  ['a password', 'urn:sigma:acr:password'],
  ['a remembered device', 'urn:sigma:acr:known-device'],
  ['a name that begins alike', `${MFA}2`],
  ['a name that nobody told the API of, however strong', 'phr'],
  ['the name in capitals', MFA.toUpperCase()],
  ['several names', [MFA]],
  ['nothing', undefined],
])('a token that tells of %s is asked for more', async (_what, acr) => {
  const { status, asked, body } = await approve(bearer({ acr }))
  expect([status, asked]).toEqual([401, `${WEAK}"A second factor is required", acr_values="${MFA}"`])
  expect(body).toEqual({ error: 'insufficient_user_authentication' })
})

test('names that count as much are told to the API; one of them is what it asks for', async () => {
  const assurance = { mfa: 'https://refeds.org/profile/mfa', sufficient: ['https://refeds.org/profile/mfa', 'phr'] }
  await withPortal({ assurance }, async (other) => {
    expect((await approve(bearer({ acr: 'phr' }, other), other)).status).toBe(200)
    const refused = await approve(bearer({ acr: MFA }, other), other)
    expect(refused.asked).toContain('acr_values="https://refeds.org/profile/mfa"')
  })
})

describe('with a greatest age of 300 seconds', () => {
  test.each<[string, Record<string, unknown>, string | undefined]>([
    ['an authentication of just now is enough', { auth_time: seconds() }, undefined],
    ['one of 250 seconds ago is enough', { auth_time: seconds() - 250 }, undefined],
    ['one of 301 seconds ago is not', { auth_time: seconds() - 301 }, 'More recent authentication is required'],
    ['one of unknown age is not', { auth_time: undefined }, 'More recent authentication is required'],
    ['an age in words is not', { auth_time: String(seconds()) }, 'More recent authentication is required'],
    ['a recent password is not', { auth_time: seconds(), acr: 'x' }, 'A second factor is required'],
  ])('%s', async (_what, said, description) => {
    await withPortal({ approveMaxAge: 300 }, async (other) => {
      const { asked } = await approve(bearer(said, other), other)
      expect(asked).toBe(description ? `${WEAK}"${description}", acr_values="${MFA}", max_age="300"` : null)
    })
  })
})

test('a session’s cookie approves nothing at the API', async () => {
  const sanne = portalBrowser(app)
  await sanne.signIn({ acr: MFA })
  expect((await sanne.send('/api/payroll/approve', { method: 'POST' })).status).toBe(401)
})

test('while the provider is away nothing is approved, and no token is called invalid', async () => {
  const token = bearer({})
  app.provider.available = false
  const answer = await approve(token)
  app.provider.available = true
  expect([answer.status, answer.asked, answer.body]).toEqual([503, null, { error: 'temporarily_unavailable' }])
})

test('no token goes to a page or an address of the browser', async () => {
  const sanne = portalBrowser(app)
  app.provider.issued.length = 0
  app.provider.refreshable = true
  const back = await sanne.signIn()
  const away = await sanne.approve()
  const seen = JSON.stringify([await sanne.show(), [...sanne.cookies], location(back), location(away)])
  app.provider.refreshable = false
  expect(app.provider.issued).toHaveLength(2)
  for (const token of app.provider.issued) expect(seen).not.toContain(token)
})
