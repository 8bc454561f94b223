/**
 * How often the pages behind links may be used within a minute; people type, robots do not stop.
 *
 * A whole company comes from one address on the day that its people are invited. So whoever holds a link is counted by
 * that link, for nobody guesses 256 bits; only what no link stands behind is counted by its address. The link is looked
 * up first, which costs a refused request the one look that every page of a link costs. What a link can be used for is
 * bounded elsewhere besides: one password is hashed by it, and mails to one account have a limit of their own.
 */
import type { RouterContext } from '@koa/router'
import type { Links } from '../../accounts/links.ts'
import { AppError } from '../../lib/errors.ts'
import type { Networks } from '../../lib/network.ts'
import type { Throttle } from '../../lib/throttle.ts'
import { MINUTE, SECOND } from '../../lib/time.ts'
import { factsOf } from '../request.ts'

/** Judgments of a password, and requests for another link. */
const PER_MINUTE = {
  judge: { link: 60, address: 120 },
  request: { link: 10, address: 30 },
}

export interface LinkLimitsParts {
  links: Pick<Links, 'find'>
  throttle: Throttle
  networks: Networks
}

/** Rejects with `too-many-requests`. */
export type LinkLimit = (ctx: RouterContext, door: keyof typeof PER_MINUTE, token: string) => Promise<void>

export function linkLimit({ links, throttle, networks }: LinkLimitsParts): LinkLimit {
  return async (ctx, door, token) => {
    const found = token === '' ? undefined : await links.find(token)
    const { link, address } = PER_MINUTE[door]
    const spent = found
      ? await throttle.window(`${door}/link/${found.link.digest}`, { most: link, window: MINUTE })
      : await throttle.window(`${door}/${networks(factsOf(ctx.req).ip).address}`, { most: address, window: MINUTE })
    if (spent.ok) return
    throw new AppError('too-many-requests', `too many requests at ${door}`, {
      status: 429,
      retryAfter: MINUTE / SECOND,
    })
  }
}
