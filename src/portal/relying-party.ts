/**
 * The portal as an OpenID Connect client: everything it says to the provider and everything it checks of the answers,
 * by the standards alone. Any provider that speaks them could stand at the other end.
 */
import * as openid from 'openid-client'
import { AppError } from '../lib/errors.ts'
import { expiringMap } from '../lib/expiring-map.ts'
import { type Clock, DAY } from '../lib/time.ts'
import type { LogoutTokenRules } from './logout-token.ts'
import { providerConnection, type Refusal, type Registration, refusal } from './provider-connection.ts'

/** Who signed in and how well, from the ID token alone, because only that is signed. */
export type Claims = { sub: string } & Record<string, unknown>

/** How to address them, from the userinfo endpoint. */
export interface Person {
  name?: unknown
  email?: unknown
  organization?: unknown
}

/** What APIs are called with. They never leave the server. */
export interface Tokens {
  access: string
  refresh?: string
}

export interface SignIn {
  claims: Claims
  person: Person
  idToken: string
  tokens: Tokens
}

/** What a person was about to do when the portal had to send them to the provider first. */
export interface Intent {
  /** Who it was: nobody else's return may do it. */
  sub: string
  /** Why they were sent; each reason is good for one trip. */
  trip: 'sign-in' | 'step-up'
}

export type Finished = ({ ok: true; signIn: SignIn; returnTo: string } | Refusal) & { intent?: Intent }

export interface RelyingParty {
  /** Starts a sign-in: where to send the browser, and the state that its cookie must hold when it comes back. */
  begin(hints: Record<string, string>, returnTo: string, intent?: Intent): Promise<{ url: string; state: string }>
  /** Ends the sign-in that `callback` answers. Works once for each state. */
  finish(callback: URL, state: string): Promise<Finished>
  /** New tokens for the old ones (OpenID Connect Core 1.0 section 12). Undefined when the provider gives none. */
  refresh(tokens: Tokens, sub: string): Promise<Tokens | undefined>
  /** What the provider says of an access token (RFC 7662). */
  introspect(token: string): Promise<openid.IntrospectionResponse>
  /** Where to send the browser to sign out (RP-Initiated Logout 1.0). */
  endSession(idToken: string): Promise<string>
  logoutTokenRules(): Promise<LogoutTokenRules>
}

export interface RelyingPartyOptions extends Registration {
  origin: string
}

interface PendingLogin {
  verifier: string
  nonce: string
  returnTo: string
  intent: Intent | undefined
}

export function relyingParty(options: RelyingPartyOptions, now: Clock): RelyingParty {
  const pending = expiringMap<PendingLogin>({ most: 1_000, lifetime: DAY }, now)
  const { configuration, keys } = providerConnection(options)

  async function exchange(callback: URL, state: string, login: PendingLogin): Promise<Finished> {
    const config = await configuration()
    try {
      // Compares `state` and `iss` (RFC 9207, against mix-up) before the code is sent anywhere.
      const answer = await openid.authorizationCodeGrant(config, callback, {
        pkceCodeVerifier: login.verifier,
        expectedState: state,
        expectedNonce: login.nonce,
        idTokenExpected: true,
      })
      const claims = answer.claims()
      if (!claims || !answer.id_token) return { ok: false, reason: 'sign-in-failed', detail: 'no ID token' }
      const { name, email, organization } = await openid.fetchUserInfo(config, answer.access_token, claims.sub)
      const tokens = { access: answer.access_token, refresh: answer.refresh_token }
      const person = { name, email, organization }
      return {
        ok: true,
        signIn: { claims: { ...claims }, person, idToken: answer.id_token, tokens },
        returnTo: login.returnTo,
      }
    } catch (error) {
      return refusal(error)
    }
  }

  return {
    async begin(hints, returnTo, intent) {
      const config = await configuration()
      const login = { verifier: openid.randomPKCECodeVerifier(), nonce: openid.randomNonce(), returnTo, intent }
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
      return { ...(await exchange(callback, state, login)), intent: login.intent }
    },
    async refresh(tokens, sub) {
      if (!tokens.refresh) return undefined
      const config = await configuration()
      try {
        const answer = await openid.refreshTokenGrant(config, tokens.refresh)
        // Section 12.2: an ID token that comes along must be about the same person.
        if (answer.claims() && answer.claims()?.sub !== sub) return undefined
        return { access: answer.access_token, refresh: answer.refresh_token ?? tokens.refresh }
      } catch (error) {
        refusal(error)
        return undefined
      }
    },
    async introspect(token) {
      const config = await configuration()
      try {
        return await openid.tokenIntrospection(config, token, { token_type_hint: 'access_token' })
      } catch (cause) {
        throw new AppError('provider-unavailable', 'the provider says nothing of a token', { status: 503, cause })
      }
    },
    async endSession(idToken) {
      const config = await configuration()
      if (!config.serverMetadata().end_session_endpoint) return `${options.origin}/`
      return openid.buildEndSessionUrl(config, {
        id_token_hint: idToken,
        post_logout_redirect_uri: `${options.origin}/`,
        state: openid.randomState(),
      }).href
    },
    async logoutTokenRules() {
      const { issuer } = (await configuration()).serverMetadata()
      return { issuer, clientId: options.clientId, keys: await keys() }
    },
  }
}
