/**
 * Where a page leads whose sitting is over: it was open for too long, its session has ended, or it stands behind the
 * **Back** button. What the browser kept of its request (oidc/kept-request.ts) says where the person was going: the request
 * begins again, or the application does.
 */
import type { RouterContext } from '@koa/router'
import type { Clients } from '../../client/client.ts'
import { AppError } from '../../lib/errors.ts'
import type { Locale } from '../../lib/locales.ts'
import type { Clock } from '../../lib/time.ts'
import { reopen } from '../../oidc/gone-sitting.ts'
import type { Interaction } from '../../oidc/interaction.ts'
import {
  type Continuation,
  type KeptRequest,
  type KeptRequests,
  putOff,
  restartable,
  turnInto,
} from '../../oidc/kept-request.ts'
import { isSessionNotFound, type Oidc } from '../../oidc/provider.ts'
import { OtherBrowser } from '../../oidc/seat.ts'
import type { ErrorPages } from '../errors.ts'
import type { Fields } from '../form.ts'
import { chosenLanguage } from '../language.ts'
import type { Pages } from '../page.ts'

export interface GonePages {
  /** Begins the request of the page that is gone again; throws the fault on where nothing of it is known. */
  goOn(ctx: RouterContext, fault: unknown): Promise<void>
  /**
   * The page as it was left open, for a form that can still be answered: that of the password, **Cancel**, **Not you?**.
   * Undefined for any other.
   */
  reopen(ctx: RouterContext, fields: Fields): Promise<Interaction | undefined>
  /** The pages of this sitting are in the language that was picked on one of them, also when they are gone. */
  speak(ctx: RouterContext, locale: Locale): void
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
    how: Pick<Continuation, 'result' | 'other'> = {},
  ): Promise<void> {
    // The page that was asked for is not the one to be forgotten.
    turnInto(ctx.req, query, { kept: { ...kept, sittings: [...kept.sittings, ctx.params.uid ?? ''] }, ...how })
    ctx.respond = false
    await oidc.handle(ctx.req, ctx.res)
  }

  function find(ctx: RouterContext): KeptRequest | undefined {
    const kept = requests.find(ctx, ctx.params.uid ?? '')
    return kept && { ...kept, locale: chosenLanguage(ctx) ?? kept.locale }
  }

  return {
    async goOn(ctx, fault) {
      const kept = find(ctx)
      if (!kept) throw fault
      const query = restartable(kept, now)
      if (query !== undefined)
        return beginAgain(ctx, query, afterForm(kept, ctx.state.fields), { other: ctx.query.account === 'other' })
      const uiLocales = kept.locale
      const application = clients.find(kept.client)
      const home = application?.loginUri && {
        href: beginningOf(application.loginUri, issuer),
        name: application.metadata.client_name,
      }
      if (kept.answered && home) return pages.onward(ctx, home.href, { name: home.name, uiLocales })
      errors.show(ctx, { code: 'interaction-expired', status: 400, home: home || undefined, uiLocales })
    },

    async reopen(ctx, fields) {
      const { uid = '', prompt = '' } = ctx.params
      const kept = find(ctx)
      const query = kept && restartable(kept, now)
      const leaves = fields.action === 'cancel' || (fields.action === 'switch' && prompt !== 'select_account')
      if (!kept || query === undefined || (prompt !== 'login' && !leaves)) return undefined
      return reopen(oidc, { uid, prompt, kept, beginAgain: (result) => beginAgain(ctx, query, kept, { result }) })
    },

    speak(ctx, locale) {
      const kept = requests.find(ctx, ctx.params.uid ?? '')
      if (kept) requests.keep(ctx, { ...kept, locale })
    },
  }
}

/** Who puts the wizard off on a page that is gone is not asked for a password to go on with it. */
function afterForm(kept: KeptRequest, fields: Fields | undefined): KeptRequest {
  return fields?.step === 'later' ? putOff(kept) : kept
}

/** OpenID Connect Core 1.0 section 4. */
function beginningOf(loginUri: string, issuer: string): string {
  const address = new URL(loginUri)
  address.searchParams.set('iss', issuer)
  return address.href
}
