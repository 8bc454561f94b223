/** The file of applications and resources: read and checked whole, with the line of everything that is wrong. */
import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import { InputError } from '../lib/errors.ts'
import { type Checked, type DefinitionFault, type Definitions, fieldName } from './definition.ts'
import type { Definition } from './record.ts'
import { OWN_SCOPES } from './scopes.ts'

/** What a file says of one: a client goes by its id, a resource by its indicator. */
export interface Entry {
  noun: 'client' | 'resource'
  id: string
  definition: Definition
  /** Names of the environment, the newest first. Of a client only. */
  secrets: string[]
  line: number
}

const LISTS = { clients: 'client', resources: 'resource' } as const
const ID = { client: 'client_id', resource: 'indicator' } as const

/** `hasSecret` says so of a client that the file names no secret of. Throws InputError that names every fault. */
export function readClientsFile(
  path: string,
  definitions: Definitions,
  hasSecret: (id: string) => boolean = () => false,
): Entry[] {
  const lines = new LineCounter()
  const document = parseDocument(readFileSync(path, 'utf8'), { lineCounter: lines })
  const syntax = document.errors.map((error) => ({
    path: `line ${error.linePos?.[0].line ?? '?'}`,
    reason: error.message,
  }))
  if (syntax.length > 0) throw new InputError(`${path} is not usable:`, syntax)

  const { entries, faults } = checkedFile(document.toJS(), definitions, hasSecret)
  if (faults.length === 0) return entries.map(({ at, ...entry }) => ({ ...entry, line: lineOf(at) }))
  const placed = faults
    .map((fault) => ({ ...fault, line: lineOf(fault.path) }))
    .sort((one, other) => one.line - other.line)
  throw new InputError(
    `${path} is not usable:`,
    placed.map(({ path: at, reason, line }) => ({ path: `${fieldName(at)} (line ${line})`, reason })),
  )

  /** The line of the deepest part of the path that the file holds. */
  function lineOf(at: readonly PropertyKey[]): number {
    for (let depth = at.length; depth > 0; depth -= 1) {
      const node = document.getIn(at.slice(0, depth), true)
      if (node && typeof node === 'object' && 'range' in node && Array.isArray(node.range))
        return lines.linePos(Number(node.range[0])).line
    }
    return 1
  }
}

type Placed = Omit<Entry, 'line'> & { at: PropertyKey[] }

/** Whatever is wrong anywhere in it, at once. */
export function checkedFile(
  given: unknown,
  definitions: Definitions,
  hasSecret: (id: string) => boolean,
): { entries: Placed[]; faults: DefinitionFault[] } {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { entries: [], faults: [{ code: 'type', path: [], reason: 'must have clients' }] }
  const file = given as Record<string, unknown>
  const faults: DefinitionFault[] = Object.keys(file)
    .filter((name) => !Object.hasOwn(LISTS, name))
    .map((name) => ({ code: 'unknown-field', path: [name], reason: `there is no field ${name}` }))
  const entries: Placed[] = []

  function take(list: keyof typeof LISTS, checked: (one: unknown, id: string) => Checked<unknown>) {
    const noun = LISTS[list]
    const all = file[list] ?? (list === 'resources' ? [] : undefined)
    if (!Array.isArray(all)) {
      faults.push({ code: all === undefined ? 'required' : 'type', path: [list], reason: 'must be a list' })
      return
    }
    const seen = new Set<string>()
    for (const [index, one] of all.entries()) {
      const id = (one as Record<string, unknown> | null)?.[ID[noun]]
      const at = [list, index]
      const outcome = checked(one, String(id))
      if (!outcome.ok) faults.push(...outcome.faults.map((fault) => ({ ...fault, path: [...at, ...fault.path] })))
      if (typeof id === 'string' && seen.has(id))
        faults.push({ code: 'duplicate', path: [...at, ID[noun]], reason: `${id} is there twice` })
      if (typeof id === 'string') seen.add(id)
      if (outcome.ok)
        entries.push({ noun, id: String(id), definition: outcome.definition, secrets: outcome.secrets, at })
    }
  }

  take('resources', (one) => definitions.resource(one))
  const scopes = namedScopes(entries, faults)
  // Which scopes there are is not known if a resource is not in order.
  const known = faults.some(({ path }) => path[0] === 'resources') ? undefined : scopes
  take('clients', (one, id) => definitions.client(one, { scopes: known, hasSecret: hasSecret(id) }))
  return { entries, faults }
}

/** Those of the resources. One that two of them have is wrong: which a token is for would be a guess. */
function namedScopes(resources: readonly Placed[], faults: DefinitionFault[]): ReadonlySet<string> {
  const named = new Set(OWN_SCOPES)
  for (const { definition, at } of resources) {
    for (const [index, scope] of (definition.scopes as string[]).entries()) {
      if (named.has(scope))
        faults.push({ code: 'duplicate', path: [...at, 'scopes', index], reason: `${scope} is there twice` })
      named.add(scope)
    }
  }
  return named
}
