/**
 * Whom the campaign would stop, and when, by its dates and by how far people are now: a pure sum over groups of people who
 * are alike (person/group.ts), so that no person is read for it. Those who may wait longer are looked at one by one.
 *
 * Somebody is stopped who has to set up two-step verification, or to replace an old factor, before going on.
 */
import { type Group, isToDo, type TwoStep } from '../person/group.ts'
import { asked, type CampaignRules, type Person } from './campaign.ts'

export interface Crowd {
  groups: Array<{ group: Group; count: number }>
  /** Of those, who have a passkey that answers here. */
  passkeys?: Array<{ group: Group; count: number }>
  /** Each of them is counted in a group, too. */
  longer: Array<{ group: Group; person: Person }>
}

/** People by how far they are. */
export type Tally = Record<TwoStep, number>

export interface Part {
  /** Those that the campaign is for. */
  tally: Tally
  /** Of those, who have a passkey: they can prove themselves in a way that nobody phishes. */
  passkeys: number
  /** Of those, who may wait longer now. */
  longer: number
  /** How many would be stopped if every deadline were today. */
  today: number
  /** How many are stopped from a moment on, by the dates as they are; in any order. */
  stops: Map<number, number>
}

export interface Forecast {
  all: Part
  /** By the organization that people belong to now; undefined for those of none. */
  organizations: Map<string | undefined, Part>
}

export interface Belonging {
  /** The organization that this one is now, for it may have been merged; and whether its people can sign in. */
  find(id: string): { id: string; active: boolean } | undefined
}

export function forecast(rules: CampaignRules, crowd: Crowd, organizations: Belonging): Forecast {
  const { groups, passkeys = [], longer } = crowd
  const all = nobody()
  const parts: Forecast['organizations'] = new Map()
  // Nobody is named in a group, so no name has to be compared with each of those who are exempt.
  const ofGroups = { ...rules, exempt: [] }
  const left = new Map(groups.map(({ group, count }) => [keyOf(group), { group, count }]))

  /** What a group is counted in, if the campaign is for it. */
  function partsOf(group: Group, person: Person, waits = false) {
    const belongs = group.organizationId === undefined ? undefined : organizations.find(group.organizationId)
    if (belongs?.active === false) return undefined
    // Of one that was merged the dates are those of the other.
    const id = belongs?.id ?? group.organizationId
    const of = asked(waits ? rules : ofGroups, { ...person, organizationId: id })
    if (!of) return undefined
    const part = parts.get(id) ?? nobody()
    parts.set(id, part)
    return { from: of.from, both: [all, part] }
  }

  function add(group: Group, person: Person, count: number, waits: boolean): void {
    const { from, both = [] } = partsOf(group, person, waits) ?? {}
    for (const one of both) {
      one.tally[group.twoStep] += count
      if (waits) one.longer += count
      // Whoever was never here is not stopped: they set it up with their first sign-in.
      if (!isToDo(group.twoStep)) continue
      if (!waits) one.today += count
      if (from !== undefined) one.stops.set(from, (one.stops.get(from) ?? 0) + count)
    }
  }

  for (const { group, person } of longer) {
    const counted = left.get(keyOf(group))
    // Counted before, or after, they got into this group.
    if (!counted || counted.count === 0) continue
    counted.count -= 1
    add(group, person, 1, true)
  }
  for (const { group, count } of left.values()) if (count > 0) add(group, { ...group, emailKey: '' }, count, false)
  for (const { group, count } of passkeys)
    for (const one of partsOf(group, { ...group, emailKey: '' })?.both ?? []) one.passkeys += count
  return { all, organizations: parts }
}

/** How many are stopped at a moment, by the dates as they are. */
export function stoppedAt({ stops }: Part, at: number): number {
  return [...stops].reduce((sum, [from, count]) => sum + (from <= at ? count : 0), 0)
}

export function nobody(): Part {
  return { tally: { on: 0, old: 0, missing: 0, invited: 0 }, passkeys: 0, longer: 0, today: 0, stops: new Map() }
}

function keyOf({ twoStep, organizationId, roles }: Group): string {
  return JSON.stringify([twoStep, organizationId, roles])
}
