/**
 * Randomness, digests and sealing, all from node:crypto.
 *
 * A keyring holds the installation's root keys. Every use derives its own key from them by HKDF (RFC 5869), so one
 * secret is handed over by the operator and none is used for two purposes. The first key is current; the others are
 * still accepted, which is how a key is rotated. Of a key that has gone, what was derived from it may be kept (keys/).
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

/** What was derived from a root key for one purpose, and is kept where the root key itself is not. */
export interface DerivedKey {
  /** Id of the root key. */
  root: string
  purpose: string
  key: Buffer
}

export interface Keyring {
  current: string
  /** Ids of the root keys that it holds, the current one first. */
  ids: readonly string[]
  /** The key with this id, derived for one purpose. Throws `unknown-key` if the ring does not hold it. */
  derive(purpose: string, id?: string): Buffer
  /** One derived key per root key, the current one first; after them those that are kept of root keys of before. */
  deriveAll(purpose: string): Buffer[]
  /** Takes derived keys of root keys that it does not hold. Of one that it holds, only the root key itself counts. */
  keep(kept: DerivedKey[]): void
}

export function keyring(roots: RootKey[]): Keyring {
  const [first] = roots
  if (!first) throw new AppError('no-keys', 'a keyring needs at least one key')
  const ids = roots.map(({ id }) => id)
  const derived = new Map<string, Buffer>()
  /** By purpose: the ids of root keys of before. */
  const kept = new Map<string, Set<string>>()

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
    ids,
    derive,
    deriveAll: (purpose) => [...ids, ...(kept.get(purpose) ?? [])].map((id) => derive(purpose, id)),
    keep(given) {
      for (const { root, purpose, key } of given) {
        const known = kept.get(purpose) ?? new Set()
        // Made once: what is prepared of a key is remembered by its bytes' own object.
        if (ids.includes(root) || known.has(root)) continue
        derived.set(`${root}/${purpose}`, key)
        kept.set(purpose, known.add(root))
      }
    },
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

/**
 * A digest for comparing with one that is kept, and that is of before the newest root key, perhaps: of those that the keys
 * make, the one that is kept; if none is, that of the first. With one key it is made once.
 */
export function digestLike(kept: string | undefined, keys: readonly Buffer[], make: (key: Buffer) => string): string {
  const [first = Buffer.alloc(0), ...others] = keys
  const usual = make(first)
  if (usual === kept) return usual
  return others.map(make).find((other) => other === kept) ?? usual
}

/** Encrypts text so that it opens only in the record it was sealed for. */
export interface Sealer {
  /** `record` is the identity of the record that will hold the text, bound as associated data. */
  seal(text: string, record: string): string
  /** Throws `unsealable` if the text was changed or belongs to another record, `unknown-key` if its key is gone. */
  open(sealed: string, record: string): string
}

/** Id of the root key that a sealed text needs. */
export function keyIdOf(sealed: string): string {
  return sealed.slice(0, sealed.indexOf('.'))
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
      const id = keyIdOf(sealed)
      const bytes = Buffer.from(sealed.slice(id.length + 1), 'base64url')
      const key = keyOf(ring.derive(purpose, id))
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
