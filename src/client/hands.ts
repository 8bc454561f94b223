/**
 * Who had a hand in an application: whoever made or changed it may hold its secret, or have put a key of their own there.
 * What it proposes is theirs as well, so they are no second person for it.
 */
import { actorNamed } from '../audit/actor.ts'
import type { Found } from '../record/records.ts'
import { handsOf } from './changes.ts'
import type { ClientRecord } from './record.ts'

/** Whether it is `actor` who proposed, or a service that they had a hand in, or one that such a service had a hand in. */
export function isOwn(proposedBy: string, actor: string, records: Iterable<Found<ClientRecord>>): boolean {
  const services = new Map([...records].map(({ id, record }) => [id, record]))
  const behind = new Set([proposedBy])
  // What is added while it goes on is looked at too.
  for (const one of behind) {
    const { kind, name } = actorNamed(one)
    const service = kind === 'client' ? services.get(name) : undefined
    for (const hand of service ? [...(service.hands ?? []), ...service.versions.flatMap(handsOf)] : []) behind.add(hand)
  }
  return behind.has(actor)
}
