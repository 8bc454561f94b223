/**
 * The cookie that is the browser's seat (oidc/seat.ts): one for all of its sittings, in however many tabs. It says nothing
 * but itself, and is kept nowhere but in the browser.
 */
import { randomToken } from '../lib/crypto.ts'
import type { Seats } from '../oidc/seat.ts'
import type { CookieJar } from './cookies.ts'

export interface SeatCookie extends Seats {
  /** Whoever uses the browser next gets a seat of their own: a copy of this one opens nothing of theirs. */
  leave(ctx: Parameters<Seats['of']>[0]): void
}

export function seatCookie(cookies: CookieJar): SeatCookie {
  function keep(ctx: Parameters<Seats['of']>[0], seat: string): string {
    cookies.set(ctx, 'seat', seat)
    ctx.state.seat = seat
    return seat
  }

  function of(ctx: Parameters<Seats['of']>[0]): string | undefined {
    const kept: string | undefined = ctx.state.seat ?? cookies.get(ctx, 'seat')
    return kept && /^[\w-]{43}$/.test(kept) ? kept : undefined
  }

  return {
    of,
    // What was given in this very answer is not given twice.
    take: (ctx) => ctx.state.seat ?? keep(ctx, of(ctx) ?? randomToken()),
    leave: (ctx) => void keep(ctx, randomToken()),
  }
}
