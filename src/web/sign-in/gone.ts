/**
 * Where a page leads whose sitting is over: it was open for too long, its session has ended, or it stands behind the
 * **Back** button. What the browser kept of its request (oidc/kept-request.ts) says where the person was going: the request
 * begins again, or the application does.
 */
import type { RouterContext } from '@koa/router'
import type { Clients } from '../../client/client.ts'
import { AppError } from '../../lib/errors.ts'
import type { Clock } from '../../lib/time.ts'
import { type Interaction, reopenSignIn } from '../../oidc/interaction.ts'
import { type KeptRequest, type KeptRequests, restartable, turnInto } from '../../oidc/kept-request.ts'
import { isSessionNotFound, type Oidc } from '../../oidc/provider.ts'
import { OtherBrowser } from '../../oidc/seat.ts'
import type { ErrorPages } from '../errors.ts'
import type { Fields } from '../form.ts'
import type { Pages } from '../page.ts'

export interface GonePages {
  /** Begins the request of the page that is gone again; throws the fault on where nothing of it is known. */
  goOn(ctx: RouterContext, fault: unknown): Promise<void>
  /**
   * The page as it was left open, for a form that can still be answered: that of the password, and **Cancel**. Undefined
   * for any other.
   */
  reopen(ctx: RouterContext, fields: Fields): Promise<Interaction | undefined>
}

export interface GonePagesParts {
  oidc: Oidc
  requests: KeptRequests
  clients: Pick<Clients, 'find'>
  pages: Pick<Pages, 'onward'>
  errors: Pick<ErrorPages, 'show'>
  /** What names us to an application that begins a sign-in. */
  issuer: string
  now: Clock
}

/** That the sitting is over; not that it belongs to another browser, whose request is not kept here. */
export function isGone(fault: unknown): boolean {
  if (fault instanceof OtherBrowser) return false
  return isSessionNotFound(fault) || (fault instanceof AppError && fault.code === 'interaction-expired')
}

export function gonePages({ oidc, requests, clients, pages, errors, issuer, now }: GonePagesParts): GonePages {
  async function beginAgain(
    ctx: RouterContext,
    query: string,
    kept: KeptRequest,
    result?: Record<string, unknown>,
  ): Promise<void> {
    // The page that was asked for is not the one to be forgotten.
    const others = kept.sittings.filter((uid) => uid !== ctx.params.uid)
    turnInto(ctx.req, query, { kept: { ...kept, sittings: [...others, ctx.params.uid ?? ''] }, result })
    ctx.respond = false
    await oidc.handle(ctx.req, ctx.res)
  }

  return {
    async goOn(ctx, fault) {
      const kept = requests.find(ctx, ctx.params.uid ?? '')
      if (!kept) throw fault
      const query = restartable(kept, now)
      if (query !== undefined) return beginAgain(ctx, query, afterForm(kept, ctx.state.fields))
      const application = clients.find(kept.client)
      if (!application?.loginUri) throw fault
      const home = { href: beginningOf(application.loginUri, issuer), name: application.metadata.client_name }
      if (kept.answered) return pages.onward(ctx, home.href, home)
      errors.show(ctx, { code: 'interaction-expired', status: 400, home })
    },

    async reopen(ctx, fields) {
      const uid = ctx.params.uid ?? ''
      const kept = requests.find(ctx, uid)
      const query = kept && restartable(kept, now)
      const { prompt = '' } = ctx.params
      if (!kept || query === undefined || (prompt !== 'login' && fields.action !== 'cancel')) return undefined
      const reopened = await reopenSignIn(oidc, uid, kept, (result) => beginAgain(ctx, query, kept, result))
      // Whoever says no on any other page is not asked once more.
      return reopened && { ...reopened, prompt }
    },
  }
}

/** Who put the wizard off on a page that is gone is not asked for a password to go on with it. */
function afterForm(kept: KeptRequest, fields: Fields | undefined): KeptRequest {
  return fields?.step === 'later' ? { ...kept, prompt: 'login' } : kept
}

/** OpenID Connect Core 1.0 section 4. */
function beginningOf(loginUri: string, issuer: string): string {
  const address = new URL(loginUri)
  address.searchParams.set('iss', issuer)
  return address.href
}
