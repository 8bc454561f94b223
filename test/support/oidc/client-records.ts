/** Clients of every kind that the product serves, as test/support/oidc/relying-party.ts registers them. */
import { generateKeyPairSync } from 'node:crypto'

/** The key pair of the client `keyed`, which authenticates with private_key_jwt. */
export const KEYED = generateKeyPairSync('ec', { namedCurve: 'P-256' })

export const PAYROLL = 'https://payroll.example.org/api'
export const REPORTS = 'https://reports.example.org/'

export const RESOURCES = [
  { indicator: PAYROLL, scopes: ['payroll:read', 'payroll:approve'], format: 'jwt' },
  { indicator: REPORTS, scopes: ['reports:read'], format: 'opaque', introspected_by: ['service'] },
]

/** The record of one more application; `{apps}` stands for the origin of relying-party.ts. */
export function record(id: string, fields: Record<string, unknown> = {}, origin = '{apps}'): Record<string, unknown> {
  const secret = String(fields.token_endpoint_auth_method ?? 'client_secret').startsWith('client_secret')
  return {
    client_id: id,
    client_name: `Application ${id}`,
    redirect_uris: [`${origin}/${id}/callback`],
    post_logout_redirect_uris: [`${origin}/${id}/goodbye`],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid profile email organization offline_access payroll:read payroll:approve reports:read',
    first_party: true,
    ...(secret && { client_secret: { env: `${id.toUpperCase()}_SECRET` } }),
    ...fields,
  }
}

export function clientRecords(origin: string): Array<Record<string, unknown>> {
  const application = (id: string, fields?: Record<string, unknown>) => record(id, fields, origin)
  return [
    application('house', { client_uri: `${origin}/house`, backchannel_logout_uri: `${origin}/house/logout` }),
    application('second', {
      token_endpoint_auth_method: 'client_secret_post',
      backchannel_logout_uri: `${origin}/second/logout`,
      id_token_signed_response_alg: 'ES256',
    }),
    application('guest', { first_party: false, scope: 'openid profile email' }),
    application('spa', { token_endpoint_auth_method: 'none' }),
    application('keyed', {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...KEYED.publicKey.export({ format: 'jwk' }), kid: 'keyed', alg: 'ES256', use: 'sig' }] },
    }),
    application('moving', { previous_client_secret: { env: 'PREVIOUS_SECRET' } }),
    application('strict', { minimum_acr: 'mfa' }),
    application('device', { minimum_acr: 'knownDevice' }),
    application('totponly', { second_factors: ['totp'] }),
    application('sensitive', { minimum_acr: 'mfa', mfa_max_age: 300 }),
    application('hasty', { minimum_acr: 'mfa', mfa_max_age: 1 }),
    application('wishing', { default_acr_values: ['urn:sigma:acr:mfa'] }),
    application('pushed', { require_pushed_authorization_requests: true }),
    application('bound', { dpop_bound_access_tokens: true }),
    application('native', {
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback', 'org.example.app:/callback'],
      post_logout_redirect_uris: [],
    }),
    application('service', {
      redirect_uris: [],
      post_logout_redirect_uris: [],
      grant_types: ['client_credentials'],
      scope: 'payroll:read',
    }),
  ]
}
