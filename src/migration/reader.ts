/**
 * A file of people, cut into one text for each: JSON lines, or one JSON document that has them in a list. It is read as it
 * comes, so a file of any size takes the memory of one person; what is wrong with one of them is told of that one.
 */
import { LONGEST_LINE } from './line.ts'

export type Form = 'lines' | 'document'

export interface Cut {
  line: number
  /** Undefined where it is too long. */
  bytes: Buffer | undefined
}

export interface Item {
  line: number
  /** As it stands there, as far as it is a text. */
  text: string
  /** What it holds, or why it holds nothing. */
  value:
    | { ok: true; value: unknown }
    | { ok: false; code: 'too-long' | 'encoding' | 'not-json' | 'too-deep'; reason: string }
}

const NEWLINE = 0x0a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const [COLON, COMMA] = [0x3a, 0x2c]
const OPENS = new Set([0x7b, 0x5b])
const CLOSES = new Set([0x7d, 0x5d])
const LIST = 0x5b
/** Where exporters have their people. */
const PEOPLE = 'users'
/** Four are ours; what exporters carry along of applications has some more. */
const DEEPEST = 32

export async function* items(file: AsyncIterable<Uint8Array>, form: Form): AsyncGenerator<Item> {
  const cuts = form === 'lines' ? lines(file) : people(file)
  for await (const cut of cuts) {
    const item = itemOf(cut)
    if (item) yield item
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** Undefined for a line with nothing on it. */
function itemOf({ line, bytes }: Cut): Item | undefined {
  if (!bytes) {
    const reason = `is longer than ${LONGEST_LINE} bytes`
    return { line, text: '', value: { ok: false, code: 'too-long', reason } }
  }
  let text: string
  try {
    text = decoder.decode(bytes).trim()
  } catch {
    const reason = 'is not in UTF-8'
    return { line, text: bytes.toString('latin1'), value: { ok: false, code: 'encoding', reason } }
  }
  if (text === '') return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { line, text, value: { ok: false, code: 'not-json', reason: 'is no JSON' } }
  }
  if (!isDeeper(value, DEEPEST)) return { line, text, value: { ok: true, value } }
  return { line, text, value: { ok: false, code: 'too-deep', reason: `has more than ${DEEPEST} levels` } }
}

/** Level by level: with a call for each, what is deep enough would end the whole run here or wherever it is gone through. */
function isDeeper(value: unknown, most: number): boolean {
  let level = [value].filter(isContainer)
  for (let depth = 0; depth < most && level.length > 0; depth += 1)
    level = level.flatMap((part) => Object.values(part).filter(isContainer))
  return level.length > 0
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

async function* lines(file: AsyncIterable<Uint8Array>): AsyncGenerator<Cut> {
  const collected = collector()
  let line = 1
  for await (const chunk of file) {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      collected.add(chunk.subarray(from, at))
      yield { line, bytes: collected.take() }
      line += 1
      from = at + 1
    }
    collected.add(chunk.subarray(from))
  }
  yield { line, bytes: collected.take() }
}

/** The objects of the list `users`, or of a list that is the document. */
async function* people(file: AsyncIterable<Uint8Array>): AsyncGenerator<Cut> {
  const collected = collector()
  let [line, depth, inText, escaped] = [1, 0, false, false]
  /** Depth of the list that they are in, once it has begun. */
  let inside: number | undefined
  let begun: { line: number } | undefined
  /** The last text at the first level, which may be the name of what follows. */
  let [name, named] = ['', false]
  for await (const chunk of file) {
    let from = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0
      if (byte === NEWLINE) line += 1
      if (inText) {
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) inText = false
        if (inText && depth === 1 && !named && name.length <= PEOPLE.length) name += String.fromCharCode(byte)
        continue
      }
      if (byte === QUOTE) {
        inText = true
        if (depth === 1 && !named) name = ''
      } else if (byte === COLON && depth === 1) named = true
      else if (byte === COMMA && depth === 1) named = false
      else if (OPENS.has(byte)) {
        if (inside === undefined && byte === LIST && (depth === 0 || (depth === 1 && named && name === PEOPLE)))
          inside = depth + 1
        else if (depth === inside) {
          begun = { line }
          from = at
        }
        depth += 1
      } else if (CLOSES.has(byte)) {
        depth -= 1
        if (begun && depth === inside) {
          collected.add(chunk.subarray(from, at + 1))
          yield { line: begun.line, bytes: collected.take() }
          begun = undefined
        } else if (inside !== undefined && depth < inside) inside = undefined
      }
    }
    if (begun) collected.add(chunk.subarray(from))
  }
  // The file ends in the middle of somebody: what there is of them is no JSON.
  if (begun || depth > 0) yield { line, bytes: begun ? collected.take() : Buffer.from('…') }
}

/** Puts together what comes in parts; of what is too long nothing is kept. */
function collector() {
  let [parts, length]: [Uint8Array[], number] = [[], 0]
  return {
    add(part: Uint8Array) {
      length += part.length
      if (length <= LONGEST_LINE) parts.push(part)
      else parts = []
    },
    take(): Buffer | undefined {
      const whole = length <= LONGEST_LINE ? Buffer.concat(parts) : undefined
      parts = []
      length = 0
      return whole
    },
  }
}
