/**
 * The record of an application, and that of a resource (RFC 8707): what is kept of it, and of every version that it had.
 * What may happen to one is in changes.ts, what a definition may say in fields.ts.
 *
 * None is ever removed: one that was deleted stays, so that its id is never given to another, who would get what was
 * meant for the first.
 */
import type { Kind } from '../record/kind.ts'
import type { Changed } from '../record/mirror.ts'
import type { Records } from '../record/records.ts'

/**
 * What was given and checked, whole (definition.ts): by the names of fields.ts, in their order, with their defaults,
 * without secrets. Of another release it may lack a field, so it is checked again before it is used.
 */
export type Definition = Readonly<Record<string, unknown>>

export type Status = 'active' | 'disabled' | 'deleted'

/**
 * Who says what it is: a file, at this line (absent until the file has it), or whoever administers by pages, commands and
 * API.
 */
export type Owner = { kind: 'file'; file: string; line?: number } | { kind: 'store' }

export interface FieldChange {
  /** Of the definition; or `status`, `owner`, `secrets`, `logo`. */
  field: string
  /** Absent where there was nothing. */
  from?: unknown
  /** Absent where there is nothing any more. */
  to?: unknown
}

export interface Version {
  version: number
  /** Milliseconds. */
  at: number
  /** Account id, name of the operator, or id of the application that did it. */
  actor: string
  /** The door: `file`, `command-line`, `pages`, `api`. */
  via: string
  /** Who agreed, where it needed a second person. */
  approvedBy?: string
  changes: FieldChange[]
  /** Digest of the key that came with the request: whatever comes with it again has been done. */
  request?: string
  /** As it was from then on. */
  definition: Definition
}

/** Versions that are kept of each; the oldest go. */
export const MOST_VERSIONS = 50

/** What is kept of whatever is defined, changed and put back. Version 0 is one that is not there. */
export interface Defined extends Changed {
  definition: Definition
  status: Status
  /** Milliseconds: when it was disabled last. What was given to it until then stays ended when it is enabled again. */
  endedAt?: number
  owner: Owner
  version: number
  /** The oldest first. */
  versions: Version[]
  /** Who made the versions that are not kept any more, each once (hands.ts). */
  hands?: string[]
  createdAt: number
}

/** One is made by us and kept as its digest, the other is in the environment under this name. */
export type KeptSecret = { id: string; createdAt: number; lastUsedAt?: number } & (
  | { digest: string; env?: never }
  | { env: string; digest?: never }
)

/** Valid at a time, so that an application can move from one to the next. */
export const MOST_SECRETS = 2

/** What somebody asks to be done to a protected application. What is not named stays. */
export interface Asked {
  /** Which truth it is done for. */
  on: Owner['kind']
  definition?: Definition
  /** All names of the environment that its secrets are under from then on. */
  names?: readonly string[]
  status?: Status
  owner?: Owner
  /** A new one, made once it is approved. */
  secret?: true
}

/** Waits for a second person, or did (proposal.ts). */
export interface Proposal {
  id: string
  /** Milliseconds. */
  at: number
  actor: string
  /** The door that it came by. */
  via: string
  /** The version that it changes. */
  over: number
  asked: Asked
  changes: FieldChange[]
  decided?: { state: 'approved' | 'declined' | 'withdrawn'; actor: string; via: string; at: number }
}

export interface ClientRecord extends Defined {
  /** The newest last. */
  secrets: KeptSecret[]
  /** What waits for a second person, and the last that did. No version: nothing about the application is different. */
  proposals?: Proposal[]
  /** Digest of its logo (logo.ts). */
  logo?: string
}

export type ResourceRecord = Defined

/** Everything that is kept of a kind of which there are few. */
export const ALL = { by: 'changedAt', limit: 1_000_000 } as const

export type ClientRecords = Records<ClientRecord, 'changedAt'>
export type ResourceRecords = Records<ResourceRecord, 'changedAt'>

/** A record is kept under its `client_id`. */
export const clientKind: Kind<ClientRecord, 'changedAt'> = {
  name: 'clients',
  empty: () => ({ ...nothing(), secrets: [] }),
  keys: () => [],
  finders: ({ version, changedAt }) => ({ changedAt: version > 0 ? changedAt : undefined }),
  search: () => undefined,
}

export const scopeKey = (scope: string) => `scope:${scope}`

/** A record is kept under its indicator. No two have a scope in common: which of them a token is for would be a guess. */
export const resourceKind: Kind<ResourceRecord, 'changedAt'> = {
  name: 'resources',
  empty: nothing,
  keys: ({ status, definition }) => (status === 'active' ? scopesNamed(definition).map(scopeKey) : []),
  finders: ({ version, changedAt }) => ({ changedAt: version > 0 ? changedAt : undefined }),
  search: () => undefined,
}

function nothing(): Defined {
  return {
    definition: {},
    status: 'active',
    owner: { kind: 'store' },
    version: 0,
    versions: [],
    createdAt: 0,
    changedAt: 0,
  }
}

function scopesNamed({ scopes }: Definition): string[] {
  return Array.isArray(scopes) ? [...new Set(scopes.map(String))] : []
}
