/**
 * Who comes with an access token for the API of administration (RFC 6750, RFC 9449, RFC 9470). Everything is looked up at
 * each use: the token, its application, the session, the person and what they have proven. Whatever ended meanwhile
 * opens nothing.
 *
 * A person has to have proven as much as for our own pages (built-in-client.ts). Their token comes from a sign-in and not
 * from a refresh token: nobody need be there for one of those, and a machine left alone administers nothing.
 */
import type { Clients } from '../client/client.ts'
import { ownFields } from '../client/own-fields.ts'
import type { ServiceRole } from '../client/scopes.ts'
import { type Clock, SECOND, seconds } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { BuiltInClient } from './built-in-client.ts'
import type { GrantFacts } from './claims.ts'
import { proofFault } from './proof.ts'
import type { Oidc } from './provider.ts'

export interface TokenRequest {
  method: string
  /** Scheme, host and path. */
  address: string
  /** Every header `Authorization` that came. */
  authorization: readonly string[]
  /** The header `DPoP`. */
  proof: string | undefined
}

export interface Admitted {
  ok: true
  clientId: string
  scopes: ReadonlySet<string>
  /** `provenAt`: seconds, when the person's best factor was proven last. */
  who: { kind: 'service'; role: ServiceRole } | { kind: 'person'; account: Account; provenAt: number }
}

export interface NotAdmitted {
  ok: false
  /** Of RFC 6750, 9449 and 9470; undefined where nothing was tried. */
  error: 'invalid_request' | 'invalid_token' | 'invalid_dpop_proof' | 'insufficient_user_authentication' | undefined
  reason: string
  /** Seconds. */
  maxAge?: number
}

export type Admission = (request: TokenRequest) => Promise<Admitted | NotAdmitted>

export interface AdmissionParts {
  oidc: Pick<Oidc, 'provider'>
  clients: Clients
  /** Of our own pages of administration. */
  pages: Pick<BuiltInClient, 'findByUid'>
  /** The indicator of the API. */
  audience: string
  /** Milliseconds since the password was proven. */
  absolute: number
  now: Clock
}

export function admission(parts: AdmissionParts): Admission {
  const { oidc, clients, now } = parts

  async function service(clientId: string): Promise<Admitted['who'] | NotAdmitted> {
    const { admin_role: role } = ownFields(clients.find(clientId)?.metadata)
    return role === undefined ? invalid('the application has no role any more') : { kind: 'service', role }
  }

  async function person(token: PersonsToken): Promise<Admitted['who'] | NotAdmitted> {
    if (token.gty !== 'authorization_code') return invalid('it came from a refresh token: the person has to sign in')
    const grant = (await oidc.provider().Grant.find(token.grantId ?? '')) as (GrantFacts & Owned) | undefined
    if (!grant || grant.accountId !== token.accountId || grant.clientId !== token.clientId) return invalid(GONE)
    const opened = await parts.pages.findByUid(token.sessionUid ?? '')
    if (!opened.ok && opened.reason === 'ended') return invalid(GONE)
    if (!opened.ok) return weak('a second factor is needed')
    const { account, loginTs, bestAt } = opened.session
    if (account.id !== token.accountId || grant.epoch !== account.epoch) return invalid(GONE)
    const oldest = parts.absolute / SECOND
    if (seconds(now()) - loginTs > oldest) return weak('the password has to be proven again', oldest)
    return { kind: 'person', account, provenAt: bestAt }
  }

  async function unproven(
    request: TokenRequest,
    { scheme, value }: Presented,
    { jkt, clientId }: { jkt?: string | undefined; clientId: string },
  ): Promise<NotAdmitted | undefined> {
    if ((scheme === 'dpop') !== (jkt !== undefined))
      return invalid(jkt ? 'it is bound to a key: use the scheme DPoP' : 'it is bound to no key: use the scheme Bearer')
    if (jkt === undefined) return undefined
    const { method, address, proof = '' } = request
    const replays = oidc.provider().ReplayDetection as unknown as ReplayDetection
    const isNew = (jti: string, until: number) => replays.unique(clientId, jti, until)
    const reason = await proofFault({ method, address, proof, token: value, jkt }, isNew, now)
    return reason === undefined ? undefined : { ok: false, error: 'invalid_dpop_proof', reason }
  }

  return async (request) => {
    const presented = presentedIn(request.authorization)
    if ('ok' in presented) return presented
    const { AccessToken, ClientCredentials } = oidc.provider()
    const personal = await AccessToken.find(presented.value)
    const token = personal ?? (await ClientCredentials.find(presented.value))
    const { aud, clientId, scope, jkt } = token ?? {}
    if (!token || clientId === undefined || aud !== parts.audience)
      return invalid('it is no token for this API, or has ended')
    const unbound = await unproven(request, presented, { jkt, clientId })
    if (unbound) return unbound
    const who = await (personal ? person(personal) : service(clientId))
    if ('ok' in who) return who
    return { ok: true, clientId, scopes: new Set((scope ?? '').split(' ').filter(Boolean)), who }
  }
}

const GONE = 'what it was given in has ended'

interface Owned {
  accountId?: string
  clientId?: string
}

interface PersonsToken extends Owned {
  gty?: string
  grantId?: string
  sessionUid?: string
}

interface ReplayDetection {
  unique(iss: string, jti: string, exp: number): Promise<boolean>
}

interface Presented {
  scheme: 'bearer' | 'dpop'
  value: string
}

/** RFC 6750 section 2.1: one token, in the header, and nowhere else. */
function presentedIn(authorization: readonly string[]): Presented | NotAdmitted {
  const [header, ...others] = authorization
  if (header === undefined) return { ok: false, error: undefined, reason: 'an access token is needed' }
  const [, scheme, value] = /^(Bearer|DPoP) +([A-Za-z0-9._~+/-]{1,4096}=*)$/i.exec(header) ?? []
  if (others.length > 0 || scheme === undefined || value === undefined)
    return { ok: false, error: 'invalid_request', reason: 'Authorization is not one Bearer or DPoP token' }
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', value }
}

function invalid(reason: string): NotAdmitted {
  return { ok: false, error: 'invalid_token', reason }
}

function weak(reason: string, maxAge?: number): NotAdmitted {
  return { ok: false, error: 'insufficient_user_authentication', reason, ...(maxAge !== undefined && { maxAge }) }
}
