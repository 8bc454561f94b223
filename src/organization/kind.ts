/** What an organization's record is found by. */
import type { Kind } from '../record/kind.ts'
import type { Records } from '../record/records.ts'
import { organizationKey } from './key.ts'
import { emptyOrganization, isThere, type Organization } from './organization.ts'

export type OrganizationFinder = 'changedAt' | 'status'

export type OrganizationRecords = Records<Organization, OrganizationFinder>

export const organizationKeyOf = {
  /** Of a name and of a number alike: what is the name of one is the number of no other. */
  called: (text: string) => `called:${organizationKey(text)}`,
  domain: (domain: string) => `domain:${domain}`,
}

export const organizationKind: Kind<Organization, OrganizationFinder> = {
  name: 'organizations',
  empty: emptyOrganization,
  keys(organization) {
    if (!isThere(organization)) return []
    const { name, number, domains } = organization
    const called = [name, ...(number === undefined ? [] : [number])].map(organizationKeyOf.called)
    return [...new Set([...called, ...domains.map(organizationKeyOf.domain)])]
  },
  finders: (organization) => ({
    changedAt: isThere(organization) ? organization.changedAt : undefined,
    status: isThere(organization) ? organization.status : undefined,
  }),
  search: (organization) =>
    isThere(organization)
      ? {
          beginnings: [...(organization.number === undefined ? [] : [organization.number]), ...organization.domains],
          parts: [organization.name],
          createdAt: organization.createdAt,
        }
      : undefined,
}
