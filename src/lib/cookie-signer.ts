/**
 * Signs cookies as the library of cookies does by itself (Keygrip: HMAC-SHA-1 in base64url, RFC 2104), so that either knows
 * the other's. It makes a key of the text for each signature, and compares by two signatures more; here a key is made once,
 * and a session that comes with each request is signed once.
 */
import { createHmac, createSecretKey } from 'node:crypto'
import { sameSecret } from './crypto.ts'
import { madeLately } from './made-lately.ts'

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
  const signers = keys.map((key) => signing(key.toString('base64url')))
  const [first] = signers
  if (!first) throw new Error('cookies are signed with at least one key')
  const index = (cookie: string, signature: string) =>
    signers.findIndex((signed) => sameSecret(signed(cookie), signature))

  return {
    sign: first,
    verify: (cookie, signature) => index(cookie, signature) >= 0,
    index,
  }
}

function signing(text: string): (cookie: string) => string {
  const key = createSecretKey(text, 'utf8')
  return madeLately((cookie) => createHmac('sha1', key).update(cookie).digest('base64url'))
}
