/** The verb that moves one person to another organization. */
import { z } from 'zod'
import { AppError } from '../lib/errors.ts'
import { NoSuchOrganization } from './people.ts'
import { HELPERS, person, personNamed } from './person.ts'
import { actorName } from './role.ts'
import { verb } from './verb.ts'

/**
 * It is something done to a person, so it is theirs who may do such things: of the help desk too, which places whoever it
 * invites as well, but never to oneself or to somebody with a role. Who administers applications has no say over people.
 */
export const movePerson = verb({
  name: 'person:move',
  summary: 'Move a person to another organization; they are told, and everything that they had signed in ends',
  roles: HELPERS,
  sensitive: true,
  input: z.object({
    person,
    organization: z
      .string()
      .trim()
      .max(80)
      .describe('id, exact name or number of the organization; an empty text is none'),
  }),
  subject: personNamed,
  async run({ move, organizations }, { organization: named }, actor, account) {
    await organizations.follow()
    const to = named === '' ? undefined : (organizations.find(named) ?? organizations.called(named))
    if (named !== '' && !to) throw new NoSuchOrganization('unknown-organization', organizations.nearest(named))
    const moved = await move(account, to, { actor: actorName(actor), source: actor.source })
    if (moved.ok) return { id: account.id, organization: to?.record.name }
    if (moved.reason === 'same')
      throw new AppError('same-organization', 'this person belongs to it already', { status: 409 })
    throw new NoSuchOrganization(moved.reason, undefined)
  },
})
