/**
 * How other systems keep passwords: a scheme, its costs and a salt, from which a typed password gives a digest. Only the
 * first three are ever kept here; the digest itself is wrapped the moment it arrives (../password.ts).
 *
 * A password goes in as the bytes that were typed: no other system of these normalizes them.
 */
import { createCipheriv, createHash, createHmac, pbkdf2, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { hashRaw } from '@node-rs/argon2'
import { AppError } from '../../lib/errors.ts'

export interface Foreign {
  scheme: SchemeName
  /** All that its time depends on, and what tells its variants apart. */
  costs: Costs
  salt: Buffer
}

export type Costs = Record<string, string | number>

/** What an old system kept, whole: it lives no longer than it takes to wrap it. */
export interface ForeignHash extends Foreign {
  digest: Buffer
}

interface Scheme {
  /** Bytes of the digest. */
  length(costs: Costs): number
  compute(costs: Costs, salt: Buffer, password: Buffer): Promise<Buffer>
}

export type SchemeName = 'bcrypt' | 'pbkdf2' | 'scrypt' | 'firebase' | 'argon2' | 'digest'

const BCRYPT_BYTES = 23
const MIB = 2 ** 20
/** By the library's own numbers: its enumerations cannot be imported by a module that is compiled by itself. */
const VARIANTS: Record<string, 0 | 1 | 2> = { d: 0, i: 1, id: 2 }
const VERSIONS: Record<number, 0 | 1> = { 16: 0, 19: 1 }
const derivePbkdf2 = promisify(pbkdf2)

const SCHEMES: Record<SchemeName, Scheme> = {
  bcrypt: {
    length: () => BCRYPT_BYTES,
    async compute({ c, k }, salt, password) {
      // Loaded with the first: most installations have none.
      const { hash } = await import('@node-rs/bcrypt')
      const made = await hash(before(String(k), salt, password), Number(c), salt)
      // Bytes, never texts: «$2y$» of PHP and «$2b$» of others are the same.
      return fromBcrypt64(made.slice(-31))
    },
  },
  pbkdf2: {
    length: ({ l }) => Number(l),
    compute: ({ h, i, l }, salt, password) => derivePbkdf2(password, salt, Number(i), Number(l), String(h)),
  },
  scrypt: {
    length: ({ l }) => Number(l),
    compute: ({ n, r, p, l }, salt, password) => deriveScrypt(password, salt, { n, r, p, l }),
  },
  // Firebase encrypts one key of the project with what is derived, so the key stream stands for the digest: then the key
  // itself, with which every project's digests could be tried, is not needed here and never kept.
  firebase: {
    length: ({ l }) => Number(l),
    async compute({ n, r, l }, salt, password) {
      const key = await deriveScrypt(password, salt, { n, r, p: 1, l: 32 })
      return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(Number(l)))
    },
  },
  argon2: {
    length: ({ l }) => Number(l),
    compute: ({ a, v, m, t, p, l }, salt, password) =>
      hashRaw(password, {
        algorithm: VARIANTS[String(a)] ?? 2,
        version: VERSIONS[Number(v)] ?? 1,
        memoryCost: Number(m),
        timeCost: Number(t),
        parallelism: Number(p),
        outputLen: Number(l),
        salt,
      }),
  },
  // One round of a fast digest: what was copied from the old system is found by guessing in hours.
  digest: {
    length: ({ h }) => createHash(String(h)).digest().length,
    async compute({ h, o }, salt, password) {
      if (o === 'hmac') return createHmac(String(h), salt).update(password).digest()
      const parts = o === 'ps' ? [password, salt] : [salt, password]
      return createHash(String(h)).update(Buffer.concat(parts)).digest()
    },
  },
}

export function isWeak({ scheme }: Pick<Foreign, 'scheme'>): boolean {
  return scheme === 'digest'
}

export function digestLength({ scheme, costs }: Pick<Foreign, 'scheme' | 'costs'>): number {
  return SCHEMES[scheme].length(costs)
}

/** What the old system would have kept of this password. */
export function foreignDigest({ scheme, costs, salt }: Foreign, password: string): Promise<Buffer> {
  return SCHEMES[scheme].compute(costs, salt, Buffer.from(password))
}

/** `bcrypt c=10,k=plain$<salt>`: no colon, and no dollar sign but the one. */
export function foreignText({ scheme, costs, salt }: Foreign): string {
  const told = Object.entries(costs).map(([name, value]) => `${name}=${value}`)
  return `${scheme} ${told.join()}$${salt.toString('base64url')}`
}

/** Of a text that `foreignText` made. */
export function parseForeign(text: string): Foreign {
  const [, scheme = '', told = '', salt = ''] = /^(\w+) ([^$]*)\$([\w-]*)$/.exec(text) ?? []
  if (!Object.hasOwn(SCHEMES, scheme))
    throw new AppError('unreadable-hash', 'a password hash is of a scheme that this version does not know')
  const costs = Object.fromEntries(told.split(',').map((cost) => cost.split('=') as [string, string]))
  return { scheme: scheme as SchemeName, costs, salt: Buffer.from(salt, 'base64url') }
}

/** What goes into bcrypt: it reads 72 bytes at most, so some make a digest of the password first. */
function before(how: string, salt: Buffer, password: Buffer): Buffer | string {
  const sha256 = (form: 'hex' | 'base64') => createHash('sha256').update(password).digest(form)
  if (how === 'hex') return sha256('hex')
  if (how === 'b64') return sha256('base64')
  if (how === 'hmac') return createHmac('sha256', toBcrypt64(salt)).update(password).digest('base64')
  return password
}

function deriveScrypt(password: Buffer, salt: Buffer, { n, r, p, l }: Partial<Costs>): Promise<Buffer> {
  const costs = { N: Number(n), r: Number(r), p: Number(p) }
  // All that OpenSSL counts: the table, the lanes beside it, two blocks to work in, and what it keeps of its own.
  const options = { ...costs, maxmem: 128 * costs.r * (costs.N + costs.p + 2) + MIB }
  return new Promise((resolve, reject) => {
    scrypt(password, salt, Number(l), options, (fault, key) => (fault ? reject(fault) : resolve(key)))
  })
}

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const BCRYPT = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** bcrypt's alphabet is one of its own, in the same order of bits. */
export function fromBcrypt64(text: string): Buffer {
  return Buffer.from(
    text.replace(/./g, (sign) => STANDARD.charAt(BCRYPT.indexOf(sign))),
    'base64',
  )
}

export function toBcrypt64(bytes: Buffer): string {
  const standard = bytes.toString('base64').replaceAll('=', '')
  return standard.replace(/./g, (sign) => BCRYPT.charAt(STANDARD.indexOf(sign)))
}
