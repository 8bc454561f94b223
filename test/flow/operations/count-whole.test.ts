/**
 * What a whole sign-in costs the store, from the request of an application to its tokens, exactly: calls that read, calls
 * that write, and commits of the embedded store, each of which waits for the disk.
 */
import * as oidc from 'openid-client'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { countedStore, type Kinds } from '../../support/app/counted-store.ts'
import { ACR, EMAIL, PASSWORD, relyingParty, type Tokens, world } from '../../support/oidc/relying-party.ts'
import { passkeyOf, use } from '../../support/people/passkey.ts'
import { Person } from '../../support/people/person.ts'
import { due, oblige, type Someone, startsOf } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const counted = countedStore()

const all = forAllTests(() =>
  world({
    instrument: counted.instrument,
    // However slow the machine is, a request of one person alone is one commit.
    database: { onCommit: counted.onCommit, longest: MINUTE },
  }),
)
const house = forAllTests(() => relyingParty(all, 'house'))

function sum(steps: Record<string, Kinds>): Kinds {
  return Object.values(steps).reduce((all, step) => ({
    reads: all.reads + step.reads,
    writes: all.writes + step.writes,
    commits: all.commits + step.commits,
  }))
}

test('with a password alone: 9 reads, 5 commits', async () => {
  const sanne = new Person()
  const request = await house.request()
  const steps = {
    page: await counted.kinds(() => sanne.visit(request.url.href)),
    password: await counted.kinds(() => sanne.submit({ email: EMAIL, password: PASSWORD })),
    tokens: await counted.kinds(() => house.redeem(sanne.page.url, request)),
  }
  expect(steps).toEqual({
    page: { reads: 1, writes: 1, commits: 1 },
    // The try, before the password is looked at; what follows from it; and the way back to the application.
    password: { reads: 5, writes: 10, commits: 3 },
    tokens: { reads: 3, writes: 4, commits: 1 },
  })
  expect(sum(steps)).toMatchObject({ reads: 9, commits: 5 })
})

test('with a code: 15 reads, 8 commits', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const who = await startsOf(all.app, house).enrolled()
  const request = await house.request()
  const steps = {
    page: await counted.kinds(() => who.browser.visit(request.url.href)),
    password: await counted.kinds(() => oblige(who)),
    code: await counted.kinds(async () => {
      expect(due(who.browser)).toBe('code')
      await oblige(who)
    }),
    tokens: await counted.kinds(() => house.redeem(who.browser.page.url, request)),
  }
  expect(steps).toEqual({
    page: { reads: 1, writes: 1, commits: 1 },
    password: { reads: 6, writes: 9, commits: 3 },
    code: { reads: 5, writes: 10, commits: 3 },
    // The second code that this application redeems is counted, not told.
    tokens: { reads: 3, writes: 3, commits: 1 },
  })
  expect(sum(steps)).toMatchObject({ reads: 15, commits: 8 })
  vi.useRealTimers()
})

test('with a passkey alone: 8 reads, 4 commits', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const who = await startsOf(all.app, house).enrolled()
  const key = await passkeyOf(all.app, who.email)
  const request = await house.request()
  const steps = {
    page: await counted.kinds(() => who.browser.visit(request.url.href)),
    passkey: await counted.kinds(() => use(who.browser, key)),
    tokens: await counted.kinds(() => house.redeem(who.browser.page.url, request)),
  }
  expect(steps).toEqual({
    page: { reads: 1, writes: 1, commits: 1 },
    // The challenge that is spent, with what follows from it; and the way back to the application.
    passkey: { reads: 4, writes: 9, commits: 2 },
    tokens: { reads: 3, writes: 3, commits: 1 },
  })
  expect(sum(steps)).toMatchObject({ reads: 8, commits: 4 })
  vi.useRealTimers()
})

describe('whoever is signed in, and programs', () => {
  const service = forAllTests(() => relyingParty(all, 'service'))
  let who: Someone
  let tokens: Tokens
  clockOfAllTests()
  beforeAll(async () => {
    who = await startsOf(all.app, house).mfa()
    tokens = await house.signIn(who.browser)
  })

  async function again(parameters: Record<string, string>): Promise<void> {
    const request = await house.request(parameters)
    await who.browser.visit(request.url.href)
    if (due(who.browser) === 'code') await oblige(who)
    tokens = await house.redeem(who.browser.page.url, request)
  }

  async function refresh(): Promise<void> {
    tokens = await house.refresh(tokens.refresh_token)
  }

  // Where a code comes of it, what redeems it is counted too.
  test.each<[string, () => Promise<unknown>, Kinds]>([
    // The first of a day was told above.
    ['silent sign-on', () => again({ prompt: 'none' }), { reads: 6, writes: 5, commits: 2 }],
    ['step-up', () => again({ acr_values: ACR.mfa, mfa_max_age: '1' }), { reads: 13, writes: 15, commits: 5 }],
    ['refresh', refresh, { reads: 3, writes: 4, commits: 1 }],
    ['refresh once more', refresh, { reads: 3, writes: 3, commits: 1 }],
    [
      'introspection',
      () => oidc.tokenIntrospection(house.config, tokens.access_token),
      { reads: 4, writes: 0, commits: 0 },
    ],
    [
      'userinfo',
      () => oidc.fetchUserInfo(house.config, tokens.access_token, tokens.claims()?.sub ?? ''),
      { reads: 3, writes: 0, commits: 0 },
    ],
    ['client credentials', () => oidc.clientCredentialsGrant(service.config), { reads: 0, writes: 1, commits: 1 }],
    [
      'discovery',
      () => fetch(`${all.app.origin}/.well-known/openid-configuration`),
      { reads: 0, writes: 0, commits: 0 },
    ],
    ['JWKS', () => fetch(`${all.app.origin}/jwks`), { reads: 0, writes: 0, commits: 0 }],
  ])('%s', async (_flow, work, asked) => {
    pass(2 * SECOND)
    expect(await counted.kinds(work)).toEqual(asked)
  })
})
