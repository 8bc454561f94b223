/**
 * What can be administered, as data: a name, a sentence, who may, the shape of the input, whom it acts on, and what it
 * does. The command line and the pages read the list and run it through `runVerb`, where the rules are: the role, the
 * person acted on, and a line in the audit trail for every run, also of what only looks.
 */

import type { z } from 'zod'
import type { Details } from '../accounts/details.ts'
import type { InvitationRounds } from '../accounts/invitation-rounds.ts'
import type { Invitations } from '../accounts/invitations.ts'
import type { AccountLife } from '../accounts/life.ts'
import type { Links, WriteMail } from '../accounts/links.ts'
import type { Memberships } from '../accounts/membership.ts'
import type { Move } from '../accounts/move.ts'
import type { NoticeName } from '../accounts/notify.ts'
import type { Audit, AuditStore } from '../audit/audit.ts'
import type { CheckpointSeal } from '../audit/checkpoint.ts'
import type { ExportAudit } from '../audit/export.ts'
import type { ClientAdministration } from '../client/administration.ts'
import type { Approvals } from '../client/approvals.ts'
import type { Clients } from '../client/client.ts'
import type { ClientFile } from '../client/client-file.ts'
import type { LibraryPage } from '../client/connection.ts'
import type { Logos } from '../client/logos.ts'
import type { ResourceAdministration } from '../client/resource-administration.ts'
import type { QueueStore } from '../delivery/queue.ts'
import type { Line } from '../doctor/diagnosis.ts'
import type { Doctor } from '../doctor/doctor.ts'
import { AppError, InputError } from '../lib/errors.ts'
import { codeOf } from '../lib/issue.ts'
import type { Log } from '../lib/log.ts'
import type { Clock } from '../lib/time.ts'
import type { CampaignRules } from '../mfa/campaign.ts'
import type { OrganizationPeriods } from '../mfa/organization-campaign.ts'
import type { OwnFactors } from '../mfa/own-factors.ts'
import type { Migration } from '../migration/migration.ts'
import type { SigningKeys } from '../oidc/keys.ts'
import type { Directory } from '../organization/directory.ts'
import type { Registry } from '../organization/registry.ts'
import type { Account } from '../person/account.ts'
import type { People } from '../person/kind.ts'
import type { Recovery } from '../recovery/recovery.ts'
import type { PersonData } from './person-data.ts'
import { type Actor, type Allowed, actorName, mayActOn, mayRun, type Role, type Target } from './role.ts'

export interface AdminContext {
  clients: ClientAdministration
  logos: Pick<Logos, 'set' | 'remove'>
  resources: ResourceAdministration
  /** Those that are active. */
  apis: () => Clients['resources']
  /** How applications are connected. */
  libraries: () => readonly LibraryPage[]
  issuer: string
  links: Pick<Links, 'invite'>
  invitations: Pick<Invitations, 'plan' | 'send' | 'resend' | 'withdraw'>
  rounds: InvitationRounds
  keys: Pick<SigningKeys, 'list' | 'rotate'>
  audit: Audit
  trail: Pick<AuditStore, 'listAudit' | 'lookAtAudit' | 'followAudit' | 'followCheckpoints'>
  /** Of what stands in the place of old records that were removed. */
  checkpointSeal: Pick<CheckpointSeal, 'holds'>
  exportAudit: ExportAudit
  deliveries: Pick<QueueStore, 'listParcels' | 'findParcel' | 'expedite'>
  people: Pick<People, 'find' | 'findMany' | 'findBy' | 'search' | 'count' | 'counts' | 'list'>
  organizations: Directory
  /** What is done to organizations. */
  registry: Registry
  memberships: Pick<Memberships, 'finish'>
  /** From when people need a second step. */
  campaign: CampaignRules & { organizations: OrganizationPeriods }
  /** Mails before the deadline. */
  reminders: { areSent(): boolean; write: WriteMail }
  life: AccountLife
  move: Move
  /** What is changed of a person. */
  details: Details
  factors: Pick<OwnFactors, 'overview'>
  /** The RP id that passkeys are good for; undefined where there are none. */
  rpId: string | undefined
  recovery: Pick<Recovery, 'open' | 'find' | 'listOpen' | 'decide'>
  personData: PersonData
  clientFile: Omit<ClientFile, 'start'>
  migration: Migration
  approvals: Approvals
  doctor: Doctor & {
    /** What a line says, in that language. */
    say(line: Pick<Line, 'sentence' | 'values'>, language: string): string
  }
  /** Ends every session, token and remembered device of the account; applications are told. */
  endSessions: (accountId: string) => Promise<void>
  /** Mails this notice to every known address. */
  tell: (account: Account, name: NoticeName) => Promise<void>
  now: Clock
  /** Hears of every refusal, so that somebody can be woken. */
  log: Pick<Log, 'warn'>
}

/** A run whose input is in order: whom it is about, and the rest of it. */
export interface Prepared<R> {
  target: Target | undefined
  /** Rejects with an AppError whose message an administrator can act on. */
  run(actor: Actor): Promise<R>
}

/** What a verb with `file` answers: a file, made while it is read. */
export interface MadeFile {
  name: string
  /** Media type. */
  type: string
  lines: AsyncIterable<string>
}

export interface Verb<R = unknown> {
  /** `<noun>:<verb>` */
  name: string
  summary: string
  /** Whoever has one of these may; the command line always may. */
  roles: readonly Role[]
  /**
   * Changes something, or shows what is worth protecting: never to oneself or to someone above, and on the pages only
   * with a second factor of the last five minutes.
   */
  sensitive: boolean
  /** Answers a file (`MadeFile`). */
  file: boolean
  input: z.ZodObject
  /** Rejects with an InputError, or with `not-found` if there is no such person. */
  prepare(context: AdminContext, given: unknown): Promise<Prepared<R>>
  /** Id of the account that a run made, or that its answer is about, for the audit trail. */
  made?(result: R): string | undefined
}

/** A verb whose functions get their input in the shape it declares, and the person it is about as `subject` found it. */
export function verb<R, S extends z.ZodObject, T extends Target | undefined = undefined>(definition: {
  name: string
  summary: string
  roles: readonly Role[]
  sensitive?: true
  file?: true
  input: S
  subject?(context: AdminContext, input: z.output<S>): Promise<T>
  run(context: AdminContext, input: z.output<S>, actor: Actor, subject: T): Promise<R>
  made?(result: R): string | undefined
}): Verb<R> {
  const { input: shape, sensitive = false, file = false, subject: find, run, ...rest } = definition
  return {
    ...rest,
    sensitive,
    file,
    input: shape,
    async prepare(context, given) {
      const input = parseInput(shape, given)
      // Without `subject` there is nobody, and T is undefined.
      const subject = (await find?.(context, input)) as T
      return { target: subject, run: (actor) => run(context, input, actor, subject) }
    },
  }
}

/** Throws an InputError that names every field at fault. */
export function parseInput<S extends z.ZodObject>(shape: S, given: unknown): z.output<S> {
  const parsed = shape.safeParse(given)
  if (parsed.success) return parsed.data
  throw new InputError(
    'The input is not in order.',
    parsed.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      at: issue.path,
      reason: issue.message,
      code: codeOf(issue, given),
    })),
  )
}

/** Thrown when the rules say no; `reason` goes to the audit trail. */
export class NotAllowed extends AppError {
  readonly reason: string

  constructor(reason: string) {
    super('not-allowed', WORDS[reason] ?? reason, { status: 403 })
    this.reason = reason
  }
}

const WORDS: Record<string, string> = {
  'role-missing': 'this needs a role that you do not have',
  'own-proposal': 'somebody else has to approve what you proposed',
  'own-service': 'somebody has to approve it who did not make or change the service that proposed it',
  'no-person': 'only a person can decide this, not an application',
  'role-not-held': 'only an owner gives roles, and at the API by a token that has all its scopes',
  self: 'nobody can do this to themselves: ask a colleague',
  above: 'only an owner can do this to somebody who has a role',
}

export function insist(allowed: Allowed): void {
  if (!allowed.ok) throw new NotAllowed(allowed.reason)
}

/** The one way in. What it answers is kept back until the audit trail has the run. */
export async function runVerb<R>(context: AdminContext, chosen: Verb<R>, given: unknown, actor: Actor): Promise<R> {
  const { audit, log } = context
  const { source, via, operator, client } = actor
  const who = actorName(actor)
  const details = {
    verb: chosen.name,
    via,
    ...(operator !== undefined && { operator }),
    ...(client !== undefined && { client }),
  }
  let subject: string | undefined

  async function recordUndone(error: unknown): Promise<void> {
    // A slip of the pen: nothing was asked of anybody yet.
    if (error instanceof InputError) return
    if (error instanceof NotAllowed) {
      const refusal = { verb: chosen.name, via, reason: error.reason }
      await audit({ type: 'admin.refused', outcome: 'refused', actor: who, subject, source, details: refusal })
      log.warn({ ...refusal, actor: who, subject, correlation: source?.correlation }, 'admin refused')
      return
    }
    const expected = error instanceof AppError && error.status < 500
    const reason = error instanceof AppError ? error.code : 'internal'
    const outcome = expected ? 'refused' : 'failed'
    await audit({ type: 'admin.verb', outcome, actor: who, subject, source, details: { ...details, reason } })
  }

  let result: R
  try {
    insist(mayRun(actor, chosen.roles))
    const prepared = await chosen.prepare(context, given)
    subject = prepared.target?.id
    if (chosen.sensitive && prepared.target) insist(mayActOn(actor, prepared.target))
    result = await prepared.run(actor)
  } catch (error) {
    await recordUndone(error)
    throw error
  }
  subject ??= chosen.made?.(result)
  await audit({ type: 'admin.verb', outcome: 'ok', actor: who, subject, source, details })
  return result
}
