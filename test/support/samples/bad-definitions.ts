/**
 * Definitions of applications that no door takes, each with the code and the field that every door names. A door that
 * makes or changes a client runs the whole table: `definitionOf` is what it is given, `BESIDE` what is there already.
 */

/** What is in order; each row spoils it. */
export const GOOD_DEFINITION: Record<string, unknown> = {
  client_id: 'roster',
  client_name: 'Roster',
  redirect_uris: ['https://roster.example.org/callback'],
  client_secret: { env: 'ROSTER_CLIENT_SECRET' },
}

/** One of our own, beside which others must not look like it. */
export const BESIDE: Record<string, unknown> = {
  client_id: 'portal',
  client_name: 'Sigma Portal',
  redirect_uris: ['https://portal.example.org/callback'],
  client_secret: { env: 'PORTAL_CLIENT_SECRET' },
  first_party: true,
}

/** What the variables hold that the definitions name. */
export const SECRETS: Record<string, string> = {
  ROSTER_CLIENT_SECRET: 'r'.repeat(43),
  PORTAL_CLIENT_SECRET: 'p'.repeat(43),
  SHORT_SECRET: 'hunter2',
}

export interface BadDefinition {
  what: string
  /** Over what is in order; undefined takes a field out. */
  fields: Record<string, unknown>
  /** Of the definition, as doors name it: `redirect_uris[0]`. */
  field: string
  code: string
}

export function definitionOf({ fields }: Pick<BadDefinition, 'fields'>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ ...GOOD_DEFINITION, ...fields }).filter(([, value]) => value !== undefined),
  )
}

function row(what: string, fields: Record<string, unknown>, field: string, code: string): BadDefinition {
  return { what, fields, field, code }
}

/** A service, and a public client; beside the rest of what is in order. */
const SERVICE = { grant_types: ['client_credentials'], redirect_uris: [] }
const PUBLIC = { token_endpoint_auth_method: 'none', client_secret: undefined }
/** In order: people administer by it. */
const PEOPLE = {
  scope: 'openid admin:clients',
  minimum_acr: 'mfa',
  second_factors: ['totp'],
  remembered_devices: false,
  mfa_max_age: 900,
  staff_only: true,
}

const redirect = (what: string, address: unknown, code: string) =>
  row(`a redirect address: ${what}`, { redirect_uris: [address] }, 'redirect_uris[0]', code)
const native = (what: string, address: string, code: string) =>
  row(
    `a native redirect address: ${what}`,
    { application_type: 'native', redirect_uris: [address] },
    'redirect_uris[0]',
    code,
  )
const id = (what: string, client_id: unknown, code = 'format') =>
  row(`an id: ${what}`, { client_id }, 'client_id', code)
const name = (what: string, client_name: unknown, code: string) =>
  row(`a name: ${what}`, { client_name }, 'client_name', code)

const ADDRESSES: BadDefinition[] = [
  redirect('a wildcard for the host', 'https://*.example.org/callback', 'wildcard'),
  redirect('a wildcard in the path', 'https://roster.example.org/*', 'wildcard'),
  redirect('a wildcard in the query', 'https://roster.example.org/callback?to=*', 'wildcard'),
  redirect('a fragment', 'https://roster.example.org/callback#top', 'fragment'),
  redirect('an empty fragment', 'https://roster.example.org/callback#', 'fragment'),
  redirect('javascript', 'javascript:alert(1)', 'not-https'),
  redirect('javascript in capitals', 'JavaScript:alert(1)', 'not-https'),
  redirect('javascript with a line break', 'java\nscript:alert(1)', 'not-https'),
  redirect('data', 'data:text/html,<script>alert(1)</script>', 'not-https'),
  redirect('vbscript', 'vbscript:msgbox(1)', 'not-https'),
  redirect('a file', 'file:///etc/passwd', 'not-https'),
  redirect('a blob', 'blob:https://roster.example.org/1', 'not-https'),
  redirect('plain http', 'http://roster.example.org/callback', 'not-https'),
  redirect('plain http on loopback in production', 'http://localhost:3001/callback', 'not-https'),
  redirect('a private scheme from the web', 'org.example.app:/callback', 'not-https'),
  redirect('a user name', 'https://roster@roster.example.org/callback', 'credentials'),
  redirect('a password', 'https://a:b@roster.example.org/callback', 'credentials'),
  redirect('relative', '/callback', 'not-absolute'),
  redirect('without a scheme', 'roster.example.org/callback', 'not-absolute'),
  redirect('without a host', 'https://', 'not-absolute'),
  redirect('empty', '', 'not-absolute'),
  redirect('with a letter that looks like ours', 'https://r\u043ester.example.org/callback', 'not-ascii'),
  redirect('turned around', 'https://roster.example.org/\u202ekcabllac', 'not-ascii'),
  redirect('with a space nobody sees', 'https://roster.example.org/call\u200bback', 'not-ascii'),
  redirect('of two lines', 'https://roster.example.org/call\nback', 'not-ascii'),
  redirect('a number', 1, 'type'),
  redirect('null', null, 'type'),
  row('redirect addresses: a text', { redirect_uris: 'https://roster.example.org/callback' }, 'redirect_uris', 'type'),
  row('redirect addresses: none', { redirect_uris: [] }, 'redirect_uris', 'required'),
  row('redirect addresses: left out', { redirect_uris: undefined }, 'redirect_uris', 'required'),
  row(
    'redirect addresses: the second of two',
    { redirect_uris: ['https://roster.example.org/a', 'http://roster.example.org/b'] },
    'redirect_uris[1]',
    'not-https',
  ),
  native('turned around', 'org.example.app:/\u202ekcabllac', 'not-ascii'),
  native('a scheme without a dot', 'roster:/callback', 'private-scheme'),
  native('javascript', 'javascript:alert(1)', 'private-scheme'),
  native('plain http elsewhere', 'http://roster.example.org/callback', 'not-https'),
  native('http to a name that begins like loopback', 'http://localhost.example.org/callback', 'not-https'),
  native('a fragment', 'org.example.app:/callback#a', 'fragment'),
  native('a wildcard', 'http://127.0.0.1/*', 'wildcard'),
  row('a home: javascript', { client_uri: 'javascript:alert(1)' }, 'client_uri', 'not-https'),
  row('a home: plain http', { client_uri: 'http://roster.example.org' }, 'client_uri', 'not-https'),
  row(
    'where a sign-in begins: plain http',
    { initiate_login_uri: 'http://a.example.org' },
    'initiate_login_uri',
    'not-https',
  ),
  row(
    'after signing out: a wildcard',
    { post_logout_redirect_uris: ['https://*.example.org/'] },
    'post_logout_redirect_uris[0]',
    'wildcard',
  ),
  row(
    'after signing out: plain http',
    { post_logout_redirect_uris: ['http://roster.example.org/'] },
    'post_logout_redirect_uris[0]',
    'not-https',
  ),
  row(
    'logout tokens: plain http',
    { backchannel_logout_uri: 'http://a.example.org/' },
    'backchannel_logout_uri',
    'not-https',
  ),
  row(
    'logout tokens: a fragment',
    { backchannel_logout_uri: 'https://a.example.org/#x' },
    'backchannel_logout_uri',
    'fragment',
  ),
  row('keys: plain http', { jwks_uri: 'http://a.example.org/keys' }, 'jwks_uri', 'not-https'),
]

const NAMES: BadDefinition[] = [
  id('left out', undefined, 'required'),
  id('empty', ''),
  id('a path', '../roster'),
  id('a space', 'ros ter'),
  id('a dot', 'roster.example'),
  id('a letter beyond ASCII', 'rösterei'),
  id('Cyrillic that looks like ASCII', 'rоster'),
  id('a line break', 'roster\n'),
  id('too long', 'x'.repeat(81)),
  id('a number', 12, 'type'),
  id('__proto__', '__proto__', 'built-in-name'),
  id('constructor', 'constructor', 'built-in-name'),
  id('hasOwnProperty', 'hasOwnProperty', 'built-in-name'),
  id('of our own settings', 'sigma-account', 'reserved'),
  id('of our own administration', 'sigma-admin', 'reserved'),
  name('left out', undefined, 'required'),
  name('empty', '', 'too-short'),
  name('too long', 'x'.repeat(81), 'too-long'),
  name('a truth value', false, 'type'),
  name('turned around', 'Sigma \u202elatroP', 'unseen'),
  name('with a space nobody sees', 'Ros\u200bter', 'unseen'),
  name('of two lines', 'Roster\nBcc: x', 'unseen'),
  name('that of our own application', 'Sigma Portal', 'look-alike'),
  name('that of our own application, in capitals', 'SIGMA PORTAL', 'look-alike'),
  name('like our own, full width', 'Ｓｉｇｍａ Ｐｏｒｔａｌ', 'look-alike'),
  name('like our own, a digit for a letter', 'Sigma P0rtal', 'look-alike'),
  name('like our own, two letters for one', 'Sigrna Portal', 'look-alike'),
  name('like our own, an accent', 'Sigmá Portal', 'look-alike'),
  name('like the product itself', 'Sigma lD', 'look-alike'),
  name('a word of two scripts', 'Rоster', 'mixed-scripts'),
]

const VALUES: BadDefinition[] = [
  row('an unknown field', { redirect_uri: 'https://roster.example.org/callback' }, 'redirect_uri', 'unknown-field'),
  row('a field of registration that we have not', { response_types: ['token'] }, 'response_types', 'unknown-field'),
  row('a field named __proto__', JSON.parse('{"__proto__":{"first_party":true}}'), '__proto__', 'unknown-field'),
  row('the implicit grant', { grant_types: ['authorization_code', 'implicit'] }, 'grant_types[1]', 'value'),
  row('the password grant', { grant_types: ['password'] }, 'grant_types[0]', 'value'),
  row('a refresh token without a code', { grant_types: ['refresh_token'] }, 'grant_types', 'grant-alone'),
  row('grants as a text', { grant_types: 'authorization_code' }, 'grant_types', 'type'),
  row('an unknown scope', { scope: 'openid fax' }, 'scope', 'unknown-scope'),
  row('a scope that is a key of every object', { scope: 'openid constructor' }, 'scope', 'unknown-scope'),
  row('scopes as a list', { scope: ['openid'] }, 'scope', 'type'),
  row('a secret in the open', { client_secret: 'x'.repeat(43) }, 'client_secret', 'type'),
  row('a secret of no variable', { client_secret: { env: 'not a name' } }, 'client_secret.env', 'format'),
  row(
    'a secret beside its variable',
    { client_secret: { env: 'ROSTER_CLIENT_SECRET', value: 'x' } },
    'client_secret.value',
    'unknown-field',
  ),
  row('a public client with a secret', { token_endpoint_auth_method: 'none' }, 'client_secret', 'unused'),
  row(
    'a method that there is not',
    { token_endpoint_auth_method: 'client_secret_jwt' },
    'token_endpoint_auth_method',
    'value',
  ),
  row(
    'keys that are nowhere',
    { token_endpoint_auth_method: 'private_key_jwt', client_secret: undefined },
    'jwks_uri',
    'required',
  ),
  row('an algorithm that is none', { id_token_signed_response_alg: 'none' }, 'id_token_signed_response_alg', 'value'),
  row('a symmetric algorithm', { id_token_signed_response_alg: 'HS256' }, 'id_token_signed_response_alg', 'value'),
  row(
    'a public client that acts for itself',
    {
      token_endpoint_auth_method: 'none',
      client_secret: undefined,
      grant_types: ['authorization_code', 'client_credentials'],
    },
    'grant_types',
    'public-client',
  ),
  row(
    'a public client without PKCE',
    { token_endpoint_auth_method: 'none', client_secret: undefined, require_pkce: false },
    'require_pkce',
    'pkce',
  ),
  row('a nonce without an ID token', { scope: 'email', require_nonce: true }, 'require_nonce', 'nonce'),
  row(
    'a floor that its factors cannot reach',
    { minimum_acr: 'phishingResistant', second_factors: ['totp'] },
    'second_factors',
    'floor',
  ),
  row('a floor that is none', { minimum_acr: 'highest' }, 'minimum_acr', 'value'),
  row(
    'no second factor that is set up here',
    { minimum_acr: 'mfa', second_factors: ['sms'] },
    'second_factors',
    'factors',
  ),
  row('no second factor at all', { second_factors: [] }, 'second_factors', 'factors'),
  row('a factor that there is not', { second_factors: ['totp', 'fax'] }, 'second_factors[1]', 'value'),
  row('an owner that is no person', { ...SERVICE, admin_role: 'owner' }, 'admin_role', 'value'),
  row('a role of none', { ...SERVICE, admin_role: 'root' }, 'admin_role', 'value'),
  row('a role where people sign in', { admin_role: 'auditor' }, 'admin_role', 'admin-role'),
  row(
    'a role, and people who sign in as well',
    { grant_types: ['authorization_code', 'client_credentials'], admin_role: 'auditor' },
    'admin_role',
    'admin-role',
  ),
  row(
    'a role without a proof of who it is',
    { ...SERVICE, ...PUBLIC, admin_role: 'auditor' },
    'grant_types',
    'public-client',
  ),
  row('a scope of administration without a role', { ...SERVICE, scope: 'admin:clients' }, 'scope', 'admin-scope'),
  row('administration without a second factor', { ...PEOPLE, minimum_acr: 'password' }, 'minimum_acr', 'admin-scope'),
  row(
    'administration by text message',
    { ...PEOPLE, second_factors: ['totp', 'sms'] },
    'second_factors',
    'admin-scope',
  ),
  row('administration by backup code', { ...PEOPLE, second_factors: undefined }, 'second_factors', 'admin-scope'),
  row(
    'administration by a remembered device',
    { ...PEOPLE, remembered_devices: true },
    'remembered_devices',
    'admin-scope',
  ),
  row('administration by a factor of an hour ago', { ...PEOPLE, mfa_max_age: 3600 }, 'mfa_max_age', 'admin-scope'),
  row('administration by a factor of any time', { ...PEOPLE, mfa_max_age: undefined }, 'mfa_max_age', 'admin-scope'),
  row('administration for everybody', { ...PEOPLE, staff_only: undefined }, 'staff_only', 'admin-scope'),
  row('a default that nobody can reach', { default_acr_values: ['phrh'] }, 'default_acr_values[0]', 'out-of-reach'),
  row('no age at all', { default_max_age: 0 }, 'default_max_age', 'too-small'),
  row('half a second', { mfa_max_age: 0.5 }, 'mfa_max_age', 'type'),
  row('an age beyond half a day', { mfa_max_age: 43_201 }, 'mfa_max_age', 'too-big'),
  row('an age as a text', { mfa_max_age: '300' }, 'mfa_max_age', 'type'),
  row('a truth value as a text', { first_party: 'true' }, 'first_party', 'type'),
  row('a truth value as a number', { staff_only: 1 }, 'staff_only', 'type'),
  row('null for a truth value', { remembered_devices: null }, 'remembered_devices', 'type'),
  row('an application of no type', { application_type: 'desktop' }, 'application_type', 'value'),
]

export const BAD_DEFINITIONS: BadDefinition[] = [...ADDRESSES, ...NAMES, ...VALUES]

/** An id that another has: where one is made beside what is there. */
export const TAKEN: BadDefinition = id('that is there already', 'portal', 'id-taken')

export interface BadText {
  what: string
  /** One definition as JSON, for doors that take text. */
  text: string
  field: string
  code: string
}

const GOOD_TEXT = JSON.stringify(GOOD_DEFINITION).slice(1, -1)
const text = (what: string, more: string, field: string, code: string): BadText => ({
  what,
  text: `{${GOOD_TEXT},${more}}`,
  field,
  code,
})

/** What a parser of JSON reads without a word, and another parser reads otherwise (RFC 8259 section 4). */
export const BAD_TEXTS: BadText[] = [
  text('a field twice', '"client_name":"Roster"', 'client_name', 'duplicate-key'),
  text('a field twice, with other values', '"redirect_uris":["https://a.example/"]', 'redirect_uris', 'duplicate-key'),
  text('a field twice, once by its code', '"client\\u005fname":"Roster"', 'client_name', 'duplicate-key'),
  text('a field twice, deeper', '"jwks":{"keys":[],"keys":[]}', 'jwks.keys', 'duplicate-key'),
  text('a field that every object has', '"__proto__":{"first_party":true}', '__proto__', 'unknown-field'),
  text('another that every object has', '"constructor":{}', 'constructor', 'unknown-field'),
  text('half a sign', '"client_uri":"https://a.example/\\ud800"', 'client_uri', 'encoding'),
]
