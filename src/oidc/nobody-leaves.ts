/**
 * Signing out where nobody is signed in: there is nothing to end and nothing to ask, so nothing is kept. The library would
 * make a session for a form that posts itself, to hold its secret and where it leads: one for each stranger who asks.
 */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'

interface Made {
  accountId?: string
  destroyed?: boolean
}

export function keepNothingOfNobody(provider: Provider): void {
  const model = provider.Session as unknown as { get(ctx: Partial<KoaContextWithOIDC>): Promise<Made> }
  const get = model.get
  model.get = async function (ctx) {
    const session = await get.call(this, ctx)
    // The library neither saves a session that was ended, nor gives its cookie.
    if (ctx.oidc?.route === 'end_session' && session.accountId === undefined) session.destroyed = true
    return session
  }
}

/** Where such a sign-out leads, which is where the form would; undefined of any other request, and of one with a fault in it. */
export function goodbyeToNobody(ctx: KoaContextWithOIDC): string | undefined {
  const { route, session, params } = ctx.oidc
  if (route !== 'end_session' || ctx.status !== 200 || !session || session.accountId !== undefined) return undefined
  // The library has checked that it is registered.
  const address = params?.post_logout_redirect_uri
  if (typeof address !== 'string') return ctx.oidc.urlFor('end_session_success')
  const goodbye = new URL(address)
  if (typeof params?.state === 'string') goodbye.searchParams.set('state', params.state)
  return goodbye.href
}

/** Whether a browser asks in order to show what it gets: not for an image on some page, say. Old ones do not tell. */
export function isToBeShown(ctx: KoaContextWithOIDC): boolean {
  return ['', 'document'].includes(ctx.get('sec-fetch-dest'))
}
