/**
 * Where somebody was going who forgot their password: the page of the sign-in that they came from is named in the address,
 * what its browser kept of it (oidc/kept-request.ts) says which application that was, and the mailed link brings it back.
 */
import type { RouterContext } from '@koa/router'
import type { Clients } from '../../client/client.ts'
import type { Locale } from '../../lib/locales.ts'
import type { Clock } from '../../lib/time.ts'
import { asAnswered, type KeptRequests, restartable } from '../../oidc/kept-request.ts'
import type { LinkOrigin } from '../../person/link.ts'
import { chosenLanguage } from '../language.ts'
import type { RememberedAddresses } from '../sign-in/remembered-addresses.ts'

export interface Origins {
  /** The sign-in that this page was opened from, if it is one of this browser. */
  of(ctx: RouterContext): (LinkOrigin & { email: string }) | undefined
  /**
   * The language of that sign-in, or of the one that the link was asked from; what is picked on this page is its language
   * from now on.
   */
  locale(ctx: RouterContext, origin?: LinkOrigin): Locale | undefined
  /** The address that is meant, as far as the browser knows. */
  email(ctx: RouterContext): string
  /** Where a sign-in to the application begins. */
  begin(origin: LinkOrigin | undefined): string
  /** Where somebody with this address goes on to sign in. */
  onward(ctx: RouterContext, origin: LinkOrigin | undefined, email: string): string
}

export interface OriginsParts {
  requests: KeptRequests
  clients: Pick<Clients, 'find'>
  remembered: Pick<RememberedAddresses, 'list'>
  /** Where a sign-in begins that nobody knows the application of. */
  home: () => string
  now: Clock
}

export function origins({ requests, clients, remembered, home, now }: OriginsParts): Origins {
  function of(ctx: RouterContext): (LinkOrigin & { email: string }) | undefined {
    const { from } = ctx.query
    const kept = typeof from === 'string' ? requests.find(ctx, from) : undefined
    if (typeof from !== 'string' || !kept) return undefined
    const hint = new URLSearchParams(kept.query).get('login_hint')
    return { client: kept.client, sitting: from, email: kept.email ?? hint ?? '' }
  }

  function begin(origin: LinkOrigin | undefined): string {
    return clients.find(origin?.client ?? '')?.loginUri ?? home()
  }

  /** Anybody can ask for a link from such an application's sign-in. An address is told to it when its owner agrees. */
  function isOthers(origin: LinkOrigin | undefined): boolean {
    return clients.find(origin?.client ?? '')?.metadata.first_party === false
  }

  return {
    of,
    begin,
    locale(ctx, origin = of(ctx)) {
      const kept = origin && requests.find(ctx, origin.sitting)
      const picked = chosenLanguage(ctx)
      if (kept && picked !== undefined) requests.keep(ctx, { ...kept, locale: picked })
      return picked ?? kept?.locale
    },
    email: (ctx) => of(ctx)?.email || remembered.list(ctx)[0] || '',
    onward(ctx, origin, email) {
      const kept = origin && requests.find(ctx, origin.sitting)
      const query = kept && restartable(kept, now)
      if (!kept || query === undefined) return isOthers(origin) ? begin(origin) : withHint(begin(origin), email)
      // It goes on from here, and not once more from the page that was left.
      requests.keep(ctx, asAnswered(kept))
      const asked = new URLSearchParams(query)
      asked.set('login_hint', email)
      return `/auth?${asked}`
    },
  }
}

/** Third-party initiated login (OpenID Connect Core 1.0 section 4). */
function withHint(address: string, email: string): string {
  const begin = new URL(address)
  begin.searchParams.set('login_hint', email)
  return begin.href
}
