/** What an application was allowed to know and do. Applications of the house are not put before the person. */
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { KnownAccount } from './claims.ts'
import { ownFields } from './client.ts'

type Grant = Awaited<ReturnType<NonNullable<Configuration['loadExistingGrant']>>>

/** The epoch of the account that it was last used in: tokens under it end with that epoch (claims.ts). */
export interface GrantFacts {
  epoch?: number
}

/**
 * The grant that this session has for the application. It is reused: a new one at every authorization would silently
 * end the tokens of before. Scopes only add up in the grant; each token is limited to what its own request asked for.
 */
export async function existingGrant({ oidc }: KoaContextWithOIDC): Promise<Grant> {
  const { client, session, provider, account, params } = oidc
  if (!client || !session || !account) return undefined
  const id = (oidc.result?.consent?.grantId as string | undefined) ?? session.grantIdFor(client.clientId)
  const found = id ? await provider.Grant.find(id) : undefined
  const ours = found?.accountId === account.accountId && found.clientId === client.clientId ? found : undefined
  const { epoch } = account as KnownAccount
  if (!ownFields(client).first_party) return ours && stamped(ours, epoch)

  const grant: NonNullable<Grant> & GrantFacts =
    ours ?? new provider.Grant({ accountId: account.accountId, clientId: client.clientId })
  const before = JSON.stringify([grant.openid, grant.resources, grant.epoch])
  grant.epoch = epoch
  grant.addOIDCScope(String(params?.scope ?? ''))
  grant.addOIDCClaims([...oidc.requestParamClaims])
  for (const [indicator, { scope }] of Object.entries(oidc.resourceServers ?? {})) {
    const offered = new Set(String(scope ?? '').split(' '))
    const asked = [...oidc.requestParamScopes].filter((name) => offered.has(name))
    if (asked.length > 0) grant.addResourceScope(indicator, asked.join(' '))
  }
  if (!ours || JSON.stringify([grant.openid, grant.resources, grant.epoch]) !== before) await grant.save()
  return grant
}

async function stamped(grant: NonNullable<Grant> & GrantFacts, epoch: number): Promise<Grant> {
  if (grant.epoch === epoch) return grant
  grant.epoch = epoch
  await grant.save()
  return grant
}
