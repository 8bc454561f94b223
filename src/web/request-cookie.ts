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
/**
 * Characters of the sealed value. Browsers keep no more than 4096 octets of one cookie (RFC 6265 section 6.1), and some
 * proxies take no more than that for all headers of an answer; the others need a third of it.
 */
const LONGEST = 2750

const NAME = 16

/** Names a sitting among those of one browser, in 96 bits. By all of its id: whatever else begins like it is no address of it. */
const short = (sitting: string) => (sitting.length === NAME ? sitting : digest(sitting).slice(0, NAME))

const shape = z.array(
  z.object({
    sittings: z.array(z.string().transform(short)),
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
    find: (ctx, sitting) => list(ctx).find(({ sittings }) => sittings.includes(short(sitting))),
    keep(ctx, given) {
      const named = given.sittings.map(short)
      const request = { ...given, sittings: named.filter((sitting, at) => named.lastIndexOf(sitting) === at) }
      const others = list(ctx).filter(({ sittings }) => !sittings.some((sitting) => named.includes(sitting)))
      const record = recordOf(seats.take(ctx))
      const kept = fitting([request, ...others].slice(0, MOST))
      ctx.state.requests = kept
      cookies.set(ctx, 'requests', seal.seal(JSON.stringify(kept), record))
    },
  }
}

/** What there is room for. The parameters of the oldest go first, for which application it was is still worth knowing. */
function fitting([latest, ...others]: KeptRequest[]): KeptRequest[] {
  if (!latest) return []
  const kept = [latest, ...others]
  if (fits(kept)) return kept
  if (latest.query !== undefined && !fits([latest])) return fitting([{ ...latest, query: undefined }, ...others])
  const oldest = others.findLastIndex(({ query }) => query !== undefined)
  if (oldest < 0) return fitting(kept.slice(0, -1))
  return fitting([latest, ...others.map((other, at) => (at === oldest ? { ...other, query: undefined } : other))])
}

/** Sealed, it has nonce, tag and the name of a key with it, in base64url. */
function fits(kept: KeptRequest[]): boolean {
  return (Buffer.byteLength(JSON.stringify(kept)) + 28) * (4 / 3) + 40 <= LONGEST
}
