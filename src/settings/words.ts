/** What is wrong with settings, in words: what stands there, and what should. */
import { z } from 'zod'
import type { Fault } from '../lib/errors.ts'
import { nearestWord } from '../lib/nearest-word.ts'

/** By the last part of a path: what goes there, for whoever left it out. */
const EXAMPLES: Record<string, string> = {
  issuer: 'the public origin, such as https://id.example.org',
  listen: 'where people and applications are answered, such as { host: 127.0.0.1, port: 3000 }',
  operations: 'where health and metrics are told, such as { host: 127.0.0.1, port: 3010 }',
  port: 'a number, such as 3000',
  email: 'a mail address, such as sanne@example.org',
}

const KINDS: Record<string, string> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  object: 'names, each with its value',
  record: 'names, each with its value',
  array: 'a list',
}

/** Values that somebody may have written there though they belong into the environment. */
const SECRET = /token|secret|password|keys?$/i
const LONGEST = 60

/** Before what is expected, where an issue brings no sentence of its own. */
const EXPECTED = 'expected: '
/** So begins what is no sentence, and says what should stand there. */
const NO_SENTENCE = /^(?:expected: |(?=(?:an?|at most|at least) ))/

/** Everything that is wrong, each at its place. Nothing repeats what could be a secret. */
export function settingsFaults(shape: z.ZodType, { issues }: z.ZodError, given: unknown): Fault[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: pathOf([...issue.path, key]),
          reason: unknownName(key, knownAt(shape, issue.path)),
        }))
      : { path: pathOf(issue.path), ...told(issue.message, at(given, issue.path), nameOf(issue.path)) },
  )
}

/** For issues that bring no message of their own. */
export const words: z.core.$ZodErrorMap = (issue) => {
  // Of what is judged by itself; else settingsFaults tells each with its place.
  if (issue.code === 'unrecognized_keys') return `has what is no setting: ${issue.keys.join(', ')}`
  const wanted = wantedBy(issue, nameOf(issue.path ?? []))
  return wanted === undefined ? undefined : EXPECTED + wanted
}

function told(message: string, value: unknown, name: string): Omit<Fault, 'path'> {
  if (!NO_SENTENCE.test(message)) return { reason: message }
  const [found, expected] = [shown(value, name), message.replace(NO_SENTENCE, '')]
  const missing = value === undefined || value === null || value === ''
  return { reason: missing ? `${found}: ${expected}` : `${found}: it has to be ${expected}`, found, expected }
}

function nameOf(path: readonly PropertyKey[]): string {
  return String(path.findLast((part) => typeof part === 'string') ?? '')
}

function wantedBy(issue: z.core.$ZodRawIssue, last: string): string | undefined {
  if ((issue.input ?? '') === '' && Object.hasOwn(EXAMPLES, last)) return EXAMPLES[last]
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? `of the kind ${issue.expected}`
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`
    case 'too_small':
      return issue.origin === 'string' ? 'a text' : `at least ${issue.minimum}${sizeOf(issue.origin)}`
    case 'too_big':
      return `at most ${issue.maximum}${sizeOf(issue.origin)}`
    case 'invalid_union':
      return Array.isArray(issue.options) ? `one of ${issue.options.map(String).join(', ')}` : undefined
    default:
      return undefined
  }
}

function sizeOf(origin: string): string {
  if (origin === 'string') return ' characters long'
  return origin === 'array' ? ' of them' : ''
}

function shown(value: unknown, name: string): string {
  if (value === undefined) return 'is missing'
  if (value === null) return 'has nothing behind it'
  if (value === '') return 'is empty'
  if (Array.isArray(value)) return 'is a list'
  if (typeof value === 'object') return 'is a set of names with values'
  const text = JSON.stringify(value) ?? String(value)
  if (SECRET.test(name) || text.length > LONGEST) return `is a ${typeof value === 'string' ? 'text' : typeof value}`
  return `is ${text}`
}

function unknownName(key: string, known: readonly string[]): string {
  const meant = nearestWord(key, known)
  if (meant !== undefined) return `is no setting: did you mean \`${meant}\`?`
  return known.length > 0 && known.length < 10 ? `is no setting; there are ${known.join(', ')}` : 'is no setting'
}

/** The names that there are at this place. */
function knownAt(shape: z.ZodType, path: readonly PropertyKey[]): string[] {
  interface Node {
    properties?: Record<string, Node>
    items?: Node
    anyOf?: Node[]
  }
  let nodes: Node[] = [z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }) as Node]
  for (const part of path) {
    nodes = nodes.flatMap((node) => (node.anyOf ? [node, ...node.anyOf] : node))
    nodes = nodes.flatMap((node) => (typeof part === 'number' ? node.items : node.properties?.[String(part)]) ?? [])
  }
  return nodes.flatMap((node) => [node, ...(node.anyOf ?? [])]).flatMap((node) => Object.keys(node.properties ?? {}))
}

function at(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((part, name) => (part as Record<PropertyKey, unknown> | undefined)?.[name], given)
}

function pathOf(parts: readonly PropertyKey[]): string {
  const joined = parts.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return joined.replace(/^\./, '') || '(top level)'
}
