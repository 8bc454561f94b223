/**
 * What of a request may be told of an application: anybody may have sent it, and an administrator reads it. So it is told in
 * words that are known, or in what looks like a name, and never at length.
 */
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Client } from '../client/client.ts'
import { type Clock, seconds } from '../lib/time.ts'
import type { Request } from './presented.ts'
import type { LibraryFault } from './why.ts'

const NAME = /^[\w.:/-]{1,60}$/
const MOST_NAMES = 12

export function isOnHostOf(address: string, metadata: Partial<Client['metadata']> = {}): boolean {
  const { redirect_uris = [], post_logout_redirect_uris = [] } = metadata
  const host = hostOf(address)
  return host !== undefined && [...redirect_uris, ...post_logout_redirect_uris].some((one) => hostOf(one) === host)
}

function hostOf(address: string): string | undefined {
  return (URL.canParse(address) && new URL(address).hostname) || undefined
}

/** The library names the scope that it does not take beside its words. */
export function scopeIn(fault: LibraryFault & { scope?: unknown }): {
  parameter?: string
  refused?: string | undefined
} {
  return typeof fault.scope === 'string' ? { parameter: 'scope', refused: nameIn(fault.scope) } : {}
}

export function originOf(ctx: KoaContextWithOIDC): string | undefined {
  const origin = ctx.get('origin')
  return URL.canParse(origin) ? new URL(origin).origin.slice(0, 200) : undefined
}

/** Of an assertion or a proof, whoever made it: seconds that its `iat` is ahead. */
export function skewOf({ params }: Request, ctx: KoaContextWithOIDC, now: Clock): number | undefined {
  const jwt = typeof params.client_assertion === 'string' ? params.client_assertion : ctx.get('dpop')
  if (!jwt) return undefined
  try {
    const { iat } = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as { iat?: unknown }
    return typeof iat === 'number' && Number.isFinite(iat) ? Math.round(iat - seconds(now())) : undefined
  } catch {
    return undefined
  }
}

/** Of OAuth 2.0 Multiple Response Type Encoding Practices, and of its modes. */
const TYPES = new Set(['code', 'token', 'id_token', 'none', 'query', 'fragment', 'form_post', 'web_message', 'jwt'])

/** Anybody may have sent it, and an administrator reads it in a sentence of ours: so nothing that is one of its own. */
export function namesOfTypes(parameter: string | undefined, text: string | undefined): string | undefined {
  if (parameter !== 'response_type' && parameter !== 'response_mode') return nameIn(text)
  return text?.split(' ').every((word) => TYPES.has(word)) ? text : undefined
}

export function nameIn(value: unknown): string | undefined {
  return typeof value === 'string' && NAME.test(value) ? value : undefined
}

export function namesIn(value: unknown): string[] {
  if (typeof value !== 'string') return []
  return [...new Set(value.slice(0, 1000).split(' '))].filter((name) => NAME.test(name)).slice(0, MOST_NAMES)
}
