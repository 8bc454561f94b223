/** Attacks on where an answer goes: redirect_uri, response modes, oversized and repeated parameters. */
import { request as send } from 'node:http'
import { beforeAll, expect, test } from 'vitest'
import { answer, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const sanne = new Person()

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
beforeAll(async () => {
  await house.signIn(sanne)
})

const VARIANTS: Array<Record<string, string>> = [
  {},
  { prompt: 'none' },
  { response_type: 'token' },
  { scope: 'nonsense' },
]

const NOT_REGISTERED: Array<[string, (uri: string) => string]> = [
  ['another path', (uri) => `${uri}/x`],
  ['a trailing slash', (uri) => `${uri}/`],
  ['an extra query', (uri) => `${uri}?x=1`],
  ['an empty query', (uri) => `${uri}?`],
  ['a fragment', (uri) => `${uri}#x`],
  ['an empty fragment', (uri) => `${uri}#`],
  ['user info', (uri) => uri.replace('//', '//user@')],
  ['a host after user info', (uri) => `${uri.replace('/house', '@evil.example/house')}`],
  ['a backslash', (uri) => uri.replace('/house', '\\house')],
  ['a double slash', (uri) => uri.replace('/house', '//house')],
  ['dots', (uri) => uri.replace('/house', '/x/../house')],
  ['encoded dots', (uri) => uri.replace('/house', '/x/%2e%2e/house')],
  ['an encoded letter', (uri) => uri.replace('house', 'h%6fuse')],
  ['another case of the path', (uri) => uri.replace('house', 'BUILT_IN')],
  ['another case of the scheme', (uri) => uri.replace('http', 'HTTP')],
  ['another port', (uri) => uri.replace(/:\d+/, ':1')],
  ['no port', (uri) => uri.replace(/:\d+/, '')],
  ['https', (uri) => uri.replace('http', 'https')],
  ['a trailing dot', (uri) => uri.replace('127.0.0.1', '127.0.0.1.')],
  ['a longer host', (uri) => uri.replace('127.0.0.1', '127.0.0.1.evil.example')],
  ['localhost', (uri) => uri.replace('127.0.0.1', 'localhost')],
  ['localhost.evil', (uri) => uri.replace('127.0.0.1', 'localhost.evil')],
  ['a decimal address', (uri) => uri.replace('127.0.0.1', '2130706433')],
  ['an IPv6 address', (uri) => uri.replace('127.0.0.1', '[::1]')],
  ['a name with letters of another script', (uri) => uri.replace('127.0.0.1', 'еxample.org')],
  ['a tab', (uri) => `${uri}\t`],
  ['a space before', (uri) => ` ${uri}`],
  ['a line break', (uri) => `${uri}\r\nX: y`],
  ['NUL', (uri) => `${uri}\0`],
  ['a wildcard', (uri) => uri.replace('callback', '*')],
  ['the address of another application', (uri) => uri.replace('house', 'second')],
  ['a script', () => 'javascript:alert(1)'],
  ['data', () => 'data:text/html,x'],
  ['nothing', () => ''],
]

test.each(NOT_REGISTERED)(
  'J-01 a redirect_uri that is not exactly registered never redirects: %s',
  async (_what, change) => {
    const trail = sanne.trail.length
    for (const more of VARIANTS) {
      await house.open(sanne, { redirect_uri: change(house.redirectUri), ...more })
      expect(sanne.page.status).toBe(400)
      expect(sanne.page.html).toContain('<h1>')
    }
    expect(
      sanne.trail.slice(trail).every(({ url, headers }) => url.startsWith(here.app.origin) && !headers.has('location')),
    ).toBe(true)
  },
)

test('J-01 a redirect_uri that is left out or comes twice never redirects', async () => {
  const { url } = await house.request()
  url.searchParams.delete('redirect_uri')
  await sanne.visit(url.href)
  expect(sanne.page.status).toBe(400)
  for (const second of [house.redirectUri, 'https://evil.example/']) {
    const twice = (await house.request()).url
    twice.searchParams.append('redirect_uri', second)
    await sanne.visit(twice.href)
    expect([sanne.page.status, sanne.page.url.startsWith(here.app.origin)]).toEqual([400, true])
  }
})

test('J-01 a pushed request takes no other address either', async () => {
  const body = new URLSearchParams((await house.request({ redirect_uri: `${house.redirectUri}/x` })).url.searchParams)
  const response = await fetch(`${here.app.origin}/request`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`house:${house.secret}`)}` },
    body,
  })
  expect(response.status).toBe(400)
})

test('a native application may come back on any port of loopback (RFC 8252 section 7.3), and on nothing else', async () => {
  const native = await relyingParty(here, 'native')
  await sanne.visit((await native.request({ redirect_uri: 'http://127.0.0.1:51234/callback' })).url.href)
  expect(sanne.page.html).toContain('Application native')
  for (const redirect_uri of [
    'http://127.0.0.1:51234/other',
    'http://localhost:51234/callback',
    'http://127.0.0.1.evil.example:80/callback',
    'http://192.168.0.1:51234/callback',
    'org.example.app:/other',
    'org.example.other:/callback',
  ]) {
    await sanne.visit((await native.request({ redirect_uri })).url.href)
    expect(sanne.page.status).toBe(400)
  }
})

test.each<[Record<string, string>, string]>([
  [{ response_type: 'token' }, 'unsupported_response_type'],
  [{ response_type: 'id_token' }, 'unsupported_response_type'],
  [{ response_type: 'code id_token' }, 'unsupported_response_type'],
  [{ response_type: 'code token' }, 'unsupported_response_type'],
  [{ response_type: 'token', response_mode: 'query' }, 'unsupported_response_type'],
  [{ response_type: 'token', response_mode: 'form_post' }, 'unsupported_response_type'],
  [{ response_type: 'none' }, 'unsupported_response_type'],
  [{ response_mode: 'fragment' }, 'invalid_request'],
  [{ response_mode: 'web_message' }, 'unsupported_response_mode'],
  [{ response_mode: 'jwt' }, 'unsupported_response_mode'],
  [{ response_mode: 'x' }, 'unsupported_response_mode'],
])('J-21 a downgrade of the answer is refused: %o', async (parameters, error) => {
  await house.open(sanne, parameters)
  const where = new URL(sanne.page.url)
  const told = new URLSearchParams(where.hash ? where.hash.slice(1) : where.search)
  const posted = sanne.forms()[0]?.fields ?? {}
  expect(told.get('error') ?? posted.error).toBe(error)
  for (const name of ['code', 'access_token', 'id_token']) expect(told.has(name) || name in posted).toBe(false)
})

test.each<[string, Record<string, string>, string]>([
  ['none', {}, 'response_type is missing: set it to code'],
  ['an empty one', { response_type: '' }, 'response_type is missing: set it to code'],
  [
    'that of the implicit flow',
    { response_type: 'id_token', response_mode: 'form_post' },
    'response_type must be code: set the library to the authorization code flow, with the client secret or PKCE',
  ],
])('a response type that cannot be is told with what to set: %s', async (_which, parameters, description) => {
  const { url } = await house.request()
  url.searchParams.delete('response_type')
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  await sanne.visit(url.href)
  expect(answer(sanne).get('error_description') ?? sanne.forms()[0]?.fields.error_description).toBe(description)
})

test('the discovery document promises what is kept: code only, in the query or a form, S256 only, what can be reached', async () => {
  expect(house.config.serverMetadata()).toMatchObject({
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'form_post'],
    code_challenge_methods_supported: ['S256'],
    acr_values_supported: expect.arrayContaining(['phr']),
    authorization_response_iss_parameter_supported: true,
  })
  expect(house.config.serverMetadata().acr_values_supported).not.toContain('phrh')
})

test.each([
  ['request', 'eyJhbGciOiJub25lIn0.e30.'],
  ['request_uri', 'https://evil.example/request.jwt'],
  ['registration', '{}'],
])('J-05 %s by value or by reference is refused', async (name, value) => {
  await house.open(sanne, { [name]: value })
  const error = sanne.page.url.startsWith(here.app.origin) ? sanne.page.status : answer(sanne).get('error')
  expect(String(error)).toMatch(/^(400|\w+_not_supported|invalid_request_uri)$/)
  expect(answer(sanne).has('code')).toBe(false)
})

test.each(['scope', 'claims', 'ui_locales', 'state', 'login_hint', 'acr_values', 'nonce', '__proto__'])(
  'J-06 a %s of 100 kB is refused before anything reads it',
  async (name) => {
    const { url } = await house.request({ [name]: 'x'.repeat(100_000) })
    const status = await new Promise((resolve, reject) => {
      send(url, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end()
    })
    expect(status).toBe(431)
  },
)

test.each(['scope', 'claims', 'ui_locales', 'state', 'login_hint', 'acr_values'])(
  'J-06 a %s of 100 kB is refused when it is pushed',
  async (name) => {
    const { url } = await house.request({ [name]: 'x'.repeat(100_000) })
    const response = await fetch(`${here.app.origin}/request`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`house:${house.secret}`)}` },
      body: url.searchParams,
    })
    expect([400, 413]).toContain(response.status)
  },
)

test.each(['client_id', 'scope', 'state', 'nonce', 'code_challenge', 'response_type', 'prompt', 'claims'])(
  'J-06 a %s that comes twice is refused',
  async (name) => {
    const { url } = await house.request({ prompt: 'login', claims: '{"id_token":{}}' })
    url.searchParams.append(name, url.searchParams.get(name) ?? 'x')
    await sanne.visit(url.href)
    expect(answer(sanne).has('code')).toBe(false)
    expect(sanne.page.html).not.toContain('name="password"')
  },
)

test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString', '__proto__[x]', 'constructor[prototype][x]'])(
  'J-06 a parameter called %s is only a parameter that nobody asked for',
  async (name) => {
    await house.open(sanne, { [`${name}`]: '{"polluted":true}', client_id: 'house' })
    expect(answer(sanne).has('code')).toBe(true)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    for (const field of ['client_id', 'scope', 'claims', 'acr_values']) {
      await house.open(sanne, { [field]: name })
      expect(sanne.page.status).toBeLessThan(500)
    }
  },
)

test('H-06 no application is named before its id and its address fit', async () => {
  const stranger = new Person()
  const requests: Array<Record<string, string>> = [
    { client_id: 'nobody' },
    { redirect_uri: 'https://evil.example/' },
    { client_id: 'second', redirect_uri: 'https://evil.example/' },
  ]
  for (const request of requests) {
    await house.open(stranger, request)
    expect(stranger.page.status).toBe(400)
    expect(stranger.page.html).not.toContain('Application second')
  }
})
