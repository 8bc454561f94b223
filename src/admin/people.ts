/** Verbs for people: inviting, finding, looking. What happens to an account later is life.ts. */
import { z } from 'zod'
import { holdsCitizenNumber } from '../accounts/citizen-number.ts'
import { PLAIN } from '../accounts/plain-text.ts'
import { BUILT_IN_NAME, isBuiltInName } from '../lib/built-in-name.ts'
import { emailAddress } from '../lib/email-address.ts'
import { AppError, InputError } from '../lib/errors.ts'
import { LOCALES } from '../lib/locales.ts'
import { insistNoLookAlike, lookAlikeChoice } from './look-alike.ts'
import { factsOf, HELPERS, person, personNamed, READERS, summaryOf } from './person.ts'
import { actorName, mayGive, ROLES } from './role.ts'
import { insist, verb } from './verb.ts'

/** More than fit on a page are too many to choose from: a longer text finds fewer. */
export const MOST_FOUND = 20

export const personName = z
  .string()
  .min(1)
  .max(80)
  .regex(PLAIN, 'has control characters')
  .refine((text) => !holdsCitizenNumber(text), 'holds a citizen service number (BSN), which may not be kept here')

/** Whoever would belong to a misspelled one would be held to no dates, and would not be let out with the others. */
export class NoSuchOrganization extends InputError {
  /** The name of one that may have been meant. */
  readonly nearest: string | undefined
  /** There is one, and it lets nobody in. */
  readonly disabled: boolean

  constructor(reason: 'unknown-organization' | 'disabled-organization', nearest: string | undefined) {
    const unknown = `there is none of this name or number${nearest === undefined ? '' : `: did you mean ${nearest}?`}`
    super('The input is not in order.', [
      { path: 'organization', reason: reason === 'unknown-organization' ? unknown : 'is disabled' },
    ])
    this.disabled = reason === 'disabled-organization'
    this.nearest = reason === 'unknown-organization' ? nearest : undefined
  }
}

export const invitePerson = verb({
  name: 'person:invite',
  summary: 'Invite a person: makes the account and mails the link to activate it',
  roles: HELPERS,
  sensitive: true,
  input: z.object({
    email: emailAddress.describe('address that the link is mailed to'),
    name: personName.describe('full name'),
    givenName: personName.optional().describe('given name, for applications that tell it apart'),
    familyName: personName.optional().describe('family name, likewise'),
    locale: z
      .enum(LOCALES)
      .default('nl')
      .describe(`language of mails: ${LOCALES.join(' or ')}`),
    organization: personName
      .refine((text) => !isBuiltInName(text.trim()), BUILT_IN_NAME)
      .optional()
      .describe('the organization that they belong to: its exact name, or its number'),
    role: z
      .array(z.enum(ROLES))
      .default([])
      .describe(`role, may be repeated: ${ROLES.join(', ')}`),
    lookAlike: lookAlikeChoice,
  }),
  async run(context, { role, lookAlike, ...invitation }, actor) {
    const { links, organizations } = context
    insist(mayGive(actor, role))
    await organizations.follow()
    await insistNoLookAlike(context, invitation.email, lookAlike)
    const by = { actor: actorName(actor), source: actor.source }
    const invited = await links.invite({ ...invitation, roles: role }, by)
    if (!invited.ok) {
      if (invited.reason === 'address-taken')
        throw new AppError('address-taken', `${invitation.email} has an account already`, { status: 409 })
      throw new NoSuchOrganization(invited.reason, organizations.nearest(invitation.organization ?? ''))
    }
    return { id: invited.account.id, email: invited.account.email, status: invited.account.status }
  },
  made: ({ id }) => id,
})

export const findPeople = verb({
  name: 'person:find',
  summary: `Find people: at most ${MOST_FOUND}`,
  roles: READERS,
  input: z.object({
    text: z
      .string()
      .trim()
      .min(2)
      .max(254)
      .describe('account id, the beginning of an e-mail address, or a part of a name'),
  }),
  async run(context, { text }) {
    const found = await context.people.search(text, MOST_FOUND)
    return found.flatMap(({ record }) => record.account ?? []).map((account) => summaryOf(context, account))
  },
})

export const showPerson = verb({
  name: 'person:show',
  summary: 'Show what is known of a person, without secrets',
  roles: READERS,
  input: z.object({ person }),
  subject: personNamed,
  run: (context, _input, _actor, account) => factsOf(context, account),
})
