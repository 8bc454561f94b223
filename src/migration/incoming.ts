/** A line that was read whole: what would be written of it, or everything that is wrong with it at once. */

import { type ForeignHash, isWeak } from '../accounts/foreign/scheme.ts'
import { base64, type HashRead, judged, readHash, withLength } from '../accounts/foreign/spelling.ts'
import { codeOf } from '../lib/issue.ts'
import type { Locale } from '../lib/locales.ts'
import { emailKey } from '../person/account.ts'
import type { CodeParameters } from '../person/authenticator.ts'
import { LINE, type Line, type LineFault, type SplitPassword } from './line.ts'
import { type IncomingPhone, readPhone, UNVERIFIED } from './phone.ts'
import { readSecret } from './secret.ts'

export interface Incoming {
  externalId: string
  id: string | undefined
  email: string
  emailKey: string
  emailVerified: boolean | undefined
  name: string
  givenName: string | undefined
  familyName: string | undefined
  locale: Locale | undefined
  /** As the line names it. */
  organization: string | undefined
  status: 'active' | 'disabled' | undefined
  createdAt: number | undefined
  password: ForeignHash | undefined
  apps: IncomingApp[] | undefined
  /** `null`: the line has one that is no factor. */
  phone: IncomingPhone | null | undefined
  noticeEmail: string | undefined
  roles: string[] | undefined
  /** What is left out of it, for whoever reads the plan. */
  notes: LineFault[]
}

export interface IncomingApp extends CodeParameters {
  /** base32. */
  secret: string
  label: string | undefined
}

export interface Reading {
  /** Digests of one round are taken, and their owners choose another password. */
  acceptWeak: boolean
  withRoles: readonly string[]
  /** That messages go to, the first one that of a number without a country code. */
  countries: readonly string[]
  now: number
}

export type LineRead = { ok: true; incoming: Incoming } | { ok: false; faults: LineFault[] }

const SAID: Record<string, string> = {
  'unknown-scheme': 'is of no scheme that is known here',
  malformed: 'is not whole: its costs, its salt or its digest are not what the scheme has',
  'too-costly': 'costs more to check than is taken: bcrypt 12, PBKDF2 1,000,000, scrypt N·r·p 2^21, Argon2 256 MiB',
  weak: 'is one round of a fast digest: taken with --accept-weak only, and then it has to be replaced',
}

const CODES: Record<string, string> = { unrecognized_keys: 'unknown-field', invalid_union: 'value' }

export function readLine(value: unknown, reading: Reading): LineRead {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { ok: false, faults: [{ field: '', code: 'type', reason: 'is no object' }] }
  const broken = loneSurrogates(value)
  if (broken.length > 0) return { ok: false, faults: broken }
  const parsed = LINE.safeParse(value)
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => ({
      // A field that nobody knows is the one at fault, not what it is in.
      field: [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys : [])].join('.'),
      code: CODES[issue.code] ?? codeOf(issue, value),
      reason: issue.message,
    }))
    return { ok: false, faults }
  }
  return judge(parsed.data, reading)
}

function judge(line: Line, { acceptWeak, withRoles, countries, now }: Reading): LineRead {
  const faults: LineFault[] = []
  const password = line.password === undefined ? undefined : hashOf(line.password)
  if (password && !password.ok) faults.push({ field: 'password', code: password.reason, reason: said(password.reason) })
  if (password?.ok && isWeak(password.hash) && !acceptWeak)
    faults.push({ field: 'password', code: 'weak', reason: said('weak') })
  const apps = line.totp?.map((app, index) => {
    const { secret, fault } = readSecret(app)
    if (fault) faults.push({ field: `totp.${index}.secret`, ...fault })
    return { secret, algorithm: app.algorithm, digits: app.digits, period: app.period, label: app.label }
  })
  if (apps && new Set(apps.map(({ secret }) => secret)).size < apps.length)
    faults.push({ field: 'totp', code: 'shared', reason: 'has one secret twice' })
  const phone = line.phone && readPhone(line.phone, countries)
  if (phone?.fault) faults.push(phone.fault)
  if (line.notice_email !== undefined && emailKey(line.notice_email) === emailKey(line.email))
    faults.push({ field: 'notice_email', code: 'same-address', reason: 'is the address that they sign in with' })
  const createdAt = line.created_at === undefined ? undefined : Date.parse(line.created_at)
  if (createdAt !== undefined && createdAt > now)
    faults.push({ field: 'created_at', code: 'future', reason: 'is still to come' })
  faults.push(...roleFaults(line.roles ?? [], withRoles))
  if (faults.length > 0) return { ok: false, faults }
  return {
    ok: true,
    incoming: {
      externalId: line.external_id,
      id: line.id,
      email: line.email,
      emailKey: emailKey(line.email),
      emailVerified: line.email_verified,
      name: line.name,
      givenName: line.given_name,
      familyName: line.family_name,
      locale: line.locale,
      organization: line.organization,
      status: line.status,
      createdAt,
      password: password?.ok ? password.hash : undefined,
      apps,
      phone: phone?.phone,
      noticeEmail: line.notice_email,
      roles: line.roles?.toSorted(),
      notes: line.phone && !line.phone.verified ? [UNVERIFIED] : [],
    },
  }
}

function roleFaults(roles: string[], taken: readonly string[]): LineFault[] {
  if (roles.length > 0 && taken.length === 0)
    return [{ field: 'roles', code: 'role-not-held', reason: 'are taken with --with-roles only, by an owner' }]
  return roles.flatMap((role, index) =>
    taken.includes(role) ? [] : [{ field: `roles.${index}`, code: 'value', reason: `is none of ${taken.join(', ')}` }],
  )
}

function hashOf(password: string | SplitPassword): HashRead {
  return typeof password === 'string' ? readHash(password) : judged(assembled(password))
}

function assembled(split: SplitPassword): ForeignHash | undefined {
  if (split.scheme === 'firebase-scrypt') return firebase(split)
  const [salt, digest] = [bytes(split.salt, split.salt_encoding), bytes(split.digest, split.encoding)]
  switch (split.scheme) {
    case 'pbkdf2':
      return withLength('pbkdf2', { h: split.algorithm, i: split.iterations }, salt, digest)
    case 'scrypt':
      return withLength('scrypt', { n: split.n, r: split.r, p: split.p }, salt, digest)
    case 'digest':
      return salt && digest && { scheme: 'digest', costs: { h: split.algorithm, o: ORDER[split.order] }, salt, digest }
  }
}

const ORDER = { 'salt-password': 'sp', 'password-salt': 'ps', hmac: 'hmac' } as const

/** The project's key is taken out of it, see foreign/scheme.ts. */
function firebase(split: Extract<SplitPassword, { scheme: 'firebase-scrypt' }>): ForeignHash | undefined {
  const [salt, separator, key, digest] = [split.salt, split.salt_separator, split.signer_key, split.digest].map(base64)
  if (!salt || !separator || !key || !digest || key.length !== digest.length) return undefined
  const stream = Buffer.from(digest.map((byte, at) => byte ^ (key[at] ?? 0)))
  return withLength(
    'firebase',
    { n: 2 ** split.mem_cost, r: split.rounds },
    salt.length > 0 ? Buffer.concat([salt, separator]) : undefined,
    stream,
  )
}

function bytes(text: string, form: 'base64' | 'hex' | 'text'): Buffer | undefined {
  if (form === 'base64') return base64(text)
  if (form === 'text') return Buffer.from(text)
  return /^(?:[\da-f]{2})*$/i.test(text) ? Buffer.from(text, 'hex') : undefined
}

/** Half a sign: it has no bytes of its own, so what is written is not what was read. */
function loneSurrogates(value: object): LineFault[] {
  return Object.entries(value).flatMap(([field, part]) => {
    const texts = typeof part === 'object' && part !== null ? loneSurrogates(part) : []
    if (!field.isWellFormed() || (typeof part === 'string' && !part.isWellFormed()))
      return [{ field: field.toWellFormed(), code: 'encoding', reason: 'has half a sign in it (a lone surrogate)' }]
    return texts.map((fault) => ({ ...fault, field: `${field}.${fault.field}` }))
  })
}

function said(code: string): string {
  return SAID[code] ?? code
}
