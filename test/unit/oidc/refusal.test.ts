import { expect, test } from 'vitest'
import { factsOf, refusalOf } from '../../../src/oidc/refusal.ts'

const CALLBACK = 'https://app.example.org/callback'
const CLIENT = { clientId: 'app', redirectUris: [CALLBACK], postLogoutRedirectUris: [`${CALLBACK}/out`] }

function refusal(
  error: string,
  error_description: string | undefined,
  params: Record<string, unknown>,
  client?: object,
) {
  const fault = Object.assign(new Error(error), { error_description })
  return refusalOf({ oidc: { params, client } } as never, fault)
}

test.each<[string, string, string | undefined, string | undefined]>([
  ['invalid_request', "missing required parameter 'redirect_uri'", 'app', 'redirect_uri'],
  ['invalid_request', "missing required parameters 'response_type' and 'client_id'", 'app', 'response_type'],
  ['invalid_request', 'post_logout_redirect_uri not registered', 'app', 'post_logout_redirect_uri'],
  ['invalid_request', 'could not validate id_token_hint', 'app', 'id_token_hint'],
  ['invalid_request', 'code_challenge_method must be provided', 'app', 'code_challenge_method'],
  ['invalid_target', 'resource indicator is missing, or unknown', 'app', 'resource'],
  ['invalid_request', 'request is invalid', 'app', undefined],
  ['invalid_grant', 'grant request is invalid', 'app', undefined],
  ['access_denied', '', 'app', undefined],
  ['invalid_client', 'client is invalid', undefined, 'client_id'],
  ['invalid_client', 'client authentication failed', undefined, 'client_id'],
  ['invalid_client', 'client authentication failed', 'app', undefined],
])('%s, %s', (error, description, client, parameter) => {
  expect(refusal(error, description, {}, client === undefined ? undefined : CLIENT).parameter).toBe(parameter)
})

test.each<[string, unknown, string | undefined]>([
  ['client_id', 'nobody', 'nobody'],
  ['client_id', 'a\nb', undefined],
  ['client_id', '<script>', undefined],
  ['client_id', 'x'.repeat(101), undefined],
  ['scope', 'openid payroll:read', 'openid payroll:read'],
  ['redirect_uri', `${CALLBACK}/?code=x`, `${CALLBACK}/`],
  ['post_logout_redirect_uri', 'javascript:alert(1)', 'javascript:'],
  ['id_token_hint', 'eyJhbGciOiJSUzI1NiJ9.e30.x', undefined],
  ['claims', '{"userinfo":{}}', undefined],
  ['nonce', 'n-0S6_WzA2Mj', undefined],
  ['code_verifier', 'x'.repeat(43), undefined],
  ['client_id', undefined, undefined],
])('of %s %j is kept: %s', (name, value, kept) => {
  expect(factsOf(refusal('invalid_request', `${name} is odd`, { [name]: value }, CLIENT)).refused).toBe(kept)
})

test('the nearest address is looked for among those of the same kind', () => {
  const near = (name: string, value: string) => refusal('x', `${name} is odd`, { [name]: value }, CLIENT).nearest
  expect(near('redirect_uri', `${CALLBACK}/`)).toEqual({ address: CALLBACK, differs: ['slash'] })
  expect(near('post_logout_redirect_uri', `${CALLBACK}/out/`)).toEqual({
    address: `${CALLBACK}/out`,
    differs: ['slash'],
  })
  expect(near('scope', CALLBACK)).toBeUndefined()
})

test('a description that has words of the request in it is not shown and not kept', () => {
  const says = 'scope call-0900-1234 is not allowed'
  expect(refusal('invalid_scope', says, { scope: 'call-0900-1234' }, CLIENT).description).toBeUndefined()
  expect(refusal('invalid_scope', says, { scope: 'openid' }, CLIENT).description).toBe(says)
})

test('before any parameter was read there is only the error', () => {
  const fault = Object.assign(new Error('invalid_request'), { error_description: 'failed to parse the request body' })
  expect(factsOf(refusalOf({ oidc: {} } as never, fault))).toEqual({
    error: 'invalid_request',
    error_description: 'failed to parse the request body',
  })
})
