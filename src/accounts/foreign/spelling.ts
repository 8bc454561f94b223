/**
 * A hash as old systems write it: modular crypt and PHC strings of PHP, Python's passlib and others, Django's, and with the
 * scheme in braces before it as Spring has it. The first reading that fits is the one; nothing is guessed at.
 */
import type { Outcome } from '../../lib/outcome.ts'
import { type HashFault, hashFault } from './bounds.ts'
import { type Costs, type ForeignHash, fromBcrypt64, type SchemeName } from './scheme.ts'

export type HashRead = Outcome<{ hash: ForeignHash }, HashFault>

type Reading = [form: RegExp, read: (found: Record<string, string>) => ForeignHash | undefined]

const BCRYPT = String.raw`\$(?<prefix>2[aby])\$(?<cost>\d\d)\$(?<salt>[./A-Za-z0-9]{22})(?<digest>[./A-Za-z0-9]{31})`
const WORD = `[^$]+`

const READINGS: Reading[] = [
  [new RegExp(`^(?:bcrypt\\$)?${BCRYPT}$`), (found) => bcrypt(found, 'plain')],
  // Django: the hexadecimal digest goes into it.
  [new RegExp(`^bcrypt_sha256\\$${BCRYPT}$`), (found) => bcrypt(found, 'hex')],
  // passlib: base64 of a digest, and from its second version on of an HMAC with the salt.
  [/^\$bcrypt-sha256\$2[aby],(?<cost>\d+)\$(?<salt>.{22})\$(?<digest>.{31})$/, (found) => bcrypt(found, 'b64')],
  [
    /^\$bcrypt-sha256\$v=2,t=2[aby],r=(?<cost>\d+)\$(?<salt>.{22})\$(?<digest>.{31})$/,
    (found) => bcrypt(found, 'hmac'),
  ],
  [
    /^(?:argon2)?\$argon2(?<a>id|i|d)\$v=(?<v>\d+)\$m=(?<m>\d+),t=(?<t>\d+),p=(?<p>\d+)\$(?<salt>[^$]+)\$(?<digest>[^$]+)$/,
    ({ a = '', v, m, t, p, salt, digest }) => {
      const numbers = { v: Number(v), m: Number(m), t: Number(t), p: Number(p) }
      return withLength('argon2', { a, ...numbers }, base64(salt), base64(digest))
    },
  ],
  // passlib: a dot where base64 has a plus sign.
  [
    /^\$pbkdf2(?:-(?<h>sha1|sha256|sha512))?\$(?<i>\d+)\$(?<salt>[^$]*)\$(?<digest>[^$]+)$/,
    ({ h = 'sha1', i, salt = '', digest = '' }) =>
      withLength('pbkdf2', { h, i: Number(i) }, base64(plusFor(salt)), base64(plusFor(digest))),
  ],
  [
    new RegExp(`^pbkdf2_(?<h>sha1|sha256|sha512)\\$(?<i>\\d+)\\$(?<salt>${WORD})\\$(?<digest>${WORD})$`),
    ({ h = '', i, salt = '', digest }) => withLength('pbkdf2', { h, i: Number(i) }, Buffer.from(salt), base64(digest)),
  ],
  [
    /^\$scrypt\$ln=(?<ln>\d+),r=(?<r>\d+),p=(?<p>\d+)\$(?<salt>[^$]*)\$(?<digest>[^$]+)$/,
    ({ ln, r, p, salt, digest }) =>
      withLength('scrypt', { n: 2 ** Number(ln), r: Number(r), p: Number(p) }, base64(salt), base64(digest)),
  ],
  [
    new RegExp(`^scrypt\\$(?<n>\\d+)\\$(?<salt>${WORD})\\$(?<r>\\d+)\\$(?<p>\\d+)\\$(?<digest>${WORD})$`),
    ({ n, salt = '', r, p, digest }) =>
      withLength('scrypt', { n: Number(n), r: Number(r), p: Number(p) }, Buffer.from(salt), base64(digest)),
  ],
  [
    new RegExp(`^(?<h>md5|sha1)\\$(?<salt>${WORD})\\$(?<digest>[0-9a-f]+)$`),
    ({ h = '', salt = '', digest = '' }) => ({
      ...{ scheme: 'digest', costs: { h, o: 'sp' } },
      ...{ salt: Buffer.from(salt), digest: Buffer.from(digest, 'hex') },
    }),
  ],
]

/** Spring's `{bcrypt}` says what the rest of the text says too. */
const IN_BRACES = /^\{(?:bcrypt|argon2)\}/

export function readHash(text: string): HashRead {
  const plain = text.replace(IN_BRACES, '')
  for (const [form, read] of READINGS) {
    const found = form.exec(plain)
    if (found) return judged(read({ ...found.groups }))
  }
  // A known beginning that goes on in another way was cut or changed.
  const known = /^(?:\$2[aby]\$|bcrypt|\$bcrypt|\$argon2|argon2\$|\$?pbkdf2|\$?scrypt|md5\$|sha1\$)/.test(plain)
  return { ok: false, reason: known ? 'malformed' : 'unknown-scheme' }
}

export function judged(hash: ForeignHash | undefined): HashRead {
  const fault = hash ? hashFault(hash) : 'malformed'
  return hash && fault === undefined ? { ok: true, hash } : { ok: false, reason: fault ?? 'malformed' }
}

/** The digest says how long it is. */
export function withLength(
  scheme: SchemeName,
  costs: Costs,
  salt: Buffer | undefined,
  digest: Buffer | undefined,
): ForeignHash | undefined {
  return salt && digest && { scheme, costs: { ...costs, l: digest.length }, salt, digest }
}

/** Padded or not, either alphabet. Undefined for what is no base64: Buffer would leave out what it does not know. */
export function base64(text = ''): Buffer | undefined {
  const body = text.replace(/={0,2}$/, '')
  if (!/^[\w+/-]*$/.test(body) || body.length % 4 === 1) return undefined
  return Buffer.from(body, 'base64')
}

function bcrypt({ cost, salt = '', digest = '' }: Record<string, string>, k: string): ForeignHash {
  const costs = { c: Number(cost), k }
  return { scheme: 'bcrypt', costs, salt: fromBcrypt64(salt), digest: fromBcrypt64(digest) }
}

function plusFor(text: string): string {
  return text.replaceAll('.', '+')
}
