/** What a line meets here: who it is about, what it names, and what stands in its way. */

import { ACCOUNTS_PER_NUMBER } from '../mfa/number-key.ts'
import type { Directory } from '../organization/directory.ts'
import type { Account } from '../person/account.ts'
import { keyOf, type People } from '../person/kind.ts'
import type { PersonRecord } from '../person/person.ts'
import { isSame } from '../record/copy.ts'
import type { Known } from './decide.ts'
import type { Incoming } from './incoming.ts'
import type { LineFault } from './line.ts'
import { WITHOUT_APP } from './phone.ts'
import type { Survey } from './survey.ts'

export type LookedUp =
  | { ok: true; known: Known; account: Account | undefined; invited: boolean }
  | { ok: false; faults: LineFault[] }

/** Keyed digests of what a line has, by each key that there is, the current one first. */
export interface Keyed {
  secrets: string[][] | undefined
  numbers: string[] | undefined
}

export interface LookUpParts {
  people: Pick<People, 'find' | 'findBy' | 'list'>
  organizations: Pick<Directory, 'called' | 'nearest'>
}

type Options = { source: string; withRoles: readonly string[] }

export function lookUp({ people, organizations }: LookUpParts) {
  /** Looking for the nearest name takes a while, and thousands of lines may have one slip in common. */
  const unknown = new Map<string, string | undefined>()

  function organizationFault(name: string): LineFault | undefined {
    const found = organizations.called(name)
    if (found?.record.status === 'disabled')
      return { field: 'organization', code: 'disabled-organization', reason: 'is disabled' }
    if (found) return undefined
    if (!unknown.has(name) && unknown.size < 100) unknown.set(name, organizations.nearest(name))
    const nearest = unknown.get(name)
    const reason = `there is none of this name or number${nearest === undefined ? '' : `: did you mean ${nearest}?`}`
    return { field: 'organization', code: 'unknown-organization', reason }
  }

  async function addressFault({ emailKey }: Incoming, account: Account | undefined): Promise<LineFault | undefined> {
    const other = (await people.findBy(keyOf.email(emailKey)))?.record.account
    if (!other || other.id === account?.id) return undefined
    if (other.roles.length > 0)
      return { field: 'email', code: 'address-of-staff', reason: 'is that of somebody who administers here' }
    return {
      field: 'email',
      code: 'address-taken',
      reason: 'has an account here that was not brought from this source',
    }
  }

  async function idFault(id: string): Promise<LineFault | undefined> {
    const person = await people.find(id)
    if (person?.erasedAt !== undefined)
      return { field: 'id', code: 'erased', reason: 'was erased here, and an id is never given again' }
    return person && { field: 'id', code: 'id-taken', reason: 'is somebody else’s' }
  }

  async function secretFault(secrets: string[], account: Account | undefined): Promise<LineFault | undefined> {
    for (const secret of secrets) {
      const other = await people.findBy(keyOf.secret(secret))
      if (other && other.id !== account?.id)
        return { field: 'totp', code: 'shared', reason: 'is somebody else’s as well' }
    }
    return undefined
  }

  /** Those of the file count as it says: what a run has written already changes nothing of what it does. */
  async function numberFault(source: string, { phone }: Incoming, key: string, seen: Survey) {
    const here = seen.countOf(phone?.number ?? '')
    const most = ACCOUNTS_PER_NUMBER
    const found = here > most ? [] : await people.list({ by: 'number', from: key, to: key, limit: 2 * most + 1 })
    const others = found.filter(({ record: { account } }) => {
      const { imported } = account ?? {}
      return imported?.source !== source || !seen.holds(imported.externalId)
    })
    if (here + others.length <= most) return undefined
    return { field: 'phone', code: 'number-in-use', reason: `is that of more than ${most} people` }
  }

  async function meet(
    { source, withRoles }: Options,
    incoming: Incoming,
    { secrets: digests, numbers }: Keyed,
    seen: Survey,
    there: PersonRecord | undefined,
  ): Promise<LookedUp> {
    const { id, emailKey, organization, phone } = incoming
    const account = there?.account
    const faults = await Promise.all([
      organization === undefined ? undefined : organizationFault(organization),
      account?.emailKey === emailKey ? undefined : addressFault(incoming, account),
      id === undefined || account ? otherId(id, account) : idFault(id),
      secretFault(digests?.flat() ?? [], account),
      numbers?.[0] === undefined ? undefined : numberFault(source, incoming, numbers[0], seen),
    ])
    const found = faults.filter((fault) => fault !== undefined)
    if (found.length > 0) return { ok: false, faults: found }
    const kept = account?.imported?.secrets
    const secrets = digests?.find((each) => isSame(each, kept)) ?? digests?.[0]
    const organizationId = organization === undefined ? undefined : organizations.called(organization)?.id
    const apps = incoming.apps ?? kept ?? []
    const number = numbers?.find((each) => each === account?.imported?.phone) ?? numbers?.[0]
    const phoneKey = phone && (apps.length > 0 ? number : null)
    const notes = phone && phoneKey === null ? [...incoming.notes, WITHOUT_APP] : incoming.notes
    const known = { ...incoming, organizationId, secrets, phoneKey, notes, withRoles: withRoles.length > 0 }
    const invited = there?.invitation !== undefined || (there?.links ?? []).length > 0
    return { ok: true, known, account, invited }
  }

  return {
    /** Another run of the same plan may make somebody between the reads: whose address, id or app it is, is then theirs. */
    async find(options: Options, incoming: Incoming, digests: Keyed, seen: Survey): Promise<LookedUp> {
      const there = () => people.findBy(keyOf.external(options.source, incoming.externalId))
      const first = await there()
      const found = await meet(options, incoming, digests, seen, first?.record)
      if (found.ok || first) return found
      const made = await there()
      return made ? meet(options, incoming, digests, seen, made.record) : found
    },
  }
}

function otherId(id: string | undefined, account: Account | undefined): LineFault | undefined {
  if (id === undefined || account?.id === id) return undefined
  return { field: 'id', code: 'other-id', reason: 'differs from the one that this person has had here' }
}
