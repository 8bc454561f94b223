/** The strict profile of oidc-provider that we run (RFC 9700, OpenID Connect Core 1.0): every setting, and why. */

import type { JWK } from 'jose'
import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { Audit } from '../audit/audit.ts'
import type { Clients } from '../client/client.ts'
import { ownFields } from '../client/own-fields.ts'
import type { QueueStore, Wrap } from '../delivery/queue.ts'
import { cookieSigner } from '../lib/cookie-signer.ts'
import type { Keyring, Sealer } from '../lib/crypto.ts'
import type { Log } from '../lib/log.ts'
import { type Clock, DAY, SECOND, seconds } from '../lib/time.ts'
import type { LeaseStore } from '../lib/turns.ts'
import type { Ladder } from '../mfa/assurance.ts'
import type { SecondFactors } from '../mfa/second-factors.ts'
import type { Directory } from '../organization/directory.ts'
import type { Account } from '../person/account.ts'
import type { People } from '../person/kind.ts'
import { type adapterFactory, isMoved } from './adapter.ts'
import type { ArtifactStore } from './artifact.ts'
import { findActive } from './claims.ts'
import { assertionFault, assertProofTime, CLOCK_TOLERANCE, refused } from './client-auth.ts'
import type { NoteUse } from './client-auth-overrides.ts'
import { egress } from './egress.ts'
import { askedOf, existingGrant, isNothing } from './grant.ts'
import { policy } from './interaction-policy.ts'
import { type KeptRequests, placeOf } from './kept-request.ts'
import type { SigningKeys } from './keys.ts'
import { type LeftOpen, LIVES } from './left-open.ts'
import type { Tell } from './observed.ts'
import type { PostedForm } from './posted-form.ts'
import { rotates } from './refresh.ts'
import { REGISTRATION } from './registration.ts'
import { mayIntrospect, resourceIndicators } from './resources.ts'
import type { Seats } from './seat.ts'
import { sessionLife } from './session-life.ts'

/** The pages that the provider itself has to show. Rejections are faults. */
export interface ProviderPages {
  error(ctx: KoaContextWithOIDC, out: { error: string }, fault: Error): Promise<void>
  logout(ctx: KoaContextWithOIDC): Promise<void>
  signedOut(ctx: KoaContextWithOIDC): Promise<void>
  /** Signed out just now, on the way to whatever comes next. */
  leave(ctx: KoaContextWithOIDC): void
  /** Ends the chain of redirects that began with a form: see web/page.ts. */
  onward(ctx: KoaContextWithOIDC, address: string): void
  /** Goes on by a form that is posted, by itself or by a button. */
  post(ctx: KoaContextWithOIDC, form: PostedForm): void
  /** Nothing of the provider's fits the path. */
  notFound(ctx: KoaContextWithOIDC): Promise<void>
}

export interface OidcParts {
  issuer: string
  /** Whose organization lets nobody in counts as disabled here. */
  people: Pick<People, 'find'>
  organizations: Pick<Directory, 'find' | 'someDisabled'>
  store: ArtifactStore & Pick<QueueStore, 'enqueue'>
  leftOpen: LeftOpen
  /** Told of each sitting that was one too many. */
  onTooManySittings: (ctx: KoaContextWithOIDC) => void
  /** Told of each pushed request that was one too many. */
  onTooManyPushed: () => void
  /** Where there are several nodes. */
  leases: LeaseStore | undefined
  seal: Sealer
  ring: Keyring
  keys: SigningKeys
  clients: Clients
  /** Told of every secret of an application that was used. */
  noteUse: NoteUse
  /** Told of what applications do, and of what they are refused. */
  tell: Tell
  /** `User-Agent` of the doctor, of whom nothing is told. */
  doctorAgent: string
  ladder: Ladder
  secondFactors: (account: Account) => Promise<SecondFactors>
  /** They are reminded later of what the campaign offers. */
  postpone: (accountId: string) => Promise<unknown>
  pages: ProviderPages
  seats: Seats
  requests: KeptRequests
  audit: Audit
  wrap: Wrap
  log: Log
  now: Clock
  session: { absolute: number; idle: number }
  /** Milliseconds in which a refresh token may come again. */
  refreshGrace: number
  egress: string[]
}

/** Name of the provider's session cookie. */
export function sessionCookie(secure: boolean): string {
  return `${secure ? '__Host-' : ''}sigma-session`
}

/** Seconds that a family of refresh tokens lives. */
const FAMILY = 30 * (DAY / SECOND)

export function configuration(
  parts: OidcParts,
  jwks: JWK[],
  adapter: ReturnType<typeof adapterFactory>,
): Configuration {
  const { clients, now, session } = parts
  const life = sessionLife(session, now)
  const secure = parts.issuer.startsWith('https:')
  const registered = (client?: { clientId: string }) => clients.find(client?.clientId ?? '')?.metadata ?? {}
  const cookie = { signed: true, httpOnly: true, sameSite: 'lax' as const, secure }

  return {
    adapter,
    jwks: { keys: jwks as never[] },
    findAccount: findActive(parts.people, parts.organizations),
    loadExistingGrant: existingGrant(clients),
    interactions: {
      policy: policy({
        ladder: parts.ladder,
        now,
        secondFactors: parts.secondFactors,
        postpone: parts.postpone,
        requests: parts.requests,
        absolute: session.absolute,
        clients,
      }),
      url: (ctx, sitting) => placeOf(ctx, sitting),
    },
    acrValues: parts.ladder.supported,
    // Ours: seconds that a second factor may be old for this request. It can only ask for more than the client's record.
    extraParams: {
      mfa_max_age: (_ctx, value) => {
        if (value !== undefined && !/^\d{1,6}$/.test(value))
          throw new errors.InvalidRequest('invalid mfa_max_age value')
      },
      // RFC 6749 section 3.3: the library would ask the person to sign in, and then have nothing to give.
      scope: (ctx, value) => {
        if (isNothing(askedOf(ctx, clients)))
          throw new errors.InvalidScope('nothing that is asked for is on the record of this client', value ?? '')
      },
      nonce: (_ctx, value, client) => {
        if (value === undefined && ownFields(client).require_nonce)
          throw new errors.InvalidRequest('every request of this client must have a nonce')
      },
    },
    ...REGISTRATION,
    assertJwtClientAuthClaimsAndHeader: async ({ oidc }, assertion, _header, client) => {
      const fault = assertionFault(assertion, {
        issuer: parts.issuer,
        endpoints: [oidc.urlFor('token'), oidc.urlFor(oidc.route)],
        issuerOnly: client.dpopBoundAccessTokens === true || ownFields(client).require_issuer_audience,
        now: seconds(now()),
      })
      if (fault) throw refused(fault)
    },
    pkce: { required: (_ctx, client) => ownFields(client).require_pkce },
    allowOmittingSingleRegisteredRedirectUri: false,
    // Of assertions. How long what we keep is found after its end, adapter.ts decides.
    clockTolerance: CLOCK_TOLERANCE,
    // What an ID token holds is decided in claims.ts, per client.
    conformIdTokenClaims: false,
    cookies: {
      keys: cookieSigner(parts.ring.deriveAll('cookies')),
      names: { session: sessionCookie(secure), interaction: 'sigma-interaction', resume: 'sigma-resume' },
      long: { ...cookie, path: '/' },
      // Of sittings: none is ever set, see seat.ts.
      short: cookie,
    },
    ttl: {
      AccessToken: 10 * 60,
      AuthorizationCode: 60,
      ClientCredentials: 10 * 60,
      // Absolute: a family of refresh tokens ends with its grant, however often it was rotated.
      Grant: FAMILY,
      IdToken: 10 * 60,
      Interaction: LIVES.sitting,
      PushedAuthorizationRequest: LIVES.pushed,
      // A token that nobody used for so long is forgotten. One that is not rotated keeps no time of its last use.
      RefreshToken: (_ctx, _token, client) => (rotates(registered(client)) ? 14 * (DAY / SECOND) : FAMILY),
      Session: (_ctx, kept) => life(kept),
    },
    // Bound to the session unless offline_access was granted: signing out ends it.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: ({ oidc: { client } }) => rotates(registered(client)),
    // RFC 9470 section 6.2: an API can see how well and when the person was authenticated.
    extraTokenClaims: async (ctx, token) => {
      const source = ctx.oidc.entities.AuthorizationCode ?? ctx.oidc.entities.RefreshToken
      if (token.kind !== 'AccessToken' || !source) return undefined
      return { acr: source.acr, auth_time: source.authTime }
    },
    clientBasedCORS: (_ctx, origin, client) =>
      client.clientAuthMethod === 'none' &&
      (client.redirectUris ?? []).some((uri) => URL.canParse(uri) && new URL(uri).origin === origin),
    fetch: egress(parts.egress),
    fetchResponseBodyLimits: { jwks_uri: 64 * 1024, sector_identifier_uri: 64 * 1024 },
    renderError: (ctx, out, fault) => {
      if (!isMoved(fault) || ctx.method !== 'GET') return parts.pages.error(ctx, out, fault)
      // Asked once more, with the session as it is now; what this answer would have said of it is not true any more.
      ctx.remove('set-cookie')
      ctx.status = 303
      return ctx.redirect(ctx.url)
    },
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      clientCredentials: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      dPoP: {
        enabled: true,
        nonceSecret: parts.ring.derive('dpop-nonce'),
        // Asked before a proof is looked at, and the only question to us.
        requireNonce: (ctx) => {
          assertProofTime(ctx.get('dpop'), seconds(now()))
          return false
        },
      },
      revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
      introspection: { enabled: true, allowedPolicy: mayIntrospect(parts) },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) => parts.pages.logout(ctx),
        postLogoutSuccessSource: (ctx) => parts.pages.signedOut(ctx),
      },
      resourceIndicators: resourceIndicators(clients),
    },
  } satisfies Configuration
}
