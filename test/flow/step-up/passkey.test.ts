/**
 * What an application is told of whoever has a passkey (OpenID Connect EAP ACR Values 1.0, RFC 8176), by what it asks and
 * by what they have proven: through openid-client, which compares what it asked with what it gets.
 */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { record } from '../../support/oidc/client-records.ts'
import { ACR, type RelyingParty, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { passkeyOf } from '../../support/people/passkey.ts'
import { ask, type Outcome, reopen, type Someone, startsOf } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const UNMET = 'unmet_authentication_requirements'
const ALONE = ['pop', 'user', 'mfa']
const BESIDE = ['pwd', 'pop', 'mfa']
const CODE = ['pwd', 'otp', 'mfa']

const MORE = [
  record('resistant', { minimum_acr: 'phishingResistant' }),
  record('keyedonly', { second_factors: ['passkey', 'backup'], minimum_acr: 'mfa' }),
]

const here = forAllTests(() => world({ more: MORE }))
const parties = new Map<string, RelyingParty>()
beforeAll(async () => {
  for (const id of ['house', 'strict', 'totponly', 'sensitive', 'resistant', 'keyedonly'])
    parties.set(id, await relyingParty(here, id))
})
clockOfEachTest()

function party(id: string): RelyingParty {
  const found = parties.get(id)
  if (!found) throw new Error(`no application ${id}`)
  return found
}

/** Somebody with an app and a passkey, in a browser without a session. */
async function owner(alone: boolean): Promise<Someone> {
  const who = await startsOf(here.app, party('house')).enrolled()
  return { ...who, passkey: { key: await passkeyOf(here.app, who.email), alone } }
}

const STARTS = {
  /** Has no session, and types the password where it is asked for. */
  password: () => owner(false),
  /** Has no session, and signs in with the passkey. */
  alone: () => owner(true),
  /** Is in by password and code, an hour ago. */
  async byCode() {
    const who = await owner(false)
    await ask({ ...who, passkey: undefined }, party('totponly'))
    return who
  },
  /** Is in by the passkey, an hour ago. */
  async byPasskey() {
    const who = await owner(true)
    await ask(who, party('house'))
    return who
  },
  /** Has an app and no passkey, and is in by password and code. */
  async noPasskey() {
    return startsOf(here.app, party('house')).mfa()
  },
}
type Start = keyof typeof STARTS

type Asked = Record<string, string>
const voluntary = (...names: string[]): Asked => ({ acr_values: names.join(' ') })
const essential = (...values: string[]): Asked => ({
  claims: JSON.stringify({ id_token: { acr: { essential: true, values } } }),
})
type Row = [start: Start, client: string, what: string, asked: Asked, expected: Outcome]

const title = '%s at %s, asked for %s'

describe('what a passkey earns', () => {
  test.each<Row>([
    ['alone', 'house', 'nothing', {}, { pages: ['password'], acr: 'phr', amr: ALONE }],
    ['alone', 'house', 'phr', voluntary('phr'), { pages: ['password'], acr: 'phr', amr: ALONE }],
    ['alone', 'house', 'phr, essentially', essential('phr'), { pages: ['password'], acr: 'phr', amr: ALONE }],
    ['alone', 'house', 'mfa', voluntary(ACR.mfa), { pages: ['password'], acr: ACR.mfa, amr: ALONE }],
    ['alone', 'house', 'a password', voluntary(ACR.password), { pages: ['password'], acr: ACR.password, amr: ALONE }],
    ['alone', 'house', 'mfa or phr', essential(ACR.mfa, 'phr'), { pages: ['password'], acr: 'phr', amr: ALONE }],
    ['alone', 'house', 'phrh', voluntary('phrh'), { pages: ['password'], acr: 'phr', amr: ALONE }],
    ['alone', 'house', 'phrh or phr', voluntary('phrh', 'phr'), { pages: ['password'], acr: 'phr' }],
    ['alone', 'house', 'phrh, essentially', essential('phrh'), { pages: ['password'], error: UNMET }],
    ['alone', 'house', 'phrh or phr, essentially', essential('phrh', 'phr'), { pages: ['password'], acr: 'phr' }],
    ['alone', 'house', 'what nobody knows, essentially', essential('urn:x'), { pages: ['password'], error: UNMET }],
    ['alone', 'resistant', 'nothing', {}, { pages: ['password'], acr: 'phr', amr: ALONE }],
    ['alone', 'strict', 'nothing', {}, { pages: ['password'], acr: 'phr', amr: ALONE }],
    ['alone', 'sensitive', 'nothing', {}, { pages: ['password'], acr: 'phr', amr: ALONE }],
    ['alone', 'keyedonly', 'nothing', {}, { pages: ['password'], acr: 'phr', amr: ALONE }],
    ['password', 'house', 'nothing', {}, { pages: ['password', 'passkey'], acr: 'phr', amr: BESIDE }],
    ['password', 'resistant', 'nothing', {}, { pages: ['password', 'passkey'], acr: 'phr', amr: BESIDE }],
  ])(title, (start, client, _what, asked, expected) => check(start, client, asked, expected))
})

describe('step-up', () => {
  test.each<Row>([
    ['byCode', 'house', 'nothing', {}, { pages: [], acr: ACR.mfa, amr: CODE }],
    ['byCode', 'house', 'phr', voluntary('phr'), { pages: ['passkey'], acr: 'phr' }],
    ['byCode', 'house', 'phr, essentially', essential('phr'), { pages: ['passkey'], acr: 'phr' }],
    ['byCode', 'resistant', 'nothing', {}, { pages: ['passkey'], acr: 'phr' }],
    ['byCode', 'house', 'phrh, essentially', essential('phrh'), { pages: [], error: UNMET }],
    ['byCode', 'keyedonly', 'nothing', {}, { pages: ['passkey'], acr: 'phr' }],
    ['byPasskey', 'house', 'nothing', {}, { pages: [], acr: 'phr', amr: ALONE }],
    ['byPasskey', 'resistant', 'nothing', {}, { pages: [], acr: 'phr', amr: ALONE }],
    ['byPasskey', 'sensitive', 'nothing', {}, { pages: ['passkey'], acr: 'phr', amr: ALONE }],
    ['byPasskey', 'house', 'one not older', { mfa_max_age: '60' }, { pages: ['passkey'], acr: 'phr', amr: ALONE }],
    ['byPasskey', 'house', 'one of half a day', { mfa_max_age: '36000' }, { pages: [], acr: 'phr', amr: ALONE }],
    ['noPasskey', 'house', 'phr', voluntary('phr'), { pages: [], acr: ACR.mfa, amr: CODE }],
    ['noPasskey', 'house', 'phrh, essentially', essential('phrh'), { pages: [], error: UNMET }],
  ])(title, (start, client, _what, asked, expected) => check(start, client, asked, expected))
})

describe('an application that takes codes of the app only', () => {
  test.each<Row>([
    ['alone', 'totponly', 'nothing', {}, { pages: ['password', 'code'], acr: ACR.mfa, amr: ['pop', 'otp', 'mfa'] }],
    ['byPasskey', 'totponly', 'nothing', {}, { pages: ['code'], acr: ACR.mfa, amr: ['pop', 'otp', 'mfa'] }],
    ['byPasskey', 'totponly', 'phr', voluntary('phr'), { pages: ['code'], acr: ACR.mfa }],
    ['byPasskey', 'totponly', 'phr, essentially', essential('phr'), { pages: [], error: UNMET }],
  ])(title, (start, client, _what, asked, expected) => check(start, client, asked, expected))
})

async function check(start: Start, client: string, asked: Asked, expected: Outcome): Promise<void> {
  const who = await STARTS[start]()
  pass(HOUR / 2)
  expect(await ask(who, party(client), asked)).toMatchObject(expected)
}

describe('when they signed in', () => {
  let who: Someone
  beforeEach(async () => {
    who = await STARTS.byPasskey()
    pass(20 * MINUTE)
  })

  test.each<[what: string, asked: Asked]>([
    ['prompt=login', { prompt: 'login' }],
    ['max_age', { max_age: '60' }],
  ])('%s is answered by a passkey alone, and moves auth_time', async (_what, asked) => {
    expect(await ask(who, party('house'), asked)).toMatchObject({
      pages: ['password'],
      acr: 'phr',
      amr: ALONE,
      authTime: Math.floor(Date.now() / 1000),
    })
  })

  test('a passkey as the second step moves it no further than a code does', async () => {
    const before = (await ask(who, party('house'))).authTime
    pass(MINUTE)
    expect(await ask(who, party('house'), { mfa_max_age: '30' })).toMatchObject({
      pages: ['passkey'],
      authTime: before,
    })
  })

  test('without pages: what was proven is told, what is missing is asked for by name', async () => {
    const silent = { prompt: 'none' }
    expect(await ask(who, party('resistant'), silent)).toMatchObject({ pages: [], acr: 'phr' })
    expect(await ask(who, party('house'), { ...silent, mfa_max_age: '30' })).toMatchObject({
      pages: [],
      error: 'interaction_required',
    })
    expect(await ask(who, party('house'), { ...silent, ...essential('phrh') })).toMatchObject({ error: UNMET })
    reopen(who)
    expect(await ask(who, party('house'), silent)).toMatchObject({ error: 'login_required' })
  })
})
