/**
 * Definitions as verbs get them. Their fields go by their names in OpenID Connect's registration, and what one may hold
 * is checked where every door has it checked (client/definition.ts): the same fault has the same code and field in all.
 */
import { z } from 'zod'
import type { Kept, Refused, Who } from '../client/administration.ts'
import { fieldName } from '../client/definition.ts'
import type { Version } from '../client/record.ts'
import { SERVICE_ROLES } from '../client/scopes.ts'
import { AppError, InputError } from '../lib/errors.ts'
import { type Actor, actorName, mayGive } from './role.ts'
import { NotAllowed } from './verb.ts'

/** The version that was looked at. */
export const read = z.coerce
  .number()
  .int()
  .min(1)
  .optional()
  .describe('the version that was looked at: refused if there is a newer one')

/** Whatever is given for a field is let through, and so is a field that there is not: the definition's check tells of it. */
export function fieldsInput(fields: ReadonlyMap<string, string>, others: z.ZodRawShape) {
  const shape = [...fields].map(([name, kind]) => [
    name,
    kind === 'list' ? z.unknown().optional().meta({ repeated: true }) : z.unknown().optional(),
  ])
  return z.looseObject({ ...others, ...Object.fromEntries(shape) })
}

/**
 * Of the fields that were given. A command line has only texts: what is no text stands there as JSON has it. To other
 * doors a text is a text.
 */
export function givenFields(
  given: Readonly<Record<string, unknown>>,
  { fields, others, via }: { fields: ReadonlyMap<string, string>; others: readonly string[]; via: Actor['via'] },
): Record<string, unknown> {
  const named = Object.entries(given).filter(([name, value]) => value !== undefined && !others.includes(name))
  const read = (name: string, value: unknown) =>
    via === 'command-line' && typeof value === 'string' && fields.get(name) === 'other' ? asJson(value) : value
  return Object.fromEntries(named.map(([name, value]) => [name, read(name, value)]))
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export function whoIs(actor: Actor): Who {
  const { via, request } = actor
  const mayEmpower = mayGive(actor, SERVICE_ROLES).ok
  return { actor: actorName(actor), via, mayEmpower, ...(request !== undefined && { request }) }
}

/** What became of it, or why it was refused as an error that an administrator can act on. */
export function insistKept<K extends Kept>(outcome: K | Refused): K {
  if (outcome.ok) return outcome
  if (outcome.reason === 'not-in-order')
    throw new InputError(
      'The definition is not in order.',
      outcome.faults.map(({ code, path, reason }) => ({ code, path: fieldName(path), at: path, reason })),
    )
  if (outcome.reason === 'role-not-held') throw new NotAllowed(outcome.reason)
  if (outcome.reason === 'changed-meanwhile') throw new ChangedMeanwhile(wordsFor(outcome), outcome)
  throw new AppError(outcome.reason, wordsFor(outcome), { status: outcome.reason === 'not-found' ? 404 : 409 })
}

/** Somebody else's change would be undone; with what they did, for whoever wants to go on over it. */
export class ChangedMeanwhile extends AppError {
  readonly version: number
  readonly since: readonly Version[]

  constructor(message: string, { version, since }: { version: number; since: readonly Version[] }) {
    super('changed-meanwhile', message, { status: 409 })
    this.version = version
    this.since = since
  }
}

type Told = Exclude<Refused, { reason: 'not-in-order' | 'role-not-held' }>

function wordsFor(outcome: Told): string {
  if (outcome.reason === 'owned-by-file') {
    const { owner } = outcome
    if (owner.kind === 'store') return 'this is owned by a file'
    const line = owner.line === undefined ? '' : `, line ${owner.line}`
    return `this is owned by ${owner.file}${line}: change it there, or release it first`
  }
  if (outcome.reason === 'changed-meanwhile') {
    const since = outcome.since.map(versionInWords).join('; ')
    return `this was changed meanwhile, look at it again: ${since || `it is at version ${outcome.version}`}`
  }
  return WORDS[outcome.reason]
}

function versionInWords({ version, actor, changes }: Version): string {
  return `version ${version} by ${actor} (${changes.map(({ field }) => field).join(', ')})`
}

const WORDS: Record<Exclude<Told['reason'], 'owned-by-file' | 'changed-meanwhile'>, string> = {
  'not-found': 'there is none',
  deleted: 'this was deleted, and an id is never given again',
  'id-taken': 'this id is taken: choose another',
  'owned-by-store': 'this is not in a file',
  'no-such-version': 'there is no such version any more',
  'too-many-secrets': 'there are two secrets already: remove one first',
  'no-such-secret': 'there is no such secret',
  'needs-approval': 'this waits for a second administrator',
  'too-many-proposals': 'too many changes of yours wait for a second administrator already',
  'scope-taken': 'another resource has one of these scopes',
}
