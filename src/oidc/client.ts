/**
 * The client's record: what an application is known by and allowed to do. Its shape and its validation live here and
 * nowhere else; config/clients.yaml is the first place that records come from.
 *
 * Field names are those of OpenID Connect Dynamic Client Registration 1.0, RFC 7591 and RFC 9126; ours are added where
 * no standard has a word.
 */
import { readFileSync } from 'node:fs'
import type { ClientMetadata } from 'oidc-provider'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { BUILT_IN_NAME, isBuiltInName } from '../lib/built-in-name.ts'
import { InputError } from '../lib/errors.ts'
import { atLeast, HIGHEST, LADDER, type Rung } from '../mfa/assurance.ts'
import { APP, SECOND_FACTORS, type SecondFactor } from '../person/second-factor.ts'
import { recordFaults, uriFault } from './client-faults.ts'
import { OWN_SCOPES } from './scopes.ts'

/** Fields of ours, handed to the provider as extra client metadata. */
export const OWN_FIELDS = [
  'first_party',
  'minimum_acr',
  'second_factors',
  'mfa_max_age',
  'remembered_devices',
  'staff_only',
  'require_issuer_audience',
  'require_pkce',
  'require_nonce',
  'id_token_claims',
] as const

export interface OwnFields {
  first_party: boolean
  minimum_acr: Rung
  second_factors: SecondFactor[]
  mfa_max_age: number | undefined
  remembered_devices: boolean
  staff_only: boolean
  require_issuer_audience: boolean
  require_pkce: boolean
  require_nonce: boolean
  id_token_claims: boolean
}

/** Our fields of the provider's client object, where they keep their names. */
export function ownFields(client: unknown): OwnFields {
  const { first_party = false, minimum_acr = 'password', ...rest } = (client ?? {}) as Partial<OwnFields>
  return {
    first_party,
    minimum_acr,
    second_factors: rest.second_factors ?? [...SECOND_FACTORS],
    mfa_max_age: rest.mfa_max_age,
    remembered_devices: rest.remembered_devices ?? true,
    staff_only: rest.staff_only ?? false,
    require_issuer_audience: rest.require_issuer_audience ?? false,
    require_pkce: rest.require_pkce ?? true,
    require_nonce: rest.require_nonce ?? rest.require_pkce === false,
    id_token_claims: rest.id_token_claims ?? false,
  }
}

// Signs that cannot be seen, or change the direction of the text around them: a name with them can look like another
// name (Trojan Source, UTR 36).
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/**
 * Where a client's secret comes from: the environment variable of this name. 256 bits are 43 characters of base64url
 * (RFC 9700 section 2.5); 32 is the least that any generator prints of it.
 */
function secretFrom(source: ClientSource) {
  return z
    .strictObject({ env: z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'the name of an environment variable') })
    .transform(({ env }, context) => {
      const value = source.secret(env)
      if (value && value.length >= 32) return value
      context.addIssue({
        code: 'custom',
        message: `${env} is ${value ? 'shorter than 32 characters' : 'not set'} in the environment`,
      })
      return z.NEVER
    })
}

function uri(production: boolean) {
  return z
    .string()
    .max(2000)
    .superRefine((text, context) => {
      const fault = uriFault(text, production)
      if (fault) context.addIssue({ code: 'custom', message: fault })
    })
}

/** The fields, each by itself. */
function clientFields(source: ClientSource) {
  const address = uri(source.production)
  const secret = secretFrom(source)
  return z.strictObject({
    client_id: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,80}$/, 'letters, digits, - and _; at most 80')
      .refine((id) => !isBuiltInName(id), BUILT_IN_NAME),
    client_name: z
      .string()
      .min(1)
      .max(80)
      .refine((text) => !UNSEEN.test(text), 'must not have control characters or text direction controls'),
    client_uri: address.optional(),
    initiate_login_uri: address.optional(),
    application_type: z.enum(['web', 'native']).default('web'),
    redirect_uris: z.array(z.string()).default([]),
    post_logout_redirect_uris: z.array(address).default([]),
    backchannel_logout_uri: address.optional(),
    /** Logout tokens name the one session that ended, not only the person. */
    backchannel_logout_session_required: z.boolean().default(true),
    grant_types: z
      .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials']))
      .default(['authorization_code']),
    /** All that it may ask for: scopes of ours, and those of resources. What is not named here it never gets. */
    scope: z.string().default('openid profile email organization'),
    token_endpoint_auth_method: z
      .enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'])
      .default('client_secret_basic'),
    client_secret: secret.optional(),
    /** Still accepted while an application moves to a new secret. */
    previous_client_secret: secret.optional(),
    jwks_uri: address.optional(),
    jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())) }).optional(),
    id_token_signed_response_alg: z.enum(['RS256', 'ES256']).default('RS256'),
    require_pushed_authorization_requests: z.boolean().default(false),
    dpop_bound_access_tokens: z.boolean().default(false),
    default_max_age: z.int().min(1).optional(),
    default_acr_values: z
      .array(z.string().refine((acr) => source.acrValues.includes(acr), 'is no name of a rung that anybody can reach'))
      .optional(),
    /** One of our own applications, whose people are not asked for consent. */
    first_party: z.boolean().default(false),
    /** Ours: the rung below which nobody gets in, whatever the request says. */
    minimum_acr: z
      .enum(LADDER)
      .refine((rung) => atLeast(HIGHEST, rung), `nobody can reach it: the highest there is now is ${HIGHEST}`)
      .default('password'),
    /** Ours: the second factors that count here. Whoever has one has the app, so it is never left out. */
    second_factors: z
      .array(z.enum(SECOND_FACTORS))
      .refine((factors) => factors.includes(APP), `must include ${APP}`)
      .default([...SECOND_FACTORS]),
    /** Ours: seconds after which a second factor has to be proven again. */
    mfa_max_age: z
      .int()
      .min(1)
      .max(12 * 60 * 60)
      .optional(),
    /** Ours: whether a remembered device may stand in for a second factor here. */
    remembered_devices: z.boolean().default(true),
    /** Ours: only for people who have a role. */
    staff_only: z.boolean().default(false),
    /**
     * Ours: `aud` of its assertions is our issuer, as a string, and nothing else (FAPI 2.0 Security Profile 5.3.2.1-8).
     * So it is anyway for clients with `dpop_bound_access_tokens`.
     */
    require_issuer_audience: z.boolean().default(false),
    /**
     * Ours: false for a confidential application whose library has no PKCE (RFC 9700 section 2.1.1). A request of it that
     * has a `code_challenge` all the same is held to that.
     */
    require_pkce: z.boolean().default(true),
    /**
     * Ours: whether every request has a `nonce`, which the library then compares. Unless said otherwise so where PKCE is
     * not asked for: something has to tie the code to the browser that asked for it.
     */
    require_nonce: z.boolean().optional(),
    /** Ours: what the scopes give is in the ID token too, for libraries that never ask at the userinfo endpoint. */
    id_token_claims: z.boolean().default(false),
  })
}

export type ClientFields = z.output<ReturnType<typeof clientFields>>

function clientShape(source: ClientSource) {
  return clientFields(source).superRefine((client, context) => {
    if (isNone(context)) return
    const wrong = faultyParts(context)
    for (const { path, reason } of recordFaults(client, (field) => !wrong.has(field), source.production))
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

const resourceShape = z.strictObject({
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

export interface ClientSource {
  file: string
  production: boolean
  secret: (name: string) => string | undefined
  /** Names that a record may ask for by default (mfa/assurance.ts). */
  acrValues: readonly string[]
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
