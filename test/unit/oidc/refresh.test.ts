import { expect, test } from 'vitest'
import { keyring } from '../../../src/lib/crypto.ts'
import { refreshRules, rotates } from '../../../src/oidc/refresh.ts'

const ring = keyring([{ id: 'k', key: Buffer.alloc(32, 7) }])

test.each<[string, string, boolean, string | undefined, { rotates: boolean; grace: boolean }]>([
  ['with a secret', 'client_secret_basic', false, undefined, { rotates: true, grace: true }],
  ['with a key of its own', 'private_key_jwt', false, undefined, { rotates: true, grace: true }],
  ['with a secret, bound to DPoP', 'client_secret_post', true, undefined, { rotates: false, grace: false }],
  ['with a key of its own, bound to DPoP', 'private_key_jwt', true, undefined, { rotates: false, grace: false }],
  ['that is public', 'none', false, undefined, { rotates: true, grace: false }],
  ['that is public, its token bound to a key', 'none', false, 'thumbprint', { rotates: true, grace: true }],
  ['that is public and has to show a key', 'none', true, 'thumbprint', { rotates: true, grace: true }],
])('a client %s', (_what, token_endpoint_auth_method, dpop_bound_access_tokens, jkt, expected) => {
  const metadata = { token_endpoint_auth_method, dpop_bound_access_tokens } as never
  const { successorsOf } = refreshRules({ find: () => ({ metadata }) as never }, ring, 10_000)
  const grace = successorsOf('id', { clientId: 'x', jkt }).length > 0
  expect({ rotates: rotates(metadata), grace }).toEqual(expected)
})

test('a successor is the same each time, another for each token, and not the token', () => {
  const find = () => ({ metadata: { token_endpoint_auth_method: 'client_secret_basic' } }) as never
  const { successorsOf } = refreshRules({ find }, ring, 10_000)
  const [first, again, other] = ['a', 'a', 'b'].map((id) => successorsOf(id, { clientId: 'x' })[0])
  expect(first).toBe(again)
  expect(first).not.toBe(other)
  expect(first).toMatch(/^[\w-]{43}$/)
  // Under another key it is another: nobody outside can tell it.
  const foreign = refreshRules({ find }, keyring([{ id: 'k', key: Buffer.alloc(32, 8) }]), 10_000)
  expect(foreign.successorsOf('a', { clientId: 'x' })).not.toContain(first)
})

test('without a grace, or a client on record, there is none', () => {
  const find = () => ({ metadata: { token_endpoint_auth_method: 'client_secret_basic' } }) as never
  expect(refreshRules({ find }, ring, 0).successorsOf('a', { clientId: 'x' })).toEqual([])
  expect(refreshRules({ find: () => undefined }, ring, 10_000).successorsOf('a', { clientId: 'x' })).toEqual([])
})
