/**
 * The buttons that lead up to the act of the wizard: a code of the app, a passkey that was just made, and what that passkey
 * signs. Whatever was set up, what comes after it is the same.
 */
import type { RouterContext } from '@koa/router'
import type { Clock } from '../../lib/time.ts'
import type { Confirmed, Enrollments, Stage } from '../../mfa/enrollment.ts'
import type { Account } from '../../person/account.ts'
import { HELD_FACTORS } from '../../person/held-code.ts'
import { codeFault } from '../code-fault.ts'
import { agentName } from '../device-cookie.ts'
import { type Failure, failureOf } from '../failure.ts'
import type { Fields } from '../form.ts'
import { type EnrollSitting, isBefore, takesPasskey } from './enroll-due.ts'
import type { Sittings } from './interaction.ts'

export interface ConfirmStepsParts {
  enrollments: Enrollments
  sittings: Sittings
  /** Ends everything that was signed in as this account but the session with this uid. */
  endOthers: (ctx: RouterContext, account: Account, session: string) => Promise<void>
  /** The page that is due, with why it was refused. */
  show: (ctx: RouterContext, sitting: EnrollSitting, failure: Failure) => Promise<void>
  now: Clock
}

type Step = (ctx: RouterContext, sitting: EnrollSitting, fields: Fields) => Promise<void>

export function confirmSteps(parts: ConfirmStepsParts): Record<'code' | 'passkey' | 'assertion', Step> {
  const { enrollments, sittings, show, now } = parts

  async function refuse(
    ctx: RouterContext,
    sitting: EnrollSitting,
    refused: Extract<Confirmed, { ok: false }>,
    of?: 'passkey',
  ): Promise<void> {
    const takenOver =
      refused.reason === 'not-allowed' && HELD_FACTORS.some((factor) => sitting.requester.holding[factor])
    if (refused.reason === 'expired' || takenOver) return sittings.again(ctx, sitting.interaction)
    await show(ctx, sitting, { ...failureOf(refused, now()), ...(of && { of }) })
  }

  async function confirmed(ctx: RouterContext, sitting: EnrollSitting, confirmed: Confirmed): Promise<void> {
    if (!confirmed.ok) return refuse(ctx, sitting, confirmed)
    const { account } = sitting.requester
    const { session = '' } = sitting.interaction
    // Unless another tab was here before: what was signed in without this factor ends.
    if (sitting.wizard?.provenAt === undefined) await parts.endOthers(ctx, account, session)
    sittings.again(ctx, sitting.interaction)
  }

  return {
    async code(ctx, sitting, { code = '' }) {
      const fault = isBefore(sitting.wizard) && sitting.wizard.secret ? codeFault(code, [6]) : undefined
      if (fault) return show(ctx, at('code', sitting), fault)
      await confirmed(ctx, at('code', sitting), await enrollments.confirm(sitting.requester, code))
    },

    /** Made in the place of an app, on the page where one is chosen. */
    async passkey(ctx, sitting, { registration = '' }) {
      const { interaction, requester, wizard } = sitting
      if (!isBefore(wizard) || !takesPasskey(interaction)) return sittings.again(ctx, interaction)
      const kept = await enrollments.keepPasskey(requester, registration, agentName(ctx.get('User-Agent')))
      if (!kept.ok) return refuse(ctx, sitting, kept, 'passkey')
      sittings.again(ctx, interaction)
    },

    async assertion(ctx, sitting, { assertion = '' }) {
      const { interaction, requester, wizard } = sitting
      if (!isBefore(wizard) || !takesPasskey(interaction)) return sittings.again(ctx, interaction)
      await confirmed(ctx, at('passkey', sitting), await enrollments.confirmPasskey(requester, assertion))
    },
  }
}

/** On the page that asks for this, whichever the wizard is at. */
function at(stage: Stage, sitting: EnrollSitting): EnrollSitting {
  return { ...sitting, wizard: sitting.wizard && { ...sitting.wizard, stage } }
}
