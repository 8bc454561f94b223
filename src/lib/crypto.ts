/**
 * Randomness, digests and sealing, all from node:crypto.
 *
 * A keyring holds the installation's root keys. Every use derives its own key from them by HKDF (RFC 5869), so one
 * secret is handed over by the operator and none is used for two purposes. The first key is current; the others are
 * still accepted, which is how a key is rotated.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { AppError } from './errors.ts'

/** Bytes that are drawn together: to ask the system for a few costs as much as what is done with them. */
const DRAWN = 4096

let drawn = Buffer.alloc(0)

/** From the system's generator, and given to nobody else. Of no more than `DRAWN` bytes. */
export function fresh(size: number): Buffer {
  if (drawn.length < size) drawn = randomBytes(DRAWN)
  const bytes = drawn.subarray(0, size)
  drawn = drawn.subarray(size)
  return bytes
}

/** 256 bits from the system's generator, as 43 characters of base64url. */
export function randomToken(): string {
  return fresh(32).toString('base64url')
}

/** SHA-256 as base64url. Right for storing what has 112 bits of entropy or more; never for passwords. */
export function digest(text: string | Uint8Array): string {
  return hash('sha256', text, 'base64url')
}

/** Compares two secrets without telling by its time where they differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))
}

export interface RootKey {
  id: string
  /** 32 bytes or more. */
  key: Buffer
}

export interface Keyring {
  current: string
  /** The key with this id, derived for one purpose. Throws `unknown-key` if the ring does not hold it. */
  derive(purpose: string, id?: string): Buffer
  /** One derived key per root key, the current one first. */
  deriveAll(purpose: string): Buffer[]
}

export function keyring(roots: RootKey[]): Keyring {
  const [first] = roots
  if (!first) throw new AppError('no-keys', 'a keyring needs at least one key')
  const derived = new Map<string, Buffer>()

  function derive(purpose: string, id = first?.id ?? ''): Buffer {
    const known = derived.get(`${id}/${purpose}`)
    if (known) return known
    const root = roots.find((candidate) => candidate.id === id)
    if (!root) throw new AppError('unknown-key', `no key with id ${JSON.stringify(id)} in the keyring`)
    const key = Buffer.from(hkdfSync('sha256', root.key, Buffer.alloc(0), `sigma-id/${purpose}`, 32))
    derived.set(`${id}/${purpose}`, key)
    return key
  }

  return {
    current: first.id,
    derive,
    deriveAll: (purpose) => roots.map((root) => derive(purpose, root.id)),
  }
}

/** Node takes bytes as a key too, and makes a key of them each time: that costs more than the sealing itself. */
const prepared = new WeakMap<Buffer, KeyObject>()

function keyOf(bytes: Buffer): KeyObject {
  const known = prepared.get(bytes) ?? createSecretKey(bytes)
  prepared.set(bytes, known)
  return known
}

/** HMAC-SHA-256 as base64url. */
export function hmac(key: Buffer | KeyObject, text: string): string {
  return createHmac('sha256', Buffer.isBuffer(key) ? keyOf(key) : key)
    .update(text)
    .digest('base64url')
}

/** Encrypts text so that it opens only in the record it was sealed for. */
export interface Sealer {
  /** `record` is the identity of the record that will hold the text, bound as associated data. */
  seal(text: string, record: string): string
  /** Throws `unsealable` if the text was changed or belongs to another record, `unknown-key` if its key is gone. */
  open(sealed: string, record: string): string
}

/** AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; the form is `<key id>.<nonce + tag + ciphertext>`. */
export function sealer(ring: Keyring, purpose: string): Sealer {
  return {
    seal(text, record) {
      const nonce = fresh(12)
      const cipher = createCipheriv('aes-256-gcm', keyOf(ring.derive(purpose)), nonce)
      cipher.setAAD(Buffer.from(record))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return `${ring.current}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`
    },
    open(sealed, record) {
      const dot = sealed.indexOf('.')
      const bytes = Buffer.from(sealed.slice(dot + 1), 'base64url')
      const key = keyOf(ring.derive(purpose, sealed.slice(0, dot)))
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
        decipher.setAAD(Buffer.from(record))
        decipher.setAuthTag(bytes.subarray(12, 28))
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new AppError('unsealable', `what is kept for ${record} cannot be opened`, { cause })
      }
    },
  }
}
