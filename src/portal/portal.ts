/**
 * The demonstration portal: an ordinary application that lets people sign in with Sigma ID and shows what it learned.
 *
 * It runs in the same process in development, but speaks to the provider over HTTP and by the standards alone, as any
 * application would. This file owns its routes; whoever calls `portal()` does the listening.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import Router from '@koa/router'
import Koa, { type Context } from 'koa'
import { digest, randomToken, sameSecret } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { type Clock, MINUTE } from '../lib/time.ts'
import { logoutTokens } from './logout-token.ts'
import { form, type Locale, language, type PortalState, query, sameOrigin, securityHeaders } from './portal-http.ts'
import { portalSessions } from './portal-session.ts'
import { relyingParty } from './relying-party.ts'

/** Renders `portal/home`, `portal/signed-in` and `portal/error`. */
export interface PortalViews {
  page(view: string, locale: Locale, data: { nonce: string; self: string; [name: string]: unknown }): string
}

export interface Asset {
  body: Buffer | string
  type: string
  etag: string
}

export interface PortalOptions {
  issuer: string
  /** What people call the provider; its host when left out. */
  issuerName?: string
  /** Where the browser finds the portal, such as http://localhost:3001. */
  origin: string
  clientId: string
  clientSecret: string
  views: PortalViews
  now: Clock
  log: Log
  /** Finds a static file by the path of its URL, `/assets/…`. */
  assets?: (path: string) => Asset | undefined
}

export interface Portal {
  handler: (request: IncomingMessage, response: ServerResponse) => void
}

/** What a caller may ask for on the way to the provider: enough to try each of them out from the address bar. */
const PROMPTS = ['login', 'select_account', 'none']

export function portal(options: PortalOptions): Portal {
  const { issuer, origin, views, now, log } = options
  const issuerName = options.issuerName ?? new URL(issuer).host
  const secure = new URL(origin).protocol === 'https:'
  const provider = relyingParty(options, now)
  const sessions = portalSessions(now)
  const verifyLogoutToken = logoutTokens(provider.logoutTokenRules, now)
  const sessionCookie = secure ? '__Host-portal-session' : 'portal-session'
  // One for each sign-in that is under way, so that two tabs do not spoil each other's.
  const loginCookie = (state: string) => `${secure ? '__Secure-' : ''}portal-login-${digest(state).slice(0, 16)}`

  function show(ctx: Context, view: string, data: Record<string, unknown>): void {
    ctx.type = 'html'
    ctx.body = views.page(view, ctx.state.locale, { ...data, issuerName, nonce: ctx.state.nonce, self: '/' })
  }

  /** The page that offers **Sign in** again. The reference finds the line in the log. */
  function refuse(ctx: Context, status: number, code: string, detail: string): void {
    const reference = randomToken().slice(0, 10)
    log[status < 500 ? 'info' : 'error']({ reference, reason: code, detail, path: ctx.path }, 'portal refused')
    ctx.status = status
    show(ctx, 'portal/error', { code, reference })
  }

  /** Always absolute: a path such as `//evil.example` would lead elsewhere. 303, so that no form is sent on. */
  function redirect(ctx: Context, url: string): void {
    ctx.redirect(url)
    ctx.status = 303
  }

  const router = new Router<PortalState>()

  router.get('/', (ctx) => {
    const session = sessions.find(ctx.cookies.get(sessionCookie))
    if (!session) return show(ctx, 'portal/home', { signedIn: false })
    const { person, csrf } = session
    const { sub, acr, amr, auth_time, sid, iss } = session.claims
    const claims = { sub, acr, amr, auth_time, sid, iss }
    show(ctx, 'portal/signed-in', { ...person, name: person.name ?? person.email ?? sub, claims, csrf })
  })

  // Also where others may start a sign-in: OpenID Connect Core section 4.
  router.get('/login', async (ctx) => {
    const asked = query(ctx)
    const from = asked.get('iss')
    if (from !== null && from !== issuer) return refuse(ctx, 400, 'unknown-issuer', 'a sign-in at another provider')
    const hint = asked.get('login_hint')
    const prompt = asked.get('prompt')
    const { url, state } = await provider.begin(
      {
        ui_locales: ctx.state.locale,
        ...(hint && hint.length <= 320 && { login_hint: hint }),
        ...(prompt && PROMPTS.includes(prompt) && { prompt }),
      },
      ownPage(asked.get('target_link_uri'), origin),
    )
    ctx.cookies.set(loginCookie(state), state, { sameSite: 'lax', path: '/callback', maxAge: 15 * MINUTE })
    redirect(ctx, url)
  })

  router.get('/callback', async (ctx) => {
    const callback = new URL(`${origin}/callback?${ctx.querystring}`)
    const state = query(ctx).get('state') ?? ''
    const cookie = loginCookie(state)
    // Only the browser that began a sign-in may end it, or anyone could sign somebody else in as themselves.
    if (!state || ctx.cookies.get(cookie) !== state) {
      return refuse(ctx, 400, 'sign-in-expired', 'this browser began no sign-in with this state')
    }
    ctx.cookies.set(cookie, null, { sameSite: 'lax', path: '/callback' })
    const finished = await provider.finish(callback, state)
    if (!finished.ok) return refuse(ctx, 400, finished.reason, finished.detail)
    sessions.take(ctx.cookies.get(sessionCookie))
    ctx.cookies.set(sessionCookie, sessions.open(finished.signIn), { sameSite: 'lax' })
    redirect(ctx, finished.returnTo)
  })

  router.post('/logout', async (ctx) => {
    const session = sessions.find(ctx.cookies.get(sessionCookie))
    if (!session) return redirect(ctx, `${origin}/`)
    const csrf = (await form(ctx.req)).get('csrf') ?? ''
    if (!sameOrigin(ctx, origin) || !sameSecret(csrf, session.csrf)) {
      return refuse(ctx, 403, 'bad-request', 'a sign-out that no page of ours asked for')
    }
    sessions.take(ctx.cookies.get(sessionCookie))
    ctx.cookies.set(sessionCookie, null, { sameSite: 'lax' })
    redirect(ctx, await provider.endSession(session.idToken))
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

  const app = new Koa<PortalState>()
  app.use(securityHeaders(issuer, secure))
  app.use(async (ctx, next) => {
    const asset = ctx.method === 'GET' && ctx.path.startsWith('/assets/') && options.assets?.(ctx.path)
    if (!asset) return next()
    ctx.set('Cache-Control', 'no-cache')
    ctx.etag = asset.etag
    ctx.type = asset.type
    ctx.body = asset.body
    if (ctx.fresh) ctx.status = 304
  })
  app.use(async (ctx, next) => {
    ctx.state.locale = 'en'
    try {
      await next()
    } catch (error) {
      if (error instanceof AppError) return refuse(ctx, error.status, error.code, reasonOf(error))
      refuse(ctx, 500, 'internal', error instanceof Error ? `${error.stack}` : String(error))
    }
  })
  app.use(language())
  app.use(router.routes())
  app.use((ctx) => refuse(ctx, 404, 'not-found', 'no such page'))

  return { handler: app.callback() }
}

/** The page of ours that `target_link_uri` names, or the first one. */
function ownPage(target: string | null, origin: string): string {
  const url = target ? URL.parse(target, origin) : null
  return url?.origin === origin ? `${origin}${url.pathname}${url.search}` : `${origin}/`
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
