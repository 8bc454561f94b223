/** The door to administration and the help desk, `/admin`. */
import type Router from '@koa/router'
import { HOUR, MINUTE } from '../lib/time.ts'
import { BUILT_IN } from '../oidc/built-in-records.ts'
import { adminPages } from '../web/admin/admin.ts'
import { type OwnPagesParts, ownPages } from './own-pages.ts'

/** Milliseconds: what administration asks of a session. A machine left alone for a quarter of an hour administers nothing. */
export const ADMIN_LIMITS = { fresh: 5 * MINUTE, idle: 15 * MINUTE, absolute: 8 * HOUR }

export function adminDoor(own: OwnPagesParts): Router[] {
  const { core, front, browser } = own
  const { config, admin: context, now } = core
  const { pages, cookies } = front
  // An origin of its own is not sent the cookie of the provider's session, so there is none to keep.
  const elsewhere = config.admin.origin !== undefined
  const administration = ownPages(own, BUILT_IN.admin, {
    path: '/admin',
    cookie: 'admin',
    limits: ADMIN_LIMITS,
    pages,
    admits: ({ roles }) => roles.length > 0,
    keepSession: elsewhere ? () => undefined : browser.keep,
  })
  const { issuer } = config
  const signOut = `${issuer}/session/end`
  return [
    administration.router,
    adminPages({ signedIn: administration, context, signOut, issuer, pages, cookies, now }),
  ]
}
