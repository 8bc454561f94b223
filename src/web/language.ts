/** Which language a page is in: asked for in the address, by the application, remembered, or what the browser prefers. */
import type { ParameterizedContext } from 'koa'
import { LOCALES, type Locale, localeOf } from '../lib/locales.ts'
import type { CookieJar } from './cookies.ts'

/** `applications` is `ui_locales` (OpenID Connect Core 1.0 section 3.1.2.1): tags in order of preference. */
export function languageOf(ctx: ParameterizedContext, cookies: CookieJar, applications?: unknown): Locale {
  const asked = chosenLanguage(ctx)
  if (asked) {
    cookies.set(ctx, 'language', asked)
    return asked
  }
  return (
    localeOf(applications) ??
    localeOf(cookies.get(ctx, 'language')) ??
    localeOf(ctx.acceptsLanguages([...LOCALES]) || undefined) ??
    'en'
  )
}

/** The language that the person picked with the link on the page. */
export function chosenLanguage(ctx: ParameterizedContext): Locale | undefined {
  const { lang } = ctx.query
  return typeof lang === 'string' ? LOCALES.find((locale) => locale === lang) : undefined
}
