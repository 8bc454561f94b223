/**
 * Approving a payroll run as the portal's page does it: it calls the API with the person's token and, when the API
 * asks for a better authentication (RFC 9470), sends them to the provider and calls once more when they are back.
 *
 * Nothing here decides what is enough: the API does. Each reason to send somebody away is good for one trip, so a
 * provider that cannot give what the API wants makes an error page, never a loop.
 */
import Router from '@koa/router'
import type { Context } from 'koa'
import { AppError } from '../lib/errors.ts'
import { type BearerChallenge, readBearerChallenge } from './bearer-challenge.ts'
import { APPROVE_PATH } from './payroll-api.ts'
import { fromOwnPage, type PortalState } from './portal-http.ts'
import type { PortalPages } from './portal-pages.ts'
import type { PortalSession, PortalSessions } from './portal-session.ts'
import type { RelyingParty, Tokens } from './relying-party.ts'
import type { Resume, SendToProvider } from './sign-in.ts'

export interface ApprovalParts {
  origin: string
  provider: Pick<RelyingParty, 'refresh'>
  sessions: PortalSessions
  pages: PortalPages
  send: SendToProvider
}

/** What the API said; undefined is its yes. */
type Refused = BearerChallenge | undefined

export interface Approval {
  routes: Router<PortalState>
  /** The second try, when a person is back from the provider. */
  resume: Resume
}

export function approval({ origin, provider, sessions, pages, send }: ApprovalParts): Approval {
  // Two tabs that find the token expired must not both spend the refresh token: reuse ends the whole grant.
  const renewals = new WeakMap<Tokens, Promise<Tokens | undefined>>()
  const routes = new Router<PortalState>()

  routes.post('/approve', async (ctx) => {
    const session = sessions.find(ctx)
    if (!session) return pages.redirect(ctx, `${origin}/`)
    if (!(await fromOwnPage(ctx, origin, session.csrf))) {
      return pages.refuse(ctx, 403, 'bad-request', 'an approval that no page of ours asked for')
    }
    await approve(ctx, session)
  })

  async function approve(ctx: Context, session: PortalSession, after?: 'sign-in' | 'step-up'): Promise<void> {
    const refused = await ask(session)
    if (!refused) {
      session.news = 'approved'
      return pages.redirect(ctx, `${origin}/`)
    }
    const { error, acrValues, maxAge } = refused
    const { sub } = session.claims
    const { email } = session.person
    const hints: Record<string, string> = typeof email === 'string' ? { login_hint: email } : {}

    if (error === 'insufficient_user_authentication') {
      const missing: Record<string, string> = {
        ...(acrValues !== undefined && { acr_values: acrValues }),
        ...(maxAge !== undefined && { max_age: String(maxAge) }),
      }
      if (after === 'step-up' || Object.keys(missing).length === 0) {
        return pages.refuse(ctx, 403, 'unmet_authentication_requirements', 'insufficient after a step-up', '/')
      }
      return send(ctx, { ...hints, ...missing }, `${origin}/`, { sub, trip: 'step-up' })
    }
    if (error === 'invalid_token' && !after) {
      // No `prompt`: silent while the provider's session lives, and a sign-in like any other when it does not.
      return send(ctx, hints, `${origin}/`, { sub, trip: 'sign-in' })
    }
    pages.refuse(ctx, 502, 'approval-failed', `the API says ${error}`, '/')
  }

  /** Calls the API, and once more with a fresh token when it does not take this one. */
  async function ask(session: PortalSession): Promise<Refused> {
    const used = session.tokens
    const refused = await call(origin, used.access)
    if (refused?.error !== 'invalid_token') return refused
    const fresh = await renew(used, session.claims.sub)
    if (!fresh) return refused
    if (session.tokens === used) session.tokens = fresh
    return call(origin, fresh.access)
  }

  function renew(tokens: Tokens, sub: string): Promise<Tokens | undefined> {
    const renewal = renewals.get(tokens) ?? provider.refresh(tokens, sub)
    renewals.set(tokens, renewal)
    return renewal.catch((error: unknown) => {
      // The provider was out of reach: the next try may find it.
      renewals.delete(tokens)
      throw error
    })
  }

  return { routes, resume: (ctx, session, { trip }) => approve(ctx, session, trip) }
}

async function call(origin: string, token: string): Promise<Refused> {
  const answer = await fetch(origin + APPROVE_PATH, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    // A token goes to the address it is meant for and to no other.
    redirect: 'error',
    signal: AbortSignal.timeout(15_000),
  }).catch((cause: unknown) => {
    throw new AppError('api-unavailable', 'the API does not answer', { status: 503, cause })
  })
  await answer.body?.cancel()
  if (answer.status === 200) return undefined
  const challenge = answer.status === 401 && readBearerChallenge(answer.headers.get('WWW-Authenticate'))
  if (challenge) return challenge
  throw new AppError('api-unavailable', `the API answers ${answer.status} without a challenge`, { status: 503 })
}
