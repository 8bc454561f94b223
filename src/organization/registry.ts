/** The life of organizations: each change is kept, in the audit trail too, and counts here at once. */
import { randomUUID } from 'node:crypto'
import type { Audit, EventType, Source } from '../audit/audit.ts'
import type { Done, Outcome } from '../lib/outcome.ts'
import type { Clock } from '../lib/time.ts'
import { KeyTaken } from '../record/records.ts'
import type { Directory } from './directory.ts'
import { type OrganizationRecords, organizationKeyOf } from './kind.ts'
import {
  addOrganization,
  type Changed,
  changeOrganization,
  disableOrganization,
  enableOrganization,
  mergeOrganization,
  type OrganizationFields,
  type Read,
} from './organization.ts'

/** Who does it: the account id of an administrator, or undefined for whoever works at the machine itself. */
export interface By {
  actor: string | undefined
  source: Source | undefined
}

export interface Taken {
  ok: false
  reason: 'taken'
  /** What another has already. */
  field: 'name' | 'number' | 'domains'
  /** The name of that other, if it is known. */
  holder: string | undefined
}

export interface Registry {
  add(fields: OrganizationFields, by: By): Promise<{ ok: true; id: string } | Taken>
  change(id: string, changes: Partial<OrganizationFields> & Read, by: By): Promise<Changed | Taken>
  /** Its people can sign in no more from now on. Ending what they had is membership's work (accounts/membership.ts). */
  disable(id: string, by: By, read?: Read): Promise<ReturnType<typeof disableOrganization>>
  enable(id: string, ending: number, by: By): Promise<ReturnType<typeof enableOrganization>>
  /** The first leads to the other from now on. Its people are moved by membership. */
  merge(id: string, into: string, by: By, read?: Read): Promise<Merged>
}

export type Merged = ReturnType<typeof mergeOrganization> | Outcome<Done, 'same'>

export interface RegistryParts {
  records: Pick<OrganizationRecords, 'change'>
  directory: Directory
  audit: Audit
  now: Clock
}

export function registry({ records, directory, audit, now }: RegistryParts): Registry {
  async function told(
    type: EventType,
    id: string,
    by: By,
    details: Record<string, string | number> = {},
  ): Promise<void> {
    await directory.follow()
    await audit({ type, outcome: 'ok', ...by, details: { organization: id, ...details } })
  }

  async function unlessTaken<T>(fields: Partial<OrganizationFields>, change: Promise<T>): Promise<T | Taken> {
    try {
      return await change
    } catch (fault) {
      if (!(fault instanceof KeyTaken)) throw fault
      await directory.follow()
      return {
        ok: false,
        reason: 'taken',
        field: fieldOf(fault.key, fields),
        holder: directory.holder(fault.key)?.name,
      }
    }
  }

  return {
    async add(fields, by) {
      const id = randomUUID()
      const added = records.change(id, (draft) => {
        addOrganization(draft, fields, now())
        return { ok: true as const, id }
      })
      const outcome = await unlessTaken(fields, added)
      if (outcome.ok) await told('organization.added', id, by)
      return outcome
    },

    async change(id, changes, by) {
      const changed = records.change(id, (draft) => changeOrganization(draft, changes, now()))
      const outcome = await unlessTaken(changes, changed)
      if (outcome.ok && outcome.fields.length > 0)
        await told('organization.changed', id, by, { fields: outcome.fields.join(' ') })
      return outcome
    },

    async disable(id, by, read) {
      const outcome = await records.change(id, (draft) => disableOrganization(draft, now(), read))
      if (outcome.ok) await told('organization.disabled', id, by)
      return outcome
    },

    async enable(id, ending, by) {
      const outcome = await records.change(id, (draft) => enableOrganization(draft, ending, now()))
      if (outcome.ok) await told('organization.enabled', id, by)
      return outcome
    },

    async merge(id, into, by, read) {
      await directory.follow()
      const head = directory.find(into)
      if (!head) return { ok: false, reason: 'unknown' }
      if (head.id === id) return { ok: false, reason: 'same' }
      if (head.record.status === 'disabled') return { ok: false, reason: 'disabled' }
      const outcome = await records.change(id, (draft) => mergeOrganization(draft, head.id, now(), read))
      if (outcome.ok) await told('organization.merged', id, by, { into: head.id })
      return outcome
    },
  }
}

function fieldOf(key: string, { name, number }: Partial<OrganizationFields>): Taken['field'] {
  if (name !== undefined && key === organizationKeyOf.called(name)) return 'name'
  return number !== undefined && key === organizationKeyOf.called(number) ? 'number' : 'domains'
}
