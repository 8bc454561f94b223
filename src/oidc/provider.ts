/**
 * The provider: oidc-provider in a strict profile (RFC 9700, OpenID Connect Core 1.0), and how it is replaced while it
 * runs when the signing keys rotate. State is in the store, so a new instance goes on where the old one was.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JWK } from 'jose'
import { type ClientMetadata, type Configuration, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Account, AccountStore } from '../accounts/account.ts'
import type { Audit } from '../audit/audit.ts'
import type { QueueStore, Wrap } from '../delivery/queue.ts'
import type { Keyring, Sealer } from '../lib/crypto.ts'
import { InputError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { type Clock, DAY, MINUTE, SECOND } from '../lib/time.ts'
import { type InTurn, inTurn, type LeaseStore } from '../lib/turns.ts'
import type { Ladder } from '../mfa/assurance.ts'
import type { SecondFactors } from '../mfa/second-factors.ts'
import { adapterFactory, CLOCK_TOLERANCE, isMoved } from './adapter.ts'
import type { ArtifactStore } from './artifact.ts'
import { recordEvents, type TokenEvents } from './audit.ts'
import { CLAIMS, findAccount } from './claims.ts'
import { type Clients, OWN_FIELDS } from './client.ts'
import { egress } from './egress.ts'
import { existingGrant } from './grant.ts'
import { policy } from './interaction-policy.ts'
import type { SigningKeys } from './keys.ts'
import { override, sendLogoutToken } from './overrides.ts'
import { sessionLife } from './session-life.ts'

/** The pages that the provider itself has to show. Rejections are faults. */
export interface ProviderPages {
  error(ctx: KoaContextWithOIDC, out: { error: string }, fault: Error): Promise<void>
  logout(ctx: KoaContextWithOIDC): Promise<void>
  signedOut(ctx: KoaContextWithOIDC): Promise<void>
  /** Nothing of the provider's fits the path. */
  notFound(ctx: KoaContextWithOIDC): Promise<void>
}

export interface OidcParts {
  issuer: string
  store: ArtifactStore & Pick<AccountStore, 'findAccount'> & Pick<QueueStore, 'enqueue'>
  /** Where there are several nodes. */
  leases: LeaseStore | undefined
  seal: Sealer
  ring: Keyring
  keys: SigningKeys
  clients: Clients
  ladder: Ladder
  secondFactors: (account: Account) => Promise<SecondFactors>
  pages: ProviderPages
  audit: Audit
  wrap: Wrap
  log: Log
  now: Clock
  session: { absolute: number; idle: number }
  egress: string[]
}

export interface Oidc {
  /** The instance of the moment; do not keep it. */
  provider(): Provider
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** The epoch that an active account is in. */
  epochOf(accountId: string): Promise<number | undefined>
  /** Takes up rotated keys. True if there were any. */
  refresh(): Promise<boolean>
  /** Runs in turn with everything else that writes the session with this id. */
  inTurn: InTurn
  sendLogout(content: { clientId: string; accountId: string; sid?: string }): Promise<void>
}

/** Name of the provider's session cookie. */
export function sessionCookie(secure: boolean): string {
  return `${secure ? '__Host-' : ''}sigma-session`
}

/** Without `fragment`: a code there is for scripts on the page it lands on, and no application of ours reads one. */
const RESPONSE_MODES = ['query', 'form_post']

export async function oidc(parts: OidcParts): Promise<Oidc> {
  const adapter = adapterFactory({
    store: parts.store,
    seal: parts.seal,
    clients: parts.clients,
    now: parts.now,
    onReuse: (model, { accountId, clientId }) =>
      parts.audit({
        type: 'token.reuse-detected',
        outcome: 'refused',
        subject: accountId,
        client: clientId,
        details: { model },
      }),
  })
  const events = recordEvents(parts.audit, parts.log)
  const turns = inTurn(parts.leases)
  let current = await start()

  async function start(): Promise<{ version: number; provider: Provider; callback: ReturnType<Provider['callback']> }> {
    const { version, jwks } = await parts.keys.load()
    const provider = build(parts, jwks, adapter, events, turns)
    await checkClients(provider, parts.clients)
    return { version, provider, callback: provider.callback() }
  }

  return {
    provider: () => current.provider,
    handle: (request, response) => current.callback(request, response),
    async epochOf(accountId) {
      const account = await parts.store.findAccount(accountId)
      return account?.status === 'active' ? account.epoch : undefined
    },
    async refresh() {
      if ((await parts.keys.version()) === current.version) return false
      current = await start()
      return true
    },
    inTurn: turns,
    sendLogout: ({ clientId, accountId, sid }) => sendLogoutToken(current.provider, clientId, accountId, sid),
  }
}

/** The library looks at a client when it is first used; a broken one should stop the start instead. */
async function checkClients(provider: Provider, clients: Clients): Promise<void> {
  const faults = await Promise.all(
    clients.ids.map((id) =>
      provider.Client.find(id).then(
        () => undefined,
        (error: Error & { error_description?: string }) => ({
          path: id,
          reason: error.error_description ?? error.message,
        }),
      ),
    ),
  )
  const found = faults.filter((fault) => fault !== undefined)
  if (found.length > 0) throw new InputError('clients are not usable:', found)
}

function build(
  parts: OidcParts,
  jwks: JWK[],
  adapter: ReturnType<typeof adapterFactory>,
  events: TokenEvents,
  turns: InTurn,
): Provider {
  const provider = new Provider(parts.issuer, configuration(parts, jwks, adapter))
  override(provider, {
    clients: parts.clients,
    queueLogout: (clientId, accountId, sid) =>
      parts.store.enqueue([parts.wrap('logout', { clientId, accountId, sid })]),
  })
  // The front end has made sure that scheme and host are the issuer's, whatever the request said.
  provider.proxy = true
  provider.use((ctx, next) => {
    // The library finds a sitting and then removes it: of several ways back at once, one is to find it.
    const sitting = /^\/auth\/([\w-]+)$/.exec(ctx.path)?.[1]
    return sitting ? turns(`sitting ${sitting}`, () => next()) : next()
  })
  provider.use((ctx, next) => {
    const session = /^\/(auth|session)(\/|$)/.test(ctx.path) && ctx.cookies.get(provider.cookieName('session'))
    if (!session) return next()
    return turns(session, async (waited) => {
      // The one before it gave the session a new id: this browser has a new cookie by now, so let it ask again.
      if (!waited || ctx.method !== 'GET' || (await provider.Session.find(session))) return next()
      ctx.status = 303
      ctx.redirect(ctx.url)
    })
  })
  provider.use(async (ctx, next) => {
    await next()
    if ((ctx as { oidc?: { route?: string } }).oidc?.route === 'discovery')
      Object.assign(ctx.body as object, { response_modes_supported: RESPONSE_MODES })
    if (ctx.status === 404 && !ctx.body) await parts.pages.notFound(ctx as unknown as KoaContextWithOIDC)
  })
  events(provider)
  return provider
}

function configuration(parts: OidcParts, jwks: JWK[], adapter: ReturnType<typeof adapterFactory>): Configuration {
  const { clients, now, session } = parts
  const life = sessionLife(session, now)
  const secure = parts.issuer.startsWith('https:')
  const cookie = { signed: true, httpOnly: true, sameSite: 'lax' as const, secure }

  return {
    adapter,
    jwks: { keys: jwks as never[] },
    findAccount: findAccount(parts.store),
    loadExistingGrant: existingGrant,
    interactions: {
      policy: policy({ ladder: parts.ladder, now, secondFactors: parts.secondFactors, absolute: session.absolute }),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    claims: CLAIMS,
    scopes: ['openid', 'offline_access'],
    acrValues: parts.ladder.supported,
    // Ours: seconds that a second factor may be old for this request. It can only ask for more than the client's record.
    extraParams: {
      mfa_max_age: (_ctx, value) => {
        if (value !== undefined && !/^\d{1,6}$/.test(value))
          throw new errors.InvalidRequest('invalid mfa_max_age value')
      },
    },
    subjectTypes: ['public'],
    extraClientMetadata: { properties: [...OWN_FIELDS] },
    clientDefaults: { id_token_signed_response_alg: 'RS256', response_modes: RESPONSE_MODES },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    responseTypes: ['code'],
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clockTolerance: CLOCK_TOLERANCE,
    conformIdTokenClaims: true,
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256', 'ES256'],
      requestObjectSigningAlgValues: ['RS256', 'PS256', 'ES256'],
      clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      userinfoSigningAlgValues: ['RS256', 'ES256'],
      dPoPSigningAlgValues: ['ES256', 'EdDSA', 'RS256', 'PS256'],
    },
    cookies: {
      keys: parts.ring.deriveAll('cookies').map((key) => key.toString('base64url')),
      names: { session: sessionCookie(secure), interaction: 'sigma-interaction', resume: 'sigma-resume' },
      long: { ...cookie, path: '/' },
      short: cookie,
    },
    ttl: {
      AccessToken: 10 * 60,
      AuthorizationCode: 60,
      ClientCredentials: 10 * 60,
      // Absolute: a family of refresh tokens ends with its grant, however often it was rotated.
      Grant: 30 * (DAY / SECOND),
      IdToken: 10 * 60,
      Interaction: (20 * MINUTE) / SECOND,
      PushedAuthorizationRequest: 60,
      RefreshToken: 14 * (DAY / SECOND),
      Session: (_ctx, kept) => life(kept),
    },
    // Bound to the session unless offline_access was granted: signing out ends it.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    // A confidential client whose token is bound to its key gains nothing from rotation (FAPI 2.0 section 5.3.2.1).
    rotateRefreshToken: ({ oidc: { client, entities } }) => {
      const bound = entities.RefreshToken?.isSenderConstrained() ?? false
      return !(bound && client?.clientAuthMethod !== 'none')
    },
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
      dPoP: { enabled: true, nonceSecret: parts.ring.derive('dpop-nonce') },
      revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
      introspection: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => {
          if (token.clientId === client.clientId) return true
          const audience = 'aud' in token ? token.aud : undefined
          return clients.resources.some(
            (resource) => resource.indicator === audience && resource.introspected_by.includes(client.clientId),
          )
        },
      },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) => parts.pages.logout(ctx),
        postLogoutSuccessSource: (ctx) => parts.pages.signedOut(ctx),
      },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: async () => true,
        getResourceServerInfo: async (_ctx, indicator, client) => {
          const resource = clients.resources.find((candidate) => candidate.indicator === indicator)
          // Only what is on the application's record: nobody else decides what one with its own credentials may do.
          const allowed = clients.find(client.clientId)?.resourceScopes ?? []
          const scopes = (resource?.scopes ?? []).filter((scope) => allowed.includes(scope))
          if (!resource || scopes.length === 0) throw new errors.InvalidTarget()
          return {
            scope: scopes.join(' '),
            audience: resource.indicator,
            accessTokenFormat: resource.format,
            accessTokenTTL: 10 * 60,
            ...(resource.format === 'jwt' && { jwt: { sign: { alg: 'ES256' as const } } }),
          }
        },
      },
    },
  } satisfies Configuration
}

/** The application's own words for itself, as pages show them. */
export function clientName(provider: Provider, id: unknown): Promise<ClientMetadata | undefined> {
  if (typeof id !== 'string') return Promise.resolve(undefined)
  return provider.Client.find(id).then((client) => client?.metadata())
}

/** An interaction that is over, or is not this browser's. */
export function isSessionNotFound(error: unknown): boolean {
  return error instanceof errors.SessionNotFound
}
