/**
 * Our own cookies (the provider has its own). All are HttpOnly and opaque: random, digested in the store, or sealed.
 * With https their names carry the `__Host-` prefix, which keeps sibling domains from setting them (RFC 6265bis section
 * 4.1.3.2). It demands the path `/`, so no cookie has another one.
 */
import type { ParameterizedContext } from 'koa'

type Context = Pick<ParameterizedContext, 'cookies'>

export interface CookieJar {
  get(ctx: Context, name: CookieName): string | undefined
  /** `undefined` removes it. */
  set(ctx: Context, name: CookieName, value: string | undefined): void
}

const MINUTE = 60 * 1000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

/** Lifetimes in milliseconds. */
const COOKIES = {
  /** Ties the tokens in forms to this browser, for as long as a page may have been left open. */
  form: YEAR,
  /** Ties sittings to it. It lives as long as the longest other, so that tabs which open at once have it already. */
  seat: YEAR,
  /** Proved an account's password before. */
  browser: YEAR,
  /** The last authorization requests, sealed: longer than they begin again, to know which application they were of. */
  requests: 7 * DAY,
  /** Remembered devices: as long as one may live. */
  device: 30 * DAY,
  /** Addresses that the person asked to be remembered here, sealed. */
  accounts: YEAR,
  language: YEAR,
  /** One sentence for the next page, by its code. */
  notice: 5 * MINUTE,
  /** The provider's session as the settings and administration know it, sealed; and what waits for the way back to them. */
  account: 12 * HOUR,
  'account-trip': DAY,
  admin: 12 * HOUR,
  'admin-trip': DAY,
  /** What mailed links hold, while their page is open: the links end by themselves. */
  activate: DAY,
  recover: DAY,
  recovery: 30 * MINUTE,
  undo: 30 * MINUTE,
} as const

export type CookieName = keyof typeof COOKIES

export function cookieJar(secure: boolean): CookieJar {
  const nameOf = (name: CookieName) => (secure ? `__Host-sigma-${name}` : `sigma-${name}`)
  const attributes = { path: '/', secure, httpOnly: true, sameSite: 'lax', signed: false, overwrite: true } as const

  return {
    get: (ctx, name) => ctx.cookies.get(nameOf(name), { signed: false }),
    set: (ctx, name, value) =>
      void ctx.cookies.set(nameOf(name), value ?? null, {
        ...attributes,
        maxAge: value === undefined ? 0 : COOKIES[name],
      }),
  }
}
