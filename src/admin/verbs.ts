/** The list of everything that can be administered. A new verb is one object here or in a file beside this one. */
import { z } from 'zod'
import { holdsCitizenNumber } from '../accounts/citizen-number.ts'
import { AppError } from '../lib/errors.ts'
import { type Verb, verb } from './verb.ts'

// Signs that cannot be seen, or change the direction of the text around them, would make one name look like another. The
// joiners U+200C and U+200D stay: names in Persian and the scripts of India need them.
const name = z
  .string()
  .min(1)
  .max(80)
  .regex(
    /^[^\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]+$/u,
    'has control characters',
  )
  .refine((text) => !holdsCitizenNumber(text), 'holds a citizen service number (BSN), which may not be kept here')

const invitePerson = verb({
  name: 'person:invite',
  summary: 'Invite a person: makes the account and mails the link to activate it',
  input: z.object({
    email: z.email().max(254).describe('address that the link is mailed to'),
    name: name.describe('full name'),
    locale: z.enum(['en', 'nl']).default('nl').describe('language of mails: en or nl'),
    organization: name.optional().describe('employer'),
    role: z
      .array(z.enum(['owner', 'client-admin', 'help-desk', 'auditor']))
      .default([])
      .describe('role, may be repeated'),
  }),
  async run({ links }, { role, ...invitation }) {
    const invited = await links.invite({ ...invitation, roles: role })
    if (!invited.ok) throw new AppError('address-taken', `${invitation.email} has an account already`, { status: 409 })
    return { id: invited.account.id, email: invited.account.email, status: invited.account.status }
  },
})

const listKeys = verb({
  name: 'key:list',
  summary: 'List the signing keys and what each is doing',
  input: z.object({}),
  run: ({ keys }) => keys.list(),
})

const rotateKeys = verb({
  name: 'key:rotate',
  summary: 'Rotate the signing keys: next becomes current, current becomes previous',
  input: z.object({
    force: z.boolean().default(false).describe('even if the next key was published less than a day ago'),
  }),
  async run({ keys, audit }, { force }) {
    const rotation = await keys.rotate({ forced: force })
    if (rotation === 'too-early')
      throw new AppError(
        'too-early',
        'the next key was published less than a day ago; applications may not have it yet (--force)',
      )
    if (rotation === 'rotated') await audit({ type: 'key.rotated', outcome: 'ok', details: { forced: force } })
    return { rotation }
  },
})

const verifyAudit = verb({
  name: 'audit:verify',
  summary: 'Check that no record of the audit trail was changed',
  input: z.object({}),
  async run({ trail }) {
    const broken = await trail.verifyAudit()
    if (broken) throw new AppError('audit-changed', `record ${broken} does not fit what came before it`)
    return { intact: true }
  },
})

export const VERBS: Verb[] = [invitePerson, listKeys, rotateKeys, verifyAudit]
