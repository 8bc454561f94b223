/**
 * The definition of one application as text, for doors that take text: as it stands in the file, by itself or as an item
 * of the list. Read by the reader of the file, so that what any two readers could take differently is refused here too.
 */
import { readYaml, type TextFault } from './yaml-text.ts'

export interface ReadDefinition {
  /** Also where something was wrong; undefined if there is none to be read. */
  definition: Record<string, unknown> | undefined
  faults: TextFault[]
  /** Where a part of the definition stands. */
  lineOf(path: readonly PropertyKey[]): number
}

export function readDefinition(text: string): ReadDefinition {
  const { value, faults, lineOf } = readYaml(text)
  const at = placeOf(value)
  const one = at.reduce<unknown>((part, name) => (part as Record<PropertyKey, unknown>)[name], value)
  const here = (path: readonly PropertyKey[]) => lineOf([...at, ...path])
  // Of the definition: the list that it may stand in is no field of it.
  const told = faults.map((fault) => ({ ...fault, path: fault.path.slice(at.length) }))
  if (value === undefined) return { definition: undefined, faults: told, lineOf: here }
  if (Array.isArray(one) && one.length > 1)
    return { definition: undefined, faults: [...told, fault('several', 'must be one application', here)], lineOf: here }
  if (typeof one !== 'object' || one === null || Array.isArray(one))
    return { definition: undefined, faults: [...told, fault('type', NO_FIELDS, here)], lineOf: here }
  return { definition: one as Record<string, unknown>, faults: told, lineOf: here }
}

const NO_FIELDS = 'must have the fields of an application, such as client_id: roster'

function fault(code: string, reason: string, lineOf: ReadDefinition['lineOf']): TextFault {
  return { code, path: [], reason, line: lineOf([]) }
}

/** The way to it from a whole file, or from an item of its list. */
function placeOf(value: unknown): PropertyKey[] {
  if (Array.isArray(value)) return value.length === 1 ? [0] : []
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'clients') return []
  const { clients } = value as { clients: unknown }
  if (!Array.isArray(clients)) return []
  return clients.length === 1 ? ['clients', 0] : ['clients']
}
