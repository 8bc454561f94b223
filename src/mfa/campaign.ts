/** Who must set up two-step verification from when: a pure decision over the campaign's dates. */

import { DAY, NEVER } from '../lib/time.ts'
import type { Extension } from '../person/account.ts'
import type { Campaign } from './challenge-policy.ts'

const WEEK = 7 * DAY

export interface Period {
  /** Milliseconds. From then on it is offered. */
  start: number
  /** From then on it is required; undefined is never. */
  deadline?: number | undefined
}

export interface NamedPeriod extends Period {
  /** As it is written in the configuration. */
  name: string
}

export interface CampaignRules {
  /** For everyone that nothing else is said of; undefined is no campaign. */
  everyone?: Period | undefined
  /** By the organization's id (organization-campaign.ts). */
  organizations: { get(id: string): Period | undefined }
  /** By role. Of several the earliest dates count. */
  roles: ReadonlyMap<string, Period>
  /** People who may wait beyond the deadline, by the key of their address, each with a reason. */
  exempt: Array<{ emailKey: string; until: number; reason: string }>
  /** Milliseconds for which **Remind me later** keeps quiet; a week unless given. */
  remindEvery?: number
}

export interface Standing {
  campaign: Campaign
  /** Until when it can wait, in milliseconds. */
  deadline: number | undefined
}

export interface Person {
  emailKey: string
  organizationId: string | undefined
  roles: string[]
  /** They alone may wait longer, as whoever the configuration exempts. */
  extension?: Pick<Extension, 'until'> | undefined
}

export function standing(rules: CampaignRules, person: Person, now: number): Standing {
  const longer = longerOf(rules, person).filter(({ until }) => until > now)
  const { organizationId } = person
  const own = (organizationId === undefined ? undefined : rules.organizations.get(organizationId)) ?? rules.everyone
  const periods = [own, ...person.roles.map((role) => rules.roles.get(role))].filter((period) => period !== undefined)
  const begun = periods.filter(({ start }) => start <= now)
  if (begun.length === 0) return { campaign: 'none', deadline: undefined }
  const deadlines = begun.map(({ deadline }) => deadline).filter((deadline) => deadline !== undefined)
  const earliest = deadlines.length > 0 ? Math.min(...deadlines) : undefined
  if (longer.length > 0)
    return { campaign: 'offered', deadline: Math.max(earliest ?? 0, ...longer.map(({ until }) => until)) }
  const required = earliest !== undefined && earliest <= now
  return { campaign: required ? 'required' : 'offered', deadline: earliest }
}

/** Whether it is required of somebody for a role of theirs, and would not be of everybody. */
export function isForRole(rules: CampaignRules, person: Person, now: number): boolean {
  const required = ({ campaign }: Standing) => campaign === 'required'
  return required(standing(rules, person, now)) && !required(standing(rules, { ...person, roles: [] }, now))
}

/** Whether somebody who chose to be reminded later is left alone: for a week, for a day in the week before the deadline. */
export function isQuiet(
  { remindEvery = WEEK }: CampaignRules,
  { deadline }: Standing,
  postponedAt: number | undefined,
  now: number,
): boolean {
  if (postponedAt === undefined) return false
  const last = deadline !== undefined && deadline - now <= WEEK
  return now < postponedAt + (last ? Math.min(remindEvery, DAY) : remindEvery)
}

/** Whether the campaign is for somebody at all, and from when it stops them by the dates as they are: undefined for never. */
export function asked(rules: CampaignRules, person: Person): { from: number | undefined } | undefined {
  // At the end of time every period has begun, and nobody waits any more.
  const { campaign, deadline } = standing(rules, person, NEVER)
  if (campaign === 'none') return undefined
  const until = longerOf(rules, person).map((longer) => longer.until)
  return { from: deadline === undefined ? undefined : Math.max(deadline, ...until) }
}

function longerOf({ exempt }: CampaignRules, { emailKey, extension }: Person): Array<{ until: number }> {
  return [...exempt.filter((one) => one.emailKey === emailKey), ...(extension ? [extension] : [])]
}
