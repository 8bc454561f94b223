/** Applications and resources as everything else sees them, wherever their records are kept (registry.ts). */
import type { ClientMetadata } from 'oidc-provider'
import { digest, randomToken, sameSecret } from '../lib/crypto.ts'
import type { ClientFields } from './fields.ts'
import type { Resource } from './resource-fields.ts'
import { OWN_SCOPES, scopeNames } from './scopes.ts'

/** One of the secrets that are valid now. */
export interface LiveSecret {
  id: string
  digest: string
  /** The name under which it is in the environment, if it is there. */
  env?: string | undefined
}

/** One application. `metadata` is what the provider gets to see, the same object until it changes. */
export interface Client {
  metadata: ClientMetadata & { client_id: string; client_name: string; first_party: boolean }
  secrets: readonly LiveSecret[]
  /** Milliseconds: what it was given until then has ended, because it was disabled. */
  endedAt?: number | undefined
  /** Milliseconds: when it was last said how well people have to sign in. */
  assuranceAt?: number | undefined
  /** All that it may ask for: scopes of ours, and those of resources (RFC 8707), which the library does not know. */
  scopes: ReadonlySet<string>
  /**
   * Where a sign-in begins (OpenID Connect Core 1.0 section 4). Kept from the library, which takes https only, also on
   * a developer's own machine.
   */
  loginUri: string | undefined
  /** Digest of its logo. */
  logo?: string
}

/** One API. */
export interface LiveResource extends Resource {
  /** Milliseconds: tokens for it that were given until then have ended, because it was disabled. */
  endedAt?: number | undefined
}

/** As they are at the moment: what is kept of an answer is not what counts later. */
export interface Clients {
  /** Undefined, too, for one that was disabled or deleted. */
  find(id: string): Client | undefined
  readonly ids: string[]
  readonly resources: readonly LiveResource[]
}

/** What the record of this application names; nothing if there is none any more. */
export function scopesOf(clients: Pick<Clients, 'find'>, clientId: unknown): ReadonlySet<string> {
  return (typeof clientId === 'string' ? clients.find(clientId)?.scopes : undefined) ?? new Set()
}

/** What the provider gets to see of an application. */
export function metadataOf(fields: ClientFields): Client['metadata'] {
  const { client_secret, previous_client_secret, initiate_login_uri, protected: _administration, ...rest } = fields
  const ours = scopeNames(rest.scope).filter((name) => OWN_SCOPES.has(name))
  return {
    ...rest,
    // To the library, none at all would be no limit.
    scope: ours.join(' ') || 'openid',
    response_types: rest.grant_types.includes('authorization_code') ? ['code'] : [],
    ...(rest.token_endpoint_auth_method.startsWith('client_secret') && placeholder()),
  } as Client['metadata']
}

/** The library wants a secret to be there, and is never asked whether one is right: nothing that exists is this. */
export function placeholder(): { client_secret: string } {
  return { client_secret: randomToken() }
}

/** Which of the secrets this is. All are looked at, so that the time says nothing. */
export function secretMatching(secrets: readonly LiveSecret[], presented: string): LiveSecret | undefined {
  const given = digest(presented)
  return secrets.filter((secret) => sameSecret(secret.digest, given)).at(-1)
}
