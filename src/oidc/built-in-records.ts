/** What our own pages are registered as: records that nobody keeps and nobody can change. */
import { type Client, placeholder } from '../client/client.ts'
import type { Rung } from '../mfa/assurance.ts'
import { opening } from '../person/second-factor.ts'

/** Ids of the clients that are built in; no other client may have one of them. */
export const BUILT_IN = { account: 'sigma-account', admin: 'sigma-admin' } as const
export type BuiltInId = (typeof BUILT_IN)[keyof typeof BUILT_IN]

export function isBuiltIn(clientId: string): clientId is BuiltInId {
  return Object.values<string>(BUILT_IN).includes(clientId)
}

export interface BuiltInOrigins {
  /** Where the pages are: the issuer, unless administration has a host of its own. */
  account: string
  admin: string
}

/** What the pages are registered as: the strictest records there are. `required` is for administration. */
export function builtInClients(
  origins: BuiltInOrigins,
  names: { account: string; admin: string },
  required: Rung,
): Client[] {
  const record = (id: BuiltInId, origin: string, path: string, name: string, own: object): Client => ({
    metadata: {
      client_id: id,
      client_name: name,
      client_uri: `${origin}${path}`,
      redirect_uris: [callbackOf(origin, path)],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      scope: 'openid',
      token_endpoint_auth_method: 'client_secret_basic',
      // It has none: codes for these clients are redeemed in this process only.
      ...placeholder(),
      first_party: true,
      ...own,
    } as Client['metadata'],
    secrets: [],
    scopes: new Set(['openid']),
    loginUri: `${origin}${path}`,
  })
  return [
    // Only the best that there is opens the settings: who intercepts a text message must not change factors with it.
    record(BUILT_IN.account, origins.account, '/account', names.account, {
      minimum_acr: 'password',
      second_factors: opening('account'),
      remembered_devices: false,
    }),
    record(BUILT_IN.admin, origins.admin, '/admin', names.admin, {
      minimum_acr: required,
      second_factors: opening('admin'),
      remembered_devices: false,
      mfa_max_age: 15 * 60,
      staff_only: true,
    }),
  ]
}

export function callbackOf(origin: string, path: string): string {
  return `${origin}${path}/callback`
}
