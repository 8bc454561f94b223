/**
 * How an application may say who it is, beyond what the library checks: by the method on its record and no other, with
 * assertions that are meant for us, short-lived and of our time.
 */
import { errors } from 'oidc-provider'
import type { Clients } from '../client/client.ts'

/** Seconds that an assertion may live from now on: for so long its id is kept. */
const LONGEST_LIFE = 60 * 60
/** Seconds by which an application's clock may differ from ours without more ado: `nbf` and `exp` are its own word. */
export const CLOCK_TOLERANCE = 10
/**
 * Seconds that `iat` may be ahead of us. FAPI 2.0 Security Profile 5.3.2.1 wants ten to be taken and more than sixty
 * refused; what is between is taken, because it only says when something was made.
 */
export const MOST_AHEAD = 60

export interface Presented {
  authorization: string | undefined
  params: { client_assertion?: unknown; client_secret?: unknown }
}

/** The method that a request uses, in the words of the record. That it is one only, the library has made sure. */
export function methodOf({ authorization, params }: Presented): string {
  if (params.client_assertion !== undefined) return 'private_key_jwt'
  if (params.client_secret !== undefined) return 'client_secret_post'
  return authorization === undefined ? 'none' : 'client_secret_basic'
}

/**
 * Only the registered method counts: an application that moved its secret from the body to the header, or to a key,
 * did so for a reason. The id is no secret, so the method may be named.
 */
export function assertRegisteredMethod(registered: string | undefined, presented: Presented): void {
  const used = methodOf(presented)
  if (used === registered) return
  throw refused(`the client is registered with token_endpoint_auth_method ${registered}, and the request used ${used}`)
}

export interface AssertionRules {
  issuer: string
  /** Where it may be addressed to besides the issuer: the token endpoint and the endpoint it was sent to. */
  endpoints: string[]
  /** The issuer and nothing else, and not in a list (FAPI 2.0 Security Profile 5.3.2.1-8). */
  issuerOnly: boolean
  /** Seconds. */
  now: number
}

/** Why a client assertion (RFC 7523 section 3) whose signature holds is refused all the same. */
export function assertionFault(
  { aud, iat, exp }: { aud?: unknown; iat?: unknown; exp?: unknown },
  { issuer, endpoints, issuerOnly, now }: AssertionRules,
): string | undefined {
  if (issuerOnly && aud !== issuer) return `aud of the client assertion must be ${issuer}, as a string`
  // One that names somebody else too could be used here by them (draft-ietf-oauth-rfc7523bis).
  const audiences = Array.isArray(aud) ? aud : [aud]
  if (!audiences.every((audience) => audience === issuer || endpoints.includes(audience)))
    return `aud of the client assertion must be ${issuer} or the token endpoint, and nobody else`
  if (typeof iat === 'number' && iat > now + MOST_AHEAD)
    return `iat of the client assertion is more than ${MOST_AHEAD} seconds ahead`
  if (typeof exp !== 'number' || exp > now + LONGEST_LIFE + CLOCK_TOLERANCE)
    return `exp of the client assertion must be within ${LONGEST_LIFE} seconds`
  return undefined
}

/**
 * A proof of possession from the future is refused, also one with a nonce of ours, which the library would take at any
 * time. Its signature is not looked at yet: whoever made it, it is refused.
 */
export function assertProofTime(proof: string, now: number): void {
  const { iat } = payloadOf(proof)
  if (typeof iat === 'number' && iat > now + MOST_AHEAD)
    throw new errors.InvalidDpopProof(`DPoP proof iat is more than ${MOST_AHEAD} seconds ahead`)
}

function payloadOf(jwt: string): { iat?: unknown } {
  try {
    const payload: unknown = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
    return payload !== null && typeof payload === 'object' ? payload : {}
  } catch {
    // No JWT: the library says so.
    return {}
  }
}

/** A refusal of the application's proof of who it is, with the reason for whoever programs it. */
export function refused(description: string): Error {
  return Object.assign(new errors.InvalidClientAuth(description), { error_description: description })
}

/**
 * The id of a public client that sends Basic with an empty secret: a client without a password may leave it empty (RFC
 * 6749 section 2.3.1). Undefined for everybody else, and where the body says something else.
 */
export function publicClientOf(
  authorization: string | undefined,
  body: Record<string, unknown>,
  clients: Pick<Clients, 'find'>,
): string | undefined {
  const [, credentials = ''] = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? '') ?? []
  const [, encoded = ''] = /^([^:]+):$/.exec(Buffer.from(credentials, 'base64').toString()) ?? []
  const id = decoded(encoded)
  if (clients.find(id)?.metadata.token_endpoint_auth_method !== 'none') return undefined
  if ((body.client_id ?? id) !== id || body.client_secret || body.client_assertion) return undefined
  return id
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
