/**
 * Signing in to the portal: the way to the provider and the way back. A person who was sent away in the
 * middle of an action goes on with it by `resume`; this file does not know which action it is.
 */
import Router from '@koa/router'
import type { Context } from 'koa'
import { digest } from '../lib/crypto.ts'
import { DAY } from '../lib/time.ts'
import { type PortalState, query } from './portal-http.ts'
import type { PortalPages } from './portal-pages.ts'
import type { PortalSession, PortalSessions } from './portal-session.ts'
import type { Intent, RelyingParty } from './relying-party.ts'

export interface SignInParts {
  issuer: string
  origin: string
  secure: boolean
  provider: RelyingParty
  sessions: PortalSessions
  pages: PortalPages
}

/** Sends the browser to the provider. */
export type SendToProvider = (
  ctx: Context,
  hints: Record<string, string>,
  returnTo: string,
  intent?: Intent,
) => Promise<void>

/** Goes on with what `intent` names. The session is that of the same person, just signed in. */
export type Resume = (ctx: Context, session: PortalSession, intent: Intent) => Promise<void>

/** What a caller may ask for on the way to the provider: enough to try each of them out from the address bar. */
const PROMPTS = ['login', 'select_account', 'none']

/** One for each sign-in that is under way, so that two tabs do not spoil each other's. */
function loginCookie(state: string, secure: boolean): string {
  return `${secure ? '__Secure-' : ''}portal-login-${digest(state).slice(0, 16)}`
}

export function sendToProvider({ provider, pages, secure }: SignInParts): SendToProvider {
  return async (ctx, hints, returnTo, intent) => {
    const { url, state } = await provider.begin({ ui_locales: ctx.state.locale, ...hints }, returnTo, intent)
    const cookie = loginCookie(state, secure)
    ctx.cookies.set(cookie, state, { sameSite: 'lax', path: '/callback', maxAge: DAY })
    pages.redirect(ctx, url)
  }
}

export function signInRoutes(parts: SignInParts, send: SendToProvider, resume: Resume): Router<PortalState> {
  const { issuer, origin, provider, sessions, pages } = parts
  const router = new Router<PortalState>()

  // Also where others may start a sign-in: OpenID Connect Core section 4.
  router.get('/login', async (ctx) => {
    const asked = query(ctx)
    const from = asked.get('iss')
    if (from !== null && from !== issuer) {
      return pages.refuse(ctx, 400, 'unknown-issuer', 'a sign-in at another provider')
    }
    const hint = asked.get('login_hint')
    const prompt = asked.get('prompt')
    const hints = {
      ...(hint && hint.length <= 320 && { login_hint: hint }),
      ...(prompt && PROMPTS.includes(prompt) && { prompt }),
    }
    await send(ctx, hints, ownPage(asked.get('target_link_uri'), origin))
  })

  router.get('/callback', async (ctx) => {
    const callback = new URL(`${origin}/callback?${ctx.querystring}`)
    const state = query(ctx).get('state') ?? ''
    const cookie = loginCookie(state, parts.secure)
    // Only the browser that began a sign-in may end it, or anyone could sign somebody else in as themselves.
    if (!state || ctx.cookies.get(cookie) !== state) {
      return pages.refuse(ctx, 400, 'sign-in-expired', 'this browser began no sign-in with this state')
    }
    ctx.cookies.set(cookie, null, { sameSite: 'lax', path: '/callback' })
    const { intent, ...finished } = await provider.finish(callback, state)
    const before = sessions.find(ctx)
    // The action belongs to the session in which it was begun: if that has ended, or another person's has taken its
    // place, coming back does not do it.
    const stillWanted = intent && before?.claims.sub === intent.sub

    if (!finished.ok) {
      if (!stillWanted) return pages.refuse(ctx, 400, finished.reason, finished.detail)
      if (finished.reason !== 'access_denied') {
        return pages.refuse(ctx, 400, finished.reason, finished.detail, '/')
      }
      before.news = 'cancelled'
      return pages.redirect(ctx, `${origin}/`)
    }
    const session = sessions.open(ctx, finished.signIn)
    if (stillWanted && session.claims.sub === intent.sub) return resume(ctx, session, intent)
    pages.redirect(ctx, finished.returnTo)
  })

  return router
}

/** The page of ours that `target_link_uri` names, or the first one. */
function ownPage(target: string | null, origin: string): string {
  const url = target ? URL.parse(target, origin) : null
  return url?.origin === origin ? `${origin}${url.pathname}${url.search}` : `${origin}/`
}
