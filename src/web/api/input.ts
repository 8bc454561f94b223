/** What a verb is given, from the parts of a request; and where each part of it was, for whoever has to mend it. */
import type { ParameterizedContext } from 'koa'
import { z } from 'zod'
import { type Fault, InputError } from '../../lib/errors.ts'
import { BodyError, readJsonBody } from './json-body.ts'
import { versionRead } from './preconditions.ts'
import { type PlaceOf, pointerTo } from './problem.ts'
import type { Route } from './routes.ts'

/** Which part of a list is asked for, where the verb gives all of it. */
export interface Part {
  limit: number
  after: string | undefined
}

export interface Given {
  input: Record<string, unknown>
  part: Part
}

/** As much as a client's record with its keys; SECURITY WEB-08. */
const MOST_BYTES = 64 * 1024
const JSON_TYPE = 'application/json'
const MERGE_TYPE = 'application/merge-patch+json'

/** Of a list. */
export const PART = {
  after: z.string().max(254).optional().describe('the next page: what the one before says as its next'),
  limit: z.int().min(1).max(1000).default(50).describe('how many, 1 to 1000'),
}

/** Throws InputError, and AppError for what cannot be read. */
export async function inputOf(
  ctx: ParameterizedContext & { params: Record<string, string> },
  route: Route,
): Promise<Given> {
  const query = readQuery(ctx, route)
  const { part, rest } = route.list === undefined ? { part: WHOLE, rest: query } : partOf(query, route)
  const body = hasBody(route) ? await readBody(ctx, route) : {}
  const version = route.versioned ? { version: versionRead(ctx.get('If-Match')) } : {}
  const named = Object.fromEntries(route.named.map((name) => [name, ctx.params[name]]))
  return { input: { ...rest, ...body, ...version, ...named }, part }
}

export function hasBody({ method }: Pick<Route, 'method'>): boolean {
  return method === 'POST' || method === 'PATCH'
}

/** Inputs of the verb that are neither in the path nor a version: of the query or the body. */
export function otherInputs({ verb, named, versioned, nothing }: Route): Array<[string, z.ZodType]> {
  const elsewhere = [...named, ...(versioned ? ['version'] : []), ...(nothing === 'unset' ? ['unset'] : [])]
  return Object.entries(verb.input.shape as Record<string, z.ZodType>).filter(([name]) => !elsewhere.includes(name))
}

/** The verb gives a part of its list by itself. */
export function givesParts({ verb }: Pick<Route, 'verb'>): boolean {
  return 'limit' in verb.input.shape
}

export function placeOf(route: Route): PlaceOf {
  return (at) => {
    const [name] = at
    if (name === 'version' && route.versioned) return { parameter: 'If-Match' }
    const outside = !hasBody(route) || route.named.includes(String(name))
    return outside && name !== undefined ? { parameter: String(name) } : { pointer: pointerTo(at) }
  }
}

const WHOLE: Part = { limit: Number.POSITIVE_INFINITY, after: undefined }

/** Each name once, and none that nobody reads: whoever sent it meant something by it. */
function readQuery(ctx: ParameterizedContext, route: Route): Record<string, unknown> {
  const shapes = new Map<string, z.ZodType>([
    ...(hasBody(route) ? [] : otherInputs(route)),
    ...(route.list !== undefined && !givesParts(route) ? Object.entries(PART) : []),
  ])
  const given = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(ctx.querystring)) given.set(name, [...(given.get(name) ?? []), value])
  const faults: Fault[] = []
  const read = [...given].map(([name, values]) => {
    const shape = shapes.get(name)
    if (!shape) faults.push({ path: name, at: [name], code: 'unknown-field', reason: 'is no parameter here' })
    const repeated = shape !== undefined && plain(shape) instanceof z.ZodArray
    if (values.length > 1 && !repeated)
      faults.push({ path: name, at: [name], code: 'duplicate-key', reason: 'is there twice' })
    return [name, repeated ? values : typed(values[0] ?? '', shape)]
  })
  if (faults.length > 0) throw new InputError('The address is not in order.', faults)
  return Object.fromEntries(read)
}

/** An address has texts only. */
function typed(text: string, shape: z.ZodType | undefined): unknown {
  const inner = shape && plain(shape)
  if (inner instanceof z.ZodBoolean) return text === 'true' || (text === 'false' ? false : text)
  if (inner instanceof z.ZodNumber) return /^-?\d{1,15}$/.test(text) ? Number(text) : text
  return text
}

function plain(shape: z.ZodType): z.ZodType {
  return shape instanceof z.ZodDefault || shape instanceof z.ZodOptional ? plain(shape.unwrap() as z.ZodType) : shape
}

function partOf(query: Record<string, unknown>, route: Route): { part: Part; rest: Record<string, unknown> } {
  if (givesParts(route)) return { part: WHOLE, rest: query }
  const { limit, after, ...rest } = query
  const read = z
    .object(PART)
    .safeParse({ ...(limit !== undefined && { limit }), ...(after !== undefined && { after }) })
  if (read.success) return { part: { limit: read.data.limit, after: read.data.after }, rest }
  throw new InputError(
    'The address is not in order.',
    read.error.issues.map(({ path, message }) => ({ path: path.join('.'), at: path, code: 'value', reason: message })),
  )
}

async function readBody(ctx: ParameterizedContext, route: Route): Promise<Record<string, unknown>> {
  const types = route.nothing === undefined ? [JSON_TYPE] : [MERGE_TYPE, JSON_TYPE]
  const body = await readJsonBody(ctx, { most: route.most ?? MOST_BYTES, types })
  const known = new Map(otherInputs(route))
  const isOpen = route.verb.input.def.catchall instanceof z.ZodUnknown
  const shape = route.verb.input.shape as Record<string, z.ZodType>
  // What the definition's own check tells of is left to it, but for what would take the place of another input.
  const odd = Object.keys(body).filter((name) => !known.has(name) && (!isOpen || Object.hasOwn(shape, name)))
  if (odd.length > 0)
    throw new BodyError(
      odd.map((name) => ({ path: name, at: [name], code: 'unknown-field', reason: `there is no field ${name}` })),
    )
  if (route.nothing === undefined) return body
  const fields = Object.entries(body)
  if (route.nothing === 'empty')
    return Object.fromEntries(
      fields.map(([name, value]) => [name, value === null ? nothingOf(known.get(name)) : value]),
    )
  return {
    ...Object.fromEntries(fields.filter(([, value]) => value !== null)),
    unset: fields.filter(([, value]) => value === null).map(([name]) => name),
  }
}

function nothingOf(shape: z.ZodType | undefined): unknown {
  return shape && plain(shape) instanceof z.ZodArray ? [] : ''
}
