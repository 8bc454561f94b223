/**
 * How often each flow asks MongoDB and Redis, exactly: each is a round trip, which a person waits for and a node pays
 * for. Only ever lower a number, or say why not. What the ports are asked is counted in test/flow/operations.
 *
 * Two nodes take turns, so each looks where the audit trail ends before it writes on.
 */
import * as oidc from 'openid-client'
import { beforeAll, expect, test, vi } from 'vitest'
import { roundTrips } from '../support/app/round-trips.ts'
import { startStores } from '../support/nodes/nodes.ts'
import { EMAIL, PASSWORD, relyingParty, type Tokens, world } from '../support/oidc/relying-party.ts'
import { passkeyOf, use } from '../support/people/passkey.ts'
import { Person } from '../support/people/person.ts'
import { due, oblige, startsOf } from '../support/people/step-up.ts'
import { forAllTests } from '../support/runner/made.ts'
import { describeWith } from '../support/services/services.ts'

describeWith(['mongo', 'redis'], 'round trips of a flow on two nodes', () => {
  forAllTests(async () => {
    const { mongo, redis } = await startStores()
    vi.stubEnv('SIGMA_TEST_MONGODB', mongo.uri)
    vi.stubEnv('SIGMA_TEST_REDIS', redis.uri)
    return {
      async stop() {
        vi.unstubAllEnvs()
        await Promise.all([mongo.remove(), redis.remove()])
      },
    }
  })
  const all = forAllTests(() => world())
  const house = forAllTests(() => relyingParty(all, 'house'))
  const counted = forAllTests(roundTrips)
  const sanne = new Person()
  let tokens: Tokens

  // Redis has all scripts from then on, and both nodes have written.
  beforeAll(async () => {
    for (let n = 0; n < 2; n += 1) {
      const first = new Person()
      const { refresh_token } = await house.signIn(first)
      await house.refresh(refresh_token)
      await house.signIn(first)
    }
  })

  test('a password', async () => {
    const request = await house.request()
    expect(await counted.during(() => sanne.visit(request.url.href))).toEqual({ redis: 2 })
    expect(await counted.during(() => sanne.submit({ email: EMAIL, password: PASSWORD }))).toEqual({
      // The sitting twice and its end, session, grant and code, and a turn for the sitting: taken and given back.
      redis: 9,
      'find people': 3,
      'update people': 1,
      // Where failures are counted, and then the try itself, in one write; and that it was right.
      'find counters': 1,
      'findAndModify counters': 1,
      'delete counters': 1,
      'find audit': 2,
      'insert audit': 2,
    })
    const redeemed = await counted.during(async () => {
      tokens = await house.redeem(sanne.page.url, request)
    })
    // That an application redeems codes is told once, and then counted.
    expect(redeemed).toEqual({ redis: 5, 'find people': 1 })
  })

  test('what follows a sign-in: a silent one, a refresh, userinfo, introspection', async () => {
    const { url } = await house.request()
    expect(await counted.during(() => sanne.visit(url.href))).toEqual({
      redis: 6,
      'find people': 1,
      'find audit': 1,
      'insert audit': 1,
    })
    const refreshed = await counted.during(async () => {
      tokens = await house.refresh(tokens.refresh_token)
    })
    expect(refreshed).toEqual({ redis: 5, 'find people': 1, 'find audit': 1, 'insert audit': 1 })
    const { access_token } = tokens
    const headers = { authorization: `Bearer ${access_token}` }
    expect(await counted.during(() => fetch(`${all.app.origin}/me`, { headers }))).toEqual({
      redis: 2,
      'find people': 1,
    })
    expect(await counted.during(() => oidc.tokenIntrospection(house.config, access_token))).toEqual({ redis: 4 })
  })

  test('a program of its own', async () => {
    const { config } = await relyingParty(all, 'service')
    const asked = await counted.during(() => oidc.clientCredentialsGrant(config, { scope: 'payroll:read' }))
    expect(asked).toEqual({ 'find audit': 1, 'insert audit': 1 })
  })

  test('a passkey alone', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const who = await startsOf(all.app, house).enrolled()
    const key = await passkeyOf(all.app, who.email)
    const request = await house.request()
    expect(await counted.during(() => who.browser.visit(request.url.href))).toEqual({ redis: 2 })
    expect(await counted.during(() => use(who.browser, key))).toEqual({
      redis: 9,
      // By the key of the passkey; as it is changed; and at the way back.
      'find people': 3,
      'update people': 1,
      // Where failures are counted, and that the challenge was answered.
      'update counters': 1,
      'find audit': 2,
      'insert audit': 2,
    })
    expect(await counted.during(() => house.redeem(who.browser.page.url, request))).toEqual({
      redis: 5,
      'find people': 1,
    })
    vi.useRealTimers()
  })

  test('a password and a code', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const who = await startsOf(all.app, house).enrolled()
    const request = await house.request()
    expect(await counted.during(() => who.browser.visit(request.url.href))).toEqual({ redis: 2 })
    expect(await counted.during(() => oblige(who))).toEqual({
      redis: 10,
      'find people': 4,
      'findAndModify counters': 1,
      'delete counters': 1,
      'find audit': 1,
      'insert audit': 1,
    })
    expect(due(who.browser)).toBe('code')
    expect(await counted.during(() => oblige(who))).toEqual({
      redis: 11,
      'find people': 3,
      'update people': 1,
      // The tries of a day, and what is taken back of them; the tries in a row, and that it was right.
      'update counters': 2,
      'findAndModify counters': 1,
      'delete counters': 1,
      'find audit': 2,
      'insert audit': 2,
    })
    expect(await counted.during(() => house.redeem(who.browser.page.url, request))).toEqual({
      redis: 5,
      'find people': 1,
    })
    vi.useRealTimers()
  })
})
