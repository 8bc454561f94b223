/** The step-up of somebody who is signed in, as tokens tell of it: what they say, and what older ones go on saying. */
import { decodeJwt } from 'jose'
import * as oidc from 'openid-client'
import { expect, test } from 'vitest'
import { MINUTE, seconds } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { PAYROLL, REPORTS } from '../../support/oidc/client-records.ts'
import { ACR, type RelyingParty, relyingParty, type Tokens, world } from '../../support/oidc/relying-party.ts'
import { text } from '../../support/people/second-factor.ts'
import { ask, oblige, obligeAll, reopen, type Someone, startsOf } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const MFA = ['pwd', 'otp', 'mfa']

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
const second = forAllTests(() => relyingParty(here, 'second'))
const starts = forAllTests(() => startsOf(here.app, house))
clockOfEachTest()

async function tokensOf(who: Someone, party: RelyingParty, parameters?: Record<string, string>): Promise<Tokens> {
  const request = await party.request(parameters)
  await who.browser.visit(request.url.href)
  await obligeAll(who)
  return party.redeem(who.browser.page.url, request)
}

/** Signed in with a password on a remembered device, ten minutes ago. */
async function signedIn(): Promise<{ who: Someone; before: Tokens }> {
  const who = await starts.knownDevice()
  const before = await tokensOf(who, house)
  pass(10 * MINUTE)
  return { who, before }
}

test('somebody who is signed in sees one page, which names the application, and comes back', async () => {
  const { who, before } = await signedIn()
  const { browser } = who
  const hops = browser.trail.length
  const request = await second.request({ acr_values: ACR.mfa })
  await browser.visit(request.url.href)
  expect(text(browser.page)).toContain('Application second')
  expect(browser.page.html).not.toContain('name="password"')
  await oblige(who)
  // Not the one that goes on by itself.
  const pages = browser.trail
    .slice(hops)
    .filter(({ url, status, next }) => url.startsWith(here.app.origin) && status === 200 && next === undefined)
  expect(pages).toHaveLength(1)
  const claims = (await second.redeem(browser.page.url, request)).claims()
  expect(claims).toMatchObject({ acr: ACR.mfa, amr: ['pwd', 'otp', 'device', 'mfa'] })
  // The password was not asked for, so when it was has not changed (RFC 9470 section 4).
  expect(claims?.auth_time).toBe(before.claims()?.auth_time)
  expect(Number(claims?.auth_time)).toBeLessThan(seconds(Date.now()) - 590)
})

test('after it single sign-on asks for nothing, in the first application and in others', async () => {
  const { who } = await signedIn()
  expect((await ask(who, second, { acr_values: ACR.mfa })).pages).toEqual(['code'])
  const strict = await relyingParty(here, 'strict')
  for (const party of [house, second, strict])
    expect(await ask(who, party, { acr_values: ACR.mfa })).toMatchObject({ pages: [], acr: ACR.mfa })
})

test('the session keeps its sid in each application, and gets another cookie', async () => {
  const { who, before } = await signedIn()
  const cookie = who.browser.cookie('sigma-session')
  const after = await tokensOf(who, house, { acr_values: ACR.mfa })
  expect(after.claims()?.sid).toBe(before.claims()?.sid)
  expect(who.browser.cookie('sigma-session')).not.toBe(cookie)
})

test('refreshed tokens say what the sign-in said: a step-up raises none of before, and time lowers none', async () => {
  const { who, before } = await signedIn()
  const after = await tokensOf(who, house, { acr_values: ACR.refedsMfa })
  const { auth_time } = before.claims() ?? {}
  pass(5 * MINUTE)
  const old = await house.refresh(before.refresh_token)
  expect(old.claims()).toMatchObject({ acr: 'urn:sigma:acr:known-device', amr: ['pwd', 'device'], auth_time })
  const raised = await house.refresh(after.refresh_token)
  expect(raised.claims()).toMatchObject({ acr: ACR.refedsMfa, amr: ['pwd', 'otp', 'device', 'mfa'], auth_time })
  pass(20 * MINUTE)
  expect((await house.refresh(raised.refresh_token)).claims()).toMatchObject({ acr: ACR.refedsMfa, auth_time })
})

test('RFC 9470 an API sees acr and auth_time, by introspection or in the token, and the same after a refresh', async () => {
  const { who } = await signedIn()
  await ask(who, house, { acr_values: ACR.mfa })
  const service = await relyingParty(here, 'service')

  const opaque = await tokensOf(who, house, { scope: 'openid reports:read', resource: REPORTS, acr_values: ACR.mfa })
  const { auth_time } = opaque.claims() ?? {}
  const seen = await oidc.tokenIntrospection(service.config, opaque.access_token)
  expect(seen).toMatchObject({ active: true, acr: ACR.mfa, auth_time })
  const again = await house.refresh(opaque.refresh_token, { resource: REPORTS })
  expect(await oidc.tokenIntrospection(service.config, again.access_token)).toMatchObject({ acr: ACR.mfa, auth_time })

  const signed = await tokensOf(who, house, { scope: 'openid payroll:read', resource: PAYROLL, acr_values: ACR.mfa })
  expect(decodeJwt(signed.access_token)).toMatchObject({ acr: ACR.mfa, auth_time })
  const renewed = await house.refresh(signed.refresh_token, { resource: PAYROLL })
  expect(decodeJwt(renewed.access_token)).toMatchObject({ acr: ACR.mfa, auth_time })
})

test('after a new password within the session, auth_time moves and what it asks for is proven anew', async () => {
  const { who, before } = await signedIn()
  await ask(who, house, { acr_values: ACR.mfa })
  pass(10 * MINUTE)
  const now = seconds(Date.now())
  const after = await tokensOf(who, house, { prompt: 'login' })
  expect(after.claims()).toMatchObject({ acr: ACR.mfa, auth_time: now })
  expect(now).toBeGreaterThan(Number(before.claims()?.auth_time))
})

test('a step-up that was pushed (RFC 9126) is the same', async () => {
  const { who } = await signedIn()
  const request = await house.push({ acr_values: ACR.mfa })
  await who.browser.visit(request.url.href)
  expect(await obligeAll(who)).toEqual(['code'])
  expect((await house.redeem(who.browser.page.url, request)).claims()?.acr).toBe(ACR.mfa)
})

test('default_acr_values are a wish of the application, as if it had asked', async () => {
  const wishing = await relyingParty(here, 'wishing')
  const who = await starts.knownDevice()
  pass(MINUTE)
  expect(await ask(who, wishing, { acr_values: ACR.password })).toMatchObject({ pages: [], acr: ACR.password })
  expect(await ask(who, wishing)).toMatchObject({ pages: ['code'], acr: ACR.mfa })
  reopen(who)
  expect(await ask(who, wishing)).toMatchObject({
    pages: ['password', 'code'],
    acr: ACR.mfa,
    amr: expect.arrayContaining(MFA),
  })
})
