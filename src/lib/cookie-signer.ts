/**
 * Signs cookies as the library of cookies does by itself (Keygrip: HMAC-SHA-1 in base64url, RFC 2104), so that either knows
 * the other's. It makes a key of the bytes for each signature, and compares by two signatures more; here the keys are
 * made once.
 */
import { createHmac, createSecretKey } from 'node:crypto'
import { sameSecret } from './crypto.ts'

/** What the library of cookies asks. */
export interface CookieSigner {
  sign(cookie: string): string
  verify(cookie: string, signature: string): boolean
  /** Of the key that it was signed with; -1 if with none of them. A cookie of an older key is signed anew. */
  index(cookie: string, signature: string): number
}

/** The first key signs; the others still count. */
export function cookieSigner(keys: Buffer[]): CookieSigner {
  // The library takes texts as keys, and these were its keys always.
  const prepared = keys.map((key) => createSecretKey(key.toString('base64url'), 'utf8'))
  const [first] = prepared
  if (!first) throw new Error('cookies are signed with at least one key')
  const signed = (cookie: string, key: typeof first) => createHmac('sha1', key).update(cookie).digest('base64url')
  const index = (cookie: string, signature: string) =>
    prepared.findIndex((key) => sameSecret(signed(cookie, key), signature))

  return {
    sign: (cookie) => signed(cookie, first),
    verify: (cookie, signature) => index(cookie, signature) >= 0,
    index,
  }
}
