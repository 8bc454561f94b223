/**
 * What is left of something that was given to an application, or is being asked for by one, by what its record says now:
 * a record that is narrower counts at the next use of whatever is out already. Of one that was disabled or deleted
 * nothing is left.
 */
import type { AdapterPayload } from 'oidc-provider'
import type { Client, Clients, LiveResource } from '../client/client.ts'
import { ownFields } from '../client/own-fields.ts'
import { mayRedirectTo } from '../client/uri.ts'
import { SECOND } from '../lib/time.ts'
import { atLeast, earned } from '../mfa/assurance.ts'
import type { GrantFacts } from './claims.ts'
import { withinRecord } from './grant.ts'

export function stillGood(
  kept: AdapterPayload,
  clients: Pick<Clients, 'find' | 'resources'>,
): AdapterPayload | undefined {
  const id: unknown = kept.clientId ?? kept.params?.client_id
  const client = typeof id === 'string' ? clients.find(id) : undefined
  if (
    !client ||
    hasEnded(kept, client) ||
    !isAgreed(kept, client) ||
    !isOnTheWay(kept, client) ||
    !isProven(kept, client)
  )
    return undefined
  const scopes = scopesFor(kept, client, clients.resources)
  return scopes && withinRecord(kept, scopes)
}

/**
 * A token for an API is good for the scopes that are that API's own by now: one that went over to another means
 * something else there. For an API that was disabled since it is good for nothing.
 */
function scopesFor(
  { aud, iat = 0 }: AdapterPayload,
  { scopes }: Client,
  resources: readonly LiveResource[],
): ReadonlySet<string> | undefined {
  if (typeof aud !== 'string') return scopes
  const resource = resources.find(({ indicator }) => indicator === aud)
  if (!resource || hasEnded({ iat }, resource)) return undefined
  return new Set(resource.scopes.filter((scope) => scopes.has(scope)))
}

/** It was disabled since. */
function hasEnded({ iat = 0 }: AdapterPayload, { endedAt }: Pick<Client, 'endedAt'>): boolean {
  return endedAt !== undefined && iat * SECOND <= endedAt
}

/** One that is not ours any more has to ask the person, and nobody was asked for this. */
function isAgreed({ house }: AdapterPayload & GrantFacts, { metadata }: Client): boolean {
  return house !== true || metadata.first_party
}

/** Whoever has the address now may not be the application any more (RFC 9700 section 4.1). */
function isOnTheWay({ redirectUri, params }: AdapterPayload, { metadata }: Client): boolean {
  const address: unknown = redirectUri ?? params?.redirect_uri
  return typeof address !== 'string' || mayRedirectTo(metadata, address)
}

/**
 * A code, or a refresh token, says how the person signed in: by what counts here, and as high as the floor. An access
 * token does not; from before a change it has to be got anew, with a refresh token that does.
 */
function isProven(kept: AdapterPayload, { metadata, assuranceAt = 0 }: Client): boolean {
  const { amr, kind, iat = 0 } = kept
  if (kind === 'AccessToken') return assuranceAt === 0 || iat * SECOND > assuranceAt
  if (!Array.isArray(amr)) return true
  const { minimum_acr, second_factors, remembered_devices } = ownFields(metadata)
  const rung = earned(amr.map(String), { accepted: second_factors, devices: remembered_devices })
  return atLeast(rung, minimum_acr)
}
