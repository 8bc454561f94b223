/**
 * Verbs for applications: made, changed, put back, disabled, deleted. What looks at them is in client-looks.ts, their
 * secrets are in client-secrets.ts.
 */
import { z } from 'zod'
import type { Kept } from '../client/administration.ts'
import { CLIENT_FIELDS } from '../client/field-kinds.ts'
import { approvalId } from '../client/proposal.ts'
import { fieldsInput, givenFields, insistKept, read, whoIs } from './definition-input.ts'
import { type Actor, actorName } from './role.ts'
import { type AdminContext, verb } from './verb.ts'

export const CLIENT_ADMINS = ['owner', 'client-admin'] as const
/** An auditor looks at everything but secrets, and there are none in what is looked at. */
export const CLIENT_READERS = [...CLIENT_ADMINS, 'auditor'] as const

export const client = z.string().min(1).max(80).describe('client_id of the application')

/** What a verb says of a change: of one that waits for a second person, where it waits. */
export type Told<K extends Kept> = Omit<K, 'proposal'> & { approval?: string }

/** Kept in the audit trail beside the run itself: which application, and which fields. */
export async function told<K extends Kept>(
  { audit, log }: Pick<AdminContext, 'audit' | 'log'>,
  id: string,
  { proposal, ...outcome }: K,
  actor: Actor,
): Promise<Told<K>> {
  const about = { actor: actorName(actor), client: id, source: actor.source }
  if (proposal) {
    const approval = approvalId(id, proposal)
    const details = { approval, fields: fieldsOf(proposal) }
    await audit({ type: 'approval.requested', outcome: 'ok', ...about, details })
    // Where somebody is woken by what is logged, they are by this: it may not have been a colleague.
    log.warn({ client: id, approval, actor: about.actor }, 'a change of a protected application waits for approval')
    return { ...outcome, approval }
  }
  const details = { version: outcome.version, fields: fieldsOf(outcome) }
  if (outcome.changes.length > 0) await audit({ type: 'client.changed', outcome: 'ok', ...about, details })
  return outcome
}

function fieldsOf({ changes }: Pick<Kept, 'changes'>): string {
  return changes.map(({ field }) => field).join(' ')
}

/** What is given of the fields of a definition, and what is taken out of it. */
export function fieldsFor(
  input: Readonly<Record<string, unknown>>,
  { unset = [], ...how }: { unset?: readonly string[]; others: readonly string[]; via: Actor['via'] },
): Record<string, unknown> {
  const gone = Object.fromEntries(unset.map((name) => [name, undefined]))
  return { ...gone, ...givenFields(input, { fields: CLIENT_FIELDS, ...how }) }
}

export const addClient = verb({
  name: 'client:add',
  summary: 'Add an application, by the fields of its record; a secret that we make is shown once',
  roles: CLIENT_ADMINS,
  sensitive: true,
  input: fieldsInput(CLIENT_FIELDS, {}),
  async run(context, input, actor) {
    const given = fieldsFor(input, { others: [], via: actor.via })
    const id = String(given.client_id)
    const outcome = insistKept(await context.clients.add(given, whoIs(actor)))
    const { version, secret } = await told(context, id, outcome, actor)
    return { client: id, version, ...(secret && { secret }) }
  },
})

export const changeClient = verb({
  name: 'client:change',
  summary: 'Change fields of an application; --unset takes one out',
  roles: CLIENT_ADMINS,
  sensitive: true,
  input: fieldsInput(CLIENT_FIELDS, {
    client,
    version: read,
    unset: z.array(z.string()).default([]).describe('field that is as if it was never given, may be repeated'),
  }),
  async run(context, input, actor) {
    const { client: id, version, unset } = input as unknown as { client: string; version?: number; unset: string[] }
    const fields = fieldsFor(input, { unset, others: ['client', 'version', 'unset'], via: actor.via })
    return told(
      context,
      id,
      insistKept(await context.clients.change(id, { fields, read: version }, whoIs(actor))),
      actor,
    )
  },
})

function simple(name: 'disable' | 'enable' | 'delete', summary: string, how: 'disable' | 'enable' | 'remove') {
  return verb({
    name: `client:${name}`,
    summary,
    roles: CLIENT_ADMINS,
    sensitive: true,
    input: z.object({ client, version: read }),
    run: async (context, { client: id, version }, actor) =>
      told(context, id, insistKept(await context.clients[how](id, version, whoIs(actor))), actor),
  })
}

export const disableClient = simple(
  'disable',
  'Disable an application: nobody signs in to it, and its tokens end at once',
  'disable',
)
export const enableClient = simple('enable', 'Enable a disabled application again', 'enable')
export const deleteClient = simple('delete', 'Delete an application for good; its id is never given again', 'remove')

export const restoreClient = verb({
  name: 'client:restore',
  summary: 'Put back what the record of an application was in an earlier version; secrets do not come back',
  roles: CLIENT_ADMINS,
  sensitive: true,
  input: z.object({
    client,
    to: z.coerce.number().int().min(1).describe('the version to put back'),
    version: read,
  }),
  run: async (context, { client: id, to, version }, actor) =>
    told(context, id, insistKept(await context.clients.restore(id, to, version, whoIs(actor))), actor),
})
