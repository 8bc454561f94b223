/**
 * Auth0's users: lines of its export, with the hashes that its support adds (`passwordHash`), or of the form in which Auth0
 * itself takes people (`custom_password_hash`, `mfa_factors`).
 */
import { LOCALES } from '../lib/locales.ts'
import { type Converted, type Fields, fieldsOf, listOf, localeOf, momentOf, present, textOf } from './exported.ts'
import type { LineFault } from './line.ts'

const PLAIN_TEXTS = ['bcrypt', 'argon2']

export function auth0(user: Fields): Converted {
  const id = user.user_id ?? subjectOf(textOf(user.alt_id) ?? textOf(fieldsOf(user._id).$oid))
  const { email, verified } = addressOf(user)
  const factors = listOf(user.mfa_factors).map(fieldsOf)
  const secrets = valuesOf(factors, 'totp', 'secret')
  const phones = valuesOf(factors, 'phone', 'value')
  const given = textOf(user.given_name)
  const family = textOf(user.family_name)
  const line = {
    external_id: id,
    id,
    email,
    email_verified: verified,
    name: textOf(user.name) ?? textOf(user.nickname) ?? email,
    given_name: given,
    family_name: family,
    locale: localeOf(user.locale, LOCALES),
    status: user.blocked === true ? 'disabled' : 'active',
    created_at: momentOf(user.created_at),
    password: textOf(user.passwordHash) ?? textOf(user.password_hash) ?? customHash(user.custom_password_hash),
    totp: secrets.length > 0 ? secrets.map((secret) => ({ secret })) : undefined,
    phone: phones.length > 0 ? { number: phones[0], verified: true } : undefined,
  }
  const notes = [
    ...(phones.length > 1 ? [leftOut('phone', 'of several numbers the first alone comes along')] : []),
    ...(valuesOf(factors, 'email', 'value').length > 0
      ? [leftOut('email', 'is left out: a code by mail is no second factor here')]
      : []),
  ]
  return { line: present(line), faults: [], notes }
}

function valuesOf(factors: Fields[], kind: string, name: string): unknown[] {
  return factors.map((factor) => fieldsOf(factor[kind])[name]).filter((value) => value !== undefined)
}

function leftOut(kind: string, reason: string): LineFault {
  return { field: `mfa_factors.${kind}`, code: 'left-out', reason }
}

/** With hashes, the export has the id alone; applications have always been told of it with the connection before it. */
function subjectOf(id: string | undefined): string | undefined {
  return id === undefined ? undefined : `auth0|${id}`
}

/** The address stands in a list of what they are known by as well, or there only. */
function addressOf(user: Fields): { email: unknown; verified: unknown } {
  const addresses = listOf(user.identifiers)
    .map(fieldsOf)
    .filter(({ type }) => type === 'email')
  const email = user.email ?? addresses[0]?.value
  const listed = addresses.find(({ value }) => value === email)
  return { email, verified: user.email_verified ?? listed?.verified }
}

function customHash(given: unknown): unknown {
  if (given === undefined) return undefined
  const { algorithm, hash, salt } = fieldsOf(given)
  const { value, encoding, digest } = fieldsOf(hash)
  const kind = String(algorithm)
  // PHC strings: Auth0 takes PBKDF2 and scrypt in such a form too.
  if (PLAIN_TEXTS.includes(kind) || String(value).startsWith('$')) return phc(String(value))
  const seasoned = fieldsOf(salt)
  const parts = {
    salt: seasoned.value ?? '',
    salt_encoding: formOf(seasoned.encoding),
    digest: value,
    encoding: encoding === 'hex' ? 'hex' : 'base64',
  }
  if (kind === 'scrypt') {
    const { cost, blockSize, parallelization } = fieldsOf(given)
    return { scheme: 'scrypt', n: cost ?? 16384, r: blockSize ?? 8, p: parallelization ?? 1, ...parts }
  }
  if (kind === 'hmac') {
    const { key } = fieldsOf(hash)
    const { value: secret, encoding: form } = fieldsOf(key)
    const keyed = { salt: secret, salt_encoding: formOf(form) }
    return { scheme: 'digest', algorithm: digest, order: 'hmac', ...parts, ...keyed }
  }
  const order = seasoned.position === 'suffix' ? 'password-salt' : 'salt-password'
  return { scheme: 'digest', algorithm: kind, order, ...parts }
}

/** `$pbkdf2-sha256$i=100000,l=32$…` as others write it: with the count alone. */
function phc(text: string): string {
  return text.replace(/^(\$pbkdf2-\w+\$)i=(\d+)(?:,l=\d+)?\$/, '$1$2$')
}

function formOf(encoding: unknown): unknown {
  return encoding === undefined || encoding === 'utf8' ? 'text' : encoding
}
