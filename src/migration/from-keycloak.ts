/**
 * Keycloak's realm export (`kc.sh export`): an object for each user, whose credentials are JSON in texts. What the admin API
 * and the console export has no credentials at all.
 */
import { LOCALES } from '../lib/locales.ts'
import {
  type Converted,
  type Fields,
  fieldsOf,
  listOf,
  localeOf,
  momentOf,
  parsedOf,
  present,
  textOf,
} from './exported.ts'
import type { LineFault } from './line.ts'

export function keycloak(user: Fields): Converted {
  const faults: LineFault[] = []
  const credentials = listOf(user.credentials).map(fieldsOf)
  const passwords = credentials.filter(({ type }) => type === 'password')
  const codes = credentials.filter(({ type }) => type === 'otp')
  const given = textOf(user.firstName)
  const family = textOf(user.lastName)
  const full = [given, family].filter((part) => part !== undefined).join(' ')
  const { locale } = fieldsOf(user.attributes)
  const line = {
    external_id: user.id,
    id: user.id,
    email: user.email,
    email_verified: user.emailVerified,
    name: full === '' ? user.username : full,
    given_name: given,
    family_name: family,
    locale: localeOf(listOf(locale)[0] ?? locale, LOCALES),
    status: user.enabled === false ? 'disabled' : 'active',
    created_at: momentOf(user.createdTimestamp),
    password: passwords[0] && passwordOf(passwords[0]),
    totp: codes.length > 0 ? codes.map((code, index) => totpOf(code, index, faults)) : undefined,
  }
  return { line: present(line), faults }
}

function passwordOf(credential: Fields): unknown {
  const secret = parsedOf(credential.secretData)
  const data = parsedOf(credential.credentialData)
  const algorithm = String(data.algorithm)
  if (algorithm === 'argon2') return argon2(secret, data)
  const [, hash = 'sha1'] = /^pbkdf2-(.+)$/.exec(algorithm) ?? []
  // What is of another provider of hashes is told by the schema: nothing of it is guessed.
  if (!algorithm.startsWith('pbkdf2')) return algorithm
  const { value, salt } = secret
  return { scheme: 'pbkdf2', algorithm: hash, iterations: data.hashIterations, salt, digest: value }
}

/** As one text, since all its parts are there. */
function argon2({ value, salt }: Fields, data: Fields): string {
  const more = fieldsOf(data.additionalParameters)
  const one = (name: string) => String(listOf(more[name])[0] ?? '')
  const version = one('version') === '1.0' ? 16 : 19
  const costs = `m=${one('memory')},t=${data.hashIterations},p=${one('parallelism')}`
  return `$argon2${one('type')}$v=${version}$${costs}$${salt}$${value}`
}

function totpOf(credential: Fields, index: number, faults: LineFault[]): Fields {
  const data = parsedOf(credential.credentialData)
  if (data.subType !== 'totp')
    faults.push({
      field: `totp.${index}`,
      code: 'hotp',
      reason: 'counts instead of telling the time: not brought along',
    })
  return present({
    secret: parsedOf(credential.secretData).value,
    // The signs themselves are the key, unless it says otherwise.
    encoding: data.secretEncoding === 'BASE32' ? 'base32' : 'text',
    algorithm: textOf(data.algorithm)?.replace(/^Hmac/, ''),
    digits: data.digits,
    period: data.period,
    label: textOf(credential.userLabel),
  })
}
