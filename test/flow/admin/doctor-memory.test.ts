/** What is remembered of applications by requests that are really sent: names and moments, and nothing that opens a door. */
import { beforeEach, describe, expect, test } from 'vitest'
import { type ClientMemory, MOST_REFUSALS, memoryKind, sittingsOf } from '../../../src/doctor/memory.ts'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass, setClock } from '../../support/app/clock.ts'
import { basic, codeFields, type Fields, mint, post } from '../../support/oidc/raw-oauth.ts'
import { relyingParty, type Tokens, world } from '../../support/oidc/relying-party.ts'
import { readable } from '../../support/people/desk.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

/** Signs that a library may forget to encode in a header. */
const AWKWARD = 'a+b/c=d%41e+f/g=h%42i+j/k=l%43mn'

let sanne: Person
let tokens: Tokens
let clock = Date.now()

const here = forAllTests(() => world({ env: { SECOND_SECRET: 's'.repeat(40), HOUSE_SECRET: AWKWARD } }))
const house = forAllTests(() => relyingParty(here, 'house'))
const spa = forAllTests(() => relyingParty(here, 'spa'))
clockOfEachTest()
beforeEach(async () => {
  clock += 2 * MINUTE
  setClock(clock)
  await here.app.core.store.durable.clientMemories.change('house', (draft) => Object.assign(draft, memoryKind.empty()))
  sanne = new Person()
  tokens = await house.signIn(sanne)
})

async function memory(client = 'house'): Promise<ClientMemory> {
  await here.app.core.notes.write({ all: true })
  return (await here.app.core.store.durable.clientMemories.find(client)) ?? memoryKind.empty()
}

const encoded = () => basic('house', encodeURIComponent(AWKWARD))

async function redeem(fields: Fields, headers: Fields = encoded()) {
  return post(`${here.app.origin}/token`, fields, headers)
}

describe('a refused request', () => {
  test('to come back to another address', async () => {
    const { url } = await house.request({ redirect_uri: `${house.redirectUri}/?secret=canary` })
    await new Person().visit(url.href)
    const { refusals } = await memory()
    expect(refusals).toEqual([
      expect.objectContaining({
        endpoint: 'authorization',
        error: 'invalid_redirect_uri',
        parameter: 'redirect_uri',
        refused: `${house.redirectUri}/`,
        whole: false,
        count: 1,
        at: clock,
      }),
    ])
  })

  test('with the secret as it is, where it should be encoded', async () => {
    expect((await redeem(codeFields(house, await mint(house, sanne)), basic('house', AWKWARD))).status).toBe(401)
    expect((await memory()).refusals).toMatchObject([{ reason: 'wrong-secret', rightSecret: true }])
  })

  test('with a secret that is none', async () => {
    await redeem(codeFields(house, await mint(house, sanne)), basic('house', `x+${AWKWARD}`))
    expect((await memory()).refusals).toMatchObject([{ reason: 'wrong-secret', rightSecret: false }])
  })

  test('with the right secret in the body, with a wrong one, and twice', async () => {
    const fields = codeFields(house, await mint(house, sanne))
    await redeem({ ...fields, client_id: 'house', client_secret: AWKWARD }, {})
    await redeem({ ...fields, client_id: 'house', client_secret: 'nonsense' }, {})
    await redeem({ ...fields, client_id: 'house', client_secret: AWKWARD })
    expect((await memory()).refusals).toMatchObject([
      { reason: 'wrong-method', method: 'client_secret_post', rightSecret: true },
      { reason: 'wrong-method', method: 'client_secret_post', rightSecret: false },
      { reason: 'both-methods', method: 'both', rightSecret: true },
    ])
  })

  test('with a code that was used 80 ms before, and one that is too old', async () => {
    const fields = codeFields(house, await mint(house, sanne))
    expect((await redeem(fields)).status).toBe(200)
    pass(80)
    await redeem(fields)
    const late = codeFields(house, await mint(house, await signedIn()))
    pass(63 * SECOND)
    await redeem(late)
    expect((await memory()).refusals).toMatchObject([
      { reason: 'code-used', after: 80 },
      { reason: 'code-expired', after: 63 * SECOND },
    ])
  })

  test('with another address or verifier than the request had', async () => {
    const [one, other] = [codeFields(house, await mint(house, sanne)), codeFields(house, await mint(house, sanne))]
    await redeem({ ...one, redirect_uri: `${house.redirectUri}/` })
    await redeem({ ...other, code_verifier: 'v'.repeat(43) })
    expect((await memory()).refusals).toMatchObject([{ reason: 'redirect-differs' }, { reason: 'verifier-differs' }])
  })

  test('without PKCE, or with plain', async () => {
    const odd: Fields[] = [{ code_challenge_method: 'plain' }, { code_challenge_method: '', code_challenge: '' }]
    for (const parameters of odd) {
      const { url } = await house.request(parameters)
      for (const [name, value] of Object.entries(parameters)) if (value === '') url.searchParams.delete(name)
      await sanne.visit(url.href)
    }
    expect((await memory()).refusals.map(({ reason }) => reason)).toEqual(['plain-pkce', 'no-pkce'])
  })

  test('by a refresh token that was used a second before, by whoever has the same address', async () => {
    const { refresh_token } = await spa.signIn(new Person())
    const fields = { grant_type: 'refresh_token', client_id: 'spa', refresh_token: refresh_token ?? '' }
    await post(`${here.app.origin}/token`, fields)
    pass(SECOND)
    await post(`${here.app.origin}/token`, fields)
    expect((await memory('spa')).refusals).toMatchObject([{ reason: 'refresh-used', after: SECOND, same: true }])
  })

  test('of an application that there is none of leaves nothing', async () => {
    await memory()
    const before = await here.app.core.store.durable.clientMemories.list({ by: 'changedAt', limit: 100 })
    const { url } = await house.request({ client_id: 'nobody' })
    await new Person().visit(url.href)
    await redeem({}, basic('nobody', 'x'))
    await here.app.core.notes.write({ all: true })
    const after = await here.app.core.store.durable.clientMemories.list({ by: 'changedAt', limit: 100 })
    expect(after.map(({ id }) => id).toSorted()).toEqual(before.map(({ id }) => id).toSorted())
  })

  test('of somebody who cancels, or a silent check that finds nobody, is none', async () => {
    const stranger = new Person()
    await stranger.visit((await house.request({ prompt: 'none' })).url.href)
    await stranger.visit((await house.request()).url.href)
    await stranger.submit({ action: 'cancel' })
    expect((await memory()).refusals).toEqual([])
  })
})

async function signedIn(): Promise<Person> {
  const person = new Person()
  await house.signIn(person)
  return person
}

test('what works is remembered by its last time', async () => {
  await house.refresh(tokens.refresh_token)
  await post(`${here.app.origin}/me`, { access_token: tokens.access_token })
  const kept = await memory()
  const { seen, scopes, callers } = kept
  const sittings = sittingsOf(kept)
  expect(Object.keys(seen)).toEqual(expect.arrayContaining(['asked', 'authorized', 'token', 'refresh', 'userinfo']))
  expect([scopes, sittings.length, callers.length]).toEqual([['openid'], 1, 1])
  expect(sittings[0]?.redeemedAt).toBe(clock)
})

test('a flood of refused requests leaves what was there, of this one and of others', async () => {
  await redeem(codeFields(house, await mint(house, sanne)), basic('house', 'wrong'))
  for (let index = 0; index < 60; index += 1) {
    await new Person().visit((await house.request({ redirect_uri: `https://evil.example/${index}` })).url.href)
    if (index % 10 === 0) pass(SECOND)
  }
  await new Person().visit((await spa.request({ redirect_uri: 'https://evil.example/' })).url.href)
  const { refusals } = await memory()
  expect(refusals.length).toBeLessThanOrEqual(MOST_REFUSALS)
  expect(refusals).toContainEqual(expect.objectContaining({ reason: 'wrong-secret' }))
  expect((await memory('spa')).refusals).toContainEqual(expect.objectContaining({ refused: 'https://evil.example/' }))
})

test('that an application signs people out is known, whether or not they were signed in', async () => {
  const goodbye = { client_id: 'house', post_logout_redirect_uri: `${here.apps.origin}/house/goodbye` }
  await new Person().visit(`${here.app.origin}/session/end?${new URLSearchParams(goodbye)}`)
  expect((await memory()).seen.left).toBe(clock)
  await new Person().visit(`${here.app.origin}/session/end`)
  await new Person().visit(`${here.app.origin}/session/end?${new URLSearchParams({ ...goodbye, client_id: 'spa' })}`)
  expect((await memory('spa')).seen.left).toBeUndefined()
})

test('no secret, code, token, state, verifier or person is in it', async () => {
  const minted = await mint(house, sanne)
  const fields = codeFields(house, minted)
  await redeem(fields, basic('house', AWKWARD))
  await redeem({ ...fields, client_secret: AWKWARD, client_id: 'house' }, {})
  await redeem({ ...fields, code_verifier: 'w'.repeat(43) })
  await redeem({ grant_type: 'refresh_token', refresh_token: 'canary-refresh' })
  const query = new URLSearchParams({
    id_token_hint: tokens.id_token ?? '',
    post_logout_redirect_uri: 'https://x.example/?a=canary',
  })
  await sanne.visit(`${here.app.origin}/session/end?${query}`)
  await house
    .request({
      state: 'canary-state',
      login_hint: 'canary@sigma.example',
      redirect_uri: 'https://canary-user:canary@x.example/',
    })
    .then(({ url }) => sanne.visit(url.href))
  await here.app.core.notes.write({ all: true })
  const kept = JSON.stringify(await here.app.core.store.durable.clientMemories.list({ by: 'changedAt', limit: 100 }))
  const secrets = [AWKWARD, minted.code, minted.request.state, minted.request.verifier, minted.request.nonce]
  const given = [tokens.access_token, tokens.refresh_token ?? '', tokens.id_token ?? '', tokens.claims()?.sub ?? '']
  expect(readable(kept, [...secrets, ...given, 'canary', 'sanne'])).toEqual([])
  expect(kept.length).toBeGreaterThan(500)
})
