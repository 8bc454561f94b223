/**
 * What a token of an application that acts for itself is for (RFC 6749 section 4.4): exactly one resource, with scopes of
 * it that are on the record. Everything else is refused with what is wrong; no scope is left out without a word.
 */
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { type Clients, scopesOf } from '../client/client.ts'
import { ownFields } from '../client/own-fields.ts'
import { namesAdminScope } from '../client/power.ts'
import type { Resource } from '../client/resource-fields.ts'
import { OWN_SCOPES } from '../client/scopes.ts'

export interface ServiceRequest {
  /** As it came; without one everything that the record names is asked for (RFC 6749 section 3.3). */
  scope: string | undefined
  /** The indicator (RFC 8707), if the request names one. */
  resource: string | undefined
}

export type ServiceTarget =
  | { ok: true; resource: string; scope: string }
  | { ok: false; error: 'invalid_scope' | 'invalid_target'; reason: string; scope?: string }

type Offer = Pick<Resource, 'indicator' | 'scopes'>

export function serviceTarget(
  { scope, resource }: ServiceRequest,
  onRecord: ReadonlySet<string>,
  resources: readonly Offer[],
): ServiceTarget {
  const offers = resources
    .map(({ indicator, scopes }) => ({ indicator, scopes: scopes.filter((name) => onRecord.has(name)) }))
    .filter(({ scopes }) => scopes.length > 0)
  const named = resource === undefined ? offers : offers.filter(({ indicator }) => indicator === resource)
  if (resource !== undefined && named.length === 0) return target('the resource is not on the record of this client')
  const asked = scope?.split(' ').filter(Boolean) ?? named.flatMap(({ scopes }) => scopes)
  if (asked.length === 0) return { ok: false, error: 'invalid_scope', reason: 'this client has no scope of a resource' }

  const odd = asked.find((name) => !named.some(({ scopes }) => scopes.includes(name)))
  if (odd !== undefined)
    return { ok: false, error: 'invalid_scope', reason: whyNot(odd, offers, resources), scope: odd }
  const [fit, another] = named.filter(({ scopes }) => asked.every((name) => scopes.includes(name)))
  if (!fit) return target('the scopes belong to different resources: ask for a token for each')
  if (another) return target('the scopes belong to several resources: name one by the parameter resource')
  return { ok: true, resource: fit.indicator, scope: [...new Set(asked)].join(' ') }
}

/** A request for a token of this kind. */
export function isForService({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.params?.grant_type === 'client_credentials'
}

/** The resource that the token is for; what it may do there is written out in the request. Throws OAuth's errors. */
export function serviceResource(
  { oidc }: KoaContextWithOIDC,
  clients: Pick<Clients, 'find' | 'resources'>,
  resource?: string,
): string {
  const { params } = oidc
  if (Array.isArray(params?.resource) && params.resource.length > 1)
    throw new errors.InvalidTarget('a token is for one resource: ask for one for each')
  const scope = typeof params?.scope === 'string' ? params.scope : undefined
  const found = serviceTarget({ scope, resource }, scopesOf(clients, oidc.client?.clientId), clients.resources)
  if (!found.ok && found.error === 'invalid_scope') throw new errors.InvalidScope(found.reason, found.scope ?? '')
  if (!found.ok) throw new errors.InvalidTarget(found.reason)
  // It would have a scope there, and nothing that it may do.
  if (namesAdminScope(found.scope) && ownFields(oidc.client).admin_role === undefined)
    throw new errors.InvalidScope('the record of this client has no admin_role', found.scope)
  if (params) params.scope = found.scope
  return found.resource
}

function target(reason: string): ServiceTarget {
  return { ok: false, error: 'invalid_target', reason }
}

function whyNot(scope: string, offers: readonly Offer[], resources: readonly Offer[]): string {
  if (OWN_SCOPES.has(scope)) return 'the scope is about a person, and this grant is about none'
  if (offers.some(({ scopes }) => scopes.includes(scope))) return 'the scope belongs to another resource'
  if (resources.some(({ scopes }) => scopes.includes(scope))) return 'the scope is not on the record of this client'
  return 'the scope is of no resource'
}
