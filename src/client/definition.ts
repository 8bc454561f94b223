/**
 * What somebody says that an application or a resource is, checked whole: the one way in, whichever door it comes by. So
 * the same gives the same record, byte for byte, and what is wrong has the same code and field everywhere.
 */
import type { z } from 'zod'
import { isBuiltInName } from '../lib/built-in-name.ts'
import { codeOf } from '../lib/issue.ts'
import { looksLike } from '../lib/look-alike.ts'
import { meansAll, SECOND_FACTORS, type SecondFactor } from '../person/second-factor.ts'
import { type Client, metadataOf } from './client.ts'
import { recordFaults } from './faults.ts'
import { type ClientFields, clientFields, type DefinitionRules } from './fields.ts'
import type { Definition } from './record.ts'
import { type Resource, resourceFields } from './resource-fields.ts'
import { isAdminScope, OWN_SCOPES, scopeNames } from './scopes.ts'

export interface DefinitionFault {
  code: string
  /** Of the field, from the definition on; empty for the definition itself. */
  path: PropertyKey[]
  reason: string
}

export type Checked<F> =
  | {
      ok: true
      /** To be kept. */
      definition: Definition
      /** The same, with types. */
      fields: F
      /** Names of the environment that hold its secrets, the newest first. */
      secrets: string[]
    }
  | { ok: false; faults: DefinitionFault[] }

export interface Beside {
  /** Of all resources; undefined where that is not known, or does not matter. */
  scopes: ReadonlySet<string> | undefined
  /** It has a secret, or gets one, that its definition does not name. */
  hasSecret: boolean
  /** Names that people trust: of our own applications, others than this one, and of the product. */
  ours: readonly string[]
}

export interface Definitions {
  client(given: unknown, beside: Beside): Checked<ClientFields>
  resource(given: unknown): Checked<Resource>
}

/** Why the provider's library would not take it. It is asked last, of what is in order by our own rules. */
export type LibraryRefusal = (metadata: Client['metadata']) => string | undefined

export function definitions(rules: DefinitionRules, libraryRefusal: LibraryRefusal): Definitions {
  const shape = clientFields(rules)

  /** The rules of several fields are asked beside what is wrong with others: all faults are told at once. */
  function whole(beside: Beside) {
    return shape.superRefine((record, context) => {
      if (isNone(context)) return
      const wrong = faultyParts(context)
      const about = { production: rules.production, hasSecret: beside.hasSecret }
      for (const { code, path, reason } of recordFaults(record, (field) => !wrong.has(field), about))
        context.addIssue({ code: 'custom', path, message: reason, params: { code } })
      const { client_name: shown, first_party } = record
      if (!wrong.has('client_name') && first_party !== true && beside.ours.some((own) => looksLike(shown, own)))
        context.addIssue({
          code: 'custom',
          path: ['client_name'],
          message: 'looks like the name of one of our own applications: choose another',
          params: { code: 'look-alike' },
        })
      for (const name of wrong.has('scope') ? [] : unknownScopes(record.scope, beside.scopes))
        context.addIssue({
          code: 'custom',
          path: ['scope'],
          message: `${name} is no scope of ours and of no resource`,
          params: { code: 'unknown-scope' },
        })
    }, ALWAYS)
  }

  return {
    client(given, beside) {
      const checked = check(whole(beside), given)
      if (!checked.ok) return checked
      const refusal = libraryRefusal(metadataOf(checked.fields))
      if (refusal !== undefined) return { ok: false, faults: [{ code: 'library', path: [], reason: refusal }] }
      const { client_secret, previous_client_secret, ...rest } = checked.fields
      const secrets = [client_secret?.env, previous_client_secret?.env].filter((env) => env !== undefined)
      const definition = inOrder(shape, {
        ...rest,
        // Sets: whatever order a form sends them in.
        grant_types: sorted(rest.grant_types, shape.shape.grant_types.unwrap().element.options),
        second_factors: someOf(rest.second_factors),
      })
      return { ok: true, definition, fields: checked.fields, secrets }
    },
    resource(given) {
      const checked = check(resourceFields, given)
      if (!checked.ok) return checked
      const { fields } = checked
      if (rules.reserved.includes(fields.indicator))
        return { ok: false, faults: [{ code: 'reserved', path: ['indicator'], reason: 'is an API of our own' }] }
      return { ok: true, definition: inOrder(resourceFields, fields), fields, secrets: [] }
    },
  }
}

/** Also where other things are wrong. */
const ALWAYS = { when: () => true }

interface Issues {
  issues: Array<{ code?: string | undefined; path?: PropertyKey[] | undefined }>
}

/** No record at all, which is told already: there is nothing more to look at. */
function isNone({ issues }: Issues): boolean {
  return issues.some(({ code, path = [] }) => path.length === 0 && code !== 'unrecognized_keys')
}

/** The fields that are not in order by themselves. */
function faultyParts({ issues }: Issues): Set<PropertyKey> {
  return new Set(issues.flatMap(({ path }) => path?.slice(0, 1) ?? []))
}

function unknownScopes(scope: unknown, known: ReadonlySet<string> | undefined): string[] {
  return known
    ? scopeNames(scope).filter((name) => !known.has(name) && !OWN_SCOPES.has(name) && !isAdminScope(name))
    : []
}

function check<S extends z.ZodType>(shape: S, given: unknown): { ok: true; fields: z.output<S> } | Faulty {
  const parsed = shape.safeParse(given)
  const faults = [
    ...namesOfObjects(given, []),
    ...(parsed.error?.issues ?? []).flatMap((issue) => faultsOf(issue, given)),
  ]
  return parsed.success && faults.length === 0 ? { ok: true, fields: parsed.data } : { ok: false, faults }
}

interface Faulty {
  ok: false
  faults: DefinitionFault[]
}

/** Names that every object has something under: a parser of JSON makes fields of them, and most code loses them again. */
function namesOfObjects(given: unknown, path: PropertyKey[]): DefinitionFault[] {
  if (typeof given !== 'object' || given === null || path.length > DEEPEST) return []
  return Object.entries(given).flatMap(([name, value]): DefinitionFault[] => {
    const at = [...path, Array.isArray(given) ? Number(name) : name]
    // Of the definition itself the shape says so, but for the one that it does not see.
    if (isBuiltInName(name) && (path.length > 0 || name === '__proto__'))
      return [{ code: 'unknown-field', path: at, reason: 'is no field' }]
    return namesOfObjects(value, at)
  })
}

/** Deeper than any field; what is deeper is no field, and told as that. */
const DEEPEST = 8

function faultsOf(issue: z.core.$ZodIssue, given: unknown): DefinitionFault[] {
  const { path, message: reason } = issue
  if (issue.code === 'unrecognized_keys')
    return issue.keys
      .filter((key) => key !== '__proto__')
      .map((key) => ({ code: 'unknown-field', path: [...path, key], reason: `there is no field ${key}` }))
  return [{ code: codeOf(issue, given), path, reason }]
}

/** The fields of the shape, in its order; what was not given and has no default is absent. */
function inOrder(shape: z.ZodObject, fields: object): Definition {
  const values = fields as Record<string, unknown>
  const names = Object.keys(shape.shape).filter((name) => values[name] !== undefined)
  return Object.fromEntries(names.map((name) => [name, values[name]]))
}

/** All of them go without being said: so a release that knows fewer can read it, and one that knows more counts those too. */
function someOf(factors: readonly SecondFactor[] | undefined): SecondFactor[] | undefined {
  const named = sorted(factors ?? SECOND_FACTORS, SECOND_FACTORS)
  return meansAll(named) ? undefined : named
}

function sorted<T>(values: readonly T[], order: readonly T[]): T[] {
  return order.filter((value) => values.includes(value))
}

/** `redirect_uris[0]`: how a field is named to people. */
export function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
}
