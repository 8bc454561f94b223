/** Verbs for the campaign for two-step verification: how far it is, whom it would stop, its dates, and its mails. */
import { z } from 'zod'
import { InputError } from '../lib/errors.ts'
import { LOCALES } from '../lib/locales.ts'
import { moment } from '../lib/moment.ts'
import { DAY } from '../lib/time.ts'
import type { Period } from '../mfa/campaign.ts'
import { nobody, stoppedAt } from '../mfa/forecast.ts'
import { REMINDERS } from '../mfa/reminders.ts'
import { byName, says } from '../organization/order.ts'
import type { Organization } from '../organization/organization.ts'
import type { Found } from '../record/records.ts'
import { datesOf, figuresOf, forecasts, rowOf, stopsOf, sumOf, wavesOf, withDates } from './campaign-figures.ts'
import {
  campaignOf,
  organization,
  organizationNamed,
  organizationShape,
  organizationSummary,
  PHASES,
  statusOf,
} from './organization.ts'
import { by, CHANGERS, LOOKERS } from './organizations.ts'
import type { Actor } from './role.ts'
import { type AdminContext, verb } from './verb.ts'

export const showCampaign = verb({
  name: 'campaign:show',
  summary: 'Show how far two-step verification is, and whom the campaign would stop, and when',
  roles: LOOKERS,
  input: z.object({
    organization: organization.optional(),
    on: moment.optional().describe('how many would be stopped on that day, as people and dates are now'),
  }),
  async run(context, { organization: named, on }) {
    const { campaign, now } = context
    const one = named === undefined ? undefined : await organizationNamed(context, named)
    const [told] = await forecasts(context, campaign)
    const at = now()
    const part = (one ? told?.organizations.get(one.id) : told?.all) ?? nobody()
    const { everyone, roles, exempt } = campaign
    return {
      at,
      organization: one && {
        ...organizationSummary(context, one),
        ...datesOf(context, one),
        version: one.record.version,
      },
      ...figuresOf(part, at),
      on: on === undefined ? undefined : { at: on, stopped: stoppedAt(part, Math.max(on, at)) },
      stops: stopsOf(part, at),
      waves: one || !told ? undefined : wavesOf(context, told),
      everyone: everyone && { startsAt: everyone.start, deadlineAt: everyone.deadline },
      roles: [...roles].map(([role, { start, deadline }]) => ({ role, startsAt: start, deadlineAt: deadline })),
      exempt: exempt.filter(({ until }) => until > at).length,
    }
  },
})

export const listCampaign = verb({
  name: 'campaign:list',
  summary: 'List organizations by name, with how far their people are and how many of them would be stopped',
  roles: LOOKERS,
  input: z.object({
    text: z.string().trim().max(80).optional().describe('only those with this in their name, number or domain'),
    campaign: z
      .enum(PHASES)
      .optional()
      .describe(`only those where it is ${PHASES.join(', ')}`),
    deadline: moment.optional().describe('only those whose people must have it from this moment on'),
    todo: z.enum(['yes', 'no']).optional().describe('yes: only those where somebody has still something to do'),
    after: z.string().trim().max(80).optional().describe('id of the last one of the page before'),
    limit: z.coerce.number().int().min(1).max(1000).default(50).describe('how many, 1 to 1000 (50)'),
  }),
  async run(context, { text = '', campaign, deadline, todo, after, limit }) {
    const { organizations } = context
    const [told] = await forecasts(context, context.campaign)
    if (!told) return []
    const last = after === undefined ? undefined : organizations.own(after)
    const isLeft = (id: string) => (told.organizations.get(id)?.today ?? 0) > 0
    const fits = (one: Found<Organization>) =>
      statusOf(one.record) === 'active' &&
      (last === undefined || byName(last, one) < 0) &&
      (text === '' || says(one.record, text)) &&
      (campaign === undefined || organizationSummary(context, one).phase === campaign) &&
      (deadline === undefined || datesOf(context, one).deadlineAt === deadline) &&
      (todo === undefined || isLeft(one.id) === (todo === 'yes'))
    const found = [...organizations.all()].filter(fits).sort(byName)
    return found.slice(0, limit).map((one) => rowOf(context, one, told))
  },
})

const dates = {
  organization: z
    .array(organization)
    .min(1)
    .max(500)
    .describe('id, exact name or number of an organization, may be repeated'),
  start: organizationShape.start,
  deadline: organizationShape.deadline,
}

interface DatesGiven {
  organization: string[]
  versions?: number[] | undefined
  start?: number | undefined
  deadline?: number | undefined
}

/** Each once, with the dates that it would have of its own. Throws an InputError. */
async function given(context: AdminContext, { organization: named, versions, ...some }: DatesGiven) {
  const found = new Map<string, { one: Found<Organization>; period: Period | undefined; read: number | undefined }>()
  for (const [nth, name] of named.entries()) {
    const one = await organizationNamed(context, name)
    found.set(one.id, { one, period: campaignOf(some, one.record.campaign), read: versions?.[nth] })
  }
  return [...found.values()]
}

export const previewDates = verb({
  name: 'campaign:preview',
  summary: 'Show whom other dates for organizations would stop, and when; nothing is changed',
  roles: LOOKERS,
  input: z.object(dates),
  async run(context, input) {
    const { campaign, now } = context
    const chosen = await given(context, input)
    const periods = chosen.map(
      ({ one, period }) => [one.id, period ?? campaign.organizations.elsewhere(one.id)] as const,
    )
    const both = await forecasts(context, campaign, withDates(campaign, new Map(periods)))
    const [before, after] = both.map(({ organizations }) =>
      sumOf(chosen.flatMap(({ one }) => organizations.get(one.id) ?? [])),
    )
    return {
      organizations: chosen.map(({ one, period }) => ({
        ...organizationSummary(context, one),
        ...datesOf(context, one),
        version: one.record.version,
        to: { startsAt: period?.start, deadlineAt: period?.deadline },
      })),
      before: told(before ?? nobody(), now()),
      after: told(after ?? nobody(), now()),
    }
  },
})

function told(part: Parameters<typeof figuresOf>[0], now: number) {
  return { ...figuresOf(part, now), stops: stopsOf(part, now) }
}

export const setDates = verb({
  name: 'campaign:dates',
  summary: 'Give organizations the same dates for two-step verification; an empty text takes one away',
  roles: CHANGERS,
  sensitive: true,
  input: z.object({
    ...dates,
    versions: z
      .array(z.coerce.number().int().min(0))
      .max(500)
      .optional()
      .describe(
        'the version of each that was looked at, in the same order: it keeps its dates if there is a newer one; through the API they have to be said',
      ),
  }),
  async run(context, input, actor) {
    insistVersions(input, actor)
    const [changed, unchanged, refused]: [string[], string[], Array<{ id: string; reason: string }>] = [[], [], []]
    for (const { one, period, read } of await given(context, input)) {
      const outcome = await context.registry.change(one.id, { campaign: period, read }, by(actor))
      if (!outcome.ok) refused.push({ id: one.id, reason: outcome.reason })
      else (outcome.fields.length > 0 ? changed : unchanged).push(one.id)
    }
    return { changed, unchanged, refused }
  },
})

/** A program that did not look would undo unseen what somebody else has just done. */
function insistVersions({ organization, versions }: DatesGiven, { via }: Actor): void {
  const isWrong = versions === undefined ? via === 'api' : versions.length !== organization.length
  if (!isWrong) return
  const reason = 'must say the version of each organization, in the same order, as campaign:preview tells it'
  throw new InputError('The input is not in order.', [{ path: 'versions', reason }])
}

/** Whoever is not there: what is shown is what a mail says, not to whom. */
const SOMEBODY = { name: 'Sanne de Vries', email: 'sanne@example.org' }

export const showTexts = verb({
  name: 'campaign:texts',
  summary: 'Show what people are mailed before the deadline, in every language',
  roles: LOOKERS,
  input: z.object({
    deadline: moment.optional().describe('the deadline that the mails tell (in a week)'),
  }),
  async run({ reminders, now }, { deadline = now() + 7 * DAY }) {
    const names = Object.values(REMINDERS)
    return {
      deadlineAt: deadline,
      sent: reminders.areSent(),
      mails: LOCALES.flatMap((language) =>
        names.map((name) => {
          const { subject, text } = reminders.write(name, language, { ...SOMEBODY, deadline })
          return { language, name, subject, text }
        }),
      ),
    }
  },
})
