/**
 * Logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.6).
 *
 * Anyone who can reach the portal can post one, so everything the specification lets a client check is checked: a
 * forged, borrowed or old token must not end anybody's session. Which sessions a good one ends is portal-session.ts's.
 */
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { expiringMap } from '../lib/expiring-map.ts'
import { type Clock, MINUTE } from '../lib/time.ts'

/** Whose sessions end; one of the two is always there. */
export interface LogoutSubject {
  sid?: string
  sub?: string
}

export type LogoutVerified = ({ ok: true } & LogoutSubject) | { ok: false; reason: string }

export interface LogoutTokenRules {
  issuer: string
  clientId: string
  /** The provider's published keys. */
  keys: JWTVerifyGetKey
}

/** Judges one token. `rules` is asked each time, because the provider may not have been reachable before. */
export type VerifyLogoutToken = (token: string) => Promise<LogoutVerified>

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** Seconds that a token may be valid (section 4 recommends two minutes at most), and that clocks may differ. */
const LONGEST = 120
const TOLERANCE = 10

export function logoutTokens(rules: () => Promise<LogoutTokenRules>, now: Clock): VerifyLogoutToken {
  // Remembered for longer than any accepted token can live.
  const used = expiringMap<true>({ most: 10_000, lifetime: 5 * MINUTE }, now)

  return async (token) => {
    const { issuer, clientId, keys } = await rules()
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: clientId,
        // What the token says about itself is not asked: `none` and HMAC with a public key are not on the list.
        algorithms: ['RS256', 'ES256'],
        // An ID token has the same issuer, audience and keys; its type keeps it from being used as a logout token.
        typ: 'logout+jwt',
        requiredClaims: ['iat', 'exp', 'jti', 'events'],
        maxTokenAge: LONGEST,
        clockTolerance: TOLERANCE,
        currentDate: new Date(now()),
      })
      const fault = findFault(payload)
      if (fault) return { ok: false, reason: fault }
      // Last, so that only a token that would have been accepted counts as used.
      if (used.get(String(payload.jti))) return { ok: false, reason: 'replayed' }
      used.set(String(payload.jti), true)
      return { ok: true, sid: text(payload.sid), sub: text(payload.sub) }
    } catch (error) {
      if (error instanceof errors.JOSEError) return { ok: false, reason: error.code }
      throw error
    }
  }
}

/** What is left to check when signature, type, issuer, audience and age are right. */
function findFault(payload: JWTPayload): string | undefined {
  const { aud, events, exp = 0, iat = 0, jti, sid, sub } = payload
  // An audience that is not us either could have been given this token to post it here.
  if (Array.isArray(aud) && aud.length !== 1) return 'other-audiences'
  if (exp - iat > LONGEST) return 'lives-too-long'
  if (!text(jti)) return 'no-jti'
  if (!isObject(events) || !isObject(events[EVENT])) return 'no-logout-event'
  // Section 2.4 prohibits it, again to tell logout tokens and ID tokens apart.
  if ('nonce' in payload) return 'nonce'
  if ((sid !== undefined && !text(sid)) || (sub !== undefined && !text(sub))) return 'malformed-subject'
  if (sid === undefined && sub === undefined) return 'no-subject'
  return undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
