/** The campaign's dates for an organization: those on its record, or else those that the configuration has for it. */
import type { Directory } from '../organization/directory.ts'
import { organizationKey } from '../organization/key.ts'
import type { CampaignRules, NamedPeriod } from './campaign.ts'

/** By the key of a number or an exact name (organization/key.ts). */
export type NamedPeriods = ReadonlyMap<string, NamedPeriod>

export function periodsOf(
  configured: NamedPeriods,
  organizations: Pick<Directory, 'find' | 'namesOf'>,
): CampaignRules['organizations'] {
  return {
    get(id) {
      const campaign = organizations.find(id)?.record.campaign
      // What somebody decided for this one, on its own record, goes before a file that is for all.
      if (campaign) return campaign
      if (configured.size === 0) return undefined
      const periods = organizations.namesOf(id).map((name) => configured.get(organizationKey(name)))
      return periods.find((period) => period !== undefined)
    },
  }
}

/** What the configuration names and nobody is called: somebody may have misspelled it. */
export function namesOfNobody(configured: NamedPeriods, organizations: Pick<Directory, 'called'>): string[] {
  return [...configured.values()].flatMap(({ name }) => (organizations.called(name) ? [] : [name]))
}
