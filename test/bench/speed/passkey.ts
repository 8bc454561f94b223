/** Passkeys of the people of the bench: all have one pair of keys, and each an id and a handle that follow from the number. */
import { createECDH, createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { askedOn } from '../../support/people/passkey.ts'
import { type SoftKey, softKey } from '../../support/people/soft-key.ts'
import type { Member } from './people.ts'
import { ISSUER } from './target.ts'

const PAIR = pairOf(derived('passkeys of the bench'))

export function passkeyOf(who: Member): SoftKey {
  const rpId = new URL(ISSUER).hostname
  return softKey({ rpId, id: derived(`passkey of ${who.number}`), pair: PAIR, userHandle: handleOf(who) })
}

export function handleOf({ number }: Member): string {
  return derived(`handle of ${number}`).toString('base64url')
}

/** What the script of the sign-in page would put into its form. */
export function assertedBy(who: Member, { html, at }: { html: string; at: string }): Record<string, string> {
  const { challenge } = askedOn({ html, url: at })
  return { assertion: passkeyOf(who).assert({ challenge }) }
}

function derived(from: string): Buffer {
  return createHash('sha256').update(from).digest()
}

function pairOf(secret: Buffer) {
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(secret)
  const point = curve.getPublicKey()
  const [x, y, d] = [point.subarray(1, 33), point.subarray(33), secret].map((part) => part.toString('base64url'))
  const privateKey = createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d }, format: 'jwk' })
  return { privateKey, publicKey: createPublicKey(privateKey) }
}
