/** The campaign's dates for an organization: those on its record, or else those that the configuration has for it. */
import type { Directory } from '../organization/directory.ts'
import { organizationKey } from '../organization/key.ts'
import type { NamedPeriod, Period } from './campaign.ts'

/** By the key of a number or an exact name (organization/key.ts). */
export type NamedPeriods = ReadonlyMap<string, NamedPeriod>

export interface OrganizationPeriods {
  get(id: string): Period | undefined
  /** What the configuration has for it, whatever is on its record. */
  elsewhere(id: string): Period | undefined
}

export function periodsOf(
  configured: NamedPeriods,
  organizations: Pick<Directory, 'find' | 'namesOf'>,
): OrganizationPeriods {
  function elsewhere(id: string): Period | undefined {
    if (configured.size === 0) return undefined
    const periods = organizations.namesOf(id).map((name) => configured.get(organizationKey(name)))
    return periods.find((period) => period !== undefined)
  }
  return {
    // What somebody decided for this one, on its own record, goes before a file that is for all.
    get: (id) => organizations.find(id)?.record.campaign ?? elsewhere(id),
    elsewhere,
  }
}

/** What the configuration names and nobody is called: somebody may have misspelled it. */
export function namesOfNobody(configured: NamedPeriods, organizations: Pick<Directory, 'called'>): string[] {
  return [...configured.values()].flatMap(({ name }) => (organizations.called(name) ? [] : [name]))
}
