/** Taking back those who were brought along and never came. */
import type { Audit, AuditStore } from '../audit/audit.ts'
import { parseImported, stageOf } from '../person/imported.ts'
import type { People } from '../person/kind.ts'
import { type Draft, emptyPersonRecord } from '../person/person.ts'
import type { By } from './carrying.ts'
import { settled } from './settled.ts'

export interface Forgetting {
  source: string
  /** Undefined for all of the source. */
  organizationId: string | undefined
  /** Whether whoever takes them back could have given them their roles. */
  mayGive: (roles: string[]) => boolean
}

/**
 * Nothing is left of somebody who was brought along and never came: they are as if they had not been brought. There is no
 * tombstone, since no application was ever told of them. Of anybody else nothing is touched, nor of somebody whom the one
 * who asks may not act on: it is looked at here what they are, since they may have been given a role, or moved, meanwhile.
 */
export function forget(person: Draft, forgetting: Forgetting): 'forgotten' | 'above' | 'not-meant' {
  const { account, parcels } = person
  if (account?.imported?.source !== forgetting.source || stageOf(person) !== 'waiting') return 'not-meant'
  const { organizationId } = forgetting
  if (organizationId !== undefined && account.organizationId !== organizationId) return 'not-meant'
  if (!forgetting.mayGive(account.roles)) return 'above'
  for (const part of Object.keys(person)) Reflect.deleteProperty(person, part)
  Object.assign(person, emptyPersonRecord(), { parcels })
  return 'forgotten'
}

export interface ForgettingParts {
  people: Pick<People, 'change' | 'list' | 'values'>
  trail: Pick<AuditStore, 'forgetAddresses'>
  audit: Audit
  /** What is counted of an account elsewhere. */
  forgetCounters: (accountId: string) => Promise<void>
}

export interface Forgotten {
  forgotten: number
  /** Who has a role that whoever asked could not have given. */
  left: number
}

const BITE = 100

export function forgetters({ people, trail, audit, forgetCounters }: ForgettingParts) {
  async function forgetOne(id: string, forgetting: Forgetting, by: By) {
    const outcome = await people.change(id, (person) => forget(person, forgetting))
    if (outcome !== 'forgotten') return outcome
    await Promise.all([trail.forgetAddresses(id), forgetCounters(id)])
    const { source } = forgetting
    await audit({ type: 'account.erased', outcome: 'ok', subject: id, ...by, details: { source } })
    return outcome
  }

  return async (forgetting: Forgetting, by: By): Promise<Forgotten> => {
    const told = { forgotten: 0, above: 0, 'not-meant': 0 }
    const looked = new Set<string>()
    for (const value of await people.values('imported')) {
      if (!isMeant(parseImported(String(value)), forgetting)) continue
      for (;;) {
        // Whoever is left comes first again.
        const limit = BITE + told.above + told['not-meant']
        const found = await people.list({ by: 'imported', from: value, to: value, limit })
        const next = found.filter(({ id }) => !looked.has(id))
        for (const { id } of next) looked.add(id)
        for (const outcome of await settled(next.map(({ id }) => forgetOne(id, forgetting, by)))) told[outcome] += 1
        if (found.length < limit) break
      }
    }
    return { forgotten: told.forgotten, left: told.above }
  }
}

function isMeant({ source, organizationId, stage }: ReturnType<typeof parseImported>, forgetting: Forgetting): boolean {
  if (source !== forgetting.source || stage !== 'waiting') return false
  return forgetting.organizationId === undefined || organizationId === forgetting.organizationId
}
