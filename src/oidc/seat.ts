/**
 * The seat: which browser a sitting belongs to. The library knows a sitting by cookies that any sibling domain can set,
 * so an attacker could begin one, plant its cookies in somebody's browser, let them sign in at the genuine page and then
 * resume it elsewhere as them. Here the address names the sitting, and only the browser that began it opens it: a cookie
 * that no other host can set (`__Host-`, RFC 6265bis section 4.1.3.2), whose digest the sitting keeps.
 */
import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider'
import { digest, sameSecret } from '../lib/crypto.ts'

type Context = Pick<KoaContextWithOIDC, 'cookies' | 'state' | 'req' | 'res'>

/** How a browser keeps its seat. What holds the cookie declares it; see web/seat-cookie.ts. */
export interface Seats {
  /** The seat of the browser that sends this request, if it has one. */
  of(ctx: Context): string | undefined
  /** The same, for longer; a browser that has none is given one. */
  take(ctx: Context): string
}

/** The field of a sitting that says whose it is. */
export const SEAT = 'seat'

/** The sitting belongs to another browser. Nothing of it is shown, and nothing in it goes on. */
export class OtherBrowser extends errors.SessionNotFound {
  constructor() {
    super('the interaction was begun by another browser')
  }
}

/** Throws OtherBrowser unless the sitting was begun by the browser that has this seat. */
export function assertSeat(sitting: object, seat: string | undefined): void {
  const taken = (sitting as { [SEAT]?: string })[SEAT]
  if (taken === undefined || seat === undefined || !sameSecret(taken, digestOf(seat))) throw new OtherBrowser()
}

/** Names the browser that has this seat, to whoever keeps something for it. */
export function digestOf(seat: string): string {
  return digest(`seat/${seat}`)
}

interface SittingInternals {
  [SEAT]?: string
  save(ttl: number): Promise<string>
}

/** Every sitting that the provider begins is this browser's, and none that it finds is another's. */
export function seatSittings(provider: Provider, seats: Seats): void {
  const prototype = provider.Interaction.prototype as unknown as SittingInternals
  const save = prototype.save
  prototype.save = function (this: SittingInternals, ttl) {
    const { ctx } = Provider
    if (ctx && this[SEAT] === undefined) this[SEAT] = digestOf(seats.take(ctx))
    return save.call(this, ttl)
  }
  const model = provider.Interaction as unknown as { find(id: string, options?: object): Promise<object | undefined> }
  const find = model.find
  model.find = async function (id, options) {
    const sitting = await find.call(this, id, options)
    // Only within the provider's own routes; our pages ask by assertSeat.
    const { ctx } = Provider
    if (sitting && ctx) assertSeat(sitting, seats.of(ctx))
    return sitting
  }
}

/**
 * Takes the library's cookies of sittings away for this request: none is set, and the one that it asks for says what the
 * address says.
 */
export function nameSittingByAddress(ctx: KoaContextWithOIDC, provider: Provider): void {
  const { cookies } = ctx
  const { get, set } = cookies
  const resume = provider.cookieName('resume')
  const ours = new Set([resume, provider.cookieName('interaction')])
  cookies.get = (name, options) =>
    name === resume ? (ctx as { params?: { uid?: string } }).params?.uid : get.call(cookies, name, options)
  cookies.set = (name, value, options) => (ours.has(name) ? cookies : set.call(cookies, name, value, options))
}
