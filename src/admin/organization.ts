/** One organization as administrators see it: how it is named in an input, and what is shown of it. */
import { z } from 'zod'
import { holdsCitizenNumber } from '../accounts/citizen-number.ts'
import { PLAIN } from '../accounts/plain-text.ts'
import { BUILT_IN_NAME, isBuiltInName } from '../lib/built-in-name.ts'
import { emailAddress, isEmailAddress, withAsciiDomain } from '../lib/email-address.ts'
import { AppError, InputError } from '../lib/errors.ts'
import { moment } from '../lib/moment.ts'
import type { Period } from '../mfa/campaign.ts'
import type { Organization, OrganizationCampaign, OrganizationFields } from '../organization/organization.ts'
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

/** What is said of one, as the input of a verb has it. */
export interface OrganizationGiven {
  name?: string | undefined
  number?: string | undefined
  domain?: string[] | undefined
  contact?: string[] | undefined
  start?: number | undefined
  deadline?: number | undefined
}

/** What this makes of the fields of a record; what is not given is not there. Throws an InputError. */
export function changesGiven(given: OrganizationGiven, before: OrganizationFields): Partial<OrganizationFields> {
  return {
    ...(given.name !== undefined && { name: given.name }),
    ...('number' in given && { number: given.number }),
    ...(given.domain && { domains: listed(given.domain) }),
    ...(given.contact && { contacts: listed(given.contact) }),
    ...(('start' in given || 'deadline' in given) && { campaign: campaignOf(given, before.campaign) }),
  }
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

/** The version that was looked at; one that was kept before versions were counted is at 0. */
export const readVersion = z.coerce
  .number()
  .int()
  .min(0)
  .optional()
  .describe('the version that was looked at: refused if there is a newer one')

export const STATUSES = ['active', 'disabled', 'merged'] as const

export function statusOf({ status, mergedInto }: Organization): (typeof STATUSES)[number] {
  return mergedInto === undefined ? status : 'merged'
}

/** How far the campaign for two-step verification is, by the dates that count for it. */
export const PHASES = ['none', 'planned', 'offered', 'required'] as const
export type Phase = (typeof PHASES)[number]

export interface OrganizationSummary {
  id: string
  name: string
  number: string | undefined
  status: (typeof STATUSES)[number]
  phase: Phase
}

export function organizationSummary(
  { campaign, now }: Pick<AdminContext, 'campaign' | 'now'>,
  { id, record }: Found<Organization>,
): OrganizationSummary {
  const { name, number } = record
  const period = campaign.organizations.get(id) ?? campaign.everyone
  return { id, name, number, status: statusOf(record), phase: phaseOf(period, now()) }
}

function phaseOf(period: Period | undefined, now: number): Phase {
  if (!period) return 'none'
  if (period.start > now) return 'planned'
  return period.deadline !== undefined && period.deadline <= now ? 'required' : 'offered'
}
