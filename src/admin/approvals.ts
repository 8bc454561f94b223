/**
 * Verbs for changes of protected applications that wait for a second person: looked at, approved, declined.
 *
 * One account is one person: nobody approves what they proposed, and no application approves anything. At the machine it
 * goes by the name that the machine knows somebody under. Whoever works there could change the data itself, so a name of
 * the machine may approve what an account proposed: it keeps nobody out who is in, an installation with one administrator
 * goes on, and the trail says that it was there.
 */
import { z } from 'zod'
import { findAccount } from '../accounts/people.ts'
import { actorNamed } from '../audit/actor.ts'
import type { EventType } from '../audit/audit.ts'
import type { Approval, Decided, DecisionRefused } from '../client/approvals.ts'
import { FILE } from '../client/client-file.ts'
import { fieldName } from '../client/definition.ts'
import { AppError, InputError } from '../lib/errors.ts'
import { CLIENT_ADMINS, CLIENT_READERS, told } from './clients.ts'
import { whoIs } from './definition-input.ts'
import { type Actor, actorName, mayRun } from './role.ts'
import { type AdminContext, NotAllowed, verb } from './verb.ts'

const approval = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,80}\.[A-Za-z0-9]{1,40}$/, 'is no id of an approval: approval:list prints them')
  .describe('id of what waits, as approval:list prints it')
const input = z.object({ approval })

export const listApprovals = verb({
  name: 'approval:list',
  summary: 'List changes of protected applications that wait for a second person, the oldest first',
  roles: CLIENT_READERS,
  input: z.object({}),
  run: ({ approvals }) => approvals.list(),
})

export const showApproval = verb({
  name: 'approval:show',
  summary: 'Show a change that waits, or waited, for a second person, field by field',
  roles: CLIENT_READERS,
  input,
  run: async (context, { approval: id }) => approvalWith(context, id),
})

export const approveChange = verb({
  name: 'approval:approve',
  summary: 'Approve a change that somebody else proposed: it counts at once; a new secret is shown this once',
  roles: CLIENT_ADMINS,
  sensitive: true,
  input,
  async run(context, { approval: id }, actor) {
    insistPerson(actor)
    const proposed = await approvalWith(context, id)
    await insistStillThere(context, proposed)
    const decided = insistDecided(await context.approvals.approve(id, whoIs(actor)))
    await tellDecided(context, 'approval.given', decided, actor)
    const { version, changes, client } = decided
    await told(context, client, { ok: true, version, changes }, actor)
    return decided
  },
})

export const declineChange = verb({
  name: 'approval:decline',
  summary: 'Decline a change that waits for a second person, or take back what one proposed oneself',
  roles: CLIENT_ADMINS,
  sensitive: true,
  input,
  async run(context, { approval: id }, actor) {
    insistPerson(actor)
    const decided = insistDecided(await context.approvals.decline(id, whoIs(actor)))
    const event = decided.state === 'withdrawn' ? 'approval.withdrawn' : 'approval.declined'
    await tellDecided(context, event, decided, actor)
    return decided
  },
})

function insistPerson(actor: Actor): void {
  if (actorNamed(actorName(actor)).kind === 'client') throw new NotAllowed('no-person')
}

async function approvalWith({ approvals }: AdminContext, id: string): Promise<Approval> {
  const found = await approvals.find(id)
  if (!found) throw new AppError('not-found', 'there is no such approval', { status: 404 })
  return found
}

/** A stolen session proposes, its owner is told, the account is disabled: what it proposed must not count after that. */
async function insistStillThere(context: AdminContext, { actor }: Approval): Promise<void> {
  // A start, of whoever works at the machine. By which door somebody else asked is no matter: a file may be sent to each.
  if (actor === FILE) return
  const roles = await rolesOf(context, actor)
  if (roles && !mayRun({ id: actor, roles, via: 'pages', source: undefined }, CLIENT_ADMINS).ok)
    throw new AppError('proposer-gone', 'whoever proposed this may not change applications any more: decline it', {
      status: 409,
    })
}

/** Those that whoever proposed it has now: none of one that is gone. Undefined of whoever works at the machine. */
async function rolesOf({ people, clients }: AdminContext, actor: string): Promise<string[] | undefined> {
  const { kind, name } = actorNamed(actor)
  if (kind === 'account') {
    const account = await findAccount(people, actor)
    return account?.status === 'active' ? account.roles : []
  }
  if (kind !== 'client') return undefined
  const service = await clients.find(name)
  const { admin_role: role } = service?.definition ?? {}
  return service?.status === 'active' && role !== undefined ? [String(role)] : []
}

function insistDecided(outcome: { ok: true; decided: Decided } | DecisionRefused): Decided {
  if (outcome.ok) return outcome.decided
  if (['own-proposal', 'own-service', 'role-not-held'].includes(outcome.reason)) throw new NotAllowed(outcome.reason)
  if (outcome.reason === 'not-in-order')
    throw new InputError(
      'It would not be in order any more.',
      outcome.faults.map(({ code, path, reason }) => ({ code, path: fieldName(path), reason })),
    )
  if (outcome.reason === 'no-such-proposal')
    throw new AppError('not-found', 'there is no such approval', { status: 404 })
  if (outcome.reason === 'not-open')
    throw new AppError(`approval-${outcome.state}`, WORDS[outcome.state], { status: 409 })
  throw new AppError(outcome.reason, 'the application is not as it was when this was proposed', { status: 409 })
}

const WORDS: Record<Approval['state'], string> = {
  approved: 'this was approved already',
  declined: 'this was declined already',
  withdrawn: 'this was taken back',
  expired: 'this waited for more than seven days: propose it again',
  stale: 'the application was changed since: propose it again over what it is now',
  open: 'this waits still',
}

async function tellDecided(
  { audit }: AdminContext,
  type: EventType,
  { client, id, actor: proposer }: Approval,
  actor: Actor,
): Promise<void> {
  const details = { approval: id, proposer }
  await audit({ type, outcome: 'ok', actor: actorName(actor), client, source: actor.source, details })
}
