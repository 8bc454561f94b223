import { expect, test } from 'vitest'
import {
  type AssertionRules,
  assertionFault,
  assertProofTime,
  methodOf,
  publicClientOf,
} from '../../../src/oidc/client-auth.ts'

const NOW = 1_800_000_000
const ISSUER = 'https://id.example.org'
const RULES: AssertionRules = {
  issuer: ISSUER,
  endpoints: [`${ISSUER}/token`, `${ISSUER}/request`],
  issuerOnly: false,
  now: NOW,
}

test.each<[string, unknown, { anyone: boolean; issuerOnly: boolean }]>([
  ['the issuer', ISSUER, { anyone: true, issuerOnly: true }],
  ['the issuer in a list', [ISSUER], { anyone: true, issuerOnly: false }],
  ['the token endpoint', `${ISSUER}/token`, { anyone: true, issuerOnly: false }],
  ['the endpoint it was sent to', `${ISSUER}/request`, { anyone: true, issuerOnly: false }],
  ['issuer and token endpoint', [ISSUER, `${ISSUER}/token`], { anyone: true, issuerOnly: false }],
  ['us and somebody else', [ISSUER, 'https://other.example'], { anyone: false, issuerOnly: false }],
  ['the issuer with a slash', `${ISSUER}/`, { anyone: false, issuerOnly: false }],
  ['somebody else', 'https://other.example', { anyone: false, issuerOnly: false }],
  ['nobody', undefined, { anyone: false, issuerOnly: false }],
])('an assertion for %s', (_whom, aud, { anyone, issuerOnly }) => {
  const taken = (only: boolean) => assertionFault({ aud, exp: NOW + 60 }, { ...RULES, issuerOnly: only }) === undefined
  expect([taken(false), taken(true)]).toEqual([anyone, issuerOnly])
})

test.each<[string, Record<string, unknown>, boolean]>([
  ['of now', { iat: NOW, exp: NOW + 60 }, true],
  ['without iat', { exp: NOW + 60 }, true],
  ['from 10 seconds ahead', { iat: NOW + 10, exp: NOW + 70 }, true],
  ['from 60 seconds ahead', { iat: NOW + 60, exp: NOW + 120 }, true],
  ['from 61 seconds ahead', { iat: NOW + 61, exp: NOW + 120 }, false],
  ['that lives an hour', { iat: NOW, exp: NOW + 3600 }, true],
  ['that lives an hour by a clock that is 10 seconds ahead', { iat: NOW + 10, exp: NOW + 3610 }, true],
  ['that lives longer', { iat: NOW, exp: NOW + 3611 }, false],
  ['that never ends', { iat: NOW }, false],
  ['with an end in words', { iat: NOW, exp: '2100-01-01' }, false],
])('an assertion %s', (_what, claims, taken) => {
  expect(assertionFault({ aud: ISSUER, ...claims }, RULES) === undefined).toBe(taken)
})

test.each<[string, number | undefined, boolean]>([
  ['of now', NOW, true],
  ['from 60 seconds ahead', NOW + 60, true],
  ['from 61 seconds ahead', NOW + 61, false],
  ['without iat', undefined, true],
])('a DPoP proof %s goes on to be checked, or not', (_what, iat, taken) => {
  const proof = ['{}', JSON.stringify({ iat }), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.')
  const look = expect(() => assertProofTime(proof, NOW))
  if (taken) look.not.toThrow()
  else look.toThrow('invalid_dpop_proof')
})

test.each(['', 'x', 'a.b.c', 'e30.bnVsbA.x'])('what is no proof (%s) is left to the library', (proof) => {
  expect(() => assertProofTime(proof, NOW)).not.toThrow()
})

test.each<[string | undefined, Record<string, unknown>, string]>([
  [undefined, {}, 'none'],
  ['Basic eDp5', {}, 'client_secret_basic'],
  [undefined, { client_secret: 'y' }, 'client_secret_post'],
  [undefined, { client_assertion: 'y' }, 'private_key_jwt'],
])('the header %s with %o is %s', (authorization, params, method) => {
  expect(methodOf({ authorization, params })).toBe(method)
})

const METHODS: Record<string, string> = { app: 'none', 'my-app': 'none', web: 'client_secret_basic' }
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test.each<[string, string | undefined, Record<string, unknown>, string | undefined]>([
  ['a public client with nothing after the colon', basic('app:'), {}, 'app'],
  ['the same with its id in the body too', basic('app:'), { client_id: 'app' }, 'app'],
  ['an id in the form of RFC 6749 appendix B', basic('my%2Dapp:'), {}, 'my-app'],
  ['another id in the body', basic('app:'), { client_id: 'web' }, undefined],
  ['a secret in the body', basic('app:'), { client_secret: 'x' }, undefined],
  ['an assertion in the body', basic('app:'), { client_assertion: 'x' }, undefined],
  ['a secret in the header', basic('app:x'), {}, undefined],
  ['a client that has a secret', basic('web:'), {}, undefined],
  ['a client that is not there', basic('nobody:'), {}, undefined],
  ['no colon', basic('app'), {}, undefined],
  ['no id', basic(':'), {}, undefined],
  ['a broken escape', basic('%E0%A4%A:'), {}, undefined],
  ['another scheme', 'Bearer app:', {}, undefined],
  ['no header', undefined, {}, undefined],
])('Basic with an empty secret: %s', (_what, authorization, body, id) => {
  const find = (name: string) =>
    METHODS[name] === undefined ? undefined : ({ metadata: { token_endpoint_auth_method: METHODS[name] } } as never)
  expect(publicClientOf(authorization, body, { find })).toBe(id)
})
