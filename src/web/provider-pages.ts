/** The pages that the provider shows itself: errors, signing out, signed out. */
import type { Context } from 'koa'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { AppError } from '../lib/errors.ts'
import type { ProviderPages } from '../oidc/profile.ts'
import { OtherBrowser } from '../oidc/seat.ts'
import type { ErrorPages } from './errors.ts'
import { type Pages, seeOther } from './page.ts'
import type { SeatCookie } from './seat-cookie.ts'

export interface ProviderPagesParts {
  pages: Pages
  errors: ErrorPages
  seats: SeatCookie
  home: { href: string; name: string } | undefined
}

export function providerPages({ pages, errors, seats, home }: ProviderPagesParts): ProviderPages {
  return {
    leave: (ctx) => seats.leave(ctx),

    onward(ctx, address) {
      const { client, params } = ctx.oidc
      pages.onward(plain(ctx), address, { name: client?.clientName, uiLocales: params?.ui_locales })
    },

    async error(ctx, out, fault) {
      // A fault of ours that came through the library, such as a store that cannot answer now.
      if (fault instanceof AppError) return errors.show(plain(ctx), fault)
      if (fault instanceof OtherBrowser) return errors.show(plain(ctx), { code: 'other-browser', status: 400 })
      errors.show(plain(ctx), {
        code: CODES[out.error] ?? (ctx.status >= 500 ? 'internal' : 'authorization-refused'),
        status: ctx.status,
      })
    },

    async notFound(ctx) {
      errors.show(plain(ctx), { code: 'not-found', status: 404 })
    },

    /**
     * Asks, unless the application proves with an ID token of this very session that the person asked it already
     * (RP-Initiated Logout 1.0 section 2): then the form sends itself. A bare address, in an image say, ends nothing.
     */
    async logout(ctx) {
      const { session, client, entities, params } = ctx.oidc
      const hint = entities.IdTokenHint?.payload
      const ours =
        client !== undefined && hint?.sub === session?.accountId && hint?.sid === session?.sidFor(client.clientId)
      const state = session?.state as { secret: string } | undefined
      pages.show(plain(ctx), {
        view: 'logout',
        self: '/session/end',
        uiLocales: params?.ui_locales,
        data: {
          action: '/session/end/confirm',
          xsrf: state?.secret,
          clientName: client?.clientName,
          automatic: ours && hint?.sid !== undefined,
        },
      })
    },

    async signedOut(ctx) {
      // Who chose to stay signed in comes here too, and should not read the opposite.
      const { accountId } = await ctx.oidc.provider.Session.get(ctx)
      if (accountId !== undefined) return seeOther(plain(ctx), '/')
      const { client } = ctx.oidc
      plain(ctx).set('Clear-Site-Data', '"storage"')
      pages.show(plain(ctx), {
        view: 'signed-out',
        self: '/session/end/success',
        data: { clientName: client?.clientName, clientUri: client?.clientUri, home: home?.href },
      })
    },
  }
}

/** The provider's context is a Koa context too. */
function plain(ctx: KoaContextWithOIDC): Context {
  return ctx as unknown as Context
}

/** OAuth's errors that a person can do something about, by the key of their text. */
const CODES: Record<string, string> = {
  invalid_client: 'unknown-application',
  invalid_redirect_uri: 'unknown-application',
  invalid_request: 'authorization-refused',
  invalid_request_uri: 'interaction-expired',
  SessionNotFound: 'interaction-expired',
  server_error: 'internal',
}
