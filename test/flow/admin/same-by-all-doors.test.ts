/** The same application made by file, command line, API and pages is the same record, byte for byte. */
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { madeByAllDoors } from '../../support/oidc/same-by-all-doors.ts'

const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })

/** A server for each door, and a process for every command. */
const PATIENCE = 240_000

test.each([
  [
    'with what has to be said',
    {
      client_id: 'roster',
      client_name: 'Roster',
      redirect_uris: ['https://roster.example.org/callback'],
    },
  ],
  [
    'of the browser alone',
    {
      client_id: 'roster',
      client_name: 'Roster',
      redirect_uris: ['https://roster.example.org/callback'],
      token_endpoint_auth_method: 'none',
    },
  ],
  [
    'with everything that the form asks for, in an order of its own',
    {
      second_factors: ['backup', 'totp'],
      scope: 'openid email groups',
      client_name: 'Röster «Noord»',
      redirect_uris: ['https://roster.example.org/b', 'https://roster.example.org/a'],
      client_id: 'roster',
      post_logout_redirect_uris: ['https://roster.example.org/'],
      backchannel_logout_uri: 'https://roster.example.org/logout',
      backchannel_logout_session_required: false,
      client_uri: 'https://roster.example.org',
      initiate_login_uri: 'https://roster.example.org/login',
      grant_types: ['refresh_token', 'client_credentials', 'authorization_code'],
      token_endpoint_auth_method: 'client_secret_post',
      id_token_signed_response_alg: 'ES256',
      id_token_claims: true,
      require_pkce: false,
      require_nonce: false,
      default_max_age: 3600,
      default_acr_values: ['urn:sigma:acr:mfa'],
      minimum_acr: 'knownDevice',
      mfa_max_age: 300,
      remembered_devices: false,
      staff_only: true,
      first_party: true,
      require_pushed_authorization_requests: true,
    },
  ],
  [
    'with a secret in the environment',
    {
      client_id: 'roster',
      client_name: 'Roster',
      redirect_uris: ['https://roster.example.org/callback'],
      client_secret: { env: 'ROSTER_CLIENT_SECRET' },
      previous_client_secret: { env: 'ROSTER_CLIENT_SECRET_BEFORE' },
    },
  ],
  [
    'with keys of its own',
    {
      client_id: 'roster',
      client_name: 'Roster',
      redirect_uris: ['https://roster.example.org/callback'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [KEY] },
      require_issuer_audience: true,
      scope: 'organization openid email profile',
    },
  ],
])('%s', { timeout: PATIENCE }, async (_what, definition) => {
  const made = await madeByAllDoors(definition)
  expect(Object.keys(made).length).toBeGreaterThanOrEqual(4)
  const [first = ''] = Object.values(made)
  expect(first).toContain('"client_id":"roster"')
  expect(made).toEqual(Object.fromEntries(Object.keys(made).map((door) => [door, first])))
})
