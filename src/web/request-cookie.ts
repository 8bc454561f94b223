/**
 * The cookie with the last few authorization requests of this browser (oidc/kept-request.ts), sealed for its seat. One for
 * all of its tabs, so it has a size, and the oldest make room.
 */
import { z } from 'zod'
import { digest, type Sealer } from '../lib/crypto.ts'
import type { KeptRequest, KeptRequests } from '../oidc/kept-request.ts'
import type { CookieJar } from './cookies.ts'
import type { SeatCookie } from './seat-cookie.ts'

/** Those that are told apart; who has more tabs than these left open begins at the application again. */
const MOST = 8
/** Browsers keep no more than 4096 octets of one cookie (RFC 6265 section 6.1), name and attributes included. */
const LONGEST = 3600

const shape = z.array(
  z.object({
    sittings: z.array(z.string()),
    prompt: z.string(),
    client: z.string(),
    query: z.string().optional(),
    email: z.string().optional(),
    locale: z.string().optional(),
    whose: z.string().optional(),
    later: z.string().optional(),
    at: z.number(),
    answered: z.boolean().optional(),
  }),
)

export function requestCookie(cookies: CookieJar, seats: Pick<SeatCookie, 'of' | 'take'>, seal: Sealer): KeptRequests {
  type Context = Parameters<KeptRequests['find']>[0]

  const recordOf = (seat: string) => `cookie/requests/${digest(seat)}`

  function list(ctx: Context): KeptRequest[] {
    if (ctx.state.requests) return ctx.state.requests
    const sealed = cookies.get(ctx, 'requests')
    const seat = seats.of(ctx)
    if (!sealed || seat === undefined) return []
    try {
      ctx.state.requests = shape.parse(JSON.parse(seal.open(sealed, recordOf(seat))))
      return ctx.state.requests
    } catch {
      // Tampered with, of another browser, or sealed with a key that is gone: as good as not there.
      return []
    }
  }

  return {
    find: (ctx, sitting) => list(ctx).find(({ sittings }) => sittings.includes(sitting)),
    keep(ctx, request) {
      const others = list(ctx).filter(({ sittings }) => !sittings.some((uid) => request.sittings.includes(uid)))
      const record = recordOf(seats.take(ctx))
      let kept = [request, ...others].slice(0, MOST)
      let sealed = seal.seal(JSON.stringify(kept), record)
      while (sealed.length > LONGEST && kept.length > 0) {
        kept = lighter(kept)
        sealed = seal.seal(JSON.stringify(kept), record)
      }
      ctx.state.requests = kept
      cookies.set(ctx, 'requests', sealed)
    },
  }
}

/** Without the parameters of the oldest that has them, for which application it was is still worth knowing; or without it. */
function lighter(kept: KeptRequest[]): KeptRequest[] {
  const oldest = kept.findLastIndex(({ query }) => query !== undefined)
  if (oldest < 0) return kept.slice(0, -1)
  return kept.map((request, index) => (index === oldest ? { ...request, query: undefined } : request))
}
