/**
 * What one line would do to what is there: pure, so that whoever reads the plan and the write that carries it out mean the
 * same thing. Nothing that was changed here is ever overwritten. Once somebody has signed in, the old system has a say over
 * names and language only: an address, a password or an app is a door by then. So it is of whoever has a role, from the start.
 */
import { foreignText } from '../accounts/foreign/scheme.ts'
import { digest } from '../lib/crypto.ts'
import type { Account } from '../person/account.ts'
import { stageOf } from '../person/imported.ts'
import { isSame } from '../record/copy.ts'
import type { Incoming } from './incoming.ts'

export const FIELDS = [
  'email',
  'email_verified',
  'name',
  'given_name',
  'family_name',
  'locale',
  'organization',
  'status',
  'roles',
  'password',
  'totp',
  'phone',
  'notice_email',
] as const
export type Field = (typeof FIELDS)[number]

/** What every run may change, whoever has signed in since. */
const FREE: readonly Field[] = ['name', 'given_name', 'family_name', 'locale']
/** What nobody is shown. */
const SECRET: readonly Field[] = ['password', 'totp', 'phone']

export interface Change {
  field: Field
  from?: unknown
  to?: unknown
}

export interface Conflict extends Change {
  reason: 'changed-here' | 'signed-in' | 'has-role'
}

export interface Decision {
  do: 'create' | 'same' | 'change' | 'conflict'
  changes: Change[]
  conflicts: Conflict[]
}

/** The line with everything looked up that it names. */
export interface Known extends Incoming {
  organizationId: string | undefined
  /** Keyed digests of the secrets of its apps. */
  secrets: string[] | undefined
  /** Keyed digest of its number; `null` where it is to have none. */
  phoneKey: string | null | undefined
  /** Roles were taken with the option for it, by somebody who may give any. */
  withRoles: boolean
}

/** The fields of which the line says something, as they are compared. */
export type Values = Partial<Record<Field, unknown>>

export function decide(known: Known, account: Account | undefined): Decision {
  if (!account) return { do: 'create', changes: [], conflicts: [] }
  const wanted = valuesOf(known)
  const there = valuesAt(account)
  const waiting = stageOf({ account }) === 'waiting'
  const changes: Change[] = []
  const conflicts: Conflict[] = []
  for (const field of FIELDS) {
    if (wanted[field] === undefined || isSame(wanted[field], there[field])) continue
    const change = shown({ field, from: there[field], to: wanted[field] })
    // An older run knew nothing of this field, and wrote nothing in it.
    const wrote = account.imported?.wrote[field] ?? mark(account.id, field, undefined)
    const ours = wrote !== mark(account.id, field, there[field])
    if (ours) conflicts.push({ ...change, reason: 'changed-here' })
    // Whoever may bring people along, but give no roles, would get a role with the password of a colleague who has it.
    else if (account.roles.length > 0 && !known.withRoles && !FREE.includes(field))
      conflicts.push({ ...change, reason: 'has-role' })
    else if (!waiting && !FREE.includes(field)) conflicts.push({ ...change, reason: 'signed-in' })
    else changes.push(change)
  }
  if (changes.length > 0) return { do: 'change', changes, conflicts }
  return { do: conflicts.length > 0 ? 'conflict' : 'same', changes, conflicts }
}

export function valuesOf(known: Known): Values {
  return {
    email: known.emailKey,
    email_verified: known.emailVerified,
    name: known.name,
    given_name: known.givenName,
    family_name: known.familyName,
    locale: known.locale,
    organization: known.organizationId,
    status: known.status,
    roles: known.roles,
    password: known.password && foreignText(known.password),
    totp: known.secrets,
    phone: known.phoneKey,
    notice_email: known.noticeEmail,
  }
}

export function valuesAt(account: Account): Required<Values> {
  const { imported } = account
  return {
    email: account.emailKey,
    email_verified: account.emailVerified ?? true,
    name: account.name,
    given_name: account.givenName,
    family_name: account.familyName,
    locale: account.locale,
    organization: account.organizationId,
    status: account.status === 'disabled' ? 'disabled' : 'active',
    roles: account.roles,
    password: imported?.password,
    totp: imported?.secrets,
    phone: imported?.phone ?? null,
    notice_email: account.noticeEmail,
  }
}

/** Tells whether a value is the one that was written, and not what it was; bound to its place. */
export function mark(accountId: string, field: Field, value: unknown): string {
  return digest(`${accountId} ${field} ${JSON.stringify(value ?? null)}`).slice(0, 12)
}

export function marksOf(account: Account): Record<string, string> {
  const there = valuesAt(account)
  return Object.fromEntries(FIELDS.map((field) => [field, mark(account.id, field, there[field])]))
}

function shown(change: Change): Change {
  return SECRET.includes(change.field) ? { field: change.field } : change
}
