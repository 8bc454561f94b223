/**
 * Who is signed in to the portal. The browser holds a random id and the server its digest only, so a dump of the
 * memory signs nobody in.
 */
import { digest, randomToken } from '../lib/crypto.ts'
import { type Clock, HOUR } from '../lib/time.ts'
import { expiringMap } from './expiring-map.ts'
import type { LogoutSubject } from './logout-token.ts'
import type { SignIn } from './relying-party.ts'

export interface PortalSession extends SignIn {
  /** What a form must carry to prove that one of our own pages sent it. */
  csrf: string
}

export interface PortalSessions {
  /** Makes a session and returns its id, new at every sign-in: an id that someone planted is worth nothing after it. */
  open(signIn: SignIn): string
  find(id: string | undefined): PortalSession | undefined
  /** Ends the session and returns it. */
  take(id: string | undefined): PortalSession | undefined
  /** Ends what a logout token names: one session of the provider or, without `sid`, all of the person's. */
  endAll(subject: LogoutSubject): number
}

export function portalSessions(now: Clock): PortalSessions {
  const sessions = expiringMap<PortalSession>({ most: 10_000, lifetime: 12 * HOUR }, now)
  return {
    open(signIn) {
      const id = randomToken()
      sessions.set(digest(id), { ...signIn, csrf: randomToken() })
      return id
    },
    find: (id) => (id ? sessions.get(digest(id)) : undefined),
    take: (id) => (id ? sessions.take(digest(id)) : undefined),
    endAll: ({ sid, sub }) =>
      sessions.removeWhere(
        ({ claims }) => (sid === undefined || claims.sid === sid) && (sub === undefined || claims.sub === sub),
      ),
  }
}
