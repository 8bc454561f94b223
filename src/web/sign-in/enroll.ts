/** The pages that set two-step verification up, and the ones that make up for a used backup code. */

import type { RouterContext } from '@koa/router'
import { findAccount } from '../../accounts/people.ts'
import { AppError } from '../../lib/errors.ts'
import { type Clock, seconds } from '../../lib/time.ts'
import type { Standing } from '../../mfa/campaign.ts'
import type { EnrollingRequester, Enrollments, Stage, Wizard } from '../../mfa/enrollment.ts'
import type { SmsCodes } from '../../mfa/sms.ts'
import type { Interaction } from '../../oidc/interaction.ts'
import type { Account } from '../../person/account.ts'
import type { People } from '../../person/kind.ts'
import { APP } from '../../person/second-factor.ts'
import { type Failure, failureOf, notSent, statusOf } from '../failure.ts'
import type { Fields } from '../form.ts'
import { sourceOf } from '../request.ts'
import type { StagePages } from './enroll-stages.ts'
import type { PromptPages, Sittings } from './interaction.ts'

export interface EnrollPagesParts {
  people: Pick<People, 'find'>
  enrollments: Enrollments
  sms: SmsCodes
  standing: (account: Account) => Standing
  sittings: Sittings
  stages: StagePages
  /** Ends everything that was signed in as this account but the session with this uid. */
  endOthers: (ctx: RouterContext, account: Account, session: string) => Promise<void>
  now: Clock
}

type Step = (ctx: RouterContext, sitting: Sitting, fields: Fields) => Promise<void>

type Move = Partial<Wizard> & { stage: Stage }

/** The pages before the act; those for a number come after it, and are over when the backup code is shown. */
const BEFORE: Stage[] = ['app', 'scan', 'code']

function isBefore(wizard: Wizard | undefined): wizard is Wizard {
  return wizard !== undefined && wizard.provenAt === undefined && BEFORE.includes(wizard.stage)
}

function isAfter(wizard: Wizard | undefined): wizard is Wizard {
  return wizard?.provenAt !== undefined && ['sms', 'sms-code'].includes(wizard.stage)
}

/** One person with the wizard in one interaction. */
interface Sitting {
  interaction: Interaction
  requester: EnrollingRequester
  wizard: Wizard | undefined
}

export function enrollPages(parts: EnrollPagesParts): PromptPages {
  const { enrollments, sms, sittings, stages, now } = parts

  /** What each button does. Every one answers with the page that is due then, as a GET. */
  const steps = new Map<string, Step>(
    Object.entries({
      enable: begin,
      later: postpone,
      'app:company': (ctx, sitting) => choose(ctx, sitting, 'company'),
      'app:other': (ctx, sitting) => choose(ctx, sitting, 'other'),
      scanned: (ctx, sitting) => move(ctx, sitting, { stage: sitting.wizard?.secret ? 'code' : 'app' }),
      back: (ctx, sitting) => move(ctx, sitting, { stage: sitting.wizard?.stage === 'code' ? 'scan' : 'app' }),
      code: confirm,
      send: (ctx, sitting, { number = '', country = '' }) => sendCode(ctx, sitting, number, country),
      resend: (ctx, sitting) =>
        sendCode(ctx, sitting, sitting.wizard?.sms?.typed ?? '', sitting.wizard?.sms?.country ?? ''),
      number: (ctx, sitting) => move(ctx, sitting, { stage: 'sms' }),
      'sms-code': addNumber,
      skip: (ctx, sitting) => move(ctx, sitting, { stage: 'backup' }),
      saved,
      continue: (ctx, sitting) => leave(ctx, sitting),
      lost,
      kept: renewBackup,
    }),
  )

  return {
    prompt: 'enroll',
    show: async (ctx, interaction) => show(ctx, await open(ctx, interaction)),
    async answer(ctx, interaction, fields) {
      const sitting = await open(ctx, interaction)
      const step = steps.get(fields.step ?? '')
      if (!step) return sittings.again(ctx, interaction)
      await step(ctx, sitting, fields)
    },
  }

  async function open(ctx: RouterContext, interaction: Interaction): Promise<Sitting> {
    const account =
      interaction.accountId === undefined ? undefined : await findAccount(parts.people, interaction.accountId)
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

  /** The page that is due: the wizard's own stage, or where this prompt begins. */
  async function show(ctx: RouterContext, sitting: Sitting, error?: Failure, typed: Fields = {}): Promise<void> {
    const stage = sitting.wizard?.stage
    if (stage !== undefined) return showStage(ctx, sitting, stage, error, typed)
    const backup = sitting.interaction.reasons.includes('backup')
    const owed = await enrollments.owed(sitting.requester)
    // Another tab did what this page is for. What that is worth here is the policy's to say.
    if (!(backup ? owed.backup : owed.factor)) return sittings.finish(ctx, sitting.interaction, { enroll: {} })
    if (!backup) return showOffer(ctx, sitting)
    if (backupUsed(sitting)) return page(ctx, sitting, 'challenge/lost', {})
    const wizard = await enrollments.renewBackup(sitting.requester)
    await showStage(ctx, { ...sitting, wizard }, wizard.stage, error, typed)
  }

  async function showStage(
    ctx: RouterContext,
    sitting: Sitting,
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
    { interaction }: Sitting,
    view: string,
    data: Record<string, unknown>,
    error?: Failure,
  ): void {
    const status = error && statusOf(error)
    sittings.page(ctx, interaction, { view, data, status })
  }

  function showOffer(ctx: RouterContext, sitting: Sitting): void {
    const { interaction, requester } = sitting
    const { campaign, deadline } = parts.standing(requester.account)
    const optional = interaction.reasons.includes('offer')
    const reason = optional || campaign === 'required' ? 'campaign' : 'client'
    page(ctx, sitting, 'enroll/offer', {
      optional,
      deadline: optional ? deadline : undefined,
      reason,
      cancel: !optional,
    })
  }

  /** The backup code was the second step of this request: only then may what was set up before be replaced. */
  function backupUsed({ interaction }: Sitting): boolean {
    return interaction.reasons.includes('backup') && interaction.earlier.proofs?.backup !== undefined
  }

  async function begin(ctx: RouterContext, sitting: Sitting): Promise<void> {
    const { interaction, requester, wizard } = sitting
    const asked = !interaction.reasons.includes('backup') && (await enrollments.owed(requester)).factor
    if (asked && (wizard === undefined || isBefore(wizard)))
      await enrollments.go(requester, { stage: 'app', passwordAt: interaction.passwordAt })
    sittings.again(ctx, interaction)
  }

  async function lost(ctx: RouterContext, sitting: Sitting): Promise<void> {
    if (sitting.wizard === undefined && backupUsed(sitting))
      await enrollments.go(sitting.requester, {
        stage: 'app',
        replacesAll: true,
        passwordAt: sitting.interaction.passwordAt,
      })
    sittings.again(ctx, sitting.interaction)
  }

  /** Only forward of the act, or only behind it: a stale page cannot bring back what is done, or skip what is not. */
  async function move(ctx: RouterContext, { interaction, requester, wizard }: Sitting, change: Move): Promise<void> {
    const fits = BEFORE.includes(change.stage) ? isBefore(wizard) : isAfter(wizard)
    if (fits) await enrollments.go(requester, change)
    sittings.again(ctx, interaction)
  }

  async function choose(
    ctx: RouterContext,
    { interaction, requester, wizard }: Sitting,
    app: 'company' | 'other',
  ): Promise<void> {
    if (isBefore(wizard)) await enrollments.choose(requester, app)
    sittings.again(ctx, interaction)
  }

  async function postpone(ctx: RouterContext, { interaction, requester }: Sitting): Promise<void> {
    if (!interaction.reasons.includes('offer')) return sittings.again(ctx, interaction)
    await enrollments.end(requester)
    await sittings.finish(ctx, interaction, { enroll: {}, postponed: true })
  }

  async function confirm(ctx: RouterContext, sitting: Sitting, { code = '' }: Fields): Promise<void> {
    const confirmed = await enrollments.confirm(sitting.requester, code)
    if (confirmed.ok) {
      const { account } = sitting.requester
      const { session = '' } = sitting.interaction
      // Unless another tab was here before: what was signed in without this factor ends.
      if (sitting.wizard?.provenAt === undefined) await parts.endOthers(ctx, account, session)
      return sittings.again(ctx, sitting.interaction)
    }
    if (confirmed.reason === 'expired') return sittings.again(ctx, sitting.interaction)
    await show(
      ctx,
      { ...sitting, wizard: sitting.wizard && { ...sitting.wizard, stage: 'code' } },
      failureOf(confirmed, now()),
    )
  }

  async function sendCode(ctx: RouterContext, sitting: Sitting, number: string, country: string): Promise<void> {
    const { interaction, requester, wizard } = sitting
    if (!isAfter(wizard)) return sittings.again(ctx, interaction)
    const sent = await sms.sendToNew(requester.account, requester.session, number, country, requester.source)
    if (!sent.ok) {
      const failure = failureOf(sent, now())
      return show(ctx, sitting, wizard.stage === 'sms-code' ? notSent(failure) : failure, { number, country })
    }
    await enrollments.go(requester, {
      stage: 'sms-code',
      sms: { typed: number, country, hint: sent.hint, resendAt: sent.resendAt },
    })
    sittings.again(ctx, interaction)
  }

  async function addNumber(ctx: RouterContext, sitting: Sitting, { code = '' }: Fields): Promise<void> {
    const { interaction, requester, wizard } = sitting
    if (!isAfter(wizard)) return sittings.again(ctx, interaction)
    const added = await sms.add(requester.account, requester.session, code, requester.source)
    if (!added.ok) return show(ctx, { ...sitting, wizard: { ...wizard, stage: 'sms-code' } }, failureOf(added, now()))
    await enrollments.go(requester, { stage: 'backup' })
    sittings.again(ctx, interaction)
  }

  async function renewBackup(ctx: RouterContext, { interaction, requester, wizard }: Sitting): Promise<void> {
    const owed = interaction.reasons.includes('backup') && (await enrollments.owed(requester)).backup
    if (wizard === undefined && owed) await enrollments.renewBackup(requester)
    sittings.again(ctx, interaction)
  }

  async function saved(ctx: RouterContext, sitting: Sitting, fields: Fields): Promise<void> {
    const { interaction, requester, wizard } = sitting
    if (wizard?.stage !== 'backup') return sittings.again(ctx, interaction)
    // A tab that was opened since made another code: what was saved here is not the one that counts.
    if (fields.made !== wizard.backup?.id) return sittings.again(ctx, interaction)
    if (fields.saved === undefined) return show(ctx, sitting, { reason: 'not-saved' })
    const next = await enrollments.saved(requester)
    // Somebody who only saved a new code is done; the page that congratulates is for what was just turned on.
    if (next.stage === 'done' && next.provenAt === undefined) return leave(ctx, { ...sitting, wizard: next })
    sittings.again(ctx, interaction)
  }

  async function leave(ctx: RouterContext, { interaction, requester, wizard }: Sitting): Promise<void> {
    if (wizard?.stage !== 'done') return sittings.again(ctx, interaction)
    await enrollments.end(requester)
    // The code that turned the app on was a second factor, proven in this session.
    const proofs = wizard.provenAt === undefined ? {} : { [APP]: seconds(wizard.provenAt) }
    await sittings.finish(ctx, interaction, { enroll: {}, proofs, epoch: await interaction.sessionEpoch() })
  }
}
