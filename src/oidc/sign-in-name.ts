/**
 * One name for a whole sign-in, beside the correlation of each request: from the application's request over every page of its
 * sitting to the exchange of the code, and on in the refresh tokens that come of it. It stands in the log and in the trail, so
 * that one filter shows all that belongs together. It is a label: no page and no application is told it, and it opens nothing.
 *
 * Made of no id and no secret: four signs say when, the eight after them are the correlation of the request that began it. So
 * an index of them grows at its end, and nobody finds a sitting, a session or a grant by one.
 *
 * It is kept in what is written and read anyway: the sitting, the pushed request, the code and the refresh token.
 */
import type { IncomingMessage } from 'node:http'
import { Provider } from 'oidc-provider'
import { sourceOf } from '../audit/source.ts'
import { type Clock, SECOND } from '../lib/time.ts'

/** The field that names it. */
export const SIGN_IN = 'signIn'

/** In the order in which they sort. */
const SIGNS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
/** A new beginning so often: four signs are enough for 34 years, and then begin anew. */
const STEP = 1024 * SECOND

/** `correlation` is that of the first request. */
export function signInName(correlation: string, now: number): string {
  let rest = Math.floor(now / STEP)
  let name = correlation
  for (let sign = 0; sign < 4; sign += 1) {
    name = SIGNS[rest % SIGNS.length] + name
    rest = Math.floor(rest / SIGNS.length)
  }
  return name
}

type Kept = { [SIGN_IN]?: string }

/** Whatever this request does from here on belongs to that sign-in. */
export function joinSignIn(request: IncomingMessage | undefined, kept: object | undefined): void {
  const name = (kept as Kept | undefined)?.[SIGN_IN]
  const source = request && sourceOf(request)
  if (source && name !== undefined) source.signIn = name
}

/** For the line of the request in the log. */
export function nameClient(request: IncomingMessage, client: { clientId: string } | undefined): void {
  const source = client && sourceOf(request)
  if (source) source.client = client.clientId
}

interface Model {
  find(id: string, options?: object): Promise<object | undefined>
  prototype: { save(ttl: number): Promise<string> }
}

/** Behind those who decide whether a request may have what it finds: whoever is refused that joins nothing. */
export function nameSignIns(provider: Provider, now: Clock): void {
  const { Interaction, PushedAuthorizationRequest, AuthorizationCode, RefreshToken } = provider
  for (const model of [Interaction, PushedAuthorizationRequest, AuthorizationCode, RefreshToken])
    named(model as unknown as Model, now)
}

function named(model: Model, now: Clock): void {
  const { find } = model
  model.find = async function (id, options) {
    const found = await find.call(this, id, options)
    joinSignIn(Provider.ctx?.req, found)
    return found
  }
  const { save } = model.prototype
  model.prototype.save = function (this: Kept & Model['prototype'], ttl) {
    const source = Provider.ctx && sourceOf(Provider.ctx.req)
    if (source) this[SIGN_IN] ??= source.signIn ??= signInName(source.correlation, now())
    return save.call(this, ttl)
  }
}
