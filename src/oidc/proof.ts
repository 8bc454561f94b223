/**
 * A proof of possession as an API of our own checks it (RFC 9449 sections 4.3 and 7): whoever sends the token has the key
 * that it is bound to, means this request, and sends the proof for the first time.
 */
import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, errors, jwtVerify } from 'jose'
import { type Clock, seconds } from '../lib/time.ts'
import { MOST_AHEAD } from './client-auth.ts'

export interface ProvenRequest {
  method: string
  /** Without query and fragment. */
  address: string
  /** The header `DPoP`. */
  proof: string
  token: string
  /** Thumbprint of the key that the token is bound to. */
  jkt: string
}

/** What the provider takes at its own endpoints. */
const ALGORITHMS = ['ES256', 'Ed25519', 'EdDSA']
/** Seconds that a proof may be old, as at the provider's own endpoints. */
const OLDEST = 300
/** What identifies a proof is kept: nobody sends us a book. */
const LONGEST_ID = 200

/** `isNew` keeps an id until then (seconds), once. Why the proof is none; undefined if it is one. */
export async function proofFault(
  { method, address, proof, token, jkt }: ProvenRequest,
  isNew: (jti: string, until: number) => Promise<boolean>,
  now: Clock,
): Promise<string | undefined> {
  let verified: Awaited<ReturnType<typeof jwtVerify>>
  try {
    verified = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: ALGORITHMS,
      typ: 'dpop+jwt',
      currentDate: new Date(now()),
    })
  } catch (fault) {
    if (fault instanceof errors.JOSEError || fault instanceof TypeError) return 'the proof is not signed by its own key'
    throw fault
  }
  const { payload, protectedHeader } = verified
  const at = seconds(now())
  if (payload.htm !== method) return 'htm is another method'
  if (addressIn(payload.htu) !== addressIn(address)) return 'htu is another address'
  if (payload.ath !== createHash('sha256').update(token).digest('base64url')) return 'ath is of another token'
  if (typeof payload.iat !== 'number' || payload.iat < at - OLDEST || payload.iat > at + MOST_AHEAD)
    return 'iat is not of now'
  if (typeof payload.jti !== 'string' || payload.jti === '' || payload.jti.length > LONGEST_ID) return 'jti is missing'
  if ((await calculateJwkThumbprint(protectedHeader.jwk ?? { kty: '' })) !== jkt)
    return 'the token is bound to another key'
  return (await isNew(payload.jti, at + OLDEST)) ? undefined : 'the proof was used before'
}

/** In one spelling; undefined for what is no address. */
function addressIn(text: unknown): string | undefined {
  const url = typeof text === 'string' ? URL.parse(text) : null
  if (!url) return undefined
  url.hash = ''
  url.search = ''
  return url.href
}
