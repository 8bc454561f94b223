/**
 * The demonstration portal: an ordinary application that lets people sign in with Sigma ID, shows what it learned, and
 * asks for more where more is needed.
 *
 * It runs in the same process in development, but speaks to the provider over HTTP and by the standards alone, as any
 * application would. This file puts it together and owns its first page; whoever calls `portal()` does the listening.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import Router from '@koa/router'
import Koa, { type Middleware } from 'koa'
import { AppError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import type { Clock } from '../lib/time.ts'
import { approval } from './approval.ts'
import { logoutTokens } from './logout-token.ts'
import { type Assurance, payrollApi } from './payroll-api.ts'
import { language, type PortalState, securityHeaders } from './portal-http.ts'
import { type PortalPages, type PortalViews, portalPages, reasonOf } from './portal-pages.ts'
import { type PortalSessions, portalSessions } from './portal-session.ts'
import { relyingParty } from './relying-party.ts'
import { sendToProvider, signInRoutes } from './sign-in.ts'
import { signOutRoutes } from './sign-out.ts'

export interface Asset {
  body: Buffer | string
  type: string
  etag: string
}

export interface PortalOptions {
  issuer: string
  /** What people call the provider; its host when left out. */
  issuerName?: string
  /** Where the browser finds the portal, such as http://localhost:3001. The portal calls its own API there, too. */
  origin: string
  /** What people call this application. */
  name: string
  /** Whether it is one of the provider's own, and has its looks. */
  house: boolean
  /** Whether it has the payroll run, and the API behind it. */
  approvesPayroll: boolean
  clientId: string
  clientSecret: string
  /** What the API wants to see before it approves. */
  assurance?: Assurance
  /** Seconds that an authentication stays good for an approval, as in `max_age`. Any time when left out. */
  approveMaxAge?: number
  views: PortalViews
  now: Clock
  log: Log
  /** Finds a static file by the path of its URL, `/assets/…`. */
  assets?: (path: string) => Asset | undefined
}

export interface Portal {
  handler: (request: IncomingMessage, response: ServerResponse) => void
}

export function portal(options: PortalOptions): Portal {
  const { issuer, origin, clientId, name, house, approvesPayroll, now, log } = options
  const secure = new URL(origin).protocol === 'https:'
  const provider = relyingParty(options, now)
  const sessions = portalSessions(clientId, secure, now)
  const names = { site: name, house, issuerName: options.issuerName ?? new URL(issuer).host }
  const pages = portalPages(options.views, names, log)
  const signIn = { issuer, origin, secure, provider, sessions, pages }
  const send = sendToProvider(signIn)
  const { routes, resume } = approval({ origin, provider, sessions, pages, send })
  const verifyLogoutToken = logoutTokens(provider.logoutTokenRules, now)
  const api = payrollApi({
    clientId,
    assurance: options.assurance ?? { mfa: 'urn:sigma:acr:mfa' },
    maxAge: options.approveMaxAge,
    introspect: provider.introspect,
    now,
    log,
  })

  const app = new Koa<PortalState>()
  app.use(securityHeaders(issuer, secure))
  app.use(staticFiles(options.assets))
  app.use(faults(pages))
  if (approvesPayroll) app.use(api.routes())
  app.use(language())
  app.use(firstPage(sessions, pages, { issuer, approvesPayroll }).routes())
  app.use(signInRoutes(signIn, send, resume).routes())
  if (approvesPayroll) app.use(routes.routes())
  app.use(signOutRoutes({ origin, provider, sessions, pages, verifyLogoutToken, log }).routes())
  app.use((ctx) => pages.refuse(ctx, 404, 'not-found', 'no such page'))

  return { handler: app.callback() }
}

function firstPage(
  sessions: PortalSessions,
  pages: PortalPages,
  { issuer, approvesPayroll }: Pick<PortalOptions, 'issuer' | 'approvesPayroll'>,
): Router<PortalState> {
  const router = new Router<PortalState>()
  router.get('/', (ctx) => {
    const session = sessions.find(ctx)
    if (!session) return pages.show(ctx, 'portal/home', { signedIn: false })
    const { person, csrf, news } = session
    const { sub, acr, amr, auth_time, sid, iss } = session.claims
    const claims = { sub, acr, amr, auth_time, sid, iss }
    const panel = { action: '/approve', done: news === 'approved', cancelled: news === 'cancelled' }
    const approve = approvesPayroll ? panel : undefined
    const settings = `${issuer}/account`
    // A HEAD shows nothing, so it must not use the news up.
    if (ctx.method === 'GET') session.news = undefined
    pages.show(ctx, 'portal/signed-in', {
      ...person,
      name: person.name ?? person.email ?? sub,
      claims,
      csrf,
      approve,
      settings,
    })
  })
  return router
}

function staticFiles(find: PortalOptions['assets']): Middleware<PortalState> {
  return async (ctx, next) => {
    const asset = ctx.method === 'GET' && ctx.path.startsWith('/assets/') && find?.(ctx.path)
    if (!asset) return next()
    ctx.set('Cache-Control', 'no-cache')
    ctx.etag = asset.etag
    ctx.type = asset.type
    ctx.body = asset.body
    if (ctx.fresh) ctx.status = 304
  }
}

/** The one place where faults become pages. */
function faults(pages: PortalPages): Middleware<PortalState> {
  return async (ctx, next) => {
    ctx.state.locale = 'en'
    try {
      await next()
    } catch (error) {
      if (error instanceof AppError) return pages.refuse(ctx, error.status, error.code, reasonOf(error))
      pages.refuse(ctx, 500, 'internal', error instanceof Error ? `${error.stack}` : String(error))
    }
  }
}
