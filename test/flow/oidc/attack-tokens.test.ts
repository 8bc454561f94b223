/** Attacks on the token endpoint: codes, refresh tokens and credentials in the wrong hands. */
import { SignJWT } from 'jose'
import * as oidc from 'openid-client'
import { beforeAll, expect, test } from 'vitest'
import { DAY, SECOND } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import {
  asserted,
  assertion,
  basic,
  codeFields,
  dpopProof,
  type Fields,
  mint,
  post,
} from '../../support/oidc/raw-oauth.ts'
import { errorOf, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

let token: string
let me: Fields
const sanne = new Person()

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
const second = forAllTests(() => relyingParty(here, 'second'))
const spa = forAllTests(() => relyingParty(here, 'spa'))
beforeAll(async () => {
  token = `${here.app.origin}/token`
  me = basic('house', house.secret)
  await house.signIn(sanne)
})
clockOfEachTest()

test.each<[string, Fields]>([
  ['no challenge', { code_challenge: '', code_challenge_method: '' }],
  ['a challenge in the clear', { code_challenge_method: 'plain' }],
  ['no method', { code_challenge_method: '' }],
  ['a short challenge', { code_challenge: 'x'.repeat(42) }],
  ['odd letters', { code_challenge: '!'.repeat(43) }],
])('J-02 PKCE downgrade: %s is refused for every kind of client', async (_what, change) => {
  for (const party of [house, spa]) {
    const { url } = await party.request(change)
    for (const [name, value] of Object.entries(change)) if (value === '') url.searchParams.delete(name)
    await sanne.visit(url.href)
    expect(new URL(sanne.page.url).searchParams.get('error')).toBe('invalid_request')
    expect(sanne.page.url).not.toContain('code=')
  }
})

test.each<[string, (fields: Fields) => Fields]>([
  ['no verifier', ({ code_verifier: _, ...rest }) => rest],
  ['another verifier', (fields) => ({ ...fields, code_verifier: 'x'.repeat(43) })],
  ['a short verifier', (fields) => ({ ...fields, code_verifier: 'x' })],
  ['the challenge as verifier', (fields) => ({ ...fields, code_verifier: 'c'.repeat(44) })],
  ['another redirect_uri', (fields) => ({ ...fields, redirect_uri: `${fields.redirect_uri}/` })],
  ['no redirect_uri', ({ redirect_uri: _, ...rest }) => rest],
  ['a guessed code', (fields) => ({ ...fields, code: 'x'.repeat(43) })],
])('J-03 code injection: a code with %s is worth nothing', async (_what, change) => {
  const refused = await post(token, change(codeFields(house, await mint(house, sanne))), me)
  expect(refused.status).toBe(400)
  expect(refused.body.error).toMatch(/^invalid_(grant|request)$/)
  expect(refused.body).not.toHaveProperty('access_token')
})

test('J-03 a code of one application is worth nothing to another, and then nothing to the first', async () => {
  const fields = codeFields(house, await mint(house, sanne))
  const stolen = await post(token, { ...fields, client_id: 'second', client_secret: second.secret })
  expect([stolen.status, stolen.body.error]).toEqual([400, 'invalid_grant'])
})

test('OAU-04 a code is dead after 60 seconds', async () => {
  const fields = codeFields(house, await mint(house, sanne))
  pass(66 * SECOND)
  expect((await post(token, fields, me)).body.error).toBe('invalid_grant')
})

test('B-04 a code used twice, one after the other, ends what the first use got', async () => {
  const fields = codeFields(house, await mint(house, sanne))
  const first = await post(token, fields, me)
  expect(first.status).toBe(200)
  expect((await post(token, fields, me)).body.error).toBe('invalid_grant')
  expect(await oidc.tokenIntrospection(house.config, String(first.body.access_token))).toEqual({ active: false })
  expect(await errorOf(house.refresh(String(first.body.refresh_token)))).toBe('invalid_grant')
})

test('J-11 a refresh token of one application is worth nothing to another', async () => {
  const { refresh_token } = await house.signIn(sanne)
  expect(await errorOf(second.refresh(refresh_token))).toBe('invalid_grant')
  expect(await errorOf(spa.refresh(refresh_token))).toBe('invalid_grant')
})

test('J-11 a family of refresh tokens ends, however often it was used', async () => {
  // The grant is what ends it: offline_access lets a family outlive the session.
  const request = await house.request({ scope: 'openid offline_access', prompt: 'consent' })
  await sanne.visit(request.url.href)
  if (sanne.page.html.includes('value="allow"')) await sanne.submit({ action: 'allow' })
  let tokens = await house.redeem(sanne.page.url, request)
  expect(tokens.scope).toContain('offline_access')
  for (let day = 0; day < 29; day += 10) {
    tokens = await house.refresh(tokens.refresh_token)
    pass(9 * DAY)
  }
  tokens = await house.refresh(tokens.refresh_token)
  pass(4 * DAY)
  expect(await errorOf(house.refresh(tokens.refresh_token))).toBe('invalid_grant')
})

test.each<[string, () => Promise<[Fields, Fields]>, string]>([
  ['no secret', async () => [{ client_id: 'house' }, {}], 'invalid_client'],
  ['a wrong secret', async () => [{}, basic('house', 'x'.repeat(43))], 'invalid_client'],
  ['an empty secret', async () => [{}, basic('house', '')], 'invalid_request'],
  ['the secret of another', async () => [{}, basic('house', second.secret)], 'invalid_client'],
  [
    'the secret of another in the body',
    async () => [{ client_id: 'house', client_secret: second.secret }, {}],
    'invalid_client',
  ],
  [
    'an assertion in place of the secret',
    async () => [{ ...asserted(await assertion(here, { iss: 'house', sub: 'house' })), client_id: 'house' }, {}],
    'invalid_client',
  ],
  ['a client that is not there', async () => [{}, basic('nobody', 'x')], 'invalid_client'],
  ['a prototype', async () => [{}, basic('__proto__', 'x')], 'invalid_client'],
  // RFC 6749 section 5.2: more than one mechanism is invalid_request.
  ['two mechanisms at once', async () => [{ client_id: 'house', client_secret: house.secret }, me], 'invalid_request'],
  ['an assertion beside the secret', async () => [asserted(await assertion(here)), me], 'invalid_request'],
])('J-16 a code with %s gets nothing', async (_what, credentials, error) => {
  const fields = codeFields(house, await mint(house, sanne))
  const [more, headers] = await credentials()
  const refused = await post(token, { ...fields, ...more }, headers)
  expect([400, 401]).toContain(refused.status)
  expect(refused.body.error).toBe(error)
})

test.each<[string, () => Promise<string>]>([
  ['no signature', async () => unsigned({ alg: 'none' })],
  ['alg none in capitals', async () => unsigned({ alg: 'nOnE' })],
  [
    'the public key as an HMAC secret',
    async () => {
      const { metadata } = here.app.core.clients.find('keyed') ?? {}
      const key = Buffer.from(JSON.stringify(metadata?.jwks?.keys[0]))
      return new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).sign(key)
    },
  ],
  ['a key id that is not there', () => assertion(here, {}, { kid: 'other' })],
  ['a key set of the attacker', async () => unsigned({ alg: 'ES256', jku: 'https://evil.example/jwks', kid: 'keyed' })],
  [
    'a certificate of the attacker',
    async () => unsigned({ alg: 'ES256', x5u: 'https://evil.example/x', kid: 'keyed' }),
  ],
  ['another audience', () => assertion(here, { aud: 'https://other.example' })],
  ['no audience', () => assertion(here, { aud: undefined })],
  ['another subject', () => assertion(here, { sub: 'house' })],
  ['another issuer', () => assertion(here, { iss: 'house' })],
  ['no end', () => assertion(here, { exp: undefined })],
  ['an end in the past', () => assertion(here, { exp: Math.floor(Date.now() / 1000) - 10 })],
  ['no id', () => assertion(here, { jti: undefined })],
  ['no JWT', async () => 'x'],
])('J-05 a client assertion with %s is refused', async (_what, make) => {
  const keyed = await relyingParty(here, 'keyed')
  const fields = codeFields(keyed, await mint(keyed, sanne))
  const refused = await post(token, { ...fields, ...asserted(await make()) })
  expect([400, 401]).toContain(refused.status)
  expect(refused.body.error).toMatch(/^invalid_(client|request)$/)
  expect(refused.body).not.toHaveProperty('access_token')
  expect((await post(token, { ...fields, ...asserted(await assertion(here)) })).status).toBe(200)
})

function unsigned(header: Fields): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: 'keyed',
    sub: 'keyed',
    aud: here.app.origin,
    jti: String(Math.random()),
    iat: now,
    exp: now + 60,
  }
  const [head, body] = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  return `${head}.${body}.${header.alg?.toLowerCase() === 'none' ? '' : 'AAAA'}`
}

test.each<[string, Record<string, unknown>]>([
  ['another address', { htu: 'https://other.example/token' }],
  ['another method', { htm: 'GET' }],
  ['no id', { jti: undefined }],
])('OAU-08 a DPoP proof with %s is refused', async (_what, claims) => {
  const bound = await relyingParty(here, 'bound')
  const { proof } = await dpopProof(token, claims)
  const fields = codeFields(bound, await mint(bound, sanne))
  const refused = await post(token, fields, { ...basic('bound', bound.secret), dpop: proof })
  expect([refused.status, refused.body.error]).toEqual([400, 'invalid_dpop_proof'])
})

test.each(['password', 'implicit', 'urn:ietf:params:oauth:grant-type:device_code', '__proto__', 'x'.repeat(1000)])(
  'OAU-02 grant_type %s is not there',
  async (grant_type) => {
    const refused = await post(token, { grant_type, username: 'sanne@sigma.example', password: 'x' }, me)
    expect([refused.status, refused.body.error]).toEqual([400, 'unsupported_grant_type'])
  },
)

test('dynamic registration is off', async () => {
  for (const path of ['/reg', '/register', '/connect/register']) {
    const response = await fetch(`${here.app.origin}${path}`, { method: 'POST', body: '{}' })
    expect(response.status).toBe(404)
  }
})
