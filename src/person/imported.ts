/**
 * Where an account was brought from, and how far its person has come over: what they proved by what came along is told of
 * here, each for its first time.
 */
import { DAY } from '../lib/time.ts'
import type { Account } from './account.ts'
import type { PersonRecord } from './person.ts'

export interface Imported {
  /** The old system, as whoever imports names it. */
  source: string
  /** Its own id for the person. */
  externalId: string
  at: number
  /** Of each field, a digest of what was written: what is another value now was changed here. */
  wrote: Record<string, string>
  /** The plan that wrote last, and what it did, so that the plan is still known when it is half done. */
  run: { plan: string; did: string }
  /** How the password was kept there: its scheme, costs and salt, without the digest. */
  password?: string | undefined
  /** Keyed digests of the secrets that came along: no two people have one. */
  secrets?: string[] | undefined
  /** Keyed digest of the number that came along. */
  phone?: string | undefined
  /** When the password that came along was first right. */
  passwordProvenAt?: number | undefined
  /** It would not have been taken here: too short, say. */
  passwordWeak?: true
  /** When a code of an app that came along was first right. */
  codeProvenAt?: number | undefined
  /** When the person took another way because what came along did not do. */
  fellBackAt?: number | undefined
  /** When an app that was set up here took the place of what came along. */
  switchedAt?: number | undefined
}

/** How far they have come, from the beginning. */
export const STAGES = ['waiting', 'password', 'code', 'fell-back', 'switched'] as const
export type Stage = (typeof STAGES)[number]

export function stageOf({ account }: Pick<PersonRecord, 'account'>): Stage | undefined {
  const imported = account?.imported
  if (!imported) return undefined
  if (imported.switchedAt !== undefined) return 'switched'
  if (imported.fellBackAt !== undefined) return 'fell-back'
  if (imported.codeProvenAt !== undefined) return 'code'
  // Whoever set a password here was in as well.
  const came = imported.passwordProvenAt ?? account.passwordChangedAt ?? account.lastSignInAt
  return came === undefined ? 'waiting' : 'password'
}

/**
 * Its password came along as one round of a fast digest, and its owner has not set another: whoever copied the old system's
 * database knows it, so by itself it opens nothing.
 */
export function mustReplacePassword(account: Account): boolean {
  return isPasswordImported(account) && account.imported?.password?.startsWith('digest ') === true
}

/** The password is the one that came along: nobody has set another. */
export function isPasswordImported({ imported, passwordChangedAt }: Account): boolean {
  return imported !== undefined && passwordChangedAt === undefined
}

/** What is done about a password that came along and would not be taken here. */
export const IMPORTED_PASSWORDS = ['keep', 'ask', 'require'] as const
export interface ImportedRule {
  passwords: (typeof IMPORTED_PASSWORDS)[number]
}

/** Whoever is only asked has so long, from their first sign-in on. */
export const ASKED_FOR = 30 * DAY

/** `asked`: may go on with it. `required`: not while it opens anything by itself (mfa/challenge-policy.ts). */
export type PasswordOwed = 'fine' | 'asked' | 'required'

/** `until`: when it stops to be enough; undefined where it never does. */
export interface OwedPassword {
  password: PasswordOwed
  until?: number | undefined
}

/** Another password is owed in the place of the one that came along. */
export function owedPassword(account: Account, { passwords }: ImportedRule, now: number): OwedPassword {
  const { imported, enrolledAt } = account
  if (passwords === 'keep' || !isPasswordImported(account) || !imported?.passwordWeak) return { password: 'fine' }
  const until = (imported.passwordProvenAt ?? imported.at) + ASKED_FOR
  if (passwords === 'require' || until <= now) return { password: 'required' }
  return { password: 'asked', until: enrolledAt === undefined ? until : undefined }
}

/** The password that came along was right, and was found too weak while it was there to be looked at. */
export function notePasswordWeak({ account }: PersonRecord): void {
  if (account?.imported) account.imported.passwordWeak = true
}

const NOWHERE = '-'

/** Where people of one source, organization and stage are found. None of the three has a space in it. */
export function importedValue(source: string, organizationId: string | undefined, stage: Stage): string {
  return `${source} ${organizationId ?? NOWHERE} ${stage}`
}

/** What `importedValue` was made of. */
export function parseImported(value: string): { source: string; organizationId: string | undefined; stage: Stage } {
  const [source = '', organization = NOWHERE, stage = ''] = value.split(' ')
  const known = STAGES.find((each) => each === stage) ?? 'waiting'
  return { source, organizationId: organization === NOWHERE ? undefined : organization, stage: known }
}

export function importedOf(person: PersonRecord): string | undefined {
  const stage = stageOf(person)
  const { imported, organizationId } = person.account ?? {}
  return imported && stage && importedValue(imported.source, organizationId, stage)
}
