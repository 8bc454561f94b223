/** The file of applications and resources: read and checked whole, with the line of everything that is wrong. */
import { type Fault, InputError } from '../lib/errors.ts'
import { claimedTwice } from './claimed-scopes.ts'
import { type Checked, type DefinitionFault, type Definitions, fieldName } from './definition.ts'
import type { Definition } from './record.ts'
import { OWN_SCOPES } from './scopes.ts'
import { readYaml, type TextFault } from './yaml-text.ts'

/** What a file says of one: a client goes by its id, a resource by its indicator. */
export interface Entry {
  noun: 'client' | 'resource'
  id: string
  definition: Definition
  /** Names of the environment, the newest first. Of a client only. */
  secrets: string[]
  line: number
}

/** What the store has besides. */
export interface Elsewhere {
  /** Of resources that no file owns, but for these: what the file says of one of those is not judged by its own scopes. */
  scopes(but: ReadonlySet<string>): readonly string[]
  /** Names of our own applications, and of the product, that no other may look like. */
  ours: readonly string[]
  /** Whether it has a secret that we made. */
  hasSecret(id: string): boolean
}

export const NOTHING_ELSE: Elsewhere = { scopes: () => [], ours: [], hasSecret: () => false }

const LISTS = { clients: 'client', resources: 'resource' } as const
const ID = { client: 'client_id', resource: 'indicator' } as const

/** `name` is what the file is called. Throws InputError that names every fault. */
export function checkedFile(
  text: string | Uint8Array,
  { name, definitions, elsewhere }: { name: string; definitions: Definitions; elsewhere: Elsewhere },
): Entry[] {
  const { value, faults: odd, lineOf } = readYaml(text)
  const { entries, faults } = value === undefined ? NOTHING : checked(value, definitions, elsewhere)
  if (odd.length + faults.length === 0) return entries.map(({ at, ...entry }) => ({ ...entry, line: lineOf(at) }))
  const known = new Set(odd.map(({ path }) => fieldName(path)))
  const all: TextFault[] = [
    ...odd,
    // What cannot be read for sure is not judged by what it might mean.
    ...faults
      .filter(({ path }) => !known.has(fieldName(path)))
      .map((fault) => ({ ...fault, line: lineOf(fault.path) })),
  ]
  const inOrder = all.sort((one, other) => one.line - other.line)
  throw new InputError(`${name} is not usable:`, inOrder.map(told))
}

function told({ code, path, reason, line }: TextFault): Fault {
  return { path: fieldName(path), code, reason, line }
}

type Placed = Omit<Entry, 'line'> & { at: PropertyKey[] }

interface CheckedEntries {
  entries: Placed[]
  faults: DefinitionFault[]
}

const NOTHING: CheckedEntries = { entries: [], faults: [] }

/** Whatever is wrong anywhere in it, at once. */
function checked(given: unknown, definitions: Definitions, elsewhere: Elsewhere): CheckedEntries {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { entries: [], faults: [{ code: 'type', path: [], reason: 'must have clients' }] }
  const file = given as Record<string, unknown>
  const faults: DefinitionFault[] = Object.keys(file)
    .filter((name) => !Object.hasOwn(LISTS, name))
    .map((name) => ({ code: 'unknown-field', path: [name], reason: `there is no field ${name}` }))
  const entries: Placed[] = []

  function take(list: keyof typeof LISTS, check: (one: unknown, id: string) => Checked<unknown>) {
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
      const outcome = check(one, String(id))
      if (!outcome.ok) faults.push(...outcome.faults.map((fault) => ({ ...fault, path: [...at, ...fault.path] })))
      if (typeof id === 'string' && seen.has(id))
        faults.push({ code: 'id-taken', path: [...at, ID[noun]], reason: `${id} is there twice` })
      if (typeof id === 'string') seen.add(id)
      if (outcome.ok)
        entries.push({ noun, id: String(id), definition: outcome.definition, secrets: outcome.secrets, at })
    }
  }

  take('resources', (one) => definitions.resource(one))
  const named = new Set(entries.map(({ id }) => id))
  const scopes = namedScopes(entries, elsewhere.scopes(named), faults)
  // Which scopes there are is not known if a resource is not in order.
  const known = faults.some(({ path }) => path[0] === 'resources') ? undefined : scopes
  const ours = ownNames(file.clients)
  take('clients', (one, id) =>
    definitions.client(one, {
      scopes: known,
      hasSecret: elsewhere.hasSecret(id),
      ours: [...elsewhere.ours, ...ours.flatMap((own) => (own.id === id ? [] : [own.name]))],
    }),
  )
  return { entries, faults }
}

/** Those of the resources. One that two of them have is wrong: which a token is for would be a guess. */
function namedScopes(resources: Placed[], others: readonly string[], faults: DefinitionFault[]): ReadonlySet<string> {
  const named = new Set([...OWN_SCOPES, ...others])
  for (const { definition, at } of resources) {
    const scopes = definition.scopes as string[]
    faults.push(...claimedTwice(scopes, named).map((fault) => ({ ...fault, path: [...at, ...fault.path] })))
    for (const scope of scopes) named.add(scope)
  }
  return named
}

/** Of what may not be in order yet: the names of those that are said to be ours. */
function ownNames(clients: unknown): Array<{ id: unknown; name: string }> {
  if (!Array.isArray(clients)) return []
  return clients.flatMap((one: unknown) => {
    const { client_id, client_name, first_party } = (typeof one === 'object' && one !== null ? one : {}) as Definition
    return first_party === true && typeof client_name === 'string' ? [{ id: client_id, name: client_name }] : []
  })
}
