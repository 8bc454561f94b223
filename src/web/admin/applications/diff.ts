/** Changes of an application as a page shows them: a list by what came and what went, everything else by old and new. */

import type { FieldChange, Version } from '../../../client/record.ts'
import { scopeNames } from '../../../client/scopes.ts'
import type { Desk } from '../desk.ts'
import { type Named, namesOf, nobody } from '../named.ts'
import { UNSAID } from './shown.ts'

export interface ShownChange extends FieldChange {
  /** Of a list in which something came or went. */
  list?: { removed: string[]; added: string[]; stay: number }
}

export function shownChanges(changes: readonly FieldChange[]): ShownChange[] {
  return changes.map((change) => {
    const [from, to] = [listOf(change.field, change.from), listOf(change.field, change.to ?? UNSAID[change.field])]
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
  by: Named
  changes: ShownChange[]
}

export async function shownVersions(
  at: Desk,
  versions: ReadonlyArray<Omit<Version, 'definition'>>,
): Promise<ShownVersion[]> {
  const names = await namesOf(
    at.context,
    versions.map(({ actor }) => actor),
  )
  return versions.map(({ version, at: moment, via, actor, changes }) => ({
    version,
    at: moment,
    via,
    by: names.get(actor) ?? nobody(actor),
    changes: shownChanges(changes),
  }))
}
