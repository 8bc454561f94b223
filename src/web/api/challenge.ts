/** How the API says that a token is missing, no good, or not enough (RFC 6750 section 3, RFC 9449 section 7.1, RFC 9470). */
import type { ParameterizedContext } from 'koa'

export interface Challenge {
  scheme: 'Bearer' | 'DPoP'
  error?: string | undefined
  description?: string
  scope?: string
  acrValues?: string
  /** Seconds. */
  maxAge?: number | undefined
}

export function challenge(ctx: ParameterizedContext, realm: string, { scheme, ...said }: Challenge): void {
  const params = {
    realm,
    error: said.error,
    error_description: said.error === undefined ? undefined : said.description,
    scope: said.scope,
    acr_values: said.acrValues,
    max_age: said.maxAge,
    ...(scheme === 'DPoP' && { algs: 'ES256 Ed25519 EdDSA' }),
  }
  const written = Object.entries(params).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}="${String(value).replaceAll(/["\\]/g, '\\$&')}"`,
  )
  ctx.append('WWW-Authenticate', `${scheme} ${written.join(', ')}`)
}
