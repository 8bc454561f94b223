/**
 * Whether an address could be taken for another's: of somebody who has an account, or of an organization by its domain. It
 * is told to whoever invites, imports or changes, and forbids nothing: two people may well be called alike.
 */
import type { Directory } from '../organization/directory.ts'
import { emailKey } from '../person/account.ts'
import type { People } from '../person/kind.ts'
import { domainLooksOf, domainOf, looksOf, mixesScripts, shownDomain } from '../person/look-alike.ts'

export type LookAlike =
  | { like: 'person'; id: string; name: string; email: string }
  /** It has a domain that the address seems to be of. */
  | { like: 'organization'; id: string; name: string; domain: string }
  /** The domain mixes scripts, and is shown like this. */
  | { like: 'nothing-else'; domain: string }

type OfOrganization = Extract<LookAlike, { like: 'organization' }>

/** `self` is an account that may have such an address: their own. */
export type LookAlikes = (email: string, self?: string) => Promise<LookAlike[]>

export interface LookAlikesParts {
  people: Pick<People, 'list'>
  organizations: Pick<Directory, 'all'>
}

const MOST = 5

/** To be made anew for each piece of work: it keeps what it has seen of domains. One look for each address. */
export function lookAlikes({ people, organizations }: LookAlikesParts): LookAlikes {
  let domains: ReturnType<typeof byLooks> | undefined

  async function persons(key: string, self: string | undefined): Promise<LookAlike[]> {
    const looks = looksOf(key)
    const found = await people.list({ by: 'looks', from: looks, to: looks, limit: MOST + 1 })
    return found.flatMap(({ id, record: { account } }) =>
      account && id !== self && account.emailKey !== key
        ? [{ like: 'person' as const, id, name: account.name, email: account.email }]
        : [],
    )
  }

  return async (email, self) => {
    const key = emailKey(email)
    domains ??= byLooks(organizations)
    const own = domainOf(key)
    const ofOrganizations = (domains.get(domainLooksOf(own)) ?? []).filter(({ domain }) => domain !== own)
    const mixed: LookAlike[] = mixesScripts(key) ? [{ like: 'nothing-else', domain: shownDomain(key) ?? own }] : []
    return [...(await persons(key, self)), ...ofOrganizations, ...mixed].slice(0, MOST)
  }
}

function byLooks(organizations: LookAlikesParts['organizations']): Map<string, OfOrganization[]> {
  const found = new Map<string, OfOrganization[]>()
  for (const { id, record } of organizations.all())
    for (const domain of record.domains) {
      const looks = domainLooksOf(domain)
      found.set(looks, [...(found.get(looks) ?? []), { like: 'organization', id, name: record.name, domain }])
    }
  return found
}
