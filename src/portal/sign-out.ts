/** Signing out of the portal: because the person asks for it, or because the provider says so. */
import Router from '@koa/router'
import type { Log } from '../lib/log.ts'
import type { VerifyLogoutToken } from './logout-token.ts'
import { form, fromOwnPage, type PortalState } from './portal-http.ts'
import { type PortalPages, reasonOf } from './portal-pages.ts'
import type { PortalSessions } from './portal-session.ts'
import type { RelyingParty } from './relying-party.ts'

export interface SignOutParts {
  origin: string
  provider: Pick<RelyingParty, 'endSession'>
  sessions: PortalSessions
  pages: PortalPages
  verifyLogoutToken: VerifyLogoutToken
  log: Log
}

export function signOutRoutes({ origin, provider, sessions, pages, ...parts }: SignOutParts): Router<PortalState> {
  const { verifyLogoutToken, log } = parts
  const router = new Router<PortalState>()

  router.post('/logout', async (ctx) => {
    const session = sessions.find(ctx)
    if (!session) return pages.redirect(ctx, `${origin}/`)
    if (!(await fromOwnPage(ctx, origin, session.csrf))) {
      return pages.refuse(ctx, 403, 'bad-request', 'a sign-out that no page of ours asked for')
    }
    sessions.end(ctx)
    pages.redirect(ctx, await provider.endSession(session.idToken))
  })

  // From server to server: no cookie and no page. Back-Channel Logout 1.0 section 2.8 knows two answers, 200 and 400.
  router.post('/backchannel-logout', async (ctx) => {
    const verified = await form(ctx.req)
      .then((fields) => verifyLogoutToken(fields.get('logout_token') ?? ''))
      .catch((error: unknown) => ({ ok: false as const, reason: reasonOf(error) }))
    if (!verified.ok) {
      log.warn({ reason: verified.reason }, 'logout token refused')
      ctx.status = 400
      ctx.body = { error: 'invalid_request' }
      return
    }
    log.info({ sub: verified.sub, ended: sessions.endAll(verified) }, 'signed out by the provider')
    ctx.status = 200
    ctx.body = ''
  })

  return router
}
