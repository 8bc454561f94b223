/** One organization as administrators see it: how it is named in an input, and what is shown of it. */
import { z } from 'zod'
import { holdsCitizenNumber } from '../accounts/citizen-number.ts'
import { PLAIN } from '../accounts/plain-text.ts'
import { BUILT_IN_NAME, isBuiltInName } from '../lib/built-in-name.ts'
import { emailAddress, isEmailAddress, withAsciiDomain } from '../lib/email-address.ts'
import { AppError, InputError } from '../lib/errors.ts'
import { moment } from '../lib/moment.ts'
import type { Organization, OrganizationCampaign } from '../organization/organization.ts'
import type { Found } from '../record/records.ts'
import type { AdminContext } from './verb.ts'

export const organization = z.string().trim().min(1).max(80).describe('id, exact name or number of the organization')

const plain = z
  .string()
  .trim()
  .min(1, 'is empty')
  .max(80)
  .regex(PLAIN, 'has control characters')
  .refine((text) => !isBuiltInName(text), BUILT_IN_NAME)

export const organizationName = plain.refine(
  (text) => !holdsCitizenNumber(text),
  'holds a citizen service number (BSN), which may not be kept here',
)

/** Nothing where an empty text is given: so that an option can take something away. */
function orNothing<T extends z.ZodType>(shape: T) {
  return z.union([z.literal('').transform(() => undefined), shape])
}

const domain = z
  .string()
  .trim()
  .transform((text) => withAsciiDomain(`a@${text.toLowerCase()}`).slice(2))
  .refine((text) => isEmailAddress(`a@${text}`), 'a domain such as example.org')

/** An empty text among them is none: so that an option can take all away. */
function listOf<T extends z.ZodType<string>>(shape: T) {
  return z.array(z.union([z.literal(''), shape]))
}

/** Each once. */
export function listed(texts: string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== '')
}

/** What can be said of one, besides its name. Nothing is what it is where it is not said. */
export const organizationShape = {
  number: orNothing(plain).optional().describe('number by which others know it'),
  domain: listOf(domain).optional().describe('domain of its e-mail addresses, may be repeated'),
  contact: listOf(emailAddress).optional().describe('e-mail address of who speaks for it, may be repeated'),
  start: orNothing(moment).optional().describe('from when its people are offered two-step verification'),
  deadline: orNothing(moment).optional().describe('from when they must have it'),
}

/** Throws an InputError. `given` tells what was said at all, and `before` is what is there. */
export function campaignOf(
  given: { start?: number | undefined; deadline?: number | undefined },
  before: OrganizationCampaign | undefined,
): OrganizationCampaign | undefined {
  const start = 'start' in given ? given.start : before?.start
  const deadline = 'deadline' in given ? given.deadline : before?.deadline
  if (start === undefined) {
    if (deadline === undefined || !('deadline' in given)) return undefined
    throw new InputError('The input is not in order.', [{ path: 'start', reason: 'is missing: there is a deadline' }])
  }
  if (deadline !== undefined && deadline < start)
    throw new InputError('The input is not in order.', [{ path: 'deadline', reason: 'is before the start' }])
  return { start, ...(deadline !== undefined && { deadline }) }
}

/** Rejects with `not-found`. One that was merged is found as itself: what is asked for may be about that. */
export async function organizationNamed({ organizations }: AdminContext, named: string): Promise<Found<Organization>> {
  await organizations.follow()
  const found = organizations.own(named)
  if (found) return found
  const nearest = organizations.nearest(named)
  const meant = nearest === undefined ? '' : `: did you mean ${nearest}?`
  throw new AppError('not-found', `there is no such organization${meant}`, { status: 404 })
}

export interface OrganizationSummary {
  id: string
  name: string
  number: string | undefined
  status: 'active' | 'disabled' | 'merged'
}

export function organizationSummary({ id, record }: Found<Organization>): OrganizationSummary {
  const { name, number, status, mergedInto } = record
  return { id, name, number, status: mergedInto === undefined ? status : 'merged' }
}
