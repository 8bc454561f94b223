/** The pages that the provider shows itself: errors, signing out, signed out. */
import type { Context } from 'koa'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { randomToken } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'
import { continuationOf } from '../oidc/kept-request.ts'
import { TooManySittings } from '../oidc/left-open.ts'
import type { ProviderPages } from '../oidc/profile.ts'
import { isSessionNotFound } from '../oidc/provider.ts'
import { type Refusal, refusalOf } from '../oidc/refusal.ts'
import { OtherBrowser } from '../oidc/seat.ts'
import { type BusyPage, retryWhenFull } from './busy-page.ts'
import type { CookieJar } from './cookies.ts'
import type { ErrorPages, ShownRefusal } from './errors.ts'
import { languageOf } from './language.ts'
import { type Pages, seeOther } from './page.ts'
import { sourceOf } from './request.ts'
import type { SeatCookie } from './seat-cookie.ts'

export interface ProviderPagesParts {
  pages: Pages
  errors: ErrorPages
  seats: SeatCookie
  cookies: CookieJar
  busy: BusyPage
  home: () => { href: string; name: string } | undefined
  /** Pages show developers what was refused, and what is on record. */
  development: boolean
}

/** What the provider's session keeps while somebody is asked whether to sign out. */
interface SigningOut {
  secret: string
}

export function providerPages({
  pages,
  errors,
  seats,
  cookies,
  busy,
  home,
  development,
}: ProviderPagesParts): ProviderPages {
  function shown({ error, description, parameter, raw, nearest }: Refusal): ShownRefusal {
    if (!development) return { error, description }
    return { error, description, refused: raw === undefined ? undefined : { parameter, value: raw }, nearest }
  }

  /**
   * The application's request has a fault in it, but the person wants to sign out: here they can, and stay here. The
   * library has given up on the request, so the word that makes the form ours is put into the session by us.
   */
  function offerSignOut(ctx: KoaContextWithOIDC, code: string, refusal: ShownRefusal): void {
    const { session, params } = ctx.oidc
    const state: SigningOut = { secret: randomToken() }
    if (session) session.state = state as never
    pages.show(plain(ctx), {
      view: 'logout',
      self: '/session/end',
      status: ctx.status,
      uiLocales: params?.ui_locales,
      data: {
        action: '/session/end/confirm',
        xsrf: state.secret,
        fault: code,
        refusal,
        reference: sourceOf(plain(ctx)).correlation,
      },
    })
  }

  /** As at the front door (crowd-door.ts). The page asks again at the address of the page that is gone, if one led here. */
  function askBack(ctx: Context, gone: string | undefined): void {
    const { status, headers, bytes } = busy(ctx.req, {
      locale: ctx.accepts('html', 'json') === 'json' ? undefined : languageOf(ctx, cookies, ctx.query.ui_locales),
      retryAfter: retryWhenFull(),
      again: gone && `/interaction/${encodeURIComponent(gone)}`,
    })
    ctx.status = status
    ctx.body = bytes
    ctx.set(headers)
  }

  return {
    leave: (ctx) => seats.leave(ctx),

    onward(ctx, address) {
      const { client, params } = ctx.oidc
      pages.onward(plain(ctx), address, { name: client?.clientName, uiLocales: params?.ui_locales })
    },

    post(ctx, { action, fields }) {
      const { params, entities } = ctx.oidc
      const own = new URL(action).origin === new URL(ctx.oidc.issuer).origin
      pages.show(plain(ctx), {
        view: 'forward',
        // Its address answers once: there is no way to it in another language.
        self: '',
        status: ctx.status,
        uiLocales: params?.ui_locales ?? entities.Interaction?.params.ui_locales,
        // The application's callback may lead on to any address.
        formsLeadAnywhere: !own,
        data: { action, fields, name: own ? undefined : ctx.oidc.client?.clientName },
      })
    },

    async error(ctx, out, fault) {
      // A fault of ours that came through the library, such as a store that cannot answer now.
      if (fault instanceof AppError) return errors.show(plain(ctx), fault)
      if (fault instanceof TooManySittings) return askBack(plain(ctx), continuationOf(ctx)?.kept.sittings.at(-1))
      if (fault instanceof OtherBrowser) return errors.show(plain(ctx), { code: 'other-browser', status: 400 })
      // Taken up already, by a form that was sent twice or by another tab: its page knows where that leads.
      const { uid } = (ctx as { params?: { uid?: string } }).params ?? {}
      if (isSessionNotFound(fault) && ctx.oidc.route === 'resume' && uid !== undefined)
        return seeOther(plain(ctx), `/interaction/${encodeURIComponent(uid)}`)
      if (isSessionNotFound(fault)) return errors.show(plain(ctx), { code: 'interaction-expired', status: ctx.status })
      if (ctx.status >= 500) return errors.show(plain(ctx), { code: 'internal', status: ctx.status })
      const refused = refusalOf(ctx, fault)
      const code = codeOf(ctx, out.error, refused)
      const refusal = shown(refused)
      if (ctx.oidc.route === 'end_session' && ctx.oidc.session?.accountId) return offerSignOut(ctx, code, refusal)
      errors.show(plain(ctx), { code, status: ctx.status, refusal })
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
      const state = session?.state as SigningOut | undefined
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
        data: { clientName: client?.clientName, clientUri: client?.clientUri, home: home()?.href },
      })
    },
  }
}

/** The provider's context is a Koa context too. */
function plain(ctx: KoaContextWithOIDC): Context {
  return ctx as unknown as Context
}

/** Which text fits, by what a person can do about it. */
function codeOf({ oidc: { route } }: KoaContextWithOIDC, error: string, { parameter, raw }: Refusal): string {
  // The form of a page that was open for too long, or of somebody else's.
  if (route === 'end_session_confirm') return 'stale-form'
  if (error === 'invalid_client') return 'unknown-application'
  if (error === 'invalid_request_uri') return 'interaction-expired'
  if (parameter === 'post_logout_redirect_uri') return 'unknown-goodbye'
  if (route === 'end_session') return 'faulty-sign-out'
  return parameter === 'redirect_uri' && raw !== undefined ? 'unknown-address' : 'authorization-refused'
}
