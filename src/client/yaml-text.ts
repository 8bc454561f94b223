/**
 * Text of YAML as whoever wrote it meant it, or what is wrong with it and on which line. JSON is YAML too.
 *
 * A file is read by people, by us, by reviewers' tools and by whoever made it. What any two of them could read differently
 * is refused: a key that is there twice, a word that is a truth value to one and a text to another, what stands in
 * another place than where it counts.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Tags } from 'yaml'
import { isBuiltInName } from '../lib/built-in-name.ts'

export interface TextFault {
  code: string
  /** The field; empty for the text as a whole. */
  path: PropertyKey[]
  reason: string
  line: number
}

export interface ReadText {
  /** Also where something was wrong, so that all of it can be told at once; undefined if the text cannot be read at all. */
  value: unknown
  faults: TextFault[]
  /** Where the deepest part of the path begins that the text holds. */
  lineOf(path: readonly PropertyKey[]): number
}

/** More than a thousand applications need. */
const LONGEST = 4 * 1024 * 1024

export function readYaml(given: string | Uint8Array): ReadText {
  const text = typeof given === 'string' ? given : decoded(given)
  if (text === undefined || !text.isWellFormed()) return nothing('encoding', 'is not UTF-8')
  if (text.length > LONGEST) return nothing('too-long', `is longer than ${LONGEST} characters`)
  try {
    return read(text)
  } catch {
    // Nested so deep that the reader's own stack is full.
    return nothing('syntax', 'cannot be read')
  }
}

function nothing(code: string, reason: string): ReadText {
  return { value: undefined, faults: [{ code, path: [], reason, line: 1 }], lineOf: () => 1 }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function read(text: string): ReadText {
  const lines = new LineCounter()
  // Keys that come twice are found below, with the field that they are of.
  const options = { lineCounter: lines, uniqueKeys: false, prettyErrors: false, logLevel: 'error' as const }
  const document = parseDocument(text, options)
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line)
  const lineOf = (path: readonly PropertyKey[]) => lineIn(document, path, lineAt)

  // After the first few the reader only guesses.
  const faults: TextFault[] = document.errors.slice(0, 5).map(({ code, message, pos }) => ({
    ...(code === 'MULTIPLE_DOCS'
      ? { code: 'several-documents', reason: 'holds several documents' }
      : { code: 'syntax', reason: message }),
    path: [],
    line: lineAt(pos[0]),
  }))
  // `%YAML 1.1` makes other values of the same words.
  const directive = text.search(/^%/m)
  if (directive >= 0)
    faults.push({ code: 'directive', path: [], reason: 'must not have directives', line: lineAt(directive) })
  if (faults.length > 0) return { value: undefined, faults, lineOf }

  for (const { at, ...fault } of oddities(document.contents, [])) faults.push({ ...fault, line: lineAt(at) })
  // What refers to itself has no end.
  if (faults.some(({ code }) => code === 'alias')) return { value: undefined, faults, lineOf }

  const value: unknown = document.toJS()
  const older = parseDocument(text, { ...options, lineCounter: new LineCounter(), version: '1.1', customTags })
  for (const path of older.errors.length > 0 ? [[]] : differences(value, older.toJS(), []))
    faults.push({ code: 'two-readings', path, reason: TWO_READINGS, line: lineOf(path) })
  return { value, faults, lineOf }
}

const TWO_READINGS =
  'is read differently by YAML 1.1 and 1.2: put a text in quotes; write true, false or a plain number'

/**
 * Words of YAML 1.1 for truth values as its readers take them: `y` and `n` are texts to most, and `y` is the name of a
 * coordinate (RFC 7518 section 6.2.1.3).
 */
const YES = /^(?:[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/
const NO = /^(?:[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/
const customTags = (tags: Tags): Tags =>
  tags.map((tag) => {
    if (typeof tag !== 'object' || tag.collection || tag.tag !== 'tag:yaml.org,2002:bool') return tag
    return { ...tag, test: tag.test?.test('true') ? YES : NO }
  })

interface Oddity {
  code: string
  path: PropertyKey[]
  reason: string
  /** Offset in the text. */
  at: number
}

const ALIAS = 'must not refer to another place in the file: write it out where it counts'

function* oddities(node: unknown, path: PropertyKey[]): Generator<Oddity> {
  const at = offsetOf(node)
  if (isAlias(node)) yield { code: 'alias', path, reason: ALIAS, at }
  // Of those that stand in the text: the reader gives none by itself.
  if ((isScalar(node) || isMap(node) || isSeq(node)) && node.tag)
    yield { code: 'tag', path, reason: 'must not have a tag', at }
  if (isScalar(node) && typeof node.value === 'string' && !node.value.isWellFormed())
    yield { code: 'encoding', path, reason: 'holds half a sign', at }
  if (isSeq(node)) for (const [index, item] of node.items.entries()) yield* oddities(item, [...path, index])
  if (!isMap(node)) return
  const seen = new Set<string>()
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : ''
    const here = [...path, name]
    const found = { path: here, at: offsetOf(key) || at }
    if (!isScalar(key) || typeof key.value !== 'string')
      yield { ...found, code: 'key', reason: 'is no name of a field' }
    if (seen.has(name)) yield { ...found, code: 'duplicate-key', reason: 'is there twice' }
    if (isBuiltInName(name)) yield { ...found, code: 'unknown-field', reason: 'is no field' }
    seen.add(name)
    yield* oddities(key, here)
    yield* oddities(value, here)
  }
}

function offsetOf(node: unknown): number {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  return Array.isArray(range) ? Number(range[0]) : 0
}

function lineIn(document: Document, path: readonly PropertyKey[], lineAt: (offset: number) => number): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true)
    if (typeof node === 'object' && node !== null && 'range' in node) return lineAt(offsetOf(node))
  }
  return 1
}

/** The places where two readings of one text are not the same. */
function differences(one: unknown, other: unknown, path: PropertyKey[]): PropertyKey[][] {
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length)
    return one.flatMap((item, index) => differences(item, other[index], [...path, index]))
  if (!isPlain(one) || !isPlain(other)) return Object.is(one, other) ? [] : [path]
  const names = Object.keys(one)
  if (names.length !== Object.keys(other).length || !names.every((name) => Object.hasOwn(other, name))) return [path]
  return names.flatMap((name) => differences(one[name], other[name], [...path, name]))
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
