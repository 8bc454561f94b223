/**
 * Reading forms: flat, small, strings only. `password[$ne]=x` is a field with an odd name, not an object, and a field
 * that comes twice is refused instead of guessed at.
 */
import type { IncomingMessage } from 'node:http'
import type { ParameterizedContext } from 'koa'
import { AppError } from '../lib/errors.ts'

export type Fields = Record<string, string>

const MOST_BYTES = 16 * 1024
const MOST_FIELDS = 50

/** The fields of the posted form. Throws `body-too-large` (413), `bad-request` (400) or `unsupported-type` (415). */
export async function readForm(ctx: ParameterizedContext, most = MOST_BYTES): Promise<Fields> {
  return parseForm(await readFormBody(ctx, most))
}

/** Everything in the posted form, in its order, also what came twice. Throws as `readForm`. */
export async function readPairs(ctx: ParameterizedContext, most: number): Promise<URLSearchParams> {
  return new URLSearchParams(await readFormBody(ctx, most))
}

async function readFormBody(ctx: ParameterizedContext, most: number): Promise<string> {
  if (!ctx.is('application/x-www-form-urlencoded'))
    throw new AppError('unsupported-type', 'not a form', { status: 415 })
  return readBody(ctx, most)
}

/** A small JSON object whose values are strings. */
export async function readJson(ctx: ParameterizedContext): Promise<Fields> {
  if (!ctx.is('application/json')) throw new AppError('unsupported-type', 'not JSON', { status: 415 })
  const text = await readBody(ctx, MOST_BYTES)
  try {
    const parsed: unknown = JSON.parse(text)
    if (parsed !== null && typeof parsed === 'object') {
      const entries = Object.entries(parsed)
      if (entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return fields(entries)
    }
  } catch (cause) {
    throw new AppError('bad-request', 'not JSON', { status: 400, cause })
  }
  throw new AppError('bad-request', 'not an object of strings', { status: 400 })
}

export function parseForm(text: string): Fields {
  // Counted before they are taken apart: a million of them would hold up everybody for a minute.
  if (text.split('&', MOST_FIELDS + 2).length > MOST_FIELDS + 1) throw tooMany()
  return fields([...new URLSearchParams(text)])
}

function tooMany(): AppError {
  return new AppError('bad-request', 'too many fields', { status: 400 })
}

/** Throws `bad-request` (400) for what no form of ours has. */
export function fields(entries: Array<[string, string]>): Fields {
  if (entries.length > MOST_FIELDS) throw tooMany()
  const read: Fields = Object.create(null)
  for (const [name, value] of entries) {
    if (name in read) throw new AppError('bad-request', 'a field came twice', { status: 400 })
    if (name.includes('\0') || value.includes('\0'))
      throw new AppError('bad-request', 'NUL in a field', { status: 400 })
    read[name] = value
  }
  return read
}

/** The body, at most so many bytes of it, whether or not its length was announced. Throws `body-too-large` (413). */
export async function readBytes(request: IncomingMessage, most: number): Promise<Buffer> {
  const tooLarge = () => new AppError('body-too-large', `more than ${most} bytes`, { status: 413 })
  if ((announcedLength(request) ?? 0) > most) throw tooLarge()
  const body = await receiveBody(request, most)
  if (!body) throw tooLarge()
  return body
}

/** Bytes of the body, as its head says; undefined if it does not. */
export function announcedLength({ headers }: IncomingMessage): number | undefined {
  const announced = headers['content-length']
  return announced === undefined ? undefined : Number(announced)
}

async function readBody(ctx: ParameterizedContext, most: number): Promise<string> {
  const body = await readBytes(ctx.req, most)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (cause) {
    throw new AppError('bad-request', 'not UTF-8', { status: 400, cause })
  }
}

/** Undefined if it is too large. */
async function receiveBody(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    // Not destroyed when we stop reading: with the request would go the connection, and nobody would get our answer.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > most) return undefined
      chunks.push(chunk)
    }
  } catch (cause) {
    throw new AppError('bad-request', 'the sender went away', { status: 400, cause })
  }
  return Buffer.concat(chunks)
}
