/**
 * Forms of ours come from our own pages: a token in the form that only fits this browser's cookie, and the browser's
 * own word about where the request started (Fetch Metadata, RFC 6454).
 */
import type { Middleware, ParameterizedContext } from 'koa'
import { hmac, randomToken, sameSecret } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'
import { madeLately } from '../lib/made-lately.ts'
import type { CookieJar } from './cookies.ts'
import type { Fields } from './form.ts'

export interface Csrf {
  /** The token for a form on the page that is being made. */
  token(ctx: ParameterizedContext): string
  /** Throws `stale-form` (403) unless the form carries this browser's token. */
  assert(ctx: ParameterizedContext, fields: Fields): void
}

/** The first key makes tokens; the others still count, for forms that were open when the key changed. */
export function csrf(keys: Buffer[], cookies: CookieJar): Csrf {
  // A browser's pages and forms all ask for the same one.
  const makers = keys.map((key) => madeLately((value) => hmac(key, `form/${value}`)))
  const [first] = makers
  if (!first) throw new Error('tokens in forms are made with at least one key')

  return {
    token(ctx) {
      // Another site's form comes without our cookies; a new one would take the place of the one that open pages go by.
      if (ctx.method === 'POST' && !sentFromHere(ctx)) return ''
      const kept: string | undefined = ctx.state.form ?? cookies.get(ctx, 'form')
      const value = kept && /^[\w-]{43}$/.test(kept) ? kept : randomToken()
      if (value !== kept) cookies.set(ctx, 'form', value)
      ctx.state.form = value
      return first(value)
    },
    assert(ctx, fields) {
      const value = cookies.get(ctx, 'form')
      if (!value || !makers.some((tokenOf) => sameSecret(tokenOf(value), fields.csrf ?? ''))) {
        throw new AppError('stale-form', 'the form does not carry the token of this browser', { status: 403 })
      }
    },
  }
}

/** Refuses what another site posts here, before anything else is read. */
export const sameOriginOnly: Middleware = async (ctx, next) => {
  if (ctx.method === 'POST' && !sentFromHere(ctx))
    throw new AppError('foreign-form', 'posted from another site', { status: 403 })
  await next()
}

/** By the browser's own word. A program that says nothing has no cookies of anybody's either. */
export function sentFromHere(ctx: ParameterizedContext): boolean {
  const site = ctx.get('Sec-Fetch-Site')
  const origin = ctx.get('Origin')
  // The front end has made sure that protocol and host are our own, whatever the request said.
  return site ? site === 'same-origin' : origin === '' || origin === `${ctx.protocol}://${ctx.host}`
}
