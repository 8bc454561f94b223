/** Access tokens end after minutes, sessions after hours: how an approval goes on with a token that has ended. */
import type { JWTPayload } from 'jose'
import { beforeEach, expect, test } from 'vitest'
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
  app.provider.refreshable = true
  sanne = portalBrowser(app)
})

function comeBack(away: Response, claims?: JWTPayload): Promise<Response> {
  return sanne.send(app.provider.authorize(location(away), claims))
}

function times(path: string): number {
  return app.provider.asked.filter((asked) => asked === path).length
}

async function done(): Promise<unknown> {
  return ((await sanne.show()).data.approve as { done: boolean }).done
}

test('is renewed with the refresh token, without the person noticing', async () => {
  await sanne.signIn(MFA)
  for (const round of [1, 2]) {
    app.provider.expireTokens()
    expect(location(await sanne.approve())).toBe(`${app.origin}/`)
    expect([await done(), app.logged('payroll run approved')]).toEqual([true, round])
  }
})

test('is renewed for the approvals after, too', async () => {
  await sanne.signIn(MFA)
  app.provider.expireTokens()
  await sanne.approve()
  await sanne.approve()
  // One for the sign-in, one for the renewal.
  expect(times('/token')).toBe(2)
})

test('is renewed once when two tabs find it ended at the same time: a refresh token spent twice ends them all', async () => {
  await sanne.signIn(MFA)
  const csrf = String((await sanne.show()).data.csrf)
  app.provider.expireTokens()
  const answers = await Promise.all([1, 2, 3].map(() => sanne.post('/approve', { csrf })))
  expect(answers.map(location)).toEqual(Array(3).fill(`${app.origin}/`))
  expect(times('/token')).toBe(2)
})

test('and a renewed one that is still too weak leads to a step-up', async () => {
  await sanne.signIn()
  app.provider.expireTokens()
  const away = await sanne.approve()
  expect(new URL(location(away)).searchParams.get('acr_values')).toBe(MFA.acr)
  await comeBack(away, MFA)
  expect(await done()).toBe(true)
})

test('without a refresh token the person signs in again, silently where the provider knows them', async () => {
  app.provider.refreshable = false
  await sanne.signIn(MFA)
  app.provider.expireTokens()
  const away = await sanne.approve()
  const asked = new URL(location(away)).searchParams
  expect([asked.get('login_hint'), asked.has('prompt'), asked.has('acr_values')]).toEqual([
    'sanne@sigma.example',
    false,
    false,
  ])
  expect(location(await comeBack(away, MFA))).toBe(`${app.origin}/`)
  expect(await done()).toBe(true)
})

test('so they do when the refresh token has ended; a step-up may follow, and then no more', async () => {
  await sanne.signIn(MFA)
  app.provider.expireTokens()
  app.provider.expireRefreshTokens()
  const stepUp = await comeBack(await sanne.approve())
  expect(new URL(location(stepUp)).searchParams.get('acr_values')).toBe(MFA.acr)
  const back = await comeBack(stepUp)
  expect([back.status, ((await back.json()) as Shown).data.code]).toEqual([403, 'unmet_authentication_requirements'])
})

test('a provider whose every token is invalid makes an error page, not a loop', async () => {
  app.provider.refreshable = false
  app.provider.introspected = { active: false }
  await sanne.signIn(MFA)
  const back = await comeBack(await sanne.approve(), MFA)
  expect([back.status, ((await back.json()) as Shown).data.code]).toEqual([502, 'approval-failed'])
  expect(await done()).toBe(false)
})

test('a refreshed ID token about somebody else is not taken', async () => {
  await sanne.signIn(MFA)
  app.provider.expireTokens()
  app.provider.refreshedClaims = { sub: 'sub-piet' }
  const away = await sanne.approve()
  expect(new URL(location(away)).pathname).toBe('/auth')
  expect(app.logged('payroll run approved')).toBe(0)
})
