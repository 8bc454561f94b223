/** A client's record that cannot be right is refused with its field, the reason and the line (SECURITY J9, WEB-05). */
import { expect, test } from 'vitest'
import { definitions } from '../../../src/client/definition.ts'
import { checkedFile, NOTHING_ELSE } from '../../../src/client/file.ts'
import { ownFields } from '../../../src/client/own-fields.ts'
import { type Fault, InputError } from '../../../src/lib/errors.ts'

const SECRETS: Record<string, string> = { GOOD_SECRET: 'x'.repeat(43), SHORT_SECRET: 'hunter2' }

/** Line 3 is the first field. */
const GOOD: Record<string, string> = {
  client_id: 'portal',
  client_name: 'Sigma Portal',
  redirect_uris: '[https://portal.sigma.example/callback]',
  client_secret: '{ env: GOOD_SECRET }',
}

function record(fields: Record<string, string>): string {
  const lines = Object.entries(fields).map(([name, value]) => `    ${name}: ${value}`)
  return `  -\n${lines.join('\n')}\n`
}

function load(text: string, production = true) {
  const rules = { production, secret: (name: string) => SECRETS[name], acrValues: ['urn:sigma:acr:mfa'], reserved: [] }
  const check = definitions(rules, () => undefined)
  return checkedFile(text, { name: 'clients.yaml', definitions: check, elsewhere: NOTHING_ELSE })
}

function faultsOf(text: string, production = true): Fault[] {
  try {
    load(text, production)
  } catch (error) {
    if (error instanceof InputError) return error.faults.map(placed)
    throw error
  }
  return []
}

/** With its line, as people read it. */
function placed({ path, line, reason }: Fault): Fault {
  return { path: `${path} (line ${line})`, reason }
}

function faultsWith(changes: Record<string, string>, production = true): Fault[] {
  return faultsOf(`clients:\n${record({ ...GOOD, ...changes })}`, production)
}

test('a good record is taken', () => {
  const [client] = load(`clients:\n${record(GOOD)}`)
  expect(client).toMatchObject({ noun: 'client', id: 'portal', secrets: ['GOOD_SECRET'], line: 3 })
  expect(client?.definition).toMatchObject({ client_id: 'portal', first_party: false })
})

test.each<[string, Record<string, string>, string, RegExp]>([
  [
    'a wildcard',
    { redirect_uris: "['https://*.sigma.example/cb']" },
    'clients[0].redirect_uris[0] (line 5)',
    /wildcard/,
  ],
  [
    'plain http',
    { redirect_uris: '[http://portal.sigma.example/cb]' },
    'clients[0].redirect_uris[0] (line 5)',
    /https/,
  ],
  [
    'http on loopback in production',
    { redirect_uris: '[http://localhost/cb]' },
    'clients[0].redirect_uris[0] (line 5)',
    /https/,
  ],
  [
    'a fragment',
    { redirect_uris: "['https://portal.sigma.example/#x']" },
    'clients[0].redirect_uris[0] (line 5)',
    /fragment/,
  ],
  [
    'an empty fragment',
    { redirect_uris: "['https://portal.sigma.example/#']" },
    'clients[0].redirect_uris[0] (line 5)',
    /fragment/,
  ],
  [
    'a user name',
    { redirect_uris: "['https://a@portal.sigma.example/']" },
    'clients[0].redirect_uris[0] (line 5)',
    /user name/,
  ],
  ['javascript', { redirect_uris: "['JavaScript:alert(1)']" }, 'clients[0].redirect_uris[0] (line 5)', /https/],
  ['data', { redirect_uris: "['data:text/html,x']" }, 'clients[0].redirect_uris[0] (line 5)', /https/],
  ['no address', { redirect_uris: '[callback]' }, 'clients[0].redirect_uris[0] (line 5)', /absolute/],
  [
    'the second of two',
    { redirect_uris: "['https://a.example/', 'http://b.example/']" },
    'clients[0].redirect_uris[1] (line 5)',
    /https/,
  ],
  ['no redirect', { redirect_uris: '[]' }, 'clients[0].redirect_uris (line 5)', /at least one/],
  [
    'an unknown grant',
    { grant_types: '[authorization_code, implicit]' },
    'clients[0].grant_types[1] (line 7)',
    /authorization_code/,
  ],
  ['the password grant', { grant_types: '[password]' }, 'clients[0].grant_types[0] (line 7)', /authorization_code/],
  ['refresh without code', { grant_types: '[refresh_token]' }, 'clients[0].grant_types (line 7)', /authorization_code/],
  [
    'a name that turns around',
    { client_name: '"Sigma \\u202elatroP"' },
    'clients[0].client_name (line 4)',
    /direction/,
  ],
  ['a name with an isolate', { client_name: '"\\u2066Sigma"' }, 'clients[0].client_name (line 4)', /direction/],
  ['a name with an Arabic mark', { client_name: '"Sigma\\u061c"' }, 'clients[0].client_name (line 4)', /direction/],
  ['a name with a sign nobody sees', { client_name: '"Sig\\u200bma"' }, 'clients[0].client_name (line 4)', /control/],
  ['a name of two lines', { client_name: '"Sigma\\nBcc: x"' }, 'clients[0].client_name (line 4)', /control/],
  ['a name of 81', { client_name: 'x'.repeat(81) }, 'clients[0].client_name (line 4)', /80/],
  ['no name', { client_name: "''" }, 'clients[0].client_name (line 4)', /1 char/],
  ['an odd id', { client_id: "'../x'" }, 'clients[0].client_id (line 3)', /letters/],
  ['a secret in the file', { client_secret: 'abc' }, 'clients[0].client_secret (line 6)', /object/],
  [
    'a secret that is not set',
    { client_secret: '{ env: NOT_SET }' },
    'clients[0].client_secret (line 6)',
    /NOT_SET is not set/,
  ],
  [
    'a short secret',
    { client_secret: '{ env: SHORT_SECRET }' },
    'clients[0].client_secret (line 6)',
    /shorter than 32/,
  ],
  ['a script for a home', { client_uri: "'javascript:alert(1)'" }, 'clients[0].client_uri (line 7)', /https/],
  [
    'a plain logout',
    { backchannel_logout_uri: 'http://b.example/' },
    'clients[0].backchannel_logout_uri (line 7)',
    /https/,
  ],
  [
    'a secret that nobody asks for',
    { token_endpoint_auth_method: 'none' },
    'clients[0].client_secret (line 6)',
    /not used/,
  ],
  [
    'keys that are nowhere',
    { client_secret: '{ env: GOOD_SECRET }', token_endpoint_auth_method: 'private_key_jwt' },
    'clients[0].jwks_uri (line 3)',
    /needs/,
  ],
  [
    'a public client without PKCE',
    { token_endpoint_auth_method: 'none', require_pkce: 'false' },
    'clients[0].require_pkce (line 8)',
    /public client/,
  ],
  [
    'a native application without PKCE',
    { application_type: 'native', require_pkce: 'false' },
    'clients[0].require_pkce (line 8)',
    /native application/,
  ],
  [
    'PKCE left out where there is no code',
    { grant_types: '[client_credentials]', require_pkce: 'false' },
    'clients[0].require_pkce (line 8)',
    /authorization_code/,
  ],
  [
    'a nonce where there is no ID token',
    { scope: 'organization', require_nonce: 'true' },
    'clients[0].require_nonce (line 8)',
    /openid/,
  ],
  [
    'neither PKCE nor a nonce, without saying so',
    { scope: 'organization', require_pkce: 'false' },
    'clients[0].require_nonce (line 3)',
    /openid/,
  ],
  ['a floor that nobody can reach', { minimum_acr: 'phrh' }, 'clients[0].minimum_acr (line 7)', /phishingResistant/],
  [
    'a default that nobody can reach',
    { default_acr_values: '[urn:sigma:acr:mfa, phrh]' },
    'clients[0].default_acr_values[1] (line 7)',
    /reach/,
  ],
  ['a rung that is none', { minimum_acr: 'highest' }, 'clients[0].minimum_acr (line 7)', /mfa/],
  [
    'a private scheme without a dot',
    { application_type: 'native', redirect_uris: "['myapp:/cb']" },
    'clients[0].redirect_uris[0] (line 5)',
    /reversed domain/,
  ],
  [
    'http to elsewhere from a native application',
    { application_type: 'native', redirect_uris: "['http://b.example/']" },
    'clients[0].redirect_uris[0] (line 5)',
    /loopback/,
  ],
])('%s is refused', (_what, changes, path, reason) => {
  const fault = faultsWith(changes).find((found) => found.path === path)
  expect(faultsWith(changes).map((found) => found.path)).toContain(path)
  expect(fault?.reason).toMatch(reason)
})

test('a confidential client may leave PKCE out, and then owes a nonce unless its record says that it cannot', () => {
  const of = (changes: Record<string, string>) =>
    ownFields(load(`clients:\n${record({ ...GOOD, ...changes })}`)[0]?.definition)
  expect(of({})).toMatchObject({ require_pkce: true, require_nonce: false })
  expect(of({ require_pkce: 'false' })).toMatchObject({ require_pkce: false, require_nonce: true })
  const neither = { require_pkce: 'false', require_nonce: 'false' }
  expect(of(neither)).toMatchObject({ require_pkce: false, require_nonce: false })
  expect(of({ ...neither, scope: 'organization' })).toMatchObject({ require_pkce: false, require_nonce: false })
})

test('a secret that is missing is told with the line of its record', () => {
  const { client_secret: _secret, ...without } = GOOD
  const faults = faultsOf(`clients:\n${record(GOOD)}${record({ ...without, client_id: 'second' })}`)
  expect(faults).toEqual([{ path: 'clients[1].client_secret (line 8)', reason: 'is needed for client_secret_basic' }])
})

test('an id that is there twice is told where it comes again', () => {
  const faults = faultsOf(`clients:\n${record(GOOD)}${record(GOOD)}`)
  expect(faults).toEqual([{ path: 'clients[1].client_id (line 8)', reason: 'portal is there twice' }])
})

test('a field that we do not know is told by its name', () => {
  const [fault] = faultsWith({ redirect_uri: 'https://portal.sigma.example/' })
  expect(fault?.path).toBe('clients[0].redirect_uri (line 7)')
  expect(fault?.reason).toContain('redirect_uri')
})

const BUILT_IN = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__']

test.each(BUILT_IN)('%s, which is under something in every object, names no client and no scope', (name) => {
  const [fault] = faultsWith({ client_id: name })
  expect(fault).toMatchObject({
    path: 'clients[0].client_id (line 3)',
    reason: expect.stringMatching(/choose another/),
  })
  const resources = `resources: [{ indicator: 'https://api.example/', scopes: [read, ${name}] }]`
  expect(faultsOf(`clients:\n${record(GOOD)}${resources}`)[0]).toMatchObject({
    path: 'resources[0].scopes[1] (line 7)',
    reason: expect.stringMatching(/choose another/),
  })
  expect(faultsWith({ scope: `openid ${name}` })[0]?.path).toBe('clients[0].scope (line 7)')
  const nowhere = `resources: [{ indicator: ${name}, scopes: [read] }]`
  expect(faultsOf(`clients:\n${record(GOOD)}${nowhere}`)[0]?.path).toBe('resources[0].indicator (line 7)')
})

test('a scope of ours is of no resource', () => {
  const resources = `resources: [{ indicator: 'https://api.example/', scopes: [email] }]`
  expect(faultsOf(`clients:\n${record(GOOD)}${resources}`)).toEqual([
    { path: 'resources[0].scopes[0] (line 7)', reason: expect.stringMatching(/of ours/) },
  ])
})

test('whatever is wrong, all faults are told at once: unknown fields, odd values, what does not fit together', () => {
  const wrong = {
    client_id: 'a/b',
    client_name: '12',
    redirect_uris: '[http://a.example/]',
    client_secret: '{ env: GOOD_SECRET }',
    redirect_uri: 'https://a.example/',
    token_endpoint_auth_method: 'none',
    grant_types: '[refresh_token, client_credentials]',
    require_pkce: 'false',
    minimum_acr: 'highest',
    staff_only: 'perhaps',
    scope: 'openid fax',
  }
  const text = `clients:\n${record(wrong)}${record(GOOD)}${record({ ...GOOD, scope: 'pager' })}`
  expect(
    faultsOf(`${text}resorces: []\n`)
      .map(({ path }) => path.replace(/ \(.*/, ''))
      .sort(),
  ).toEqual([
    'clients[0].client_id',
    'clients[0].client_name',
    'clients[0].client_secret',
    'clients[0].grant_types',
    'clients[0].grant_types',
    'clients[0].minimum_acr',
    'clients[0].redirect_uri',
    'clients[0].redirect_uris[0]',
    'clients[0].require_pkce',
    'clients[0].scope',
    'clients[0].staff_only',
    'clients[2].client_id',
    'clients[2].scope',
    'resorces',
  ])
})

test('what is said of a field that is not in order by itself is that, and nothing that leans on it', () => {
  const resources = '{ indicator: nowhere, scopes: [fax] }'
  const faults = faultsOf(
    `clients:\n${record({ ...GOOD, client_secret: '{ env: NOT_SET }', scope: 'fax' })}resources: [${resources}]\n`,
  )
  expect(faults.map(({ path }) => path)).toEqual([
    'clients[0].client_secret (line 6)',
    'resources[0].indicator (line 8)',
  ])
})

test('faults of several records come together, and no secret stands in them', () => {
  const faults = faultsOf(
    `clients:\n${record({ ...GOOD, client_secret: '{ env: SHORT_SECRET }' })}${record({ ...GOOD, client_id: "'a b'" })}`,
  )
  expect(faults).toHaveLength(2)
  expect(JSON.stringify(faults)).not.toContain('hunter2')
})

test('http on loopback is for development, and for native applications', () => {
  expect(faultsWith({ redirect_uris: '[http://localhost:3001/cb]' }, false)).toEqual([])
  expect(faultsWith({ redirect_uris: '[http://portal.sigma.example/cb]' }, false)).toHaveLength(1)
  expect(faultsWith({ redirect_uris: "['http://localhost.evil.example/cb']" }, false)).toHaveLength(1)
  expect(
    faultsWith({ application_type: 'native', redirect_uris: "['http://127.0.0.1/cb', 'org.example.app:/cb']" }),
  ).toEqual([])
})

test.each([
  ['nothing', ''],
  ['a list', '- a'],
  ['broken YAML', 'clients: ['],
  ['a name twice', `clients: []\nclients: []`],
  ['a clients that is text', 'clients: x'],
])('a file with %s is a fault with a line, not a crash', (_what, text) => {
  const faults = faultsOf(text)
  expect(faults.length).toBeGreaterThan(0)
  expect(faults[0]?.path).toMatch(/line \d/)
})
