/**
 * What an application asks for, was allowed, and still may have. Whatever the door (scope, `claims`, resource, refresh, a
 * grant of long ago): what is not on its record is never given, and what is given was on the page that asked, unless
 * it is one of our own applications, which is not put before the person.
 */
import type { AdapterPayload, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { type Clients, scopesOf } from '../client/client.ts'
import { ownFields } from '../client/own-fields.ts'
import { claimsOf } from '../client/scopes.ts'
import { type GrantFacts, isKeptOut, type KnownAccount } from './claims.ts'

type Grant = NonNullable<Awaited<ReturnType<NonNullable<Configuration['loadExistingGrant']>>>>

/** What a request asks for, as far as the application's record has it: the page says it, and the grant gets it. */
export interface Asked {
  /** Ours. */
  scopes: string[]
  /** Claims about the person that none of these scopes gives. */
  claims: string[]
  resources: Array<{ indicator: string; scopes: string[] }>
}

export function askedOf({ oidc }: KoaContextWithOIDC, clients: Pick<Clients, 'find'>): Asked {
  const onRecord = scopesOf(clients, oidc.client?.clientId)
  const scopes = [...oidc.requestParamOIDCScopes].filter((scope) => onRecord.has(scope))
  const resources = Object.entries(oidc.resourceServers ?? {}).map(([indicator, { scope }]) => {
    const offered = new Set(words(scope))
    return { indicator, scopes: [...oidc.requestParamScopes].filter((name) => offered.has(name)) }
  })
  const [given, available] = [claimsOf(scopes), claimsOf(onRecord)]
  // A token for a resource does not open userinfo: what is asked for there is not given.
  const places = resources.length > 0 ? ['id_token'] : ['id_token', 'userinfo']
  return {
    scopes,
    claims: namedClaims(oidc.params?.claims, places).filter((name) => available.has(name) && !given.has(name)),
    resources: resources.filter((resource) => resource.scopes.length > 0),
  }
}

/** OpenID Connect Core 1.0 section 5.5. The library has checked its form when the request came in. */
function namedClaims(parameter: unknown, places: string[]): string[] {
  const asked = new Map<string, object>(typeof parameter === 'string' ? Object.entries(JSON.parse(parameter)) : [])
  const names = places.flatMap((place) => Object.entries(asked.get(place) ?? {}))
  const meant = names.filter(([, how]) => how === null || (typeof how === 'object' && !Array.isArray(how)))
  return [...new Set(meant.map(([name]) => name))]
}

export function isNothing({ scopes, resources }: Asked): boolean {
  return scopes.length === 0 && resources.length === 0
}

/** The claims that the person has not agreed to. */
export function missingClaims(grant: Grant, { claims }: Asked): string[] {
  const agreed = new Set(grant.getOIDCClaims())
  return claims.filter((name) => !agreed.has(name))
}

/** What the scopes give is agreed to by name as well: a later request may ask for one of it in another place. */
export function add(grant: Grant, { scopes, claims, resources }: Asked): void {
  if (scopes.length > 0) grant.addOIDCScope(scopes.join(' '))
  grant.addOIDCClaims([...new Set([...claims, ...claimsOf(words(grant.getOIDCScope()))])])
  for (const resource of resources) grant.addResourceScope(resource.indicator, resource.scopes.join(' '))
}

/**
 * The grant that this session has for the application. It is reused: a new one at every authorization would silently
 * end the tokens of before. What was agreed to only adds up in the grant; each token is limited to what its own request
 * asked for.
 */
export function existingGrant(clients: Clients): NonNullable<Configuration['loadExistingGrant']> {
  return async (ctx) => {
    const { client, session, provider, account, result } = ctx.oidc
    if (!client || !session || !account) return undefined
    // Nobody is asked before one of our own gets its grant: whoever it does not let in gave it nothing.
    if (isKeptOut(client, (account as KnownAccount).person)) return undefined
    const id = (result?.consent?.grantId as string | undefined) ?? session.grantIdFor(client.clientId)
    const found = id ? await provider.Grant.find(id) : undefined
    const ours = found?.accountId === account.accountId && found.clientId === client.clientId ? found : undefined
    const { epoch } = account as KnownAccount
    if (!ownFields(client).first_party) return ours && stamped(ours, epoch)

    const grant: Grant & GrantFacts =
      ours ?? new provider.Grant({ accountId: account.accountId, clientId: client.clientId })
    const before = JSON.stringify([grant.openid, grant.resources, grant.epoch])
    grant.epoch = epoch
    grant.house = true
    add(grant, askedOf(ctx, clients))
    if (!ours || JSON.stringify([grant.openid, grant.resources, grant.epoch]) !== before) await grant.save()
    return grant
  }
}

async function stamped(grant: Grant & GrantFacts, epoch: number): Promise<Grant> {
  if (grant.epoch === epoch) return grant
  grant.epoch = epoch
  await grant.save()
  return grant
}

/** Where what was given stands in what is kept. */
interface Given {
  scope?: string
  openid?: { scope?: string; claims?: string[] }
  resources?: Record<string, string>
  params?: { scope?: string }
}

/**
 * What is kept for an application, no wider than its record is by now: a code, a token, a grant, or the parameters of a
 * sitting. Whatever was issued or agreed to before the record was narrowed is read as if it had been narrow then.
 */
export function withinRecord(kept: AdapterPayload, onRecord: ReadonlySet<string>): AdapterPayload {
  const within = (scope: unknown) =>
    words(scope)
      .filter((name) => onRecord.has(name))
      .join(' ')
  const { scope, openid, resources, params } = kept as Given
  return {
    ...kept,
    ...(scope !== undefined && { scope: within(scope) }),
    ...(openid && { openid: { ...openid, scope: within(openid.scope), claims: namesWithin(openid.claims, onRecord) } }),
    ...(resources && {
      resources: Object.fromEntries(
        Object.entries(resources).map(([indicator, granted]) => [indicator, within(granted)]),
      ),
    }),
    ...(params?.scope !== undefined && { params: { ...params, scope: within(params.scope) } }),
  }
}

function namesWithin(claims: string[] | undefined, onRecord: ReadonlySet<string>): string[] | undefined {
  const available = claimsOf(onRecord)
  return claims?.filter((name) => available.has(name))
}

function words(scope: unknown): string[] {
  return typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []
}
