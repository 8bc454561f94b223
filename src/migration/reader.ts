/**
 * A file of people, cut into one text for each: JSON lines, or one JSON document that has them in a list. It is read as it
 * comes, so a file of any size takes the memory of one person; what is wrong with one of them is told of that one.
 */
import { LONGEST_LINE } from './line.ts'
import { LIST, placeIn } from './place.ts'

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
/** Where exporters have their people. */
const PEOPLE = 'users'
/** Four are ours; what exporters carry along of applications has some more. */
const DEEPEST = 32

/** `realm`: the place of the realm whose people they are, in a document that is a list of realms. */
export async function* items(file: AsyncIterable<Uint8Array>, form: Form, realm?: number): AsyncGenerator<Item> {
  const cuts = form === 'lines' ? lines(file) : people(file, realm)
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

/** The objects of the list `users`, or of a list that is the document; of a list of realms, of the one at this place. */
async function* people(file: AsyncIterable<Uint8Array>, realm: number | undefined): AsyncGenerator<Cut> {
  const collected = collector()
  const place = placeIn()
  /** Depth of the list that they are in, once it has begun. */
  let inside: number | undefined
  let begun: { line: number } | undefined
  const isTheirs = (byte: number) => {
    if (place.depth === 1 && realm === undefined) return byte === LIST
    return byte === LIST && place.isValue() && place.name === PEOPLE && (realm ?? place.index) === place.index
  }
  for await (const chunk of file) {
    let from = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0
      const what = place.step(byte)
      if (what === 'opens') {
        if (inside === undefined && isTheirs(byte)) inside = place.depth
        else if (inside !== undefined && place.depth === inside + 1) {
          begun = { line: place.line }
          from = at
        }
      } else if (what === 'closes') {
        if (begun && place.depth === inside) {
          collected.add(chunk.subarray(from, at + 1))
          yield { line: begun.line, bytes: collected.take() }
          begun = undefined
        } else if (inside !== undefined && place.depth < inside) inside = undefined
      }
    }
    if (begun) collected.add(chunk.subarray(from))
  }
  // The file ends in the middle of somebody: what there is of them is no JSON.
  if (begun || place.depth > 0) yield { line: place.line, bytes: begun ? collected.take() : Buffer.from('…') }
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
