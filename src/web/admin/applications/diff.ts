/** Changes of an application as a page shows them: a list by what came and what went, everything else by old and new. */

import type { FieldChange, Version } from '../../../client/record.ts'
import { scopeNames } from '../../../client/scopes.ts'
import type { Desk } from '../desk.ts'

export interface ShownChange extends FieldChange {
  /** Of a list in which something came or went. */
  list?: { removed: string[]; added: string[]; stay: number }
}

export function shownChanges(changes: readonly FieldChange[]): ShownChange[] {
  return changes.map((change) => {
    const [from, to] = [listOf(change.field, change.from), listOf(change.field, change.to)]
    if (!from || !to) return change
    const [removed, added] = [from.filter((one) => !to.includes(one)), to.filter((one) => !from.includes(one))]
    // The same in another order.
    if (removed.length + added.length === 0) return change
    return { ...change, list: { removed, added, stay: to.length - added.length } }
  })
}

function listOf(field: string, value: unknown): string[] | undefined {
  if (field === 'scope') return scopeNames(value)
  if (field === 'secrets' || (value !== undefined && !Array.isArray(value))) return undefined
  const list: unknown[] = value ?? []
  return list.length > 0 || field.endsWith('_uris') ? list.map(String) : undefined
}

/** A version as a page tells of it. */
export interface ShownVersion {
  version: number
  at: number
  via: string
  /** The name of whoever did it, where it is known. */
  by: { name?: string; code?: string }
  changes: ShownChange[]
}

/** Names of people are looked up in one go; an operator and an application go by what they are called. */
export async function shownVersions(
  at: Desk,
  versions: ReadonlyArray<Omit<Version, 'definition'>>,
): Promise<ShownVersion[]> {
  const found = await at.context.people.findMany([...new Set(versions.map(({ actor }) => actor))])
  const names = new Map(found.map(({ id, record }) => [id, record.account?.name]))
  return versions.map(({ version, at: moment, via, actor, changes }) => {
    const name = names.get(actor)
    return {
      version,
      at: moment,
      via,
      by: name === undefined ? { code: actor } : { name },
      changes: shownChanges(changes),
    }
  })
}
