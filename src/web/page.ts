/** Showing a page: language, layout, policy and form token in one place, so that no page forgets one. */
import type { ParameterizedContext } from 'koa'
import type { Locale } from '../accounts/account.ts'
import type { CookieJar } from './cookies.ts'
import type { Csrf } from './csrf.ts'
import { pagePolicy } from './headers.ts'
import { languageOf } from './language.ts'
import { factsOf } from './request.ts'
import type { Views } from './views.ts'

export interface Page {
  view: string
  /** The address of the page for a GET: the language link leads there. */
  self: string
  status?: number
  /** Origins outside that a form on the page may end at. */
  forms?: string[]
  /** `ui_locales` of the request that led here. */
  uiLocales?: unknown
  data?: Record<string, unknown>
}

export interface Pages {
  show(ctx: ParameterizedContext, page: Page): void
  locale(ctx: ParameterizedContext, uiLocales?: unknown): Locale
}

export function pages(views: Pick<Views, 'page'>, csrf: Csrf, cookies: CookieJar): Pages {
  return {
    locale: (ctx, uiLocales) => languageOf(ctx, cookies, uiLocales),
    show(ctx, { view, self, status = 200, forms = [], uiLocales, data = {} }) {
      const { nonce } = factsOf(ctx.req)
      const locale = languageOf(ctx, cookies, uiLocales)
      ctx.status = status
      ctx.type = 'html'
      ctx.set('Content-Security-Policy', pagePolicy(nonce, forms))
      ctx.set('Content-Language', locale)
      ctx.body = views.page(view, locale, { ...data, nonce, self, csrf: csrf.token(ctx) })
    },
  }
}

/** Always 303: a 307 would make the browser post the password on (RFC 9700 section 4.12). */
export function seeOther(ctx: ParameterizedContext, address: string): void {
  ctx.status = 303
  ctx.redirect(address)
}
