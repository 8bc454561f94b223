/** Verbs that change what is kept of a person; whoever lost a phone is helped by cases.ts, and organizations by move.ts. */
import { z } from 'zod'
import { holdsCitizenNumber } from '../accounts/citizen-number.ts'
import type { By } from '../accounts/life.ts'
import { PLAIN } from '../accounts/plain-text.ts'
import { emailAddress } from '../lib/email-address.ts'
import { AppError, InputError } from '../lib/errors.ts'
import { LOCALES } from '../lib/locales.ts'
import { moment } from '../lib/moment.ts'
import { DAY } from '../lib/time.ts'
import { insistNoLookAlike, lookAlikeChoice } from './look-alike.ts'
import { readVersion } from './organization.ts'
import { personName } from './people.ts'
import { HELPERS, person, personNamed } from './person.ts'
import { type Actor, actorName, mayGive, ROLES } from './role.ts'
import { insist, verb } from './verb.ts'

/** A longer one is no extension but an exemption, which the configuration is for. */
export const LONGEST_EXTENSION = 180 * DAY

const nameOrNone = z.union([z.literal('').transform(() => undefined), personName])

export const changePerson = verb({
  name: 'person:change',
  summary:
    'Change name and language of a person; an empty given or family name takes it away, and what is not said stays',
  roles: HELPERS,
  sensitive: true,
  input: z.object({
    person,
    name: personName.optional().describe('full name'),
    givenName: nameOrNone.optional().describe('given name, for applications that tell it apart'),
    familyName: nameOrNone.optional().describe('family name, likewise'),
    locale: z
      .enum(LOCALES)
      .optional()
      .describe(`language of pages and mails: ${LOCALES.join(' or ')}`),
    version: readVersion,
  }),
  subject: personNamed,
  async run({ details }, { person: _person, version, locale, ...names }, actor, account) {
    // Also where the language alone is changed: whether there is a newer version is looked at by the write.
    const renamed = await details.rename(account, names, { ...by(actor), read: version })
    if (!renamed.ok)
      throw new AppError(renamed.reason, 'this person was changed meanwhile: look at them again', { status: 409 })
    const { fields } = renamed
    const spoken = locale !== undefined && (await details.setLanguage({ ...account, ...names }, locale, by(actor)))
    return { id: account.id, changed: [...fields, ...(spoken ? ['locale'] : [])] }
  },
})

export const changeEmailOfPerson = verb({
  name: 'person:change-email',
  summary:
    'Change the address that a person signs in with; they are told at both, can undo it for a week, and everything that they had signed in ends',
  roles: HELPERS,
  sensitive: true,
  input: z.object({ person, email: emailAddress.describe('the new address'), lookAlike: lookAlikeChoice }),
  subject: personNamed,
  async run(context, { email, lookAlike }, actor, account) {
    // Whoever reads the mail of the new address can be the person: that is as much as giving their roles.
    insist(mayGive(actor, account.roles))
    await insistNoLookAlike(context, email, lookAlike, account.id)
    const changed = await context.details.changeEmail(account, email, by(actor))
    if (changed.ok) return { id: account.id, email }
    throw new AppError(UNFIT[changed.reason].code, UNFIT[changed.reason].message, { status: 409 })
  },
})

const UNFIT = {
  same: { code: 'same-address', message: 'this person has that address already' },
  taken: { code: 'address-taken', message: 'another account has that address' },
  'changed-meanwhile': { code: 'changed-meanwhile', message: 'the address was changed meanwhile: look at it again' },
}

export const changeRolesOfPerson = verb({
  name: 'person:change-roles',
  summary:
    'Change the roles of a person: they have those that are said from then on, and no other; everything that they had signed in ends',
  roles: ['owner'],
  sensitive: true,
  input: z.object({
    person,
    role: z
      .array(z.union([z.literal(''), z.enum(ROLES)]))
      .describe(`role, may be repeated: ${ROLES.join(', ')}; an empty text is none`),
    was: z
      .array(z.string().max(80))
      .max(20)
      .optional()
      .describe(
        'role that they had when they were looked at, may be repeated, an empty text is none: nothing is changed if they have others by now',
      ),
  }),
  subject: personNamed,
  async run({ details }, { role, was }, actor, account) {
    // Taking one away is as much as giving it: who is let in goes by both.
    insist(mayGive(actor, [...ROLES]))
    const given = ROLES.filter((one) => role.includes(one))
    // Of a later release: nobody here can know what it opens.
    const unknown = account.roles.filter((one) => !ROLES.some((known) => known === one))
    const roles = [...given, ...unknown]
    const read = was?.filter((one) => one !== '')
    const set = await details.setRoles(account, roles, { ...by(actor), read })
    if (set.ok) return { id: account.id, roles }
    if (set.reason === 'same') throw new AppError('same-roles', 'this person has those roles already', { status: 409 })
    throw new AppError('roles-moved', 'the roles were changed meanwhile: look at them again', { status: 409 })
  },
})

export const extendPerson = verb({
  name: 'person:extend',
  summary: 'Give one person longer until they need two-step verification, or take that away',
  roles: HELPERS,
  sensitive: true,
  input: z.object({
    person,
    until: z
      .union([z.literal('').transform(() => undefined), moment])
      .describe('until when, such as 2026-12-01; an empty text takes it away'),
    reason: z
      .string()
      .trim()
      .max(200)
      .refine((text) => text === '' || PLAIN.test(text), 'has control characters')
      .refine((text) => !holdsCitizenNumber(text), 'holds a citizen service number (BSN), which may not be kept here')
      .optional()
      .describe('why; kept with the person, and told to nobody'),
  }),
  subject: personNamed,
  async run({ details, now }, { until, reason = '' }, actor, account) {
    if (until !== undefined) insistReasonable(until, reason, now())
    const given = until === undefined ? undefined : { until, reason }
    if (!(await details.extend(account, given, by(actor))))
      throw new AppError('no-extension', 'this person has no longer than others', { status: 409 })
    return { id: account.id, moreTimeEndsAt: until }
  },
})

function insistReasonable(until: number, reason: string, now: number): void {
  const faults = [
    ...(until <= now ? [{ path: 'until', reason: 'is in the past' }] : []),
    ...(until > now + LONGEST_EXTENSION ? [{ path: 'until', reason: 'is more than 180 days away' }] : []),
    ...(reason === '' ? [{ path: 'reason', reason: 'is missing: somebody will want to know' }] : []),
  ]
  if (faults.length > 0) throw new InputError('The input is not in order.', faults)
}

function by(actor: Actor): By {
  return { actor: actorName(actor), source: actor.source }
}
