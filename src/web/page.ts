/** Showing a page: language, layout, policy and form token in one place, so that no page forgets one. */
import type { ParameterizedContext } from 'koa'
import type { Locale } from '../lib/locales.ts'
import type { Values } from '../render/texts.ts'
import type { Views } from '../render/views.ts'
import type { CookieJar } from './cookies.ts'
import type { Csrf } from './csrf.ts'
import { pageNonce, pagePolicy } from './headers.ts'
import { languageOf } from './language.ts'

export interface Page {
  view: string
  /** The address of the page for a GET: the language link leads there. Empty for a page that has none. */
  self: string
  status?: number
  /** Its form is for another origin, which may redirect to yet another. */
  formsLeadAnywhere?: boolean
  /** `ui_locales` of the request that led here. */
  uiLocales?: unknown
  data?: Record<string, unknown>
}

export interface Pages {
  show(ctx: ParameterizedContext, page: Page): void
  /**
   * Goes on to where a form's answer leads, at once or at the end of redirects. To another origin it goes by a page of ours
   * that goes on by itself, for the policy of the page with the form would stop a redirect there: to the private scheme
   * of an app, say, or to a callback that redirects on to an address that we do not know.
   */
  onward(ctx: ParameterizedContext, address: string, to?: { name?: string | undefined; uiLocales?: unknown }): void
  locale(ctx: ParameterizedContext, uiLocales?: unknown): Locale
  /** A text in the language of whoever asked, for what is no page. */
  say(ctx: ParameterizedContext, key: string, values?: Values): string
}

export function pages(views: Pick<Views, 'page' | 'translate'>, csrf: Csrf, cookies: CookieJar): Pages {
  function show(ctx: ParameterizedContext, { view, self, status = 200, ...page }: Page): void {
    const { uiLocales, formsLeadAnywhere, data = {} } = page
    const nonce = pageNonce()
    const locale = languageOf(ctx, cookies, uiLocales)
    ctx.status = status
    ctx.type = 'html'
    ctx.set('Content-Security-Policy', pagePolicy(nonce, { formsLeadAnywhere }))
    ctx.set('Content-Language', locale)
    ctx.body = views.page(view, locale, { ...data, nonce, self, csrf: csrf.token(ctx) })
  }

  return {
    show,
    locale: (ctx, uiLocales) => languageOf(ctx, cookies, uiLocales),
    say: (ctx, key, values) => views.translate(languageOf(ctx, cookies, undefined))(key, values),
    onward(ctx, address, { name, uiLocales } = {}) {
      // The front end has made sure that these are our own, whatever the request said. (`ctx.origin` is its header.)
      const own = `${ctx.protocol}://${ctx.host}`
      if (new URL(address, own).origin === own) return seeOther(ctx, address)
      ctx.remove('Location')
      show(ctx, { view: 'onward', self: '/', uiLocales, data: { onward: address, name } })
    },
  }
}

/** Always 303: a 307 would make the browser post the password on (RFC 9700 section 4.12). */
export function seeOther(ctx: ParameterizedContext, address: string): void {
  ctx.status = 303
  ctx.redirect(address)
}
