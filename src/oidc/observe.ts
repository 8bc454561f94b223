/**
 * Listens to the provider and tells what each application was seen to do (observed.ts). It reads and writes nothing, so a
 * request costs the store no more; what has to be compared with an earlier request is remembered for a while, by digests.
 */
import { type KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Clients } from '../client/client.ts'
import { digest } from '../lib/crypto.ts'
import { type ExpiringMap, expiringMap } from '../lib/expiring-map.ts'
import { type Clock, HOUR, MINUTE } from '../lib/time.ts'
import { atLeast, type Ladder } from '../mfa/assurance.ts'
import { artifactKey } from './artifact-key.ts'
import { isOrdinary } from './audit.ts'
import { fetched, whenceOf } from './fetched.ts'
import { plainAddress } from './nearest-address.ts'
import { goodbyeToNobody } from './nobody-leaves.ts'
import type { Endpoint, SeenRefusal, Tell, Whence } from './observed.ts'
import { claimedClient, methodSeen, type Request, showsSecret, showsUnencodedSecret } from './presented.ts'
import { refusalOf } from './refusal.ts'
import { requestedAcr } from './requested-acr.ts'
import { isOnHostOf, nameIn, namesIn, namesOfTypes, originOf, scopeIn, skewOf } from './tellable.ts'
import { type LibraryFault, reasonOf } from './why.ts'

export interface ObserverParts {
  clients: Pick<Clients, 'find'>
  ladder: Ladder
  tell: Tell
  /** `User-Agent` of the doctor: what it does in an application's name was not the application. */
  doctorAgent: string
  now: Clock
}

/** Instances of the provider come and go with their keys, so what is remembered is not theirs. */
export type Observer = (provider: Provider) => void

/** What becomes of a code, or of a family of refresh tokens: when, and whose request it was. */
interface Trace {
  at: number
  whence?: Whence | undefined
}
interface Traces {
  made: ExpiringMap<Trace>
  used: ExpiringMap<Trace>
  refreshed: ExpiringMap<Trace>
}

const MOST = 5000

const ENDPOINTS: Array<[event: string, endpoint: Endpoint]> = [
  ['authorization.error', 'authorization'],
  ['pushed_authorization_request.error', 'pushed'],
  ['grant.error', 'token'],
  ['userinfo.error', 'userinfo'],
  ['introspection.error', 'introspection'],
  ['revocation.error', 'revocation'],
  ['end_session.error', 'sign-out'],
]

export function observer(given: ObserverParts): Observer {
  const { now } = given
  const parts = { ...given, tell: unlessDoctor(given) }
  const traces: Traces = {
    made: expiringMap({ most: MOST, lifetime: 10 * MINUTE }, now),
    used: expiringMap({ most: MOST, lifetime: 10 * MINUTE }, now),
    refreshed: expiringMap({ most: MOST, lifetime: HOUR }, now),
  }

  return (provider) => {
    // Listeners of the library take what their events bring; those of refusals all bring the same.
    const on = provider.on.bind(provider) as (event: string, hear: (...given: never[]) => void) => void
    for (const [event, endpoint] of ENDPOINTS)
      on(event, (ctx: KoaContextWithOIDC, fault: LibraryFault) => refused(parts, traces, { ctx, fault, endpoint }))
    on('authorization.success', (ctx: KoaContextWithOIDC, out: { code?: string }) => {
      if (out.code !== undefined) traces.made.set(artifactKey('AuthorizationCode', out.code), { at: now() })
      authorized(parts, ctx)
    })
    on('grant.success', (ctx: KoaContextWithOIDC) => issued(parts, ctx))
    on('end_session.success', (ctx: KoaContextWithOIDC) => ended(parts, ctx))
    // As soon as they are used: of two requests at once the second may be refused before the first is answered.
    on('authorization_code.consumed', ({ jti }: { jti: string }) =>
      traces.used.set(artifactKey('AuthorizationCode', jti), { at: now(), whence: whenceOf(Provider.ctx?.req) }),
    )
    on('refresh_token.consumed', ({ grantId }: { grantId?: string }) => {
      if (grantId !== undefined)
        traces.refreshed.set(digest(grantId), { at: now(), whence: whenceOf(Provider.ctx?.req) })
    })
    provider.use(async (ctx, next) => {
      await next()
      if (ctx.get('user-agent') !== given.doctorAgent)
        passed(given.tell, parts.clients, ctx as unknown as KoaContextWithOIDC)
    })
  }
}

/** Who a request is of is known while it is under way. */
function unlessDoctor({ tell, doctorAgent }: ObserverParts): Tell {
  return (observed) => {
    if (Provider.ctx?.get('user-agent') !== doctorAgent) tell(observed)
  }
}

interface Refusing {
  ctx: KoaContextWithOIDC
  fault: LibraryFault
  endpoint: Endpoint
}

function refused({ clients, tell, now }: ObserverParts, traces: Traces, { ctx, fault, endpoint }: Refusing): void {
  // Somebody who cancels is no fault either.
  if (endpoint === 'authorization' && (isOrdinary(ctx, fault) || fault.message === 'access_denied')) return
  const { client: known, params = {} } = ctx.oidc
  const request: Request = {
    authorization: ctx.req.headers.authorization,
    params: { ...(params as Record<string, unknown>) },
  }
  const client = known?.clientId ?? claimedClient(request, clients)
  if (client === undefined) return
  const grant = nameIn(request.params.grant_type)
  const reason = reasonOf(fault, grant)
  const { error, parameter, refused, raw } = refusalOf(ctx, fault)
  const proves = endpoint !== 'authorization' && endpoint !== 'sign-out' && endpoint !== 'userinfo'
  const whence = whenceOf(ctx.req)
  const record = clients.find(client)
  const named = scopeIn(fault)
  const refusal: SeenRefusal = {
    endpoint,
    error,
    reason,
    parameter: parameter ?? named.parameter,
    // An address, which is told of as anybody's; a name otherwise.
    refused: raw === undefined ? (named.refused ?? namesOfTypes(parameter, refused)) : refused,
    whole: raw === undefined ? undefined : raw === refused,
    own: raw === undefined ? undefined : isOnHostOf(raw, record?.metadata),
    names: Object.keys(request.params).filter((name) => request.params[name] !== undefined),
    grant,
    origin: originOf(ctx),
    ...(proves && { method: methodSeen(request) }),
    ...((reason === 'wrong-method' || reason === 'both-methods') && { rightSecret: showsSecret(request, record) }),
    ...((reason === 'wrong-secret' || reason === 'bad-encoding') && {
      rightSecret: showsUnencodedSecret(request, record),
    }),
    ...traced(traces, { request, reason, ctx, now, whence }),
    ...(reason === 'assertion-time' && { skew: skewOf(request, ctx, now) }),
  }
  tell({ what: 'refused', client, whence, refusal })
}

interface Tracing {
  request: Request
  reason: SeenRefusal['reason']
  ctx: KoaContextWithOIDC
  now: Clock
  whence: Whence | undefined
}

function traced({ made, used, refreshed }: Traces, { request, reason, ctx, now, whence }: Tracing) {
  const { code } = request.params
  const key = typeof code === 'string' ? artifactKey('AuthorizationCode', code) : ''
  const family = (ctx.oidc.entities.RefreshToken as { grantId?: string } | undefined)?.grantId
  const trace =
    reason === 'refresh-used'
      ? refreshed.get(family === undefined ? '' : digest(family))
      : (used.get(key) ?? made.get(key))
  if (!trace) return {}
  const same = trace.whence && whence && trace.whence.ip === whence.ip && trace.whence.agent === whence.agent
  // A code that nothing is known of any more, but was used here, is one that was used.
  const again = reason === 'code-unknown' && used.get(key) ? { reason: 'code-used' as const } : {}
  return { after: Math.max(0, now() - trace.at), ...(trace.whence && { same }), ...again }
}

function authorized({ ladder, tell }: ObserverParts, { oidc }: KoaContextWithOIDC): void {
  const { client, session, params } = oidc
  if (!client || !session) return
  const [asked] = requestedAcr(params as Record<string, unknown>).names.filter((name) => ladder.rungOf(name))
  const [wanted, given] = [ladder.rungOf(asked ?? ''), ladder.rungOf(session.acr ?? '')]
  const below = asked !== undefined && wanted && given && !atLeast(given, wanted)
  tell({
    what: 'authorized',
    client: client.clientId,
    browser: digest(session.uid).slice(0, 12),
    ...(below && { below: { asked, given: session.acr ?? '' } }),
  })
}

function issued({ tell, now }: ObserverParts, ctx: KoaContextWithOIDC): void {
  const { client, params = {}, entities } = ctx.oidc
  if (!client) return
  const { AuthorizationCode: code } = entities
  tell({
    what: 'token',
    client: client.clientId,
    whence: whenceOf(ctx.req),
    grant: nameIn((params as Record<string, unknown>).grant_type) ?? '',
    browser: code?.sessionUid === undefined ? undefined : digest(code.sessionUid).slice(0, 12),
    skew: skewOf({ authorization: undefined, params: params as Record<string, unknown> }, ctx, now),
  })
}

/** Also of applications that the person was signed in to, and that are told of no end. */
function ended({ clients, tell }: ObserverParts, { oidc }: KoaContextWithOIDC): void {
  if (oidc.client) tell({ what: 'left', client: oidc.client.clientId })
  if (!oidc.params?.logout) return
  for (const client of Object.keys(oidc.session?.authorizations ?? {})) {
    const { metadata } = clients.find(client) ?? {}
    if (metadata && !metadata.backchannel_logout_uri) tell({ what: 'untold', client })
  }
}

/** What is told by no event. */
function passed(tell: Tell, clients: Pick<Clients, 'find'>, ctx: KoaContextWithOIDC): void {
  const { route, client } = (ctx.oidc as KoaContextWithOIDC['oidc'] | undefined) ?? {}
  if ((route === 'authorization' || route === 'pushed_authorization_request') && client) {
    const scope = ctx.query.scope ?? (ctx.oidc.body as { scope?: unknown } | undefined)?.scope
    tell({ what: 'asked', client: client.clientId, scopes: namesIn(scope) })
  }
  if (route === 'userinfo' && ctx.status === 200 && client) tell({ what: 'userinfo', client: client.clientId })
  if (route === 'jwks' || route === 'discovery') fetched(tell, ctx.req, route === 'jwks' ? 'keys' : 'discovery')
  if (route === 'end_session' && !client) leftWithoutName(tell, clients, ctx)
  if (route === 'end_session' && client && goodbyeToNobody(ctx)) tell({ what: 'left', client: client.clientId })
}

/** A sign-out that names nobody leads nowhere: of those that the person is signed in to, whose address is it? */
function leftWithoutName(tell: Tell, clients: Pick<Clients, 'find'>, ctx: KoaContextWithOIDC): void {
  const { post_logout_redirect_uri: address } = ctx.query
  if (typeof address !== 'string' || ctx.status >= 400) return
  for (const client of Object.keys(ctx.oidc.session?.authorizations ?? {})) {
    if (!clients.find(client)?.metadata.post_logout_redirect_uris?.includes(address)) continue
    const refused = plainAddress(address)
    const refusal: SeenRefusal = { endpoint: 'sign-out', error: 'no-client', reason: 'no-hint', refused }
    tell({ what: 'refused', client, refusal })
  }
}
