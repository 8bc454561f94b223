/** Verbs for organizations: what people belong to, whether they may come in, and from when they need a second step. */
import { z } from 'zod'
import { AppError } from '../lib/errors.ts'
import { byName, says } from '../organization/order.ts'
import type { Organization } from '../organization/organization.ts'
import type { By, Taken } from '../organization/registry.ts'
import { membershipValue } from '../person/membership.ts'
import type { Found } from '../record/records.ts'
import {
  campaignOf,
  changesGiven,
  listed,
  organization,
  organizationName,
  organizationNamed,
  organizationShape,
  organizationSummary,
  PHASES,
  readVersion,
  STATUSES,
  statusOf,
} from './organization.ts'
import { type Actor, actorName, mayActOn, type Role } from './role.ts'
import { type AdminContext, insist, verb } from './verb.ts'

export const CHANGERS = ['owner', 'client-admin'] as const satisfies Role[]
export const LOOKERS = [...CHANGERS, 'help-desk', 'auditor'] as const satisfies Role[]

export const addOrganization = verb({
  name: 'organization:add',
  summary: 'Add an organization that people can belong to',
  roles: CHANGERS,
  sensitive: true,
  input: z.object({ name: organizationName.describe('its name'), ...organizationShape }),
  async run({ registry }, { name, number, domain = [], contact = [], ...dates }, actor) {
    const campaign = campaignOf(dates, undefined)
    const fields = { name, number, domains: listed(domain), contacts: listed(contact), ...(campaign && { campaign }) }
    const added = await registry.add(fields, by(actor))
    if (!added.ok) throw taken(added)
    return { id: added.id, name, number }
  },
})

export const listOrganizations = verb({
  name: 'organization:list',
  summary: 'List organizations by name',
  roles: LOOKERS,
  input: z.object({
    text: z.string().trim().max(80).optional().describe('only those with this in their name, number or domain'),
    status: z.enum(STATUSES).optional().describe('active, disabled or merged'),
    campaign: z
      .enum(PHASES)
      .optional()
      .describe(`how far two-step verification is there: ${PHASES.join(', ')}`),
    after: z.string().trim().max(80).optional().describe('id of the last one of the page before'),
    limit: z.coerce.number().int().min(1).max(1000).default(50).describe('how many, 1 to 1000 (50)'),
  }),
  async run(context, { text = '', status, campaign, after, limit }) {
    const { organizations } = context
    await organizations.follow()
    const last = after === undefined ? undefined : organizations.own(after)
    const fits = (one: Found<Organization>) =>
      (last === undefined || byName(last, one) < 0) &&
      (text === '' || says(one.record, text)) &&
      (status === undefined || statusOf(one.record) === status) &&
      (campaign === undefined || organizationSummary(context, one).phase === campaign)
    const found = [...organizations.all()].filter(fits).sort(byName)
    return found.slice(0, limit).map((one) => organizationSummary(context, one))
  },
})

export const showOrganization = verb({
  name: 'organization:show',
  summary: 'Show an organization: what is said of it, and how many belong to it',
  roles: LOOKERS,
  input: z.object({ organization }),
  async run(context, given) {
    const found = await organizationNamed(context, given.organization)
    const { domains, contacts, campaign, ending, mergedInto, version, createdAt, changedAt } = found.record
    return {
      ...organizationSummary(context, found),
      version,
      domains,
      contacts,
      campaign: campaign && { startsAt: campaign.start, deadlineAt: campaign.deadline },
      mergedInto,
      people: await context.people.count('organization', membershipValue(found.id, ending)),
      createdAt,
      changedAt,
    }
  },
})

export const changeOrganization = verb({
  name: 'organization:change',
  summary: 'Change what is said of an organization; an empty text takes it away, and what is not said stays',
  roles: CHANGERS,
  sensitive: true,
  input: z.object({
    organization,
    version: readVersion,
    name: organizationName.optional().describe('another name'),
    ...organizationShape,
  }),
  async run(context, { organization: named, version, ...given }, actor) {
    const { id, record } = await organizationNamed(context, named)
    const changes = { ...changesGiven(given, record), read: version }
    const changed = await context.registry.change(id, changes, by(actor))
    if (!changed.ok) throw changed.reason === 'taken' ? taken(changed) : unfit(changed.reason)
    return { id, changed: changed.fields }
  },
})

export const disableOrganization = verb({
  name: 'organization:disable',
  summary: 'Disable an organization: its people cannot sign in, and everything that they had signed in ends',
  roles: CHANGERS,
  sensitive: true,
  input: z.object({ organization, version: readVersion }),
  async run(context, given, actor) {
    const { id } = await organizationNamed(context, given.organization)
    await insistMayActOnAll(context, id, actor)
    const disabled = await context.registry.disable(id, by(actor), { read: given.version })
    if (!disabled.ok) throw unfit(disabled.reason === 'disabled' ? 'already-disabled' : disabled.reason)
    return { id, status: 'disabled' }
  },
})

export const enableOrganization = verb({
  name: 'organization:enable',
  summary: 'Enable a disabled organization again: its people can sign in anew',
  roles: CHANGERS,
  sensitive: true,
  input: z.object({ organization }),
  async run(context, given, actor) {
    const { id, record } = await organizationNamed(context, given.organization)
    await insistMayActOnAll(context, id, actor)
    // Or a session that had not been reached yet would come back to life.
    if (record.status === 'disabled') await context.memberships.finish(id)
    const enabled = await context.registry.enable(id, record.ending, by(actor))
    if (!enabled.ok) throw unfit(enabled.reason === 'active' ? 'not-disabled' : enabled.reason)
    return { id, status: 'active' }
  },
})

export const mergeOrganizations = verb({
  name: 'organization:merge',
  summary: 'Merge two that are the same: people of the first belong to the other, and what it is called leads there',
  roles: CHANGERS,
  sensitive: true,
  input: z.object({
    organization,
    into: organization.describe('id, exact name or number of the one that stays'),
    version: readVersion,
  }),
  async run(context, given, actor) {
    const [from, to] = [
      await organizationNamed(context, given.organization),
      await organizationNamed(context, given.into),
    ]
    await insistMayActOnAll(context, from.id, actor)
    const merged = await context.registry.merge(from.id, to.id, by(actor), { read: given.version })
    if (!merged.ok) throw unfit(merged.reason)
    return { id: from.id, mergedInto: to.id }
  },
})

/**
 * What keeps its people out, lets them in or moves them does so to each: where one of them has a role, it is as if it was
 * done to them alone.
 */
async function insistMayActOnAll({ people }: AdminContext, id: string, actor: Actor): Promise<void> {
  const staff = await people.count('staffOf', id)
  insist(mayActOn(actor, { id, roles: staff > 0 ? ['of somebody there'] : [] }))
}

export function by(actor: Actor): By {
  return { actor: actorName(actor), source: actor.source }
}

const WORDS = {
  'already-disabled': 'this organization is disabled already',
  'not-disabled': 'this organization is not disabled',
  disabled: 'one of the two is disabled: enable it first, or its people would be let in by the way',
  'changed-meanwhile': 'this organization was changed meanwhile: look at it again',
  merged: 'this organization was merged into another, which is the one to change',
  same: 'these two are one already',
  unknown: 'there is no such organization',
}

function unfit(reason: keyof typeof WORDS): AppError {
  return new AppError(reason === 'unknown' ? 'not-found' : reason, WORDS[reason], {
    status: reason === 'unknown' ? 404 : 409,
  })
}

/** What was given belongs to another. */
export class OrganizationTaken extends AppError {
  readonly field: Taken['field']
  /** The name of that other, if it is known. */
  readonly holder: string | undefined

  constructor({ field, holder }: Taken) {
    const whose = holder === undefined ? 'another organization' : holder
    super('organization-taken', `${whose} has this ${field === 'domains' ? 'domain' : field} already`, { status: 409 })
    this.field = field
    this.holder = holder
  }
}

function taken(what: Taken): OrganizationTaken {
  return new OrganizationTaken(what)
}
