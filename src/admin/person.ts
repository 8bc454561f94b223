/** One person as administrators see them: how they are named in an input, and what is shown of them: no secrets. */

import { z } from 'zod'
import { findAccount, findAccountByEmail } from '../accounts/people.ts'
import type { AuditRecord } from '../audit/audit.ts'
import { nameOf } from '../client/listing.ts'
import { AppError } from '../lib/errors.ts'
import { type Account, emailKey } from '../person/account.ts'
import type { Imported } from '../person/imported.ts'
import type { Role } from './role.ts'
import type { AdminContext } from './verb.ts'

/** Whoever answers the telephone. */
export const HELPERS = ['owner', 'help-desk'] as const satisfies Role[]
/** Whoever may look. */
export const READERS = [...HELPERS, 'auditor'] as const satisfies Role[]

export const person = z.string().trim().min(1).max(254).describe('account id or e-mail address')

/** Enough to tell people of the same name apart. */
export interface PersonSummary {
  id: string
  name: string
  email: string
  organization: string | undefined
  status: Account['status']
  roles: string[]
  /** Two-step verification is on. */
  twoStep: boolean
}

/** No secret, nothing that opens a door, and no name that the person gave to something. Times in milliseconds. */
export interface PersonFacts extends PersonSummary {
  givenName: string | undefined
  familyName: string | undefined
  locale: string
  /** Of name, names and language. */
  version: number
  createdAt: number
  passwordChangedAt: number | undefined
  emailChangedAt: number | undefined
  /** There is a second address for notices. */
  noticeAddress: boolean
  enrolledAt: number | undefined
  apps: Array<{ createdAt: number; lastUsedAt: number | undefined }>
  /** `synced`: on all devices of the person. One that is not usable was made for another name than ours (RP id). */
  passkeys: Array<{ createdAt: number; lastUsedAt: number | undefined; synced: boolean; usable: boolean }>
  /** `hint`: the last two digits. */
  phone: { hint: string; createdAt: number } | undefined
  backupCode: { createdAt: number; saved: boolean } | undefined
  /** How many are remembered. */
  devices: number
  /** What the person did, not what was done to them. */
  lastActivityAt: number | undefined
  lastSignInAt: number | undefined
  /** Those that they signed in to lately, the latest first. */
  applications: Array<{ client: string; name: string; signedInAt: number }>
  /** They may wait longer with two-step verification than others. */
  moreTime: { endsAt: number; reason: string; by: string; givenAt: number } | undefined
  /** Nobody has proven that they read what is mailed to their address. */
  emailUnproven: boolean
  /** Where they were brought from, and what happened since, each for its first time. */
  brought: Brought | undefined
  /** Number of the recovery case that waits for a decision. */
  openCase: string | undefined
}

/** Far enough back to find the applications of somebody who signs in every day, and what they did among what was done. */
const RECENT = 300
const MOST_APPLICATIONS = 10
/** However many applications there are, their names are in memory. */
const ALL = Number.MAX_SAFE_INTEGER

/** Rejects with `not-found`. */
export async function personNamed({ people }: AdminContext, given: { person: string }): Promise<Account> {
  const account = given.person.includes('@')
    ? await findAccountByEmail(people, emailKey(given.person))
    : await findAccount(people, given.person)
  if (account) return account
  const erasedAt = (await people.find(given.person))?.erasedAt
  const reason =
    erasedAt === undefined ? 'there is no such person' : `this person was erased on ${new Date(erasedAt).toISOString()}`
  throw new AppError('not-found', reason, { status: 404 })
}

export function summaryOf({ organizations }: Pick<AdminContext, 'organizations'>, account: Account): PersonSummary {
  const { id, name, email, organizationId, status, roles, enrolledAt } = account
  const organization = organizations.nameOf(organizationId)
  return { id, name, email, organization, status, roles, twoStep: enrolledAt !== undefined }
}

export async function factsOf(context: AdminContext, account: Account): Promise<PersonFacts> {
  const { factors, recovery, trail } = context
  const [{ apps, passkeys, phone, backup, devices }, open, events] = await Promise.all([
    factors.overview(account),
    recovery.open(account),
    trail.listAudit({ subject: account.id, limit: RECENT }),
  ])
  const { givenName, familyName, locale, createdAt, passwordChangedAt, emailChangedAt, enrolledAt } = account
  return {
    ...summaryOf(context, account),
    givenName,
    familyName,
    locale,
    version: account.version ?? 0,
    createdAt,
    passwordChangedAt,
    emailChangedAt,
    noticeAddress: account.noticeEmail !== undefined,
    enrolledAt,
    apps: apps.map((app) => ({ createdAt: app.createdAt, lastUsedAt: app.lastUsedAt })),
    passkeys: passkeys.map(({ createdAt, lastUsedAt, synced, usable }) => ({ createdAt, lastUsedAt, synced, usable })),
    phone: phone && { hint: phone.hint, createdAt: phone.createdAt },
    backupCode: backup && { createdAt: backup.createdAt, saved: backup.saved },
    devices: devices.length,
    lastActivityAt: events.find(({ actor }) => actor === account.id)?.at,
    lastSignInAt: account.lastSignInAt,
    applications: applicationsOf(context, events),
    moreTime: extensionOf(account, context.now()),
    emailUnproven: account.emailVerified === false,
    brought: account.imported && broughtOf(account.imported),
    openCase: open?.number,
  }
}

type Brought = Pick<Imported, 'source' | 'at' | 'passwordProvenAt' | 'codeProvenAt' | 'fellBackAt' | 'switchedAt'>

function broughtOf({ source, at, passwordProvenAt, codeProvenAt, fellBackAt, switchedAt }: Imported): Brought {
  return { source, at, passwordProvenAt, codeProvenAt, fellBackAt, switchedAt }
}

function applicationsOf(
  { clients }: Pick<AdminContext, 'clients'>,
  events: AuditRecord[],
): PersonFacts['applications'] {
  const last = new Map<string, number>()
  for (const { type, outcome, client, at } of events)
    if (type === 'sign-in.completed' && outcome === 'ok' && client !== undefined)
      last.set(client, Math.max(last.get(client) ?? 0, at))
  const names =
    last.size > 0
      ? new Map(clients.list({ limit: ALL }).found.map((one) => [one.id, nameOf(one.record)]))
      : new Map<string, string>()
  return [...last]
    .flatMap(([client, signedInAt]) => {
      // Our own pages, and those that are gone, are none that can be looked at.
      const name = names.get(client)
      return name === undefined ? [] : [{ client, name, signedInAt }]
    })
    .sort((one, other) => other.signedInAt - one.signedInAt)
    .slice(0, MOST_APPLICATIONS)
}

/** One that has run out is none. */
function extensionOf({ extension }: Account, now: number): PersonFacts['moreTime'] {
  if (!extension || extension.until <= now) return undefined
  const { until, reason, by, at } = extension
  return { endsAt: until, reason, by, givenAt: at }
}
