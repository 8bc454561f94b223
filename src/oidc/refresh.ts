/**
 * Refresh tokens: who gets a new one at each refresh, and what it means that a used one comes again.
 *
 * Within the grace it is an answer that was lost on the way, or two workers of one application, if whoever sends it
 * proves who it is: with a secret, or with the key that the token is bound to. It gets the same successor as the first
 * time, not another: two branches of a family would go on side by side, and a thief on one of them never meet the owner
 * on the other. Once the successor has been used, its answer did arrive, so that the token before it comes from somebody
 * else, grace or not. And the grace runs from the first use, so it cannot be prolonged by asking again.
 */
import { createSecretKey } from 'node:crypto'
import type { ClientMetadata } from 'oidc-provider'
import type { Clients } from '../client/client.ts'
import { hmac, type Keyring } from '../lib/crypto.ts'

type Registered = Pick<ClientMetadata, 'token_endpoint_auth_method' | 'dpop_bound_access_tokens'>

/** What is asked of a refresh token. */
export interface Refreshed {
  clientId?: string | undefined
  /** The key that it is bound to. */
  jkt?: string | undefined
}

export interface RefreshRules {
  /** Milliseconds. */
  grace: number
  /**
   * What its one and only successor may be called, if it has a grace: by each root key, the current one first. Whichever was
   * in front at its first use has named it.
   */
  successorsOf(id: string, token: Refreshed): string[]
  /** By request: what the successor is called already. */
  named: WeakMap<object, string>
}

/**
 * A new one at each refresh, but for clients that authenticate and have to show a key: they gain nothing from it, and
 * would lose the family with an answer that does not arrive (FAPI 2.0 Security Profile 5.3.2.1-9).
 */
export function rotates({ token_endpoint_auth_method, dpop_bound_access_tokens }: Registered): boolean {
  return token_endpoint_auth_method === 'none' || dpop_bound_access_tokens !== true
}

/** Whoever sends it has to prove who it is. */
export function isProven({ token_endpoint_auth_method }: Registered, { jkt }: Refreshed): boolean {
  return token_endpoint_auth_method !== 'none' || jkt !== undefined
}

export function refreshRules(clients: Pick<Clients, 'find'>, ring: Keyring, grace: number): RefreshRules {
  // Read once: at each refresh that would cost more than the digest.
  const keys = ring.deriveAll('refresh-successor').map((key) => createSecretKey(key))
  return {
    grace,
    named: new WeakMap(),
    successorsOf(id, token) {
      const client = clients.find(token.clientId ?? '')?.metadata
      if (grace === 0 || !client || !rotates(client) || !isProven(client, token)) return []
      // Not to be told from the token alone, and the same for every request that comes with it.
      return keys.map((key) => hmac(key, id))
    },
  }
}
