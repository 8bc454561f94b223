/** Response headers that every answer carries, and the content security policy of a page. */
import type { IncomingMessage } from 'node:http'
import type { Middleware, ParameterizedContext } from 'koa'
import { fresh } from '../lib/crypto.ts'
import { factsOf } from './request.ts'

/** For the scripts of one page (Content Security Policy Level 3). */
export function pageNonce(): string {
  return fresh(16).toString('base64')
}

/**
 * Everything is off but what a page needs. A form leads to our own origin only, redirects included, which is how
 * Chromium reads `form-action`; who goes on to another one gets there from a page, see page.ts.
 */
export function pagePolicy(
  nonce: string | undefined,
  { formsLeadAnywhere }: { formsLeadAnywhere?: boolean | undefined } = {},
): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self' data:",
    nonce === undefined ? "script-src 'none'" : `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    ...(formsLeadAnywhere ? [] : ["form-action 'self'"]),
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
  ].join('; ')
}

// For what is no page of ours.
const NO_PAGE = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"

/** Of every answer. A page has its own policy in the place of this one. */
const GENERAL = {
  'Content-Security-Policy': NO_PAGE,
  'X-Content-Type-Options': 'nosniff',
  // Not no-referrer: with that, browsers send `Origin: null` along with our own forms.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Passkeys belong to our own pages: to no frame, whatever a browser holds to be the default.
  'Permissions-Policy':
    'camera=(), geolocation=(), microphone=(), publickey-credentials-create=(self), publickey-credentials-get=(self)',
  'Cache-Control': 'no-store',
}

export function generalHeaders(secure: boolean): (request: IncomingMessage) => Record<string, string> {
  const always = {
    ...GENERAL,
    ...(secure && { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' }),
  }
  return (request) => ({ ...always, 'X-Request-Id': factsOf(request).correlation })
}

export function securityHeaders(secure: boolean): Middleware {
  const general = generalHeaders(secure)
  return (ctx, next) => {
    ctx.set(general(ctx.req))
    return next()
  }
}

export function hideReferrer(ctx: ParameterizedContext): void {
  ctx.set('Referrer-Policy', 'no-referrer')
}
