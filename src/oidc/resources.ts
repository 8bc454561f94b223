/** What a token for an API holds, and which application may ask about it (RFC 8707, RFC 7662). */
import { type Configuration, errors } from 'oidc-provider'
import { findAccount } from '../accounts/people.ts'
import { type Clients, scopesOf } from '../client/client.ts'
import type { Directory } from '../organization/directory.ts'
import type { People } from '../person/kind.ts'
import { isForService, serviceResource } from './service-token.ts'

type Features = NonNullable<Configuration['features']>

export interface IntrospectionParts {
  clients: Clients
  /** As the doors see them (accounts/admitted.ts). */
  people: Pick<People, 'find'>
  organizations: Pick<Directory, 'someDisabled'>
}

export function resourceIndicators(clients: Clients): Features['resourceIndicators'] {
  return {
    enabled: true,
    useGrantedResource: async () => true,
    defaultResource: async (ctx, _client, several) => (isForService(ctx) ? serviceResource(ctx, clients) : several),
    getResourceServerInfo: async (ctx, indicator, client) => {
      if (isForService(ctx)) serviceResource(ctx, clients, indicator)
      const resource = clients.resources.find((candidate) => candidate.indicator === indicator)
      // Only what is on the application's record: nobody else decides what one with its own credentials may do.
      const allowed = scopesOf(clients, client.clientId)
      const scopes = (resource?.scopes ?? []).filter((scope) => allowed.has(scope))
      if (!resource || scopes.length === 0)
        throw new errors.InvalidTarget('the resource is not on the record of this client')
      // A token that says nothing but whom it is for would still be taken by an API that looks no further.
      const asked = ctx.oidc.params?.scope
      if (typeof asked === 'string' && !asked.split(' ').some((scope) => scopes.includes(scope)))
        throw new errors.InvalidScope(`no scope of ${indicator} is asked for`, asked)
      return {
        scope: scopes.join(' '),
        audience: resource.indicator,
        accessTokenFormat: resource.format,
        accessTokenTTL: 10 * 60,
        ...(resource.format === 'jwt' && { jwt: { sign: { alg: 'ES256' as const } } }),
      }
    },
  }
}

/** An application asks about its own tokens, and about those for an API that it is named for. */
export function mayIntrospect({
  clients,
  people,
  organizations,
}: IntrospectionParts): NonNullable<Features['introspection']>['allowedPolicy'] {
  /**
   * Whether the person's organization was disabled. What its people had ends one person after the other, and until all
   * have had their turn a token says who it is of. Nobody is read where none is disabled.
   */
  async function isShutOut(accountId: string | undefined): Promise<boolean> {
    if (accountId === undefined || !organizations.someDisabled()) return false
    return (await findAccount(people, accountId))?.status !== 'active'
  }

  return async (_ctx, client, token) => {
    // Nothing of it is on its application's record any more (grant.ts).
    if (token.scope === '') return false
    if ('accountId' in token && (await isShutOut(token.accountId))) return false
    if (token.clientId === client.clientId) return true
    const audience = 'aud' in token ? token.aud : undefined
    return clients.resources.some(
      (resource) => resource.indicator === audience && resource.introspected_by.includes(client.clientId),
    )
  }
}
