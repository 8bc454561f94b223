/** The public keys of passkeys: taken out of COSE (RFC 9052, 9053 and 8230), kept as SPKI (RFC 5280), used to check signatures. */
import { constants, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto'
import type { Cbor, CborMap } from './passkey-cbor.ts'

/** ES256, RS256 and EdDSA by Ed25519, by their numbers in COSE; the order is the one in which they are asked for. */
export const ALGORITHMS = [-7, -257, -8] as const
export type PasskeyAlgorithm = (typeof ALGORITHMS)[number]

export interface PublicKey {
  /** SPKI, DER, base64url. */
  publicKey: string
  algorithm: PasskeyAlgorithm
}

/** Labels of COSE. What -1, -2 and -3 mean depends on the kind of key. */
const [KTY, ALG] = [1, 3]
const [OKP, EC2, RSA] = [1, 2, 3]
const [P256, ED25519] = [1, 6]

/**
 * Undefined unless it names one of our algorithms and is the key that this one wants: a point on P-256 with both
 * coordinates (WebAuthn section 5.8.5), RSA of 2048 to 4096 bits, or Ed25519.
 */
export function readKey(cose: CborMap): PublicKey | undefined {
  const algorithm = ALGORITHMS.find((one) => one === cose.get(ALG))
  const jwk = algorithm && READERS[algorithm](cose)
  const key = jwk && imported(jwk)
  return key && { publicKey: key.export({ format: 'der', type: 'spki' }).toString('base64url'), algorithm }
}

/** Throws on a key that `readKey` did not give; never because of the signature. */
export function isSignedBy({ publicKey, algorithm }: PublicKey, signed: Buffer, signature: Buffer): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64url'), format: 'der', type: 'spki' })
  if (algorithm === -8) return verify(null, signed, key, signature)
  if (algorithm === -7) return verify('sha256', signed, { key, dsaEncoding: 'der' }, signature)
  return verify('sha256', signed, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
}

const READERS: Record<PasskeyAlgorithm, (cose: CborMap) => JsonWebKey | undefined> = {
  [-7](cose) {
    const [x, y] = [bytesOf(cose.get(-2), 32), bytesOf(cose.get(-3), 32)]
    if (cose.get(KTY) !== EC2 || cose.get(-1) !== P256 || !x || !y) return undefined
    return { kty: 'EC', crv: 'P-256', x: text(x), y: text(y) }
  },
  [-257](cose) {
    const [n, e] = [bytesOf(cose.get(-1), 256, 512), bytesOf(cose.get(-2), 3, 4)]
    if (cose.get(KTY) !== RSA || !n || !e || !isModulus(n) || !isExponent(e)) return undefined
    return { kty: 'RSA', n: text(n), e: text(e) }
  },
  [-8](cose) {
    const x = bytesOf(cose.get(-2), 32)
    if (cose.get(KTY) !== OKP || cose.get(-1) !== ED25519 || !x || isOfSmallOrder(x)) return undefined
    return { kty: 'OKP', crv: 'Ed25519', x: text(x) }
  },
}

/** Undefined if it is no key: that a point lies on its curve is checked here, by OpenSSL. */
function imported(key: JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch {
    return undefined
  }
}

function bytesOf(value: Cbor | undefined, least: number, most = least): Buffer | undefined {
  return Buffer.isBuffer(value) && value.length >= least && value.length <= most ? value : undefined
}

/** Odd, and 2048 bits or more: of 256 bytes the first bit is set, of more the first byte is (RFC 8230 section 4). */
function isModulus(n: Buffer): boolean {
  return isOdd(n) && n.readUInt8(0) >= (n.length === 256 ? 0x80 : 1)
}

/** Odd and above 2^16 (FIPS 186-5 section 5.4), and of 32 bits at most, so that a check stays cheap. */
function isExponent(e: Buffer): boolean {
  return isOdd(e) && e.readUInt8(0) > 0
}

function isOdd(number: Buffer): boolean {
  return number.readUInt8(number.length - 1) % 2 === 1
}

/**
 * The y of the points of Ed25519 whose order is 1, 2, 4 or 8, and of those that are written as they should not be, above the
 * prime. By such a key, all zeros among them, some libraries (OpenSSL 3.0) take signatures that nobody made. (RFC 8032
 * section 5.1; little-endian.)
 */
const SMALL = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]

function isOfSmallOrder(x: Buffer): boolean {
  // The last bit is the sign of the other coordinate.
  const y = Buffer.from(x)
  y.writeUInt8(y.readUInt8(31) & 0x7f, 31)
  return SMALL.includes(y.toString('hex'))
}

function text(bytes: Buffer): string {
  return bytes.toString('base64url')
}
