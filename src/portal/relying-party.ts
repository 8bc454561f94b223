/**
 * The portal as an OpenID Connect client: everything it says to the provider and everything it checks of the answers,
 * by the standards alone. Any provider that speaks them could stand at the other end.
 */
import { createRemoteJWKSet } from 'jose'
import * as openid from 'openid-client'
import { AppError } from '../lib/errors.ts'
import { type Clock, MINUTE } from '../lib/time.ts'
import { expiringMap } from './expiring-map.ts'
import type { LogoutTokenRules } from './logout-token.ts'

/** Who signed in and how well, from the ID token alone, because only that is signed. */
export type Claims = { sub: string } & Record<string, unknown>

/** How to address them, from the userinfo endpoint. */
export interface Person {
  name?: unknown
  email?: unknown
  organization?: unknown
}

export interface SignIn {
  claims: Claims
  person: Person
  idToken: string
}

export type Finished =
  | { ok: true; signIn: SignIn; returnTo: string }
  /** `reason` is for the person, `detail` for the log. */
  | { ok: false; reason: string; detail: string }

export interface RelyingParty {
  /** Starts a sign-in: where to send the browser, and the state that its cookie must hold when it comes back. */
  begin(hints: Record<string, string>, returnTo: string): Promise<{ url: string; state: string }>
  /** Ends the sign-in that `callback` answers. Works once for each state. */
  finish(callback: URL, state: string): Promise<Finished>
  /** Where to send the browser to sign out (RP-Initiated Logout 1.0). */
  endSession(idToken: string): Promise<string>
  logoutTokenRules(): Promise<LogoutTokenRules>
}

export interface RelyingPartyOptions {
  issuer: string
  origin: string
  clientId: string
  clientSecret: string
}

/** Answers of the provider that a person can understand. All others are a failure of ours or an attack. */
const EXPLAINED = [
  'access_denied',
  'login_required',
  'interaction_required',
  'account_selection_required',
  'consent_required',
  'unmet_authentication_requirements',
  'temporarily_unavailable',
]

interface PendingLogin {
  verifier: string
  nonce: string
  returnTo: string
}

export function relyingParty(options: RelyingPartyOptions, now: Clock): RelyingParty {
  const pending = expiringMap<PendingLogin>({ most: 1_000, lifetime: 15 * MINUTE }, now)
  const provider = lazily(() => discover(options))
  const keys = lazily(async () => {
    const { jwks_uri } = (await provider()).serverMetadata()
    if (!jwks_uri) throw new AppError('provider-unavailable', 'the provider publishes no keys', { status: 503 })
    return createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: 5_000 })
  })

  return {
    async begin(hints, returnTo) {
      const config = await provider()
      const login = { verifier: openid.randomPKCECodeVerifier(), nonce: openid.randomNonce(), returnTo }
      const state = openid.randomState()
      const url = openid.buildAuthorizationUrl(config, {
        ...hints,
        redirect_uri: `${options.origin}/callback`,
        scope: 'openid profile email organization',
        state,
        nonce: login.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(login.verifier),
        code_challenge_method: 'S256',
      })
      pending.set(state, login)
      return { url: url.href, state }
    },
    async finish(callback, state) {
      const login = pending.take(state)
      if (!login) return { ok: false, reason: 'sign-in-expired', detail: 'no pending sign-in with this state' }
      const config = await provider()
      try {
        // Compares `state` and `iss` (RFC 9207, against mix-up) before the code is sent anywhere.
        const tokens = await openid.authorizationCodeGrant(config, callback, {
          pkceCodeVerifier: login.verifier,
          expectedState: state,
          expectedNonce: login.nonce,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (!claims || !tokens.id_token) return { ok: false, reason: 'sign-in-failed', detail: 'no ID token' }
        const { name, email, organization } = await openid.fetchUserInfo(config, tokens.access_token, claims.sub)
        const signIn = { claims: { ...claims }, person: { name, email, organization }, idToken: tokens.id_token }
        return { ok: true, signIn, returnTo: login.returnTo }
      } catch (error) {
        return refusal(error)
      }
    },
    async endSession(idToken) {
      const config = await provider()
      if (!config.serverMetadata().end_session_endpoint) return `${options.origin}/`
      return openid.buildEndSessionUrl(config, {
        id_token_hint: idToken,
        post_logout_redirect_uri: `${options.origin}/`,
        state: openid.randomState(),
      }).href
    },
    async logoutTokenRules() {
      const { issuer } = (await provider()).serverMetadata()
      return { issuer, clientId: options.clientId, keys: await keys() }
    },
  }
}

/** The provider starts in the same process and may not listen yet: asked at the first use, again if that failed. */
function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}

async function discover(options: RelyingPartyOptions): Promise<openid.Configuration> {
  const { issuer, clientId, clientSecret } = options
  const loopback = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(new URL(issuer).origin)
  try {
    return await openid.discovery(new URL(issuer), clientId, undefined, openid.ClientSecretBasic(clientSecret), {
      // TLS does not vouch for what comes over plain http, so the ID token's signature is always checked.
      execute: loopback
        ? [openid.allowInsecureRequests, openid.enableNonRepudiationChecks]
        : [openid.enableNonRepudiationChecks],
      timeout: 5,
    })
  } catch (cause) {
    throw new AppError('provider-unavailable', `no discovery document at ${issuer}`, { status: 503, cause })
  }
}

function refusal(error: unknown): Finished {
  if (error instanceof openid.AuthorizationResponseError) {
    const reason = EXPLAINED.includes(error.error) ? error.error : 'sign-in-failed'
    return { ok: false, reason, detail: `${error.error} ${error.error_description ?? ''}` }
  }
  const timeout = error instanceof openid.ClientError && error.code === 'OAUTH_TIMEOUT'
  // fetch() rejects with a TypeError when there is no connection.
  if (timeout || error instanceof TypeError) {
    throw new AppError('provider-unavailable', 'the provider does not answer', { status: 503, cause: error })
  }
  if (error instanceof openid.ResponseBodyError) {
    return { ok: false, reason: 'sign-in-failed', detail: `${error.error} ${error.error_description ?? ''}` }
  }
  if (error instanceof openid.ClientError || error instanceof openid.WWWAuthenticateChallengeError) {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
    return { ok: false, reason: 'sign-in-failed', detail: `${error.message}${cause}` }
  }
  throw error
}
