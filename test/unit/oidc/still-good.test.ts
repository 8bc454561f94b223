/** What is left of what an application was given, by what its record says now. */
import { expect, test } from 'vitest'
import type { Client } from '../../../src/client/client.ts'
import { stillGood } from '../../../src/oidc/still-good.ts'

const ROSTER: Client = {
  metadata: {
    client_id: 'roster',
    client_name: 'Roster',
    first_party: true,
    redirect_uris: ['https://roster.example.org/callback'],
  },
  secrets: [],
  scopes: new Set(['openid']),
  loginUri: undefined,
}
const AT = 1_000

test.each<[what: string, kept: object, now: object, good: boolean]>([
  ['a token', {}, {}, true],
  ['a token of before it was disabled', {}, { endedAt: AT * 1000 }, false],
  ['a token of after', {}, { endedAt: AT * 1000 - 1 }, true],
  ['a grant that nobody was asked for, of one that is ours', { house: true }, {}, true],
  ['a grant that nobody was asked for', { house: true }, { first_party: false }, false],
  ['a grant that somebody agreed to', {}, { first_party: false }, true],
  ['a code', { redirectUri: 'https://roster.example.org/callback' }, {}, true],
  ['a code for another address', { redirectUri: 'https://roster.example.org/callback/' }, {}, false],
  ['a sitting for another address', { params: { redirect_uri: 'https://old.example.org/' } }, {}, false],
  ['a password below the floor', { amr: ['pwd'] }, { minimum_acr: 'mfa' }, false],
  ['a device below the floor', { amr: ['pwd', 'device'] }, { minimum_acr: 'mfa' }, false],
  ['a device for a device', { amr: ['pwd', 'device'] }, { minimum_acr: 'knownDevice' }, true],
  [
    'a device that counts no more',
    { amr: ['pwd', 'device'] },
    { minimum_acr: 'knownDevice', remembered_devices: false },
    false,
  ],
  ['the app', { amr: ['pwd', 'otp', 'mfa'] }, { minimum_acr: 'mfa', second_factors: ['totp'] }, true],
  [
    'a text message that counts no more',
    { amr: ['pwd', 'sms', 'mfa'] },
    { minimum_acr: 'mfa', second_factors: ['totp'] },
    false,
  ],
  ['a passkey', { amr: ['pop', 'user', 'mfa'] }, { minimum_acr: 'phishingResistant' }, true],
  ['a passkey after the password', { amr: ['pwd', 'pop', 'mfa'] }, { minimum_acr: 'phishingResistant' }, true],
  ['the app below a floor of passkeys', { amr: ['pwd', 'otp', 'mfa'] }, { minimum_acr: 'phishingResistant' }, false],
  [
    'a passkey that only opened the session, and the app',
    { amr: ['pop', 'otp', 'mfa'] },
    { minimum_acr: 'phishingResistant' },
    false,
  ],
  ['the same for a second factor', { amr: ['pop', 'otp', 'mfa'] }, { minimum_acr: 'mfa' }, true],
  ['a passkey that only opened the session', { amr: ['pop'] }, { minimum_acr: 'mfa' }, false],
  [
    'a passkey that counts no more',
    { amr: ['pop', 'user', 'mfa'] },
    { minimum_acr: 'mfa', second_factors: ['totp'] },
    false,
  ],
  ['the same without a floor', { amr: ['pwd', 'sms', 'mfa'] }, { second_factors: ['totp'] }, true],
  ['an access token of before the floor changed', { kind: 'AccessToken' }, { assuranceAt: AT * 1000 }, false],
  ['an access token of after', { kind: 'AccessToken' }, { assuranceAt: AT * 1000 - 1 }, true],
])('%s', (_what, kept, { endedAt, assuranceAt, ...fields }: { endedAt?: number; assuranceAt?: number }, good) => {
  const client = { ...ROSTER, endedAt, assuranceAt, metadata: { ...ROSTER.metadata, ...fields } }
  const found = stillGood({ clientId: 'roster', iat: AT, ...kept }, { find: () => client, resources: [] })
  expect(found !== undefined).toBe(good)
})

test('of an application that is not there nothing is left', () => {
  expect(stillGood({ clientId: 'roster', iat: AT }, { find: () => undefined, resources: [] })).toBeUndefined()
  expect(stillGood({ iat: AT }, { find: () => ROSTER, resources: [] })).toBeUndefined()
})

test.each([
  ['http://127.0.0.1:4711/callback', true],
  ['http://127.0.0.1:4711/other', false],
  ['http://localhost/callback', false],
])('a native application is answered on loopback at any port, and nowhere else: %s', (redirectUri, good) => {
  const metadata = {
    ...ROSTER.metadata,
    application_type: 'native' as const,
    redirect_uris: ['http://127.0.0.1/callback'],
  }
  const found = stillGood(
    { clientId: 'roster', iat: AT, redirectUri },
    { find: () => ({ ...ROSTER, metadata }), resources: [] },
  )
  expect(found !== undefined).toBe(good)
})

test.each<[what: string, api: object, scope: string | undefined]>([
  ['of it', {}, 'a'],
  ['that is another’s by now', { scopes: ['b'] }, ''],
  ['that was disabled since', { endedAt: AT * 1000 }, undefined],
  ['that was disabled before', { endedAt: AT * 1000 - 1 }, 'a'],
  ['that is not there', { indicator: 'https://other.example.org/' }, undefined],
])('a token for an API is good for the scopes %s', (_what, api, scope) => {
  const aud = 'https://api.example.org/'
  const resource = { indicator: aud, scopes: ['a'], format: 'opaque' as const, introspected_by: [], ...api }
  const client = { ...ROSTER, scopes: new Set(['openid', 'a', 'b']) }
  const found = stillGood(
    { clientId: 'roster', iat: AT, aud, scope: 'a' },
    { find: () => client, resources: [resource] },
  )
  expect(found?.scope).toBe(scope)
})
