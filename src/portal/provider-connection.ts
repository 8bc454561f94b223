/**
 * How the portal reaches the provider: its discovery document and its keys, and what a failed exchange means.
 */
import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose'
import * as openid from 'openid-client'
import { AppError } from '../lib/errors.ts'
import { lazily } from '../lib/once.ts'

export interface ProviderConnection {
  configuration(): Promise<openid.Configuration>
  keys(): Promise<JWTVerifyGetKey>
}

export interface Registration {
  issuer: string
  clientId: string
  clientSecret: string
}

/** `reason` is for the person, `detail` for the log. */
export interface Refusal {
  ok: false
  reason: string
  detail: string
}

/** Answers of the provider that a person can understand. All others are a failure of ours or an attack. */
const EXPLAINED = [
  // Not a standard's: an application for people with a role, and somebody without.
  'not_allowed',
  'access_denied',
  'login_required',
  'interaction_required',
  'account_selection_required',
  'consent_required',
  'unmet_authentication_requirements',
  'temporarily_unavailable',
]

export function providerConnection(registration: Registration): ProviderConnection {
  // The provider starts in the same process and may not listen yet: asked at the first use, again if that failed.
  const configuration = lazily(() => discover(registration))
  const keys = lazily(async () => {
    const { jwks_uri } = (await configuration()).serverMetadata()
    if (!jwks_uri) throw new AppError('provider-unavailable', 'the provider publishes no keys', { status: 503 })
    return createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: 5_000 })
  })
  return { configuration, keys }
}

async function discover({ issuer, clientId, clientSecret }: Registration): Promise<openid.Configuration> {
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

/** What the provider meant by its answer. Throws when it gave none, and what is not about the provider at all. */
export function refusal(error: unknown): Refusal {
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
