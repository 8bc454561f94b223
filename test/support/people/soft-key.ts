/**
 * An authenticator in software, and the browser before it: what a page's script would put in the fields `registration` and
 * `assertion` (WebAuthn Level 3 section 5.1.1), made without a browser.
 *
 * Everything is right unless a test says otherwise: `key.assert({ challenge, verified: false })` is what an authenticator that
 * asked no PIN would answer, signed by the right key. What is made and signed is what is said; nothing is checked here.
 *
 * ```ts
 * const key = softKey({ rpId: 'id.example.org' }) // ES256, synced, counter at 0, a user handle of its own
 * await person.submit({ registration: key.register({ challenge, userHandle }) })
 * await person.submit({ assertion: key.assert({ challenge }) })
 * ```
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import type { PasskeyAlgorithm } from '../../../src/mfa/passkey-check.ts'

export interface SoftKeyOptions {
  algorithm?: PasskeyAlgorithm
  /** `localhost` unless said. */
  rpId?: string
  /** `https://<rpId>` unless said. */
  origin?: string
  /** Base64url. Random unless said, here or at registration. */
  userHandle?: string
  /** Whether it is synced, as those of phones and password managers are; true unless said. */
  synced?: boolean
  /** Counts its signatures, as a security key does; it then begins at 1. */
  counts?: boolean
  /** Text of a UUID; zero unless said. */
  aaguid?: string
  transports?: string[]
  /** Of the credential; random unless said. */
  id?: Buffer
  /** Of that algorithm; made unless said. */
  pair?: { privateKey: KeyObject; publicKey: KeyObject }
}

/** One ceremony, with everything that a test may want otherwise. */
export interface Ceremony {
  /** Base64url, as the page has it. */
  challenge: string
  type?: string
  origin?: string
  rpId?: string
  crossOrigin?: unknown
  topOrigin?: unknown
  /** Members of the client data besides. */
  client?: Record<string, unknown>
  /** The bytes of the client data, whatever the rest says. */
  clientDataJson?: Buffer
  /** UP, UV, BE and BS. */
  present?: boolean
  verified?: boolean
  backupEligible?: boolean
  backedUp?: boolean
  signCount?: number
  /** Bytes that stand behind the authenticator's data. */
  trailing?: Buffer
  /** Extensions of the authenticator (flag ED). */
  extensions?: Map<CborKey, Written>
  /** Base64url; null leaves it out of an assertion. At registration it is what the key keeps. */
  userHandle?: string | null
  /** Another key that signs. */
  signer?: KeyObject
  /** At registration: another key in COSE, and another id in the authenticator's data. */
  cose?: Map<CborKey, Written>
  attestedId?: Buffer
  /** Members of the JSON, and of its `response`, in place of what is right or besides. */
  json?: Record<string, unknown>
  response?: Record<string, unknown>
}

export interface SoftKey {
  /** Base64url. */
  credentialId: string
  algorithm: PasskeyAlgorithm
  privateKey: KeyObject
  publicKey: KeyObject
  /** Base64url; the last one that a registration gave. */
  userHandle: string
  /** The text of the field `registration`. */
  register(ceremony: Ceremony): string
  /** The text of the field `assertion`. */
  assert(ceremony: Ceremony): string
}

export function softKey(options: SoftKeyOptions = {}): SoftKey {
  const {
    algorithm = -7,
    rpId = 'localhost',
    synced = true,
    counts = false,
    transports = ['internal', 'hybrid'],
    id = randomBytes(32),
  } = options
  const { aaguid = '00000000-0000-0000-0000-000000000000', origin = `https://${rpId}` } = options
  const { privateKey, publicKey } = options.pair ?? pairOf(algorithm)
  const usual = { origin, rpId, backupEligible: synced, backedUp: synced, crossOrigin: false }
  let signCount = 0

  function next(): number {
    signCount += counts ? 1 : 0
    return signCount
  }

  const key: SoftKey = {
    credentialId: text(id),
    algorithm,
    privateKey,
    publicKey,
    userHandle: options.userHandle ?? text(randomBytes(32)),
    register(ceremony) {
      key.userHandle = ceremony.userHandle ?? key.userHandle
      const said = { ...usual, type: 'webauthn.create', signCount: ceremony.signCount ?? next(), ...ceremony }
      const cose = said.cose ?? coseOf(publicKey, algorithm)
      const attestedId = said.attestedId ?? id
      const length = Buffer.alloc(2)
      length.writeUInt16BE(attestedId.length)
      const attested = Buffer.concat([Buffer.from(aaguid.replaceAll('-', ''), 'hex'), length, attestedId, cbor(cose)])
      const object = cborMap({ fmt: 'none', attStmt: new Map(), authData: authenticatorData(said, attested) })
      return answer(said, { clientDataJSON: clientData(said), attestationObject: object }, { transports })
    },
    assert(ceremony) {
      const said = { ...usual, type: 'webauthn.get', signCount: ceremony.signCount ?? next(), ...ceremony }
      const [data, client] = [authenticatorData(said), clientData(said)]
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()])
      const signature = sign(algorithm === -8 ? null : 'sha256', signed, said.signer ?? privateKey)
      const userHandle = said.userHandle === undefined ? key.userHandle : said.userHandle
      return answer(said, { clientDataJSON: client, authenticatorData: data, signature }, { userHandle })
    },
  }

  function answer(said: Ceremony, bytes: Record<string, Buffer>, rest: Record<string, unknown>): string {
    const encoded = Object.fromEntries(Object.entries(bytes).map(([name, value]) => [name, text(value)]))
    return JSON.stringify({
      id: key.credentialId,
      rawId: key.credentialId,
      type: 'public-key',
      authenticatorAttachment: synced ? 'platform' : 'cross-platform',
      clientExtensionResults: {},
      ...said.json,
      response: { ...encoded, ...rest, ...said.response },
    })
  }

  return key
}

function clientData({ type, challenge, origin, crossOrigin, topOrigin, client, clientDataJson }: Ceremony): Buffer {
  return clientDataJson ?? Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin, topOrigin, ...client }))
}

function authenticatorData(said: Ceremony, attested: Buffer = Buffer.alloc(0)): Buffer {
  const { rpId = '', present = true, verified = true, backupEligible, backedUp, signCount = 0, extensions } = said
  const flags: Array<[boolean | undefined, number]> = [
    [present, 0x01],
    [verified, 0x04],
    [backupEligible, 0x08],
    [backedUp, 0x10],
    [attested.length > 0, 0x40],
    [extensions !== undefined, 0x80],
  ]
  const set = flags.reduce((sum, [on, flag]) => sum + (on ? flag : 0), 0)
  const counter = Buffer.alloc(4)
  counter.writeUInt32BE(signCount)
  const hash = createHash('sha256').update(rpId).digest()
  const tail = [extensions ? cbor(extensions) : Buffer.alloc(0), said.trailing ?? Buffer.alloc(0)]
  return Buffer.concat([hash, Buffer.from([set]), counter, attested, ...tail])
}

function pairOf(algorithm: PasskeyAlgorithm): { privateKey: KeyObject; publicKey: KeyObject } {
  if (algorithm === -257) return generateKeyPairSync('rsa', { modulusLength: 2048 })
  if (algorithm === -8) return generateKeyPairSync('ed25519')
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

/** A public key as authenticators write it (RFC 9053 section 7, RFC 8230). */
export function coseOf(key: KeyObject, algorithm: number): Map<CborKey, Written> {
  const jwk = key.export({ format: 'jwk' })
  const [n, e, x, y] = [jwk.n, jwk.e, jwk.x, jwk.y].map((value) => Buffer.from(value ?? '', 'base64url'))
  const parts: Record<string, Array<[CborKey, Written | undefined]>> = {
    RSA: [
      [1, 3],
      [3, algorithm],
      [-1, n],
      [-2, e],
    ],
    OKP: [
      [1, 1],
      [3, algorithm],
      [-1, 6],
      [-2, x],
    ],
    EC: [
      [1, 2],
      [3, algorithm],
      [-1, 1],
      [-2, x],
      [-3, y],
    ],
  }
  return new Map((parts[jwk.kty ?? ''] ?? []).map(([label, value]) => [label, value ?? 0]))
}

export type CborKey = number | string
export type Written = number | string | boolean | Buffer | Written[] | Map<CborKey, Written>

/** In the canonical form, but for the order of a map, which is the one given. */
export function cbor(value: Written): Buffer {
  if (typeof value === 'boolean') return Buffer.from([value ? 0xf5 : 0xf4])
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)])
  return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)])
}

function cborMap(members: Record<string, Written>): Buffer {
  return cbor(new Map(Object.entries(members)))
}

function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.from([(major << 5) | argument])
  if (argument < 0x100) return Buffer.from([(major << 5) | 24, argument])
  return Buffer.from([(major << 5) | 25, argument >> 8, argument & 0xff])
}

function text(bytes: Buffer): string {
  return bytes.toString('base64url')
}
