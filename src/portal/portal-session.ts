/**
 * Who is signed in to the portal. The browser holds a random id and the server its digest only, so a dump of the
 * memory does not show what a browser must send; the tokens in it end within minutes or with the provider's session.
 */
import type { Context } from 'koa'
import { digest, randomToken } from '../lib/crypto.ts'
import { expiringMap } from '../lib/expiring-map.ts'
import { type Clock, HOUR } from '../lib/time.ts'
import type { LogoutSubject } from './logout-token.ts'
import type { SignIn } from './relying-party.ts'

export interface PortalSession extends SignIn {
  /** What a form must carry to prove that one of our own pages sent it. */
  csrf: string
  /** What the next page tells once. */
  news?: 'approved' | 'cancelled'
}

export interface PortalSessions {
  find(ctx: Context): PortalSession | undefined
  /** Replaces the browser's session. Its id is new at every sign-in: one that someone planted is worth nothing after. */
  open(ctx: Context, signIn: SignIn): PortalSession
  end(ctx: Context): void
  /** Ends what a logout token names: one session of the provider or, without `sid`, all of the person's. */
  endAll(subject: LogoutSubject): number
}

export function portalSessions(application: string, secure: boolean, now: Clock): PortalSessions {
  // By the application: browsers share cookies between the ports of a machine.
  const cookie = `${secure ? '__Host-' : ''}${application}-session`
  const sessions = expiringMap<PortalSession>({ most: 10_000, lifetime: 12 * HOUR }, now)

  function key(ctx: Context): string {
    return digest(ctx.cookies.get(cookie) ?? '')
  }

  return {
    find: (ctx) => sessions.get(key(ctx)),
    open(ctx, signIn) {
      const id = randomToken()
      const session = { ...signIn, csrf: randomToken() }
      sessions.take(key(ctx))
      sessions.set(digest(id), session)
      ctx.cookies.set(cookie, id, { sameSite: 'lax' })
      return session
    },
    end(ctx) {
      sessions.take(key(ctx))
      ctx.cookies.set(cookie, null, { sameSite: 'lax' })
    },
    endAll: ({ sid, sub }) =>
      sessions.removeWhere(
        ({ claims }) => (sid === undefined || claims.sid === sid) && (sub === undefined || claims.sub === sub),
      ),
  }
}
