/**
 * The form of a definition: which fields it asks for and how each is asked, what a definition looks like in it, and what of
 * it was typed. Fields that it does not ask for are changed as text (yaml).
 */

import type { Definition } from '../../../client/record.ts'
import { CLAIMS, SERVICE_ROLES, scopeNames } from '../../../client/scopes.ts'
import { LADDER } from '../../../mfa/assurance.ts'
import { SECOND_FACTORS } from '../../../person/second-factor.ts'
import { isSame } from '../../../record/copy.ts'
import type { Fields } from '../../form.ts'

type Asked =
  | { field: string; as: 'text' | 'yes' | 'seconds' | 'scopes' }
  /** With `none`, no line is as if it was never given. */
  | { field: string; as: 'lines'; none?: true }
  /** One of these; with `none`, or none of them, which is as if it was never given. */
  | { field: string; as: 'choice'; of: readonly string[]; none?: true }
  /** True, false, or never given. */
  | { field: string; as: 'maybe'; of: readonly string[]; none: true }
  /** Some of these; all, where nothing was given. */
  | { field: string; as: 'set'; of: readonly string[] }

export interface Group {
  /** Its words: `admin.application.group.<name>`. */
  name: string
  asks: readonly Asked[]
}

const METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none']
const OWN = ['openid', ...Object.keys(CLAIMS).filter((name) => name !== 'openid'), 'offline_access']

/** In the order of the page; the last ones are for whoever knows why. A new field is a line here, and its words. */
export const GROUPS: readonly Group[] = [
  {
    name: 'name',
    asks: [
      { field: 'client_name', as: 'text' },
      { field: 'client_uri', as: 'text' },
      { field: 'initiate_login_uri', as: 'text' },
      { field: 'first_party', as: 'yes' },
    ],
  },
  {
    name: 'addresses',
    asks: [
      { field: 'redirect_uris', as: 'lines' },
      { field: 'post_logout_redirect_uris', as: 'lines' },
      { field: 'backchannel_logout_uri', as: 'text' },
    ],
  },
  {
    name: 'people',
    asks: [
      { field: 'minimum_acr', as: 'choice', of: LADDER },
      { field: 'second_factors', as: 'set', of: SECOND_FACTORS },
      { field: 'remembered_devices', as: 'yes' },
      { field: 'mfa_max_age', as: 'seconds' },
      { field: 'staff_only', as: 'yes' },
    ],
  },
  {
    name: 'access',
    asks: [
      { field: 'scope', as: 'scopes' },
      { field: 'grant_types', as: 'set', of: ['authorization_code', 'refresh_token', 'client_credentials'] },
      { field: 'token_endpoint_auth_method', as: 'choice', of: METHODS },
      { field: 'jwks_uri', as: 'text' },
    ],
  },
  {
    name: 'more',
    asks: [
      { field: 'application_type', as: 'choice', of: ['web', 'native'] },
      { field: 'id_token_signed_response_alg', as: 'choice', of: ['RS256', 'ES256'] },
      { field: 'id_token_claims', as: 'yes' },
      { field: 'require_pkce', as: 'yes' },
      { field: 'require_nonce', as: 'maybe', of: ['true', 'false'], none: true },
      { field: 'require_pushed_authorization_requests', as: 'yes' },
      { field: 'dpop_bound_access_tokens', as: 'yes' },
      { field: 'require_issuer_audience', as: 'yes' },
      { field: 'backchannel_logout_session_required', as: 'yes' },
      { field: 'default_max_age', as: 'seconds' },
      { field: 'default_acr_values', as: 'lines', none: true },
      { field: 'protected', as: 'yes' },
      { field: 'admin_role', as: 'choice', of: SERVICE_ROLES, none: true },
    ],
  },
]

const ASKS = GROUPS.flatMap(({ asks }) => asks)

/** Every name that the form sends. */
export const NAMES: readonly string[] = ASKS.flatMap((ask) => {
  if (ask.as === 'set') return ask.of.map((one) => `${ask.field}-${one}`)
  if (ask.as === 'scopes') return [...OWN.map((name) => `scope-${name}`), 'scope-other']
  return [ask.field]
})

/** Options of the scopes that are ours to give. */
export const OWN_SCOPE_NAMES: readonly string[] = OWN

/** What the form holds for this definition. */
export function asForm(definition: Definition): Fields {
  return Object.fromEntries(ASKS.flatMap((ask) => entriesOf(ask, definition[ask.field])))
}

function entriesOf(ask: Asked, value: unknown): Array<[string, string]> {
  const { field } = ask
  switch (ask.as) {
    case 'lines':
      return [[field, Array.isArray(value) ? value.join('\n') : '']]
    case 'yes':
      return value === true ? [[field, 'yes']] : []
    case 'set':
      return ask.of
        .filter((one) => value === undefined || (Array.isArray(value) && value.includes(one)))
        .map((one) => [`${field}-${one}`, 'yes'])
    case 'scopes': {
      const names = scopeNames(value)
      const others = names.filter((name) => !OWN.includes(name))
      return [
        ...OWN.filter((name) => names.includes(name)).map((name): [string, string] => [`scope-${name}`, 'yes']),
        ['scope-other', others.join('\n')],
      ]
    }
    default:
      return [[field, value === undefined ? '' : String(value)]]
  }
}

/**
 * What is different in the form from what it was shown with, by field; undefined for one that was emptied. What nobody
 * touched is not among them, so that somebody else's change of it stays.
 */
export function changedIn(fields: Fields, before: Definition): Record<string, unknown> {
  const shown = asForm(before)
  const changed = ASKS.flatMap((ask): Array<[string, unknown]> => {
    const value = typedIn(ask, fields, before[ask.field])
    return isSame(value, typedIn(ask, shown, before[ask.field])) ? [] : [[ask.field, value]]
  })
  return Object.fromEntries(changed)
}

function typedIn(ask: Asked, fields: Fields, before: unknown): unknown {
  const { field } = ask
  const text = (fields[field] ?? '').trim()
  switch (ask.as) {
    case 'lines': {
      const lines = linesOf(text)
      return lines.length === 0 && ask.none ? undefined : lines
    }
    case 'yes':
      return text !== ''
    case 'set':
      return ask.of.filter((one) => fields[`${field}-${one}`] !== undefined)
    case 'scopes': {
      const wanted = [
        ...OWN.filter((name) => fields[`scope-${name}`] !== undefined),
        ...linesOf(fields['scope-other'] ?? '').flatMap(scopeNames),
      ]
      const names = scopeNames(before)
      // A set to people, a text to the record: what stays is written as it was.
      const kept = names.filter((name) => wanted.includes(name))
      const next = [...kept, ...wanted.filter((name) => !names.includes(name))]
      return isSame(next, names) ? before : next.join(' ')
    }
    case 'seconds':
      if (text === '') return undefined
      return /^\d{1,9}$/.test(text) ? Number(text) : text
    case 'choice':
      return text === '' && ask.none ? undefined : text
    case 'maybe':
      return text === '' ? undefined : text === 'true'
    default:
      return text === '' ? undefined : text
  }
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean)
}
