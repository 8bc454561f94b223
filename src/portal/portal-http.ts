/**
 * How the portal speaks HTTP, whatever the page: security headers, language, forms, and the origin of a POST. It keeps
 * its own small versions, because it stands for somebody else's application.
 */
import type { IncomingMessage } from 'node:http'
import type { Context, Middleware } from 'koa'
import { randomToken, sameSecret } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'
import { LOCALES, type Locale } from '../lib/locales.ts'
import { DAY } from '../lib/time.ts'

/** What every page needs to know of its request. */
export interface PortalState {
  nonce: string
  locale: Locale
}

export function securityHeaders(issuer: string, secure: boolean): Middleware<PortalState> {
  return async (ctx, next) => {
    ctx.state.nonce = randomToken()
    // Behind a proxy that ends TLS the connection itself is plain, so the origin decides whether cookies are Secure.
    ctx.cookies.secure = secure
    ctx.set({
      'Cache-Control': 'no-store',
      'Content-Security-Policy': [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        `script-src 'nonce-${ctx.state.nonce}'`,
        // The answer to the sign-out form redirects to the provider, and browsers hold redirects to this list too.
        `form-action 'self' ${new URL(issuer).origin}`,
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
      ].join('; '),
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
      // Not `no-referrer`: with it browsers send `Origin: null`, and sameOrigin() would refuse our own forms.
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    })
    if (secure) ctx.set('Strict-Transport-Security', 'max-age=31536000; includeSubDomains')
    await next()
  }
}

/** `?lang=`, then what was chosen before, then what the browser prefers. */
export function language(): Middleware<PortalState> {
  return async (ctx, next) => {
    const chosen = locale(query(ctx).get('lang'))
    // Named apart: browsers share cookies between ports, so the provider on this machine sees it too.
    if (chosen) ctx.cookies.set('portal-lang', chosen, { sameSite: 'lax', maxAge: 365 * DAY })
    const preferred = ctx.acceptsLanguages([...LOCALES]) || 'en'
    ctx.state.locale = chosen ?? locale(ctx.cookies.get('portal-lang')) ?? preferred
    await next()
  }
}

function locale(text: string | null | undefined): Locale | undefined {
  return LOCALES.find((known) => known === text)
}

/** The query as flat pairs. Throws when a name comes twice: two readers could each believe another one. */
export function query(ctx: Pick<Context, 'querystring'>): URLSearchParams {
  return flat(ctx.querystring)
}

const LARGEST_FORM = 16 * 1024
const MOST_FIELDS = 50

/** Reads a form of at most 16 KiB and 50 fields, each named once. Values are strings and never anything else. */
export async function form(request: IncomingMessage): Promise<URLSearchParams> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') {
    throw new AppError('bad-request', `a form was expected, not ${JSON.stringify(type)}`, { status: 415 })
  }
  const chunks: Buffer[] = []
  let length = 0
  // Read to its end even when it is too long, though not kept: a connection that is cut would lose the answer.
  for await (const chunk of request) {
    length += chunk.length
    if (length <= LARGEST_FORM) chunks.push(chunk)
  }
  if (length > LARGEST_FORM) throw new AppError('bad-request', 'the form is too long', { status: 413 })
  return flat(Buffer.concat(chunks).toString('utf8'))
}

function flat(encoded: string): URLSearchParams {
  const fields = new URLSearchParams(encoded)
  const names = [...fields.keys()]
  if (names.length > MOST_FIELDS || new Set(names).size !== names.length) {
    throw new AppError('bad-request', 'too many fields, or one of them twice', { status: 400 })
  }
  return fields
}

/** Reads the form, and says whether one of our own pages sent it: it carries the session's token. */
export async function fromOwnPage(ctx: Context, origin: string, csrf: string): Promise<boolean> {
  const sent = (await form(ctx.req)).get('csrf') ?? ''
  return sameOrigin(ctx, origin) && sameSecret(sent, csrf)
}

/** As far as the browser tells. One that says nothing is old or not a browser; the token decides, as it does for all. */
function sameOrigin(ctx: Pick<Context, 'get'>, origin: string): boolean {
  const site = ctx.get('Sec-Fetch-Site')
  if (site && site !== 'same-origin') return false
  const from = ctx.get('Origin')
  return !from || from === origin
}
