/** Organizations that are held in memory, and that nobody changes meanwhile. */
import { type Directory, directory } from '../../../src/organization/directory.ts'
import { organizationKind } from '../../../src/organization/kind.ts'
import { emptyOrganization, type Organization } from '../../../src/organization/organization.ts'

export function organization(name: string, given: Partial<Organization> = {}): Organization {
  return { ...emptyOrganization(), name, createdAt: 1, changedAt: 1, ...given }
}

/** By id. `follow` may put others in. */
export function knownOrganizations(
  known: Record<string, Organization>,
  follow: () => Promise<boolean> = async () => false,
): Directory {
  const all = () => Object.entries(known).map(([id, record]) => ({ id, record }))
  return directory({
    find: (id) => known[id],
    findBy: (key) => all().find(({ record }) => organizationKind.keys(record).includes(key)),
    all,
    follow,
  })
}
