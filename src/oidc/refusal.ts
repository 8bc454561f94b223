/**
 * Why the provider refused a request: what the page says to whoever builds the application, and what the log and the
 * trail keep for whoever is asked about it. Addresses are kept without their query, and of other parameters only those
 * that are no secret and nobody's words: never a hint, a code, a state or a token.
 */
import type { KoaContextWithOIDC } from 'oidc-provider'
import { type Nearest, nearestAddress, plainAddress } from './nearest-address.ts'

export interface Refusal {
  /** OAuth's code. */
  error: string
  description: string | undefined
  /** The one that was refused, if it can be told. */
  parameter: string | undefined
  /** Its value, as far as it is kept. */
  refused: string | undefined
  /** Its value as it came, for a page of development. */
  raw: string | undefined
  nearest: Nearest | undefined
}

/** The first that a description names is meant. */
const PARAMETERS = new RegExp(
  `\\b(${[
    'post_logout_redirect_uri|redirect_uri|id_token_hint|client_id|response_type|response_mode|request_uri|scope|claims',
    'code_challenge_method|code_challenge|code_verifier|acr_values|mfa_max_age|max_age|prompt|nonce|resource|grant_type',
  ].join('|')})\\b`,
)

/** Those whose values are names of things, and what such a value looks like. */
const TELLABLE = new Set([
  'client_id',
  'response_type',
  'response_mode',
  'code_challenge_method',
  'acr_values',
  'mfa_max_age',
  'max_age',
  'prompt',
  'scope',
  'grant_type',
])
const NAME = /^[\w.:/ -]{1,100}$/

/** Longer than any address that somebody reads through. */
const MOST_RAW = 300

/** Where the library's own words say less than there is to say. */
const WORDS: Record<string, string> = { 'client is invalid': 'there is no client with this client_id' }

export function refusalOf(ctx: KoaContextWithOIDC, fault: Error & { error_description?: string }): Refusal {
  const { client, params = {} } = ctx.oidc
  const values = params as Record<string, unknown>
  const description = WORDS[fault.error_description ?? ''] ?? fault.error_description
  const parameter = parameterOf(fault.message, description, client !== undefined)
  const value = parameter === undefined ? undefined : values[parameter]
  const text = typeof value === 'string' ? value : undefined
  const registered = addressesOf(client, parameter)
  return {
    error: fault.message,
    description: description !== undefined && quotes(description, values) ? undefined : description,
    parameter,
    refused: text === undefined ? undefined : kept(parameter, text),
    raw: registered || parameter === 'client_id' ? text?.slice(0, MOST_RAW) : undefined,
    nearest:
      text === undefined || !registered
        ? undefined
        : nearestAddress(text, registered, { anyPort: client?.applicationType === 'native' }),
  }
}

/** For the log and the trail. */
export function factsOf({ error, description, parameter, refused, nearest }: Refusal): Record<string, string> {
  const facts = {
    error,
    error_description: description,
    parameter,
    refused,
    nearest: nearest?.address,
    differs: nearest?.differs.join(' '),
  }
  return Object.fromEntries(Object.entries(facts).filter((fact): fact is [string, string] => fact[1] !== undefined))
}

function parameterOf(error: string, description = '', known: boolean): string | undefined {
  const [named] = PARAMETERS.exec(description) ?? []
  if (named !== undefined) return named
  return error === 'invalid_client' && !known ? 'client_id' : undefined
}

function addressesOf(
  client: { redirectUris?: readonly string[]; postLogoutRedirectUris?: readonly string[] } | undefined,
  parameter: string | undefined,
): readonly string[] | undefined {
  if (parameter === 'redirect_uri') return client?.redirectUris ?? []
  return parameter === 'post_logout_redirect_uri' ? (client?.postLogoutRedirectUris ?? []) : undefined
}

function kept(parameter: string | undefined, text: string): string | undefined {
  if (parameter === 'redirect_uri' || parameter === 'post_logout_redirect_uri') return plainAddress(text)
  return TELLABLE.has(parameter ?? '') && NAME.test(text) ? text : undefined
}

/** Whether it has words of the request in it, which could be anybody's. A name of ours is shorter. */
function quotes(description: string, params: Record<string, unknown>): boolean {
  return Object.values(params).some(
    (value) => typeof value === 'string' && value.length > 8 && description.includes(value),
  )
}
