/** Verbs for the audit trail. Looking into it is kept in it, like everything else. */
import { z } from 'zod'
import { AppError } from '../lib/errors.ts'
import { person, personNamed } from './person.ts'
import type { Target } from './role.ts'
import { type AdminContext, verb } from './verb.ts'

export const listAudit = verb({
  name: 'audit:list',
  summary: 'List what the audit trail says, the newest first',
  roles: ['owner', 'auditor'],
  input: z.object({
    person: person
      .optional()
      .describe('only of this person: account id, also of one who was erased, or e-mail address'),
    reference: z
      .string()
      .trim()
      .toUpperCase()
      .regex(/^[A-Z0-9]{8}$/, 'eight letters and digits, as an error page shows them')
      .optional()
      .describe('only what was refused or failed in one request: the reference on its page'),
    limit: z.coerce.number().int().min(1).max(1000).default(50).describe('how many, 1 to 1000 (50)'),
  }),
  subject: personOrTombstone,
  run: ({ trail }, { reference, limit }, _actor, subject) =>
    trail.listAudit({ subject: subject?.id, reference, limit }),
})

export const verifyAudit = verb({
  name: 'audit:verify',
  summary: 'Check that no record of the audit trail was changed',
  roles: ['owner', 'auditor'],
  input: z.object({}),
  async run({ trail }) {
    const broken = await trail.verifyAudit()
    if (broken) throw new AppError('audit-changed', `record ${broken} does not fit what came before it`)
    return { intact: true }
  },
})

/** What an erased person did, and what was done to them, can still be asked for by id (GDPR article 17(3)). */
async function personOrTombstone(context: AdminContext, given: { person?: string }): Promise<Target | undefined> {
  if (given.person === undefined) return undefined
  if ((await context.people.find(given.person))?.erasedAt !== undefined) return { id: given.person, roles: [] }
  return personNamed(context, { person: given.person })
}
