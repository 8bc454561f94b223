/** All that the doctor knows of one application: its record, what is remembered of it, and what was tried as it. */
import type { ClientRecord } from '../client/record.ts'
import { scopeNames } from '../client/scopes.ts'
import { mayRedirectTo } from '../client/uri.ts'
import type { Endpoint, Reason } from '../oidc/observed.ts'
import type { ClientMemory, Doing, LiveResult, OddFetch, Refusal } from './memory.ts'

export interface Evidence {
  id: string
  record: Pick<ClientRecord, 'definition' | 'secrets' | 'versions'>
  memory: ClientMemory
  /** Of the last time that the doctor acted as it, by their names. */
  live: ReadonlyMap<string, LiveResult>
  /** Fetches of the discovery document that call us otherwise, of whoever; empty where a proxy before us does so. */
  odd: readonly OddFetch[]
  /** Whether such a fetch came from where another application calls. */
  isOthers(fetch: OddFetch): boolean
  /** Another application calls from one of its addresses. */
  shared: boolean
  issuer: string
  production: boolean
  /** All scopes that there are. */
  scopes: ReadonlySet<string>
  /** Milliseconds: when the next signing keys were published. */
  nextKeysAt: number | undefined
  now: number
}

/** Runs a verb over the version that was looked at. `change` is of fields as they become. */
export type Fix = { kind: 'change'; fields: Record<string, unknown> } | { kind: 'new-secret' }

/**
 * How sure it is. `certain`: seen in requests that proved who sends them, or in an answer to us. `likely`: seen, but anybody who
 * knows the client_id could have sent it. `possible`: it may be in order, too.
 */
export type Weight = 'certain' | 'likely' | 'possible'

export interface Found {
  weight: Weight
  /** Of its sentences, the one that fits. */
  variant?: string | undefined
  values?: Record<string, string | number>
  fix?: Fix | undefined
  /** Milliseconds: when it was seen last. */
  at?: number | undefined
}

export interface Fault {
  id: string
  find(evidence: Evidence): Found | undefined
}

/** The fields that the doctor looks at, as they are on the record. */
export interface Fields {
  redirectUris: string[]
  logoutUris: string[]
  grants: string[]
  scopes: string[]
  method: string
  native: boolean
  backChannel: string | undefined
  home: string | undefined
  algorithm: string
  claimsInToken: boolean
  signsIn: boolean
}

export function fieldsOf({ record: { definition } }: { record: Pick<ClientRecord, 'definition'> }): Fields {
  const text = (name: string) => (typeof definition[name] === 'string' ? String(definition[name]) : undefined)
  const list = (name: string) => (Array.isArray(definition[name]) ? definition[name].map(String) : [])
  return {
    redirectUris: list('redirect_uris'),
    logoutUris: list('post_logout_redirect_uris'),
    grants: list('grant_types'),
    scopes: scopeNames(definition.scope),
    method: text('token_endpoint_auth_method') ?? 'client_secret_basic',
    native: definition.application_type === 'native',
    backChannel: text('backchannel_logout_uri'),
    home: text('client_uri'),
    algorithm: text('id_token_signed_response_alg') ?? 'RS256',
    claimsInToken: definition.id_token_claims === true,
    signsIn: list('grant_types').includes('authorization_code'),
  }
}

/** The last refusal for one of these reasons. */
export function refusedFor({ memory }: Pick<Evidence, 'memory'>, ...reasons: Reason[]): Refusal | undefined {
  return memory.refusals.findLast(({ reason }) => reason !== undefined && reasons.includes(reason))
}

/** Since when this field is as it is; what was seen before says nothing of it. */
export function asItIsSince({ record }: Pick<Evidence, 'record'>, field: string): number {
  const names = ({ field: name }: { field: string }) => name === field
  return record.versions.findLast(({ changes }) => changes.some(names))?.at ?? 0
}

/** What was refused, and worked afterwards, is perhaps in order again; perhaps it is for some people only. */
export function weighed(evidence: Evidence, refusal: Refusal, weight: Weight): Weight {
  const worked = WORKS[refusal.endpoint]
  return worked !== undefined && (evidence.memory.seen[worked] ?? 0) > refusal.at ? 'possible' : weight
}

const WORKS: Partial<Record<Endpoint, Doing>> = {
  authorization: 'authorized',
  pushed: 'authorized',
  token: 'token',
  'back-channel': 'told',
}

export function mayReturnTo({ record }: Pick<Evidence, 'record'>, address: string): boolean {
  const { redirectUris: redirect_uris, native } = fieldsOf({ record })
  return mayRedirectTo({ redirect_uris, application_type: native ? 'native' : 'web' }, address)
}
