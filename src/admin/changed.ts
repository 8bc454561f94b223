/** What the audit trail keeps of a change to an application or an API, beside the run itself: which, and which fields. */
import type { Kept } from '../client/administration.ts'
import type { Named } from '../client/plan.ts'
import { type Actor, actorName } from './role.ts'
import type { AdminContext } from './verb.ts'

type Trail = Pick<AdminContext, 'audit'>

export async function recordChange(
  { audit }: Trail,
  { noun, id }: Named,
  details: { version?: number; fields: string },
  actor: Actor,
): Promise<void> {
  const event = { outcome: 'ok' as const, actor: actorName(actor), source: actor.source }
  if (noun === 'client') return audit({ type: 'client.changed', ...event, client: id, details })
  return audit({ type: 'resource.changed', ...event, details: { resource: id, ...details } })
}

/** Nothing, where everything was so already. */
export async function told<K extends Kept>(context: Trail, named: Named, outcome: K, actor: Actor): Promise<K> {
  const { version, changes } = outcome
  const fields = changes.map(({ field }) => field).join(' ')
  if (changes.length > 0) await recordChange(context, named, { version, fields }, actor)
  return outcome
}
