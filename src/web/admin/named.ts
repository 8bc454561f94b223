/** Whoever the trail, or a record, names: name and address of who has an account, what is known of everybody else. */

import type { AdminContext } from '../../admin/verb.ts'
import { actorNamed } from '../../audit/actor.ts'

export interface Named {
  text?: string
  note?: string
  code?: string
  /** Of no account: `admin.audit.actor.<kind>`. */
  kind?: string
}

export type Names = (actor: string) => Named

/** In one look, however many. */
export async function namesOf(
  { people }: Pick<AdminContext, 'people'>,
  ids: Array<string | undefined>,
): Promise<ReadonlyMap<string, Named>> {
  const asked = [...new Set(ids.filter((id) => id !== undefined))]
  const found = asked.length > 0 ? await people.findMany(asked) : []
  return new Map(found.flatMap(({ id, record }) => (record.account ? [[id, named(record.account)] as const] : [])))
}

/** Of somebody without an account. */
export function nobody(actor: string): Named {
  const { kind, name } = actorNamed(actor)
  return kind === 'account' ? { code: actor } : { kind, ...(name !== '' && { code: name }) }
}

function named({ name, email }: { name: string; email: string }): Named {
  return { text: name, note: email }
}
