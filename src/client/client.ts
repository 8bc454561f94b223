/**
 * Applications, and where their records come from: config/clients.yaml is the first place. What a record may hold is in
 * fields.ts.
 */
import { readFileSync } from 'node:fs'
import type { ClientMetadata } from 'oidc-provider'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { BUILT_IN_NAME, isBuiltInName } from '../lib/built-in-name.ts'
import { InputError } from '../lib/errors.ts'
import { recordFaults } from './faults.ts'
import { type ClientSource, clientFields } from './fields.ts'
import { OWN_SCOPES } from './scopes.ts'

function clientShape(source: ClientSource) {
  return clientFields(source).superRefine((record, context) => {
    if (isNone(context)) return
    const wrong = faultyParts(context)
    for (const { path, reason } of recordFaults(record, (field) => !wrong.has(field), source.production))
      context.addIssue({ code: 'custom', path, message: reason })
  }, ALWAYS)
}

/** Also where other things are wrong: all faults are told at once. */
const ALWAYS = { when: () => true }

interface Checked {
  issues: Array<{ code?: string | undefined; path?: PropertyKey[] | undefined }>
}

/** No record and no file at all, which is told already: there is nothing more to look at. */
function isNone({ issues }: Checked): boolean {
  return issues.some(({ code, path = [] }) => path.length === 0 && code !== 'unrecognized_keys')
}

/** The parts of a record or a file that are not in order. */
function faultyParts({ issues }: Checked): Set<PropertyKey> {
  return new Set(issues.flatMap(({ path }) => path?.slice(0, 1) ?? []))
}

export const resourceShape = z.strictObject({
  /** The resource indicator (RFC 8707): what a token is for. */
  indicator: z
    .string()
    .refine((text) => URL.canParse(text) && !text.includes('#'), 'must be an absolute URI without a fragment'),
  scopes: z.array(
    z
      .string()
      .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'is not a scope (RFC 6749 section 3.3)')
      .refine((scope) => !isBuiltInName(scope), BUILT_IN_NAME)
      .refine((scope) => !OWN_SCOPES.has(scope), 'is a scope of ours: a resource needs another'),
  ),
  format: z.enum(['opaque', 'jwt']).default('jwt'),
  /** Clients that may introspect tokens for this resource. */
  introspected_by: z.array(z.string()).default([]),
})

export type Resource = z.output<typeof resourceShape>

/** One application. `metadata` is what the provider gets to see; the previous secret stays out of it. */
export interface Client {
  metadata: ClientMetadata & { client_id: string; client_name: string; first_party: boolean }
  previousSecret: string | undefined
  /** All that it may ask for: scopes of ours, and those of resources (RFC 8707), which the library does not know. */
  scopes: ReadonlySet<string>
  /**
   * Where a sign-in begins (OpenID Connect Core 1.0 section 4). Kept from the library, which takes https only, also on
   * a developer's own machine.
   */
  loginUri: string | undefined
}

export interface Clients {
  find(id: string): Client | undefined
  ids: string[]
  resources: Resource[]
}

/** What the record of this application names; nothing if there is none any more. */
export function scopesOf(clients: Pick<Clients, 'find'>, clientId: unknown): ReadonlySet<string> {
  return (typeof clientId === 'string' ? clients.find(clientId)?.scopes : undefined) ?? new Set()
}

/** Reads and checks the whole file. Throws InputError that names every fault with its field, reason and line. */
export function loadClients(source: ClientSource): Clients {
  const lines = new LineCounter()
  const document = parseDocument(readFileSync(source.file, 'utf8'), { lineCounter: lines })
  const syntax = document.errors.map((error) => ({
    path: `line ${error.linePos?.[0].line ?? '?'}`,
    reason: error.message,
  }))
  if (syntax.length > 0) throw new InputError(`${source.file} is not usable:`, syntax)

  const parsed = fileShape(source).safeParse(document.toJS())
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => ({
      path: `${display(path)} (line ${lineOf(path)})`,
      reason: message,
    }))
    throw new InputError(`${source.file} is not usable:`, faults)
  }
  const found = new Map(parsed.data.clients.map((record) => [record.client_id, client(record)]))
  return { find: (id) => found.get(id), ids: [...found.keys()], resources: parsed.data.resources }

  /** The line of the deepest part of the path that the file holds. */
  function lineOf(path: PropertyKey[]): number {
    for (let depth = path.length; depth > 0; depth -= 1) {
      const node = document.getIn(path.slice(0, depth), true)
      if (node && typeof node === 'object' && 'range' in node && Array.isArray(node.range))
        return lines.linePos(Number(node.range[0])).line
    }
    return 1
  }
}

function fileShape(source: ClientSource) {
  const clients = z.array(clientShape(source)).superRefine((records, context) => {
    const seen = new Set<unknown>()
    for (const [index, id] of eachOf(records)
      .map((record) => record.client_id)
      .entries()) {
      if (id !== undefined && seen.has(id))
        context.addIssue({ code: 'custom', path: [index, 'client_id'], message: `${id} is there twice` })
      seen.add(id)
    }
  }, ALWAYS)
  return z.strictObject({ clients, resources: z.array(resourceShape).default([]) }).superRefine((file, context) => {
    // Which scopes there are is not known then.
    if (isNone(context) || faultyParts(context).has('resources')) return
    const known = new Set([...OWN_SCOPES, ...file.resources.flatMap(({ scopes }) => scopes)])
    for (const [index, { scope }] of eachOf(file.clients).entries()) {
      for (const name of scopeNames(scope).filter((candidate) => !known.has(candidate)))
        context.addIssue({
          code: 'custom',
          path: ['clients', index, 'scope'],
          message: `${name} is no scope of ours and of no resource`,
        })
    }
  }, ALWAYS)
}

/** Of what may not be in order yet: whatever is no list, or no record, has no fields. */
function eachOf(records: unknown): Array<{ client_id?: unknown; scope?: unknown }> {
  if (!Array.isArray(records)) return []
  return records.map((record: unknown) => (typeof record === 'object' && record !== null ? record : {}))
}

function scopeNames(scope: unknown): string[] {
  return typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []
}

function client({
  previous_client_secret,
  initiate_login_uri,
  ...metadata
}: z.output<ReturnType<typeof clientShape>>): Client {
  const scopes = scopeNames(metadata.scope)
  const response_types: ClientMetadata['response_types'] = metadata.grant_types.includes('authorization_code')
    ? ['code']
    : []
  return {
    metadata: {
      ...metadata,
      // To the library, none at all would be no limit.
      scope: scopes.filter((name) => OWN_SCOPES.has(name)).join(' ') || 'openid',
      response_types,
    } as Client['metadata'],
    previousSecret: previous_client_secret,
    scopes: new Set(scopes),
    loginUri: initiate_login_uri ?? metadata.client_uri,
  }
}

function display(path: PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
}
