/** What is told of the campaign: how far people are, whom it would stop and when, of all and of one organization. */

import type { CampaignRules, Period } from '../mfa/campaign.ts'
import { type CrowdRecords, crowdOf, withPasskeys } from '../mfa/crowd.ts'
import { type Belonging, type Forecast, forecast, nobody, type Part, stoppedAt } from '../mfa/forecast.ts'
import type { Directory } from '../organization/directory.ts'
import type { Organization } from '../organization/organization.ts'
import { TWO_STEP } from '../person/group.ts'
import type { Found } from '../record/records.ts'
import { organizationSummary } from './organization.ts'
import type { AdminContext } from './verb.ts'

/** Moments that are told of: whoever has more waves than that looks at organizations. */
const MOST = 100

export interface Figures {
  /** Those whom the campaign is for. */
  people: number
  /** Those who have nothing to do any more. */
  ready: number
  old: number
  missing: number
  invited: number
  /** Of all these, who have a passkey, so that they can prove themselves in a way that nobody phishes (`phr`). */
  passkeys: number
  /** Of those, who may wait longer than the dates say. */
  longer: number
  /** How many would be stopped if every deadline were today, and how many are by the dates as they are. */
  stoppedIfToday: number
  stoppedNow: number
}

export function figuresOf(part: Part, now: number): Figures {
  const { passkeys, longer, today } = part
  const { on: ready, ...tally } = part.tally
  const people = TWO_STEP.reduce((sum, name) => sum + part.tally[name], 0)
  return { people, ready, ...tally, passkeys, longer, stoppedIfToday: today, stoppedNow: stoppedAt(part, now) }
}

export interface Stop {
  at: number
  /** Everybody who is stopped by then. */
  stopped: number
}

/** Each moment to come at which more people are stopped. */
export function stopsOf(part: Part, now: number): Stop[] {
  const moments = [...part.stops.keys()].filter((at) => at > now).toSorted((one, other) => one - other)
  return moments.slice(0, MOST).map((at) => ({ at, stopped: stoppedAt(part, at) }))
}

export interface Dates {
  startsAt: number | undefined
  deadlineAt: number | undefined
  /** Where they are from: its own record, what the settings have for it, or for everyone. */
  from: 'record' | 'settings' | 'everyone' | 'nothing'
}

export function datesOf({ campaign }: Pick<AdminContext, 'campaign'>, { id, record }: Found<Organization>): Dates {
  const [named, { everyone }] = [campaign.organizations.get(id), campaign]
  const period = named ?? everyone
  const elsewhere = named ? 'settings' : everyone ? 'everyone' : 'nothing'
  return {
    startsAt: period?.start,
    deadlineAt: period?.deadline,
    from: record.campaign && record.mergedInto === undefined ? 'record' : elsewhere,
  }
}

export function belonging(organizations: Pick<Directory, 'find'>): Belonging {
  return {
    find(id) {
      const found = organizations.find(id)
      return found && { id: found.id, active: found.record.status === 'active' }
    },
  }
}

type Reading = Pick<AdminContext, 'campaign' | 'organizations' | 'rpId' | 'now'> & { people: CrowdRecords }

/** By these rules, each in place of the other: everything is read once. */
export async function forecasts(context: Reading, ...all: CampaignRules[]): Promise<Forecast[]> {
  const { people, organizations, campaign, rpId, now } = context
  await organizations.follow()
  const [counted, passkeys] = await Promise.all([
    crowdOf(people, campaign.exempt, now()),
    rpId === undefined ? [] : withPasskeys(people, rpId),
  ])
  const crowd = { ...counted, passkeys }
  return all.map((rules) => forecast(rules, crowd, belonging(organizations)))
}

/** The rules, with other dates for these organizations; without a period those that count where it has none of its own. */
export function withDates(rules: CampaignRules, dates: ReadonlyMap<string, Period | undefined>): CampaignRules {
  return { ...rules, organizations: { get: (id) => (dates.has(id) ? dates.get(id) : rules.organizations.get(id)) } }
}

export interface Wave extends Omit<Figures, 'stoppedIfToday' | 'stoppedNow'> {
  startsAt: number
  deadlineAt: number | undefined
  organizations: number
  /** Everybody of the whole campaign who is stopped by this deadline. */
  stopped: number | undefined
}

/** Organizations that have the same dates, and people of none under those of everyone; the first deadline first. */
export function wavesOf(context: Pick<AdminContext, 'campaign' | 'organizations'>, told: Forecast): Wave[] {
  const waves = new Map<string, { period: Period; organizations: number; parts: Part[] }>()
  const add = (period: Period | undefined, part: Part | undefined, organizations: number) => {
    if (!period || (!part && organizations === 0)) return
    const key = `${period.start} ${period.deadline}`
    const wave = waves.get(key) ?? { period, organizations: 0, parts: [] }
    waves.set(key, wave)
    wave.organizations += organizations
    if (part) wave.parts.push(part)
  }
  for (const { id, record } of context.organizations.all())
    if (record.status === 'active' && record.mergedInto === undefined)
      add(context.campaign.organizations.get(id) ?? context.campaign.everyone, told.organizations.get(id), 1)
  add(context.campaign.everyone, told.organizations.get(undefined), 0)
  return [...waves.values()]
    .map(({ period, organizations, parts }) => ({
      startsAt: period.start,
      deadlineAt: period.deadline,
      organizations,
      ...peopleOf(parts),
      stopped: period.deadline === undefined ? undefined : stoppedAt(told.all, period.deadline),
    }))
    .toSorted(
      (one, other) => (one.deadlineAt ?? Infinity) - (other.deadlineAt ?? Infinity) || one.startsAt - other.startsAt,
    )
    .slice(0, MOST)
}

function peopleOf(parts: Part[]) {
  const { stoppedIfToday, stoppedNow, ...people } = figuresOf(sumOf(parts), 0)
  return people
}

export function sumOf(parts: Part[]): Part {
  const sum = nobody()
  for (const { tally, passkeys, longer, today, stops } of parts) {
    for (const name of TWO_STEP) sum.tally[name] += tally[name]
    sum.passkeys += passkeys
    sum.longer += longer
    sum.today += today
    for (const [at, count] of stops) sum.stops.set(at, (sum.stops.get(at) ?? 0) + count)
  }
  return sum
}

export function rowOf(context: Pick<AdminContext, 'campaign' | 'now'>, one: Found<Organization>, told: Forecast) {
  const [part, dates] = [told.organizations.get(one.id) ?? nobody(), datesOf(context, one)]
  const stopped =
    dates.deadlineAt === undefined ? undefined : stoppedAt(part, Math.max(dates.deadlineAt, context.now()))
  return {
    ...organizationSummary(context, one),
    ...dates,
    ...figuresOf(part, context.now()),
    stoppedAtDeadline: stopped,
  }
}
