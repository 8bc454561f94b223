/** Definitions as the text of a file: what an export writes, and what **Copy as YAML** copies. */
import { Document, isCollection, isMap, isPair, isScalar, isSeq } from 'yaml'
import type { z } from 'zod'
import { isSame } from '../record/copy.ts'
import { clientFields } from './fields.ts'
import type { Definition } from './record.ts'
import { resourceFields } from './resource-fields.ts'
import { namesOf } from './secrets.ts'

/** A list that takes no more signs than this stays on one line, as people write it. */
const SHORT = 80

export interface Listed {
  clients: readonly Definition[]
  resources: readonly Definition[]
}

const SHAPES = {
  // Which fields there are, and what goes for those that nobody says, is the same wherever it runs.
  client: clientFields({ production: true, secret: () => undefined, acrValues: [], reserved: [] }),
  resource: resourceFields,
}
const UNSAID = { client: unsaid(SHAPES.client), resource: unsaid(SHAPES.resource) }

function unsaid({ shape }: z.ZodObject): Definition {
  return Object.fromEntries(
    Object.entries(shape).map(([field, of]) => [field, (of as z.ZodType).safeParse(undefined).data]),
  )
}

/** What of a record stands in a file. */
export interface Writable {
  noun: 'client' | 'resource'
  record: { definition: Definition; secrets?: ReadonlyArray<{ env?: string | undefined }> }
}

/** As somebody would write it: without what goes anyway, and with the names of its secrets. */
export function asWritten({ noun, record }: Writable): Definition {
  const [current, previous] = namesOf({ secrets: record.secrets ?? [] })
  const said: Definition = {
    ...record.definition,
    ...(current !== undefined && { client_secret: { env: current } }),
    ...(previous !== undefined && { previous_client_secret: { env: previous } }),
  }
  const fields = Object.keys(SHAPES[noun].shape)
  return Object.fromEntries(
    fields.filter((field) => !isSame(said[field], UNSAID[noun][field])).map((field) => [field, said[field]]),
  )
}

/** A whole file. */
export function fileAsYaml({ clients, resources }: Listed): string {
  return textOf({ clients, ...(resources.length > 0 && { resources }) })
}

/** To be put into a file's list of clients, or of resources. */
export function itemAsYaml(definition: Definition): string {
  return textOf([definition])
}

function textOf(value: unknown): string {
  // What a reader of YAML 1.1 would take for something else gets quotes: `no`, `12:30`, `0123`.
  const document = new Document(value, { compat: 'yaml-1.1', aliasDuplicateObjects: false })
  for (const definition of definitionsIn(document.contents)) if (isMap(definition)) definition.items.forEach(fold)
  return document.toString({ lineWidth: 0, singleQuote: true })
}

function definitionsIn(node: unknown): unknown[] {
  if (isSeq(node)) return node.items
  return isMap(node) ? node.items.flatMap((pair) => (isSeq(pair.value) ? pair.value.items : [])) : []
}

/** Puts what is short and holds nothing deeper on one line. */
function fold(node: unknown): void {
  const value = isPair(node) ? node.value : node
  if (!isCollection(value)) return
  const parts = value.items.map((item) => (isPair(item) ? item.value : item))
  if (parts.every(isScalar)) value.flow = JSON.stringify(value.toJSON()).length <= SHORT
  else for (const item of value.items) fold(item)
}
