/**
 * What cannot be right about a client's record though each of its fields is in order by itself (fields.ts). A rule is
 * asked as soon as the fields that it reads are in order, whatever is wrong with the others: an administrator gets all
 * the faults at once.
 */
import { PASSKEY, SECOND_FACTORS } from '../person/second-factor.ts'
import type { ClientFields } from './fields.ts'
import { POWER_RULES } from './power.ts'
import { nativeRedirectFault, uriFault } from './uri.ts'

export interface RecordFault {
  code: string
  path: PropertyKey[]
  reason: string
}

/** What is known of the application besides. */
export interface Beside {
  production: boolean
  /** It has a secret that its definition does not name. */
  hasSecret: boolean
}

interface Rule {
  reads: Array<keyof ClientFields>
  at: keyof ClientFields
  code: string
  fault(client: ClientFields, beside: Beside): string | undefined
}

const RULES: Rule[] = [
  {
    reads: ['grant_types', 'redirect_uris'],
    at: 'redirect_uris',
    code: 'required',
    fault: ({ grant_types, redirect_uris }) =>
      grant_types.includes('authorization_code') && redirect_uris.length === 0 ? 'needs at least one' : undefined,
  },
  {
    reads: ['grant_types'],
    at: 'grant_types',
    code: 'grant-alone',
    fault: ({ grant_types }) =>
      grant_types.includes('refresh_token') && !grant_types.includes('authorization_code')
        ? 'refresh_token needs authorization_code'
        : undefined,
  },
  {
    reads: ['client_secret', 'token_endpoint_auth_method'],
    at: 'client_secret',
    code: 'required',
    fault: ({ client_secret, token_endpoint_auth_method: method }, { hasSecret }) =>
      method.startsWith('client_secret') && !client_secret && !hasSecret ? `is needed for ${method}` : undefined,
  },
  {
    reads: ['client_secret', 'token_endpoint_auth_method'],
    at: 'client_secret',
    code: 'unused',
    fault: ({ client_secret, token_endpoint_auth_method: method }) =>
      !method.startsWith('client_secret') && client_secret ? `is not used with ${method}` : undefined,
  },
  {
    reads: ['token_endpoint_auth_method', 'jwks', 'jwks_uri'],
    at: 'jwks_uri',
    code: 'required',
    fault: ({ token_endpoint_auth_method, jwks, jwks_uri }) =>
      token_endpoint_auth_method === 'private_key_jwt' && !jwks && !jwks_uri
        ? 'private_key_jwt needs jwks_uri or jwks'
        : undefined,
  },
  {
    reads: ['token_endpoint_auth_method', 'grant_types'],
    at: 'grant_types',
    code: 'public-client',
    fault: ({ token_endpoint_auth_method, grant_types }) =>
      token_endpoint_auth_method === 'none' && grant_types.includes('client_credentials')
        ? 'client_credentials needs a client that can authenticate'
        : undefined,
  },
  {
    // Public clients always, and native ones: what comes back to them may come to another application on the device.
    reads: ['require_pkce', 'token_endpoint_auth_method', 'application_type', 'grant_types'],
    at: 'require_pkce',
    code: 'pkce',
    fault({ require_pkce, token_endpoint_auth_method, application_type, grant_types }) {
      if (require_pkce) return undefined
      if (token_endpoint_auth_method === 'none') return 'must be true for a public client (RFC 9700 section 2.1.1)'
      if (application_type === 'native') return 'must be true for a native application (RFC 8252 section 8.1)'
      return grant_types.includes('authorization_code') ? undefined : 'has no meaning without authorization_code'
    },
  },
  {
    reads: ['require_pkce', 'require_nonce', 'scope'],
    at: 'require_nonce',
    code: 'nonce',
    fault: ({ require_pkce, require_nonce = !require_pkce, scope }) =>
      require_nonce && !scope.split(' ').includes('openid')
        ? 'must be false without the scope openid: only an ID token carries a nonce'
        : undefined,
  },
  {
    reads: ['minimum_acr', 'second_factors'],
    at: 'second_factors',
    code: 'floor',
    fault: ({ minimum_acr, second_factors = SECOND_FACTORS }) =>
      minimum_acr === 'phishingResistant' && !second_factors.includes(PASSKEY)
        ? `must include ${PASSKEY}: nothing else reaches the minimum_acr`
        : undefined,
  },
  ...POWER_RULES,
]

/** `isInOrder` says so of a field by itself. */
export function recordFaults(
  client: ClientFields,
  isInOrder: (field: keyof ClientFields) => boolean,
  beside: Beside,
): RecordFault[] {
  const faults: RecordFault[] = []
  if (isInOrder('redirect_uris') && isInOrder('application_type')) {
    const faultOf = client.application_type === 'native' ? nativeRedirectFault : uriFault
    for (const [index, text] of client.redirect_uris.entries()) {
      const fault = faultOf(text, beside.production)
      if (fault) faults.push({ path: ['redirect_uris', index], ...fault })
    }
  }
  for (const { reads, at, code, fault } of RULES) {
    const reason = reads.every(isInOrder) ? fault(client, beside) : undefined
    if (reason) faults.push({ code, path: [at], reason })
  }
  return faults
}
