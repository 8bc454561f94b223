/**
 * Our own cookies (the provider has its own). All are HttpOnly and opaque: random, digested in the store, or sealed.
 * With https their names carry the `__Host-` prefix, which keeps sibling domains from setting them.
 */
import type { ParameterizedContext } from 'koa'

export interface CookieJar {
  get(ctx: ParameterizedContext, name: CookieName): string | undefined
  /** `undefined` removes it. */
  set(ctx: ParameterizedContext, name: CookieName, value: string | undefined): void
  /** Removes the provider's cookie of one interaction, which the provider leaves behind. */
  endInteraction(ctx: ParameterizedContext, uid: string): void
}

const YEAR = 365 * 24 * 60 * 60 * 1000

/** Lifetimes in milliseconds; `path` where a cookie belongs to one page only. */
const COOKIES = {
  /** Ties the tokens in forms to this browser. */
  form: { maxAge: 12 * 60 * 60 * 1000, path: '/' },
  /** Proved an account's password before. */
  browser: { maxAge: YEAR, path: '/' },
  /** Remembered devices: as long as one may live (SECURITY RDV-02). */
  device: { maxAge: 30 * 24 * 60 * 60 * 1000, path: '/' },
  /** Addresses that the person asked to be remembered here, sealed. */
  accounts: { maxAge: YEAR, path: '/' },
  language: { maxAge: YEAR, path: '/' },
  /** One sentence for the next page, by its code. */
  notice: { maxAge: 5 * 60 * 1000, path: '/' },
  /** The provider's session as the house's pages know it, sealed; and what waits for the way back to them. */
  account: { maxAge: 12 * 60 * 60 * 1000, path: '/' },
  'account-trip': { maxAge: 30 * 60 * 1000, path: '/' },
  admin: { maxAge: 12 * 60 * 60 * 1000, path: '/' },
  'admin-trip': { maxAge: 30 * 60 * 1000, path: '/' },
  activate: { maxAge: 30 * 60 * 1000, path: '/activate' },
  recover: { maxAge: 30 * 60 * 1000, path: '/recover' },
  recovery: { maxAge: 30 * 60 * 1000, path: '/recovery' },
  undo: { maxAge: 30 * 60 * 1000, path: '/undo' },
} as const

export type CookieName = keyof typeof COOKIES

export function cookieJar(secure: boolean): CookieJar {
  function nameOf(name: CookieName): string {
    if (!secure) return `sigma-${name}`
    return COOKIES[name].path === '/' ? `__Host-sigma-${name}` : `__Secure-sigma-${name}`
  }

  return {
    get: (ctx, name) => ctx.cookies.get(nameOf(name), { signed: false }),
    set(ctx, name, value) {
      const { maxAge, path } = COOKIES[name]
      const lifetime = value === undefined ? { maxAge: 0 } : { maxAge }
      ctx.cookies.set(nameOf(name), value ?? null, {
        ...lifetime,
        path,
        secure,
        httpOnly: true,
        sameSite: 'lax',
        signed: false,
        overwrite: true,
      })
    },
    endInteraction(ctx, uid) {
      ctx.cookies.set('sigma-interaction', null, {
        path: `/interaction/${uid}`,
        secure,
        httpOnly: true,
        sameSite: 'lax',
        signed: true,
      })
    },
  }
}
