/**
 * The pages that set two-step verification up, and the ones that make up for a used backup code: what each button does.
 * Every one answers with the page that is due then (enroll-due.ts), as a GET.
 */

import type { RouterContext } from '@koa/router'
import { seconds } from '../../lib/time.ts'
import type { Stage, Wizard } from '../../mfa/enrollment.ts'
import type { PasskeyOffers } from '../../mfa/passkey-offers.ts'
import type { SmsCodes } from '../../mfa/sms.ts'
import { HELD_FACTORS } from '../../person/held-code.ts'
import { APP, PASSKEY } from '../../person/second-factor.ts'
import { codeFault } from '../code-fault.ts'
import { type Failure, failureOf, notSent } from '../failure.ts'
import type { Fields } from '../form.ts'
import { type ConfirmStepsParts, confirmSteps } from './enroll-confirm.ts'
import {
  BEFORE,
  backupUsed,
  type DuePagesParts,
  duePages,
  type EnrollSitting,
  isAfter,
  isBefore,
  owesBackup,
} from './enroll-due.ts'
import { asksForPasskey, passkeyPages } from './enroll-passkey.ts'
import type { PromptPages } from './interaction.ts'

export interface EnrollPagesParts extends DuePagesParts, Pick<ConfirmStepsParts, 'endOthers'> {
  offers: PasskeyOffers
  sms: SmsCodes
}

type Step = (ctx: RouterContext, sitting: EnrollSitting, fields: Fields) => Promise<void>

type Move = Partial<Wizard> & { stage: Stage }

export function enrollPages(parts: EnrollPagesParts): PromptPages {
  const { enrollments, sms, sittings, now } = parts
  const { open, show } = duePages(parts)
  const confirming = confirmSteps({
    ...parts,
    show: (ctx, sitting, failure) =>
      asksForPasskey(sitting) ? passkeyOnly.show(ctx, sitting, failure) : show(ctx, sitting, failure),
  })
  const passkeyOnly = passkeyPages({ ...parts, keep: confirming.passkey })

  const steps = new Map<string, Step>(
    Object.entries({
      enable: begin,
      later: postpone,
      'app:company': (ctx, sitting) => choose(ctx, sitting, 'company'),
      'app:other': (ctx, sitting) => choose(ctx, sitting, 'other'),
      name: nameEntry,
      scanned: nameEntry,
      back: (ctx, sitting) => move(ctx, sitting, { stage: sitting.wizard?.stage === 'code' ? 'scan' : 'app' }),
      ...confirming,
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
    async show(ctx, interaction) {
      const sitting = await open(ctx, interaction)
      if (sitting) await (asksForPasskey(sitting) ? passkeyOnly.show(ctx, sitting) : show(ctx, sitting))
    },
    async answer(ctx, interaction, fields) {
      const sitting = await open(ctx, interaction)
      if (!sitting) return
      if (asksForPasskey(sitting)) return passkeyOnly.answer(ctx, sitting, fields)
      const step = steps.get(fields.step ?? scripted(fields))
      if (!step) return sittings.again(ctx, interaction)
      await step(ctx, sitting, fields)
    },
  }

  async function begin(ctx: RouterContext, sitting: EnrollSitting): Promise<void> {
    const { interaction, requester, wizard } = sitting
    const asked = !interaction.reasons.includes('backup') && (await enrollments.owed(requester)).factor
    if (asked && (wizard === undefined || isBefore(wizard))) await enrollments.go(requester, { stage: 'app' })
    sittings.again(ctx, interaction)
  }

  async function lost(ctx: RouterContext, sitting: EnrollSitting): Promise<void> {
    if (sitting.wizard === undefined && backupUsed(sitting))
      await enrollments.go(sitting.requester, { stage: 'app', replacesAll: true })
    sittings.again(ctx, sitting.interaction)
  }

  /** Only forward of the act, or only behind it: a stale page cannot bring back what is done, or skip what is not. */
  async function move(
    ctx: RouterContext,
    { interaction, requester, wizard }: EnrollSitting,
    change: Move,
  ): Promise<void> {
    const fits = BEFORE.includes(change.stage) ? isBefore(wizard) : isAfter(wizard)
    if (fits) await enrollments.go(requester, change)
    sittings.again(ctx, interaction)
  }

  async function choose(
    ctx: RouterContext,
    { interaction, requester, wizard }: EnrollSitting,
    app: 'company' | 'other',
  ): Promise<void> {
    if (isBefore(wizard)) await enrollments.choose(requester, app)
    sittings.again(ctx, interaction)
  }

  /** On to the code, unless the name is another one: then nobody has scanned what the picture says now. */
  async function nameEntry(ctx: RouterContext, sitting: EnrollSitting, fields: Fields): Promise<void> {
    const { interaction, requester, wizard } = sitting
    if (!isBefore(wizard)) return sittings.again(ctx, interaction)
    if (!wizard.secret) return move(ctx, sitting, { stage: 'app' })
    const { step, label = wizard.name ?? '' } = fields
    const named = await enrollments.name(requester, label)
    if (!named.ok && named.reason !== 'expired')
      return show(ctx, { ...sitting, wizard: { ...wizard, stage: 'scan' } }, { reason: named.reason }, { label })
    if (step === 'scanned' && named.ok && !named.changed) return move(ctx, sitting, { stage: 'code' })
    sittings.again(ctx, interaction)
  }

  async function postpone(ctx: RouterContext, { interaction, requester }: EnrollSitting): Promise<void> {
    if (!interaction.reasons.includes('offer')) return sittings.again(ctx, interaction)
    await enrollments.postpone(requester)
    await sittings.finish(ctx, interaction, { enroll: {}, postponed: true })
  }

  async function sendCode(ctx: RouterContext, sitting: EnrollSitting, number: string, country: string): Promise<void> {
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

  async function addNumber(ctx: RouterContext, sitting: EnrollSitting, { code = '' }: Fields): Promise<void> {
    const { interaction, requester, wizard } = sitting
    if (!isAfter(wizard)) return sittings.again(ctx, interaction)
    const refuse = (failure: Failure) => show(ctx, { ...sitting, wizard: { ...wizard, stage: 'sms-code' } }, failure)
    const fault = codeFault(code, [6])
    if (fault) return refuse(fault)
    const added = await sms.add(requester.account, requester.session, code, requester.source)
    if (!added.ok) return refuse(failureOf(added, now()))
    await enrollments.go(requester, { stage: 'backup' })
    sittings.again(ctx, interaction)
  }

  async function renewBackup(ctx: RouterContext, sitting: EnrollSitting): Promise<void> {
    const { interaction, requester, wizard } = sitting
    const owed = interaction.reasons.includes('backup') && owesBackup(sitting, await enrollments.owed(requester))
    if (wizard === undefined && owed) await enrollments.renewBackup(requester)
    sittings.again(ctx, interaction)
  }

  async function saved(ctx: RouterContext, sitting: EnrollSitting, fields: Fields): Promise<void> {
    const { interaction, requester, wizard } = sitting
    if (wizard?.stage !== 'backup') return sittings.again(ctx, interaction)
    // A tab that was opened since made another code: what was saved here is not the one that counts.
    if (fields.made !== wizard.backup?.id) return sittings.again(ctx, interaction)
    if (fields.saved === undefined) return show(ctx, sitting, { reason: 'not-saved' })
    const next = await enrollments.saved(requester)
    // Somebody who only saved a new code is done; the page that congratulates is for what was just turned on.
    if (next?.stage === 'done' && next.provenAt === undefined) return leave(ctx, { ...sitting, wizard: next })
    sittings.again(ctx, interaction)
  }

  async function leave(ctx: RouterContext, { interaction, requester, wizard }: EnrollSitting): Promise<void> {
    if (wizard?.stage !== 'done') return sittings.again(ctx, interaction)
    await enrollments.end(requester)
    // What turned the factor on was a second factor, proven in this session; one that was proven since counts for more.
    const factor = wizard.passkey ? PASSKEY : APP
    const provenAt = Math.max(seconds(wizard.provenAt ?? 0), interaction.earlier.proofs?.[factor] ?? 0)
    const proofs = wizard.provenAt === undefined ? {} : { [factor]: provenAt }
    const epoch = await interaction.sessionEpoch()
    const { holding } = interaction
    const left = HELD_FACTORS.filter((factor) => holding[factor] !== wizard.spent?.[factor])
    const still = Object.fromEntries(left.map((factor) => [factor, holding[factor]]))
    await sittings.finish(ctx, interaction, {
      enroll: {},
      proofs,
      epoch,
      ...(left.length < HELD_FACTORS.length && { holding: still }),
    })
  }
}

/** What a script has sent: no button was pressed. */
function scripted({ registration, assertion }: Fields): string {
  if (registration) return 'passkey'
  return assertion ? 'assertion' : ''
}
