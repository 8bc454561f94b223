/** What a check found, for whoever has to mend it: its name, what is there, what should be, and what to do. */
import { type Fault, sentence } from '../lib/errors.ts'

export interface Finding {
  /** A `fault` keeps the product from being used, or lets others at what it keeps; a `warning` may be meant so. */
  level: 'fault' | 'warning' | 'ok'
  /** The setting, the variable or the path. */
  name: string
  /** Never a secret. */
  found: string
  expected?: string
  remedy?: string
}

export function ok(name: string, found: string): Finding {
  return { level: 'ok', name, found }
}

/** Of settings, the environment, or a file. `remedy` for those whose reason says none. */
export function ofFault(fault: Fault, remedy?: string): Finding {
  const { path, reason, line, found = reason, expected } = fault
  const place = line === undefined ? path : `${path} (line ${line})`
  return {
    level: 'fault',
    name: path === '' ? sentence({ path, reason: '', line }).replace(/: $/, '') : place,
    found,
    ...(expected !== undefined && { expected }),
    ...(remedy !== undefined && { remedy }),
  }
}

/** Without its name. */
export function told({ found, expected, remedy }: Finding): string {
  const missing = /^(?:is missing|is empty|has nothing behind it)$/.test(found)
  const should = expected === undefined ? '' : missing ? `: ${expected}` : `: it has to be ${expected}`
  return `${found}${should}${remedy === undefined ? '' : `. To mend it: ${remedy}`}`
}
