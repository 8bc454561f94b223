/**
 * «I can't use any of these»: asking the help desk to be let back in. It stands behind the password, and the account is
 * the one of the sign-in, so nobody files a request for somebody else. Whoever comes back sees the request
 * that is open, and its number again.
 */
import type { RouterContext } from '@koa/router'
import { type Clock, MINUTE, SECOND, seconds, secondsUntil } from '../../lib/time.ts'
import type { Interaction } from '../../oidc/interaction.ts'
import type { Account } from '../../person/account.ts'
import type { Recovery, Requested } from '../../recovery/recovery.ts'
import { statusOf } from '../failure.ts'
import type { Fields } from '../form.ts'
import { sourceOf } from '../request.ts'
import type { Sittings } from './interaction.ts'

export interface RecoveryRequestParts {
  recovery: Pick<Recovery, 'request' | 'open'>
  sittings: Sittings
  now: Clock
}

export interface RecoveryRequest {
  show(ctx: RouterContext, interaction: Interaction, account: Account): Promise<void>
  file(ctx: RouterContext, interaction: Interaction, account: Account, fields: Fields): Promise<void>
}

type Refused = { typed: string; error: { reason: string; seconds?: number } }

/** Longer than what may be said, so that whoever wrote too much gets it back to shorten. */
const MOST_SENT_BACK = 1000
/** Seconds for which a sign-in is enough to ask: whoever finds a session open must not. */
const WINDOW = (10 * MINUTE) / SECOND

export function recoveryRequest({ recovery, sittings, now }: RecoveryRequestParts): RecoveryRequest {
  function mayFile({ justSignedIn, provenAt = 0 }: Interaction): boolean {
    return justSignedIn || seconds(now()) - provenAt <= WINDOW
  }

  async function show(
    ctx: RouterContext,
    interaction: Interaction,
    account: Account,
    refused?: Refused,
  ): Promise<void> {
    const base = `/interaction/${interaction.uid}/challenge`
    const open = await recovery.open(account)
    sittings.page(ctx, interaction, {
      view: 'challenge/none',
      name: 'none',
      status: refused && statusOf(refused.error),
      data: {
        back: `${base}/methods`,
        temporaryHref: `${base}/temporary`,
        again: !mayFile(interaction),
        open: open && { spoken: readOut(open.number), expiresAt: open.expiresAt },
        ...refused,
      },
    })
  }

  return {
    show: (ctx, interaction, account) => show(ctx, interaction, account),
    async file(ctx, interaction, account, { contact = '' }) {
      if (!mayFile(interaction)) return sittings.again(ctx, interaction, 'none')
      const requested = await recovery.request(account, contact, sourceOf(ctx))
      if (requested.ok) return sittings.again(ctx, interaction, 'none')
      const error = errorOf(requested)
      if (error.seconds) ctx.set('Retry-After', String(error.seconds))
      await show(ctx, interaction, account, { typed: contact.slice(0, MOST_SENT_BACK), error })
    },
  }

  function errorOf(refused: Exclude<Requested, { ok: true }>): Refused['error'] {
    if (refused.reason !== 'too-many') return { reason: refused.reason }
    return { reason: refused.reason, seconds: Math.max(1, secondsUntil(refused.retryAt, now())) }
  }
}

/** A case number in two groups, as it is read out on the phone: `4821 7730`. */
export function readOut(number: string): string {
  return number.replace(/(\d{4})(?=\d)/g, '$1 ')
}
