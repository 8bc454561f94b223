/** B-04, B-05, B-12: what is good for one use is good for one use, however many come at once. */
import * as oidc from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { race, tally } from '../../support/attack/race.ts'
import {
  asserted,
  assertion,
  basic,
  codeFields,
  dpopProof,
  type Fields,
  mint,
  post,
  type RawAnswer,
} from '../../support/oidc/raw-oauth.ts'
import { type RelyingParty, relyingParty, type World, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'

const MANY = { rounds: 200, contenders: 20 }
const SOME = { rounds: 20, contenders: 20 }
let here: World
let house: RelyingParty
let token: string
let me: Fields
const sanne = new Person()

beforeAll(async () => {
  here = await world()
  house = await relyingParty(here, 'house')
  token = `${here.app.origin}/token`
  me = basic('house', house.secret)
  await house.signIn(sanne)
})
afterAll(() => here.stop())

function ok({ status }: RawAnswer): boolean {
  return status === 200
}

/** Exactly one won every round, all others were told why, and nothing broke. */
function expectSingleUse(outcomes: RawAnswer[][], { rounds, contenders }: typeof MANY, error: RegExp): void {
  expect(tally(outcomes, ok)).toEqual({ 1: rounds })
  const losers = outcomes.flat().filter((outcome) => !ok(outcome))
  expect(losers).toHaveLength(rounds * (contenders - 1))
  expect(losers.filter(({ status, body }) => status >= 500 || !error.test(String(body.error)))).toEqual([])
}

async function live(access: unknown, party = house): Promise<boolean> {
  return (await oidc.tokenIntrospection(party.config, String(access))).active
}

test('B-04 one code, 20 at once, 200 rounds: one gets tokens, and then they are dead', {
  timeout: 180_000,
}, async () => {
  const outcomes = await race(MANY, async () => {
    const fields = codeFields(house, await mint(house, sanne))
    return () => post(token, fields, me)
  })
  expectSingleUse(outcomes, MANY, /^invalid_grant$/)
  for (const winner of outcomes.flat().filter(ok).slice(-20)) {
    expect(await live(winner.body.access_token)).toBe(false)
    const again = await post(
      token,
      { grant_type: 'refresh_token', refresh_token: String(winner.body.refresh_token) },
      me,
    )
    expect(again.body.error).toBe('invalid_grant')
  }
})

test('B-05 one refresh token of a public client, 20 at once, 200 rounds: one gets new ones, and then the family is dead', {
  timeout: 180_000,
}, async () => {
  const spa = await relyingParty(here, 'spa')
  const own = { client_id: 'spa' }
  await mint(spa, sanne)
  const firsts: unknown[] = []
  const outcomes = await race(MANY, async () => {
    const { body } = await post(token, { ...codeFields(spa, await mint(spa, sanne)), ...own })
    firsts.push(body.access_token)
    return () => post(token, { grant_type: 'refresh_token', refresh_token: String(body.refresh_token), ...own })
  })
  expectSingleUse(outcomes, MANY, /^invalid_grant$/)
  const winners = outcomes.flat().filter(ok)
  for (const access of [...firsts.slice(-20), ...winners.slice(-20).map(({ body }) => body.access_token)]) {
    const { status } = await fetch(`${here.app.origin}/me`, { headers: { authorization: `Bearer ${access}` } })
    expect(status).toBe(401)
  }
})

test('one refresh token of a client with a secret, 20 workers at once: all get tokens of one family, and no second branch', async () => {
  const outcomes = await race(SOME, async () => {
    const { body } = await post(token, codeFields(house, await mint(house, sanne)), me)
    return () => post(token, { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) }, me)
  })
  expect(tally(outcomes, ok)).toEqual({ [SOME.contenders]: SOME.rounds })
  for (const round of outcomes) {
    expect(new Set(round.map(({ body }) => body.refresh_token)).size).toBe(1)
    expect(new Set(round.map(({ body }) => body.access_token)).size).toBe(SOME.contenders)
  }
  for (const { body } of outcomes.at(-1) ?? []) expect(await live(body.access_token)).toBe(true)
})

test('B-05 theft within the grace: a token and its successor at once, many rounds, end the family or one branch stays', async () => {
  const outcomes = await race(SOME, async () => {
    const { body } = await post(token, codeFields(house, await mint(house, sanne)), me)
    const refresh = (value: unknown) => post(token, { grant_type: 'refresh_token', refresh_token: String(value) }, me)
    const { body: next } = await refresh(body.refresh_token)
    // Half of them come with what was used before, half with what came in its place.
    return async (contender) => refresh(contender % 2 ? next.refresh_token : body.refresh_token)
  })
  for (const round of outcomes) {
    const older = round.filter((_outcome, contender) => contender % 2 === 0)
    const newer = round.filter((_outcome, contender) => contender % 2 === 1)
    expect(round.filter(({ status }) => status >= 500)).toEqual([])
    for (const branch of [older, newer])
      expect(new Set(branch.filter(ok).map(({ body }) => body.refresh_token)).size).toBeLessThanOrEqual(1)
  }
})

test('B-04 two, and a hundred, at once are no different', async () => {
  for (const contenders of [2, 100]) {
    const some = { rounds: 3, contenders }
    const outcomes = await race(some, async () => {
      const fields = codeFields(house, await mint(house, sanne))
      return () => post(token, fields, me)
    })
    expectSingleUse(outcomes, some, /^invalid_grant$/)
  }
})

test('B-12 one pushed request, 20 at once: one code', async () => {
  const pushed = await relyingParty(here, 'pushed')
  // A browser each: requests of one session wait for each other.
  const browsers = Array.from({ length: SOME.contenders }, () => new Person())
  for (const browser of browsers) await house.signIn(browser)
  const outcomes = await race(SOME, async () => {
    const { url } = await pushed.push()
    return async (contender) => {
      const response = await (browsers[contender] ?? sanne).copy().request('GET', url.href)
      await response.body?.cancel()
      const answered = new URL(response.headers.get('location') ?? here.app.origin, here.app.origin).searchParams
      return { status: answered.has('code') ? 200 : response.status, body: { error: answered.get('error') ?? 'page' } }
    }
  })
  expectSingleUse(outcomes, SOME, /^(invalid_request_uri|page)$/)
})

test('B-12 one DPoP proof, 20 at once: one token', async () => {
  const service = await relyingParty(here, 'service')
  const outcomes = await race(SOME, async () => {
    const { proof } = await dpopProof(token)
    const headers = { ...basic('service', service.secret), dpop: proof }
    return () => post(token, { grant_type: 'client_credentials' }, headers)
  })
  expectSingleUse(outcomes, SOME, /^invalid_(grant|dpop_proof)$/)
})

test('B-12 one client assertion, 20 at once, each with a code of its own: one gets in', async () => {
  const keyed = await relyingParty(here, 'keyed')
  await mint(keyed, sanne)
  const outcomes = await race(SOME, async () => {
    const credentials = asserted(await assertion(here))
    const codes = await Promise.all(
      Array.from({ length: SOME.contenders }, async () => codeFields(keyed, await mint(keyed, sanne.copy()))),
    )
    return (contender) => post(token, { ...codes[contender], ...credentials })
  })
  expectSingleUse(outcomes, SOME, /^invalid_client$/)
})

test('one sitting, the right password 20 times at once: one code at most for each answer, and no fault', async () => {
  const outcomes = await race({ rounds: 3, contenders: 20 }, async () => {
    const person = new Person()
    await person.visit((await house.request()).url.href)
    return async () => {
      const tab = person.copy()
      await tab.submit({ email: 'sanne@sigma.example', password: 'vier losse woorden samen' })
      return { status: tab.page.status, code: new URL(tab.page.url).searchParams.get('code') }
    }
  })
  for (const round of outcomes) {
    expect(round.filter(({ code }) => code !== null).length).toBe(1)
    expect(round.filter(({ status }) => status >= 500 && status !== 503)).toEqual([])
  }
})
