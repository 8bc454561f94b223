/**
 * `/account`: everything about the security of one's account at one look. Changing it is the work of the other
 * account-… files; here is what there is, and what the page before has to say about what it did.
 */

import Router, { type RouterContext } from '@koa/router'
import type { Requester } from '../../accounts/requester.ts'
import type { AuditStore } from '../../audit/audit.ts'
import type { OwnFactors } from '../../mfa/own-factors.ts'
import type { Passkeys } from '../../mfa/passkeys.ts'
import type { OwnSessions } from '../../oidc/own-sessions.ts'
import type { CookieJar } from '../cookies.ts'
import { seeOther } from '../page.ts'
import { signalsOf } from '../passkey-signals.ts'
import type { SignedInPages } from '../signed-in.ts'
import { recentActivity } from './activity.ts'
import { type AccountPageParts, accountPage } from './page.ts'

export interface AccountPagesParts extends AccountPageParts {
  signedIn: SignedInPages
  factors: Pick<OwnFactors, 'overview'>
  passkeys: Pick<Passkeys, 'rpId' | 'accepted' | 'details'>
  sessions: Pick<OwnSessions, 'list' | 'applications'>
  trail: Pick<AuditStore, 'listAudit'>
  /** Where the logo of an application is. */
  logoOf: (clientId: string) => string | undefined
}

export function accountPages(parts: AccountPagesParts): Router {
  const { signedIn, cookies, factors, passkeys, sessions, trail, logoOf } = parts
  const page = accountPage(parts)
  const router = new Router()
  router.get('/account', signedIn.page(show))
  // The way to the wizard: by the time someone is let in here, they have come through it.
  router.get(
    '/account/two-step',
    signedIn.forEnrolled.guarded(async (ctx) => seeOther(ctx, '/account')),
  )
  return router

  async function show(ctx: RouterContext, requester: Requester): Promise<void> {
    const { account, session } = requester
    const [overview, list, applications, activity, signals] = await Promise.all([
      factors.overview(account),
      sessions.list(account, session),
      sessions.applications(account),
      recentActivity(trail, account),
      signalsOf(passkeys, account),
    ])
    const { name, email, locale, passwordChangedAt, noticeEmail } = account
    page.show(ctx, requester, 'overview', {
      account: { name, email, locale, passwordChangedAt, noticeEmail },
      factors: overview,
      sessions: [...list].sort((one, other) => Number(other.current) - Number(one.current)),
      applications: applications.map((one) => ({ ...one, logo: logoOf(one.clientId) })),
      activity,
      signals,
      addsPasskeys: passkeys.rpId !== undefined,
      notice: takeNotice(ctx, cookies),
    })
  }
}

/** What the page before has to say, said once. The view knows which codes have a sentence. */
function takeNotice(ctx: RouterContext, cookies: CookieJar): string | undefined {
  const code = cookies.get(ctx, 'notice')
  if (code) cookies.set(ctx, 'notice', undefined)
  return code && /^[a-z-]{1,40}$/.test(code) ? code : undefined
}
