/**
 * The way from a page behind a sign-in of our own through the dispatcher and back. What the way back needs stays with the
 * browser that set out.
 */
import type { RouterContext } from '@koa/router'
import { z } from 'zod'
import { randomToken, type Sealer, sameSecret } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'
import { NOT_ALLOWED } from '../oidc/assessment.ts'
import type { BuiltInClient } from '../oidc/built-in-client.ts'
import type { CookieJar } from './cookies.ts'
import { type Pages, seeOther } from './page.ts'
import { sealedCookie } from './sealed-cookie.ts'

export interface OwnTripParts {
  /** Where the pages begin. */
  path: string
  /** For whoever does not come in. */
  home: string
  client: Pick<BuiltInClient, 'authorize' | 'redeem'>
  cookie: 'account' | 'admin'
  pages: Pick<Pages, 'onward' | 'locale'>
  cookies: CookieJar
  seal: Sealer
  /** Lets this browser in by the session that it came back with. */
  keep: (ctx: RouterContext, session: string) => void
  /** This browser was let in before. */
  isKept: (ctx: RouterContext) => boolean
}

export interface OwnTrip {
  /** To the dispatcher, with what it has to see to, and back to this page. */
  sendAway(ctx: RouterContext, demands: Record<string, string>): void
  comeBack(ctx: RouterContext): Promise<void>
}

const trip = z.object({ state: z.string(), verifier: z.string(), to: z.string() })

export function ownTrip(parts: OwnTripParts): OwnTrip {
  const { path, home, client, cookie, pages, keep, isKept } = parts
  const trips = sealedCookie(parts, `${cookie}-trip`, trip)

  function refuse(ctx: RouterContext, error: string): void {
    if (error === NOT_ALLOWED) throw new AppError('not-allowed', 'no role that opens these pages', { status: 403 })
    if (error !== 'access_denied') throw new AppError('authorization-refused', error, { status: 400 })
    // Someone who cancels the code that a change needs is still signed in: back to where changes begin.
    seeOther(ctx, isKept(ctx) ? path : home)
  }

  return {
    sendAway(ctx, demands) {
      const to = ctx.method === 'GET' ? ctx.path + ctx.search : ctx.path
      const [state, verifier] = [randomToken(), randomToken()]
      trips.write(ctx, { state, verifier, to })
      pages.onward(ctx, client.authorize({ state, verifier, locale: pages.locale(ctx), demands }))
    },
    async comeBack(ctx) {
      const back = new URLSearchParams(ctx.querystring)
      const going = trips.read(ctx)
      trips.write(ctx, undefined)
      // Only the browser that set out may come back, or anyone could sign somebody else in as themselves. Two tabs share
      // the cookie: whoever comes second begins again, and finds the session there.
      if (!going || !sameSecret(back.get('state') ?? '', going.state)) return seeOther(ctx, path)
      if (back.has('error')) return refuse(ctx, back.get('error') ?? '')
      const session = await client.redeem(back.get('code') ?? '', going.verifier)
      if (session === undefined) throw new AppError('interaction-expired', 'a code that opens nothing', { status: 400 })
      keep(ctx, session)
      seeOther(ctx, going.to)
    },
  }
}
