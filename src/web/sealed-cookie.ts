/** What a browser keeps for us sealed, as data. Anything else in its place is as nothing. */
import type { RouterContext } from '@koa/router'
import type { z } from 'zod'
import type { Sealer } from '../lib/crypto.ts'
import type { CookieJar, CookieName } from './cookies.ts'

export interface SealedCookie<T> {
  read(ctx: RouterContext): T | undefined
  /** Takes it away, if undefined. */
  write(ctx: RouterContext, value: T | undefined): void
}

export function sealedCookie<S extends z.ZodType>(
  { cookies, seal }: { cookies: CookieJar; seal: Sealer },
  name: CookieName,
  shape: S,
): SealedCookie<z.output<S>> {
  const purpose = `cookie/${name}`
  return {
    read(ctx) {
      const sealed = cookies.get(ctx, name)
      if (!sealed) return undefined
      try {
        return shape.parse(JSON.parse(seal.open(sealed, purpose)))
      } catch {
        return undefined
      }
    },
    write: (ctx, value) =>
      cookies.set(ctx, name, value === undefined ? undefined : seal.seal(JSON.stringify(value), purpose)),
  }
}
