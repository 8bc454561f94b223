/**
 * Which page of setting up is due: the wizard's own stage, or where this prompt begins. What the page shows is
 * enroll-stages.ts's work, what its buttons do enroll.ts's.
 */

import type { RouterContext } from '@koa/router'
import { findAccount } from '../../accounts/people.ts'
import { AppError } from '../../lib/errors.ts'
import type { Standing } from '../../mfa/campaign.ts'
import type { EnrollingRequester, Enrollments, Owed, Stage, Wizard } from '../../mfa/enrollment.ts'
import type { Interaction } from '../../oidc/interaction.ts'
import type { Account } from '../../person/account.ts'
import type { People } from '../../person/kind.ts'
import { type Failure, statusOf } from '../failure.ts'
import type { Fields } from '../form.ts'
import { sourceOf } from '../request.ts'
import type { StagePages } from './enroll-stages.ts'
import type { Sittings } from './interaction.ts'

export interface DuePagesParts {
  people: Pick<People, 'find'>
  enrollments: Enrollments
  standing: (account: Account) => Standing
  sittings: Sittings
  stages: StagePages
}

/** One person with the wizard in one interaction. */
export interface EnrollSitting {
  interaction: Interaction
  requester: EnrollingRequester
  wizard: Wizard | undefined
}

export interface DuePages {
  open(ctx: RouterContext, interaction: Interaction): Promise<EnrollSitting>
  /** Shows the page that is due, with what was typed and why it was refused. */
  show(ctx: RouterContext, sitting: EnrollSitting, error?: Failure, typed?: Fields): Promise<void>
}

/** The pages before the act; those for a number come after it, and are over when the backup code is shown. */
export const BEFORE: Stage[] = ['app', 'scan', 'code']

export function isBefore(wizard: Wizard | undefined): wizard is Wizard {
  return wizard !== undefined && wizard.provenAt === undefined && BEFORE.includes(wizard.stage)
}

export function isAfter(wizard: Wizard | undefined): wizard is Wizard {
  return wizard?.provenAt !== undefined && ['sms', 'sms-code'].includes(wizard.stage)
}

export function duePages({ people, enrollments, standing, sittings, stages }: DuePagesParts): DuePages {
  return { open, show }

  async function open(ctx: RouterContext, interaction: Interaction): Promise<EnrollSitting> {
    const account = interaction.accountId === undefined ? undefined : await findAccount(people, interaction.accountId)
    if (!account || !interaction.session) throw new Error('an enrollment without a session')
    // What is set up counts in the epoch that the session was found in, and in no later one.
    if (account.epoch !== interaction.epoch)
      throw new AppError('interaction-expired', 'the session of this wizard has ended', { status: 400 })
    const requester: EnrollingRequester = {
      account,
      session: interaction.session,
      proven: await interaction.provenSecond(),
      source: sourceOf(ctx),
    }
    const wizard = await enrollments.find(requester)
    // Whoever signed in anew begins anew: a copy of the session of before may have seen the key.
    const outdated = isBefore(wizard) && (wizard.passwordAt ?? 0) < (interaction.passwordAt ?? 0)
    if (outdated) await enrollments.end(requester)
    return { interaction, requester, wizard: outdated ? undefined : wizard }
  }

  async function show(ctx: RouterContext, sitting: EnrollSitting, error?: Failure, typed: Fields = {}): Promise<void> {
    const stage = sitting.wizard?.stage
    if (stage !== undefined) return showStage(ctx, sitting, stage, error, typed)
    const backup = sitting.interaction.reasons.includes('backup')
    const owed = await enrollments.owed(sitting.requester)
    // Another tab did what this page is for. What that is worth here is the policy's to say.
    if (!(backup ? owed.backup : owed.factor)) return sittings.finish(ctx, sitting.interaction, { enroll: {} })
    if (!backup) return showOffer(ctx, sitting, owed)
    if (backupUsed(sitting)) return page(ctx, sitting, 'challenge/lost', {})
    const wizard = await enrollments.renewBackup(sitting.requester)
    await showStage(ctx, { ...sitting, wizard }, wizard.stage, error, typed)
  }

  async function showStage(
    ctx: RouterContext,
    sitting: EnrollSitting,
    stage: Stage,
    error?: Failure,
    typed: Fields = {},
  ): Promise<void> {
    const { interaction, requester, wizard } = sitting
    const locale = sittings.locale(ctx, interaction)
    const { view, data } = await stages(stage, { wizard, account: requester.account, locale, typed, error })
    page(ctx, sitting, view, data, error)
  }

  function page(
    ctx: RouterContext,
    { interaction }: EnrollSitting,
    view: string,
    data: Record<string, unknown>,
    error?: Failure,
  ): void {
    const status = error && statusOf(error)
    sittings.page(ctx, interaction, { view, data, status })
  }

  function showOffer(ctx: RouterContext, sitting: EnrollSitting, { old }: Owed): void {
    const { interaction, requester } = sitting
    const { campaign, deadline } = standing(requester.account)
    const optional = interaction.reasons.includes('offer')
    const reason = optional || campaign === 'required' ? 'campaign' : 'client'
    page(ctx, sitting, 'enroll/offer', {
      optional,
      deadline: optional ? deadline : undefined,
      reason,
      old,
      cancel: !optional,
    })
  }
}

/** The backup code was the second step of this request: only then may what was set up before be replaced. */
export function backupUsed({ interaction }: EnrollSitting): boolean {
  return interaction.reasons.includes('backup') && interaction.earlier.proofs?.backup !== undefined
}
