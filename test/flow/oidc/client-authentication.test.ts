/** How applications say who they are: the registered method, assertions, proofs, and clocks that differ a little. */
import { beforeAll, expect, test } from 'vitest'
import { clockOfEachTest, setClock } from '../../support/app/clock.ts'
import { KEYED } from '../../support/oidc/client-records.ts'
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
import { type RelyingParty, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

let token: string
let keyed: RelyingParty
const sanne = new Person()

const jwks = { keys: [{ ...KEYED.publicKey.export({ format: 'jwk' }), kid: 'keyed', alg: 'ES256', use: 'sig' }] }
const MORE = [
  { client_id: 'fapi', dpop_bound_access_tokens: true, grant_types: ['client_credentials'] },
  { client_id: 'pinned', require_issuer_audience: true, grant_types: ['client_credentials'] },
].map((record) => ({
  client_name: 'x',
  scope: 'payroll:read',
  token_endpoint_auth_method: 'private_key_jwt',
  jwks,
  ...record,
}))

const here = forAllTests(() => world({ more: MORE }))
beforeAll(async () => {
  token = `${here.app.origin}/token`
  keyed = await relyingParty(here, 'keyed')
  await (await relyingParty(here, 'house')).signIn(sanne)
})
clockOfEachTest()

const now = () => Math.floor(Date.now() / 1000)

/** What the clients with keys ask for: a token of their own. */
async function ask(id: string, claims: Record<string, unknown>, path = '/token') {
  const { proof } = await dpopProof(`${here.app.origin}${path}`)
  const assertionOf = await assertion(here, { iss: id, sub: id, ...claims })
  const fields = { grant_type: 'client_credentials', ...asserted(assertionOf), client_id: id }
  return post(`${here.app.origin}${path}`, fields, { dpop: proof })
}

test.each<[string, 'house' | 'second' | 'spa' | 'keyed', (secret: string) => [Fields, Fields], string]>([
  ['the header', 'second', (secret) => [{}, basic('second', secret)], 'client_secret_post'],
  ['the body', 'house', (secret) => [{ client_id: 'house', client_secret: secret }, {}], 'client_secret_basic'],
  ['nothing', 'house', () => [{ client_id: 'house' }, {}], 'client_secret_basic'],
  ['a secret', 'spa', () => [{}, basic('spa', 'x'.repeat(43))], 'none'],
  ['a secret', 'keyed', () => [{ client_id: 'keyed', client_secret: 'x'.repeat(43) }, {}], 'private_key_jwt'],
])(
  'J-16 %s from %s is refused, at every endpoint, and the answer names the method on its record',
  async (_by, id, credentials, method) => {
    const party = await relyingParty(here, id)
    const code = codeFields(party, await mint(party, sanne))
    const [fields, headers] = credentials(party.secret)
    const attempts: Array<[string, Fields]> = [
      ['/token', code],
      ['/token/introspection', { token: 'x' }],
      ['/token/revocation', { token: 'x' }],
      ['/request', { response_type: 'code' }],
    ]
    for (const [path, more] of attempts) {
      const response = await fetch(`${here.app.origin}${path}`, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ ...more, ...fields }),
      })
      const body = (await response.json()) as { error: string; error_description: string }
      expect([path, response.status, body.error]).toEqual([path, 401, 'invalid_client'])
      expect(body.error_description).toContain(`registered with token_endpoint_auth_method ${method}`)
      // RFC 6749 section 5.2: where the header was used, it is answered with a challenge.
      expect(response.headers.get('www-authenticate') ?? '').toMatch(
        'authorization' in headers ? /^Basic realm=/ : /^$/,
      )
    }
  },
)

test('a public client that sends Basic with an empty secret is a public client (RFC 6749 section 2.3.1)', async () => {
  const spa = await relyingParty(here, 'spa')
  const redeemed = await post(token, codeFields(spa, await mint(spa, sanne)), basic('spa', ''))
  expect([redeemed.status, redeemed.body.token_type]).toEqual([200, 'Bearer'])
  const refresh = { grant_type: 'refresh_token', refresh_token: String(redeemed.body.refresh_token) }
  expect((await post(token, refresh, basic('spa', ''))).status).toBe(200)
  // It is still the one that the code was for, and says the same everywhere.
  const native = await relyingParty(here, 'native')
  const fields = codeFields(spa, await mint(spa, sanne))
  expect((await post(token, fields, basic('native', ''))).body.error).toBe('invalid_grant')
  expect((await post(token, { ...fields, client_id: native.clientId }, basic('spa', ''))).body.error).toBe(
    'invalid_request',
  )
})

test.each<[string, number, (origin: string) => unknown]>([
  ['the issuer', 200, (origin) => origin],
  ['the token endpoint', 200, (origin) => `${origin}/token`],
  ['a list of both', 200, (origin) => [origin, `${origin}/token`]],
  ['us and somebody else, who could use it here', 401, (origin) => [origin, 'https://other.example']],
])('a client assertion for %s: %i', async (_whom, status, aud) => {
  const fields = codeFields(keyed, await mint(keyed, sanne))
  const made = await assertion(here, { aud: aud(here.app.origin) as string })
  expect((await post(token, { ...fields, ...asserted(made) })).status).toBe(status)
})

test.each(['fapi', 'pinned'])(
  'a client assertion of %s is for the issuer, as a string, and for nothing else (FAPI 2.0 5.3.2.1-8)',
  async (id) => {
    const { origin } = here.app
    expect((await ask(id, { aud: origin })).status).toBe(200)
    for (const aud of [[origin], [origin, token], token]) {
      const { status, body } = await ask(id, { aud })
      expect([status, body.error]).toEqual([401, 'invalid_client'])
      expect(body.error_description).toContain(`must be ${origin}`)
    }
    for (const aud of [`${origin}/`, `${origin}/request`])
      expect((await ask(id, { aud })).body.error).toBe('invalid_client')
    const pushed = await ask(id, { aud: `${origin}/request` }, '/request')
    expect([pushed.status, pushed.body.error]).toEqual([401, 'invalid_client'])
  },
)

test.each<[string, number, (at: number) => Record<string, number>]>([
  ['made ten seconds ahead of us', 200, (at) => ({ iat: at + 10, nbf: at + 10, exp: at + 70 })],
  ['made a minute ahead', 200, (at) => ({ iat: at + 60, exp: at + 90 })],
  ['made more than a minute ahead', 401, (at) => ({ iat: at + 61, exp: at + 90 })],
  ['that counts in a minute only', 401, (at) => ({ iat: at, nbf: at + 61, exp: at + 90 })],
  ['that counts in eleven seconds only', 401, (at) => ({ iat: at, nbf: at + 11, exp: at + 90 })],
  ['that lives an hour', 200, (at) => ({ iat: at, exp: at + 3600 })],
  ['that lives longer than an hour', 401, (at) => ({ iat: at, exp: at + 3660 })],
  ['that lives for years', 401, (at) => ({ iat: at, exp: at + 100_000_000 })],
])('a client assertion %s: %i', async (_what, status, times) => {
  const { status: answered, body } = await ask('pinned', times(now()))
  expect([answered, body.error]).toEqual([status, status === 200 ? undefined : 'invalid_client'])
})

test.each<[string, string, number]>([
  ['made ten seconds ahead of us', 'no error', 10],
  ['made a minute ahead', 'no error', 60],
  ['made more than a minute ahead', 'invalid_dpop_proof', 61],
  ['made a day ahead', 'invalid_dpop_proof', 86_400],
  // May be made again with a nonce of ours (RFC 9449 section 8).
  ['made long ago', 'use_dpop_nonce', -301],
  ['made five minutes ago', 'no error', -300],
])('OAU-08 a DPoP proof %s: %s', async (_what, error, ahead) => {
  const at = now()
  const bound = await relyingParty(here, 'bound')
  const fields = codeFields(bound, await mint(bound, sanne))
  const { proof } = await dpopProof(token, { iat: at + ahead })
  const first = await post(token, fields, { ...basic('bound', bound.secret), dpop: proof })
  expect(first.body.error ?? 'no error').toBe(error)
})

test('OAU-08 a nonce of ours is no leave to make proofs for later', async () => {
  const at = now()
  const service = await relyingParty(here, 'service')
  const first = await fetch(token, {
    method: 'POST',
    headers: { ...basic('service', service.secret), dpop: (await dpopProof(token)).proof },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  const nonce = first.headers.get('dpop-nonce') ?? ''
  for (const [iat, error] of [
    [at - 3600, undefined],
    [at + 61, 'invalid_dpop_proof'],
  ] as const) {
    const { proof } = await dpopProof(token, { iat, nonce })
    const me = { ...basic('service', service.secret), dpop: proof }
    expect((await post(token, { grant_type: 'client_credentials' }, me)).body.error).toBe(error)
  }
})

test('OAU-08 a proof from a minute ahead is good for one use, for as long as it is good', async () => {
  const at = now()
  const service = await relyingParty(here, 'service')
  const { proof } = await dpopProof(token, { iat: at + 60 })
  const use = () =>
    post(token, { grant_type: 'client_credentials' }, { ...basic('service', service.secret), dpop: proof })
  expect((await use()).status).toBe(200)
  // By its own time it is of five minutes ago, which is taken.
  setClock((at + 355) * 1000)
  await here.app.tidy()
  expect((await use()).body.error).toBe('invalid_grant')
})
