/** What the provider's session in a browser becomes when something about its person changes. */
import type { RouterContext } from '@koa/router'
import { endWaits } from '../mfa/challenge.ts'
import { type BrowserSession, browserSession } from '../oidc/browser-session.ts'
import { sessionCookie } from '../oidc/profile.ts'
import type { Oidc } from '../oidc/provider.ts'
import type { Rest } from '../oidc/sessions.ts'
import type { Account } from '../person/account.ts'
import type { Core } from './core.ts'
import type { Front } from './front.ts'

/** Who is signed in with a browser, for pages outside the dispatcher. */
export function openSessions(
  { admitted: people, sessions, record: audit }: Pick<Core, 'admitted' | 'sessions' | 'record'>,
  oidc: Oidc,
): BrowserSession {
  return browserSession({ oidc, people, sessions, audit })
}

export interface BrowserSessions {
  /** Gives the browser the session's id, as the provider sets it, so that both mean the same cookie. */
  keep(ctx: RouterContext, sessionId: string): void
  /** Whoever was signed in with this browser is not any more: takes what it has of them away. */
  forget(ctx: RouterContext): void
  /** Ends all of the account but the session with this uid; the new id of that. */
  endOthers(accountId: string, uid: string, rest: Rest): Promise<string | undefined>
  /** The same for the wizard, in turn with what else writes the session of this browser. */
  endOthersHere(ctx: RouterContext, account: Account, uid: string): Promise<void>
}

export function browserSessions(
  { config, attempts, sessions }: Pick<Core, 'config' | 'attempts' | 'sessions'>,
  { cookies, seats, secure }: Front,
  oidc: Oidc,
): BrowserSessions {
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure, signed: true, overwrite: true } as const

  function keep(ctx: RouterContext, sessionId: string): void {
    ctx.cookies.set(sessionCookie(secure), sessionId, { ...attributes, maxAge: config.session.idle })
  }

  async function endOthers(accountId: string, uid: string, rest: Rest): Promise<string | undefined> {
    // Whoever used up tries did so with what has just been changed.
    await endWaits(attempts, accountId)
    return sessions.endOthers(accountId, await oidc.provider().Session.findByUid(uid), rest)
  }

  return {
    keep,
    forget(ctx) {
      ctx.cookies.set(sessionCookie(secure), null, attributes)
      for (const name of ['account', 'admin'] as const) cookies.set(ctx, name, undefined)
      seats.leave(ctx)
    },
    endOthers,
    async endOthersHere(ctx, { id: accountId, epoch: left }, uid) {
      const id = ctx.cookies.get(sessionCookie(secure), { signed: true })
      const renewed = await oidc.inTurn(id ?? uid, () => endOthers(accountId, uid, { left, sittings: 'go on' }))
      if (renewed !== undefined) keep(ctx, renewed)
    },
  }
}
