/**
 * A body of JSON, read so that no other reader takes it differently (RFC 8259 section 4): a field that is there twice, a
 * name that every object has something under, and what is JSON to YAML only are refused, with the codes of the file.
 */
import type { ParameterizedContext } from 'koa'
import { fieldName } from '../../client/definition.ts'
import { readYaml } from '../../client/yaml-text.ts'
import { AppError, type Fault, InputError } from '../../lib/errors.ts'
import { readBytes } from '../form.ts'

/** Deeper than anything that is asked for. */
const DEEPEST = 32
/** Values, or lines: more than in anything that is asked for. Reading a million of them once more takes half a minute. */
const MOST_PARTS = 10_000

/** What is wrong is in the body, whatever else has the same name. */
export class BodyError extends InputError {
  constructor(faults: Fault[]) {
    super('The body is not in order.', faults)
  }
}

/** Of the media types that are taken; an absent body is an empty object. Throws InputError or AppError. */
export async function readJsonBody(
  ctx: ParameterizedContext,
  { most, types }: { most: number; types: string[] },
): Promise<Record<string, unknown>> {
  const bytes = await readBytes(ctx.req, most)
  if (bytes.length === 0 && ctx.get('Content-Type') === '') return {}
  if (!types.includes(mediaType(ctx)))
    throw new AppError('unsupported-type', `the body must be ${types.join(' or ')}`, { status: 415 })
  const value = parsed(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BodyError([{ path: '', at: [], code: 'type', reason: 'must be an object' }])
  return value as Record<string, unknown>
}

/** In JSON there is no other charset (RFC 8259 section 8.1). */
function mediaType(ctx: ParameterizedContext): string {
  const [type = '', ...parameters] = ctx
    .get('Content-Type')
    .split(';')
    .map((part) => part.trim().toLowerCase())
  return parameters.every((parameter) => /^charset="?utf-8"?$/.test(parameter)) ? type : ''
}

function parsed(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new BodyError([{ path: '', at: [], code: 'encoding', reason: 'is not UTF-8' }])
  }
  const tooMuch = tooMuchOf(text)
  if (tooMuch) throw new BodyError([{ path: '', at: [], code: 'syntax', reason: tooMuch }])
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new BodyError([{ path: '', at: [], code: 'syntax', reason: 'is not JSON' }])
  }
  // As YAML 1.2 has it, of which JSON is a part. What YAML 1.1 makes of a number is no matter here.
  const faults = readYaml(text).faults.filter(({ code }) => code !== 'two-readings')
  if (faults.length > 0)
    throw new BodyError(faults.map(({ code, path, reason }) => ({ path: fieldName(path), at: path, code, reason })))
  return value
}

/** Before any reader goes in as deep, or as far. */
function tooMuchOf(text: string): string | undefined {
  let [depth, parts] = [0, 0]
  let inText = false
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]
    if (inText && sign === '\\') at += 1
    else if (sign === '"') inText = !inText
    else if (!inText && (sign === '{' || sign === '[')) depth += 1
    else if (!inText && (sign === '}' || sign === ']')) depth -= 1
    else if (!inText && (sign === ',' || sign === '\n' || sign === '\r')) parts += 1
    if (depth > DEEPEST) return 'is nested too deep'
    if (parts > MOST_PARTS) return `holds more than ${MOST_PARTS} values or lines`
  }
  return undefined
}
