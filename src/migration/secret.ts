/** The secret of an authenticator app, however the old system wrote it down: as bytes, and then as everything here has it. */
import { base64 } from '../accounts/foreign/spelling.ts'
import type { LineFault } from './line.ts'

export type SecretEncoding = 'base32' | 'base64' | 'hex' | 'text'

/** RFC 4226 section 4, R6 asks for 128 bits; 80 is what many systems made for years. */
const LEAST_BYTES = 10
const MOST_BYTES = 128
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export function readSecret(given: { secret: string; encoding: SecretEncoding }): {
  secret: string
  fault?: Omit<LineFault, 'field'>
} {
  const bytes = bytesOf(given)
  if (!bytes) return { secret: '', fault: { code: 'format', reason: `is no ${given.encoding}` } }
  const secret = base32(bytes)
  if (bytes.length < LEAST_BYTES)
    return { secret, fault: { code: 'too-short', reason: `has ${bytes.length * 8} bits: 80 is the least` } }
  if (bytes.length > MOST_BYTES) return { secret, fault: { code: 'too-long', reason: 'has more than 1024 bits' } }
  if (new Set(bytes).size < 4) return { secret, fault: { code: 'weak', reason: 'is one that nobody made at random' } }
  return { secret }
}

function bytesOf({ secret, encoding }: { secret: string; encoding: SecretEncoding }): Buffer | undefined {
  if (encoding === 'text') return Buffer.from(secret)
  if (encoding === 'base64') return base64(secret)
  if (encoding === 'hex') return /^(?:[\da-f]{2})+$/i.test(secret) ? Buffer.from(secret, 'hex') : undefined
  return fromBase32(secret)
}

/** RFC 4648 section 6, as people copy it: any case, with spaces and dashes, padded or not. */
function fromBase32(text: string): Buffer | undefined {
  const signs = text.toUpperCase().replace(/[\s-]/g, '').replace(/=+$/, '')
  let [bits, value] = [0, 0]
  const bytes: number[] = []
  for (const sign of signs) {
    const place = ALPHABET.indexOf(sign)
    if (place < 0) return undefined
    value = ((value << 5) | place) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((value >> bits) & 0xff)
  }
  return Buffer.from(bytes)
}

function base32(bytes: Buffer): string {
  let [bits, value, text] = [0, 0, '']
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET.charAt((value >> bits) & 31)
    }
  }
  return bits > 0 ? text + ALPHABET.charAt((value << (5 - bits)) & 31) : text
}
