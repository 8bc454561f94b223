/**
 * A definition that somebody typed as text, on its way to a verb. What is wrong with the text is told beside what is wrong
 * with the definition, each with its line, as it is for a file.
 */

import { fieldName } from '../../../client/definition.ts'
import { CLIENT_FIELDS } from '../../../client/field-kinds.ts'
import { readDefinition } from '../../../client/one-definition.ts'
import { type Fault, InputError } from '../../../lib/errors.ts'

/** Inputs of the verbs that are no fields of a definition. */
const NOT_FIELDS = ['client', 'version', 'to', 'unset']

export interface Typed {
  /** To be given to a verb. */
  definition: Record<string, unknown>
  /** Of a definition that is read whole, what it does not say. */
  unsaid: string[]
}

/**
 * `check` runs what looks at a definition and keeps nothing, `use` what is wanted of it. `use` is not run if anything is
 * wrong with the text, and what is wrong is thrown as one InputError whose faults have lines.
 */
export async function withText<T>(
  text: string,
  { check, use }: { check(typed: Typed): Promise<unknown>; use(typed: Typed): Promise<T> },
): Promise<T> {
  const { definition, faults, lineOf } = readDefinition(text)
  const names = Object.keys(definition ?? {})
  const odd = [
    ...faults,
    ...names
      .filter((name) => NOT_FIELDS.includes(name))
      .map((name) => ({
        code: 'unknown-field',
        path: [name],
        reason: `there is no field ${name}`,
        line: lineOf([name]),
      })),
  ].map(({ path, ...fault }): Fault => ({ ...fault, path: fieldName(path) }))
  if (!definition) throw new InputError(NOT_IN_ORDER, odd)
  const typed = {
    definition: Object.fromEntries(Object.entries(definition).filter(([name]) => !NOT_FIELDS.includes(name))),
    unsaid: [...CLIENT_FIELDS.keys()].filter((name) => definition[name] === undefined && name !== 'client_id'),
  }
  const lineAt = (path: string) => lineOf(pathOf(path))
  if (odd.length === 0) return withLines(lineAt, () => use(typed))
  const others = await faultsIn(() => withLines(lineAt, () => check(typed)))
  // What cannot be read for sure is not judged by what it might mean.
  const known = new Set(odd.map(({ path }) => path))
  const all = [...odd, ...others.filter(({ path }) => !known.has(path))]
  throw new InputError(
    NOT_IN_ORDER,
    all.sort((one, other) => (one.line ?? 0) - (other.line ?? 0)),
  )
}

const NOT_IN_ORDER = 'The definition is not in order.'

async function withLines<T>(lineOf: (path: string) => number, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (fault) {
    if (!(fault instanceof InputError)) throw fault
    throw new InputError(
      NOT_IN_ORDER,
      fault.faults.map((one) => ({ ...one, line: lineOf(one.path) })),
    )
  }
}

async function faultsIn(run: () => Promise<unknown>): Promise<Fault[]> {
  try {
    await run()
    return []
  } catch (fault) {
    if (fault instanceof InputError) return fault.faults
    // Taken, changed meanwhile: told once the text is in order.
    return []
  }
}

/** `redirect_uris[0]` as its parts. */
function pathOf(name: string): PropertyKey[] {
  return [...name.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, part]) =>
    index === undefined ? (part ?? '') : Number(index),
  )
}
