/**
 * The pages that set two-step verification up, and the ones that make up for a used backup code: what each button does.
 * Every one answers with the page that is due then (enroll-due.ts), as a GET.
 */

import type { RouterContext } from '@koa/router'
import { type Clock, seconds } from '../../lib/time.ts'
import type { Confirmed, Stage, Wizard } from '../../mfa/enrollment.ts'
import type { PasskeyOffers } from '../../mfa/passkey-offers.ts'
import type { SmsCodes } from '../../mfa/sms.ts'
import type { Account } from '../../person/account.ts'
import { HELD_FACTORS } from '../../person/held-code.ts'
import { APP } from '../../person/second-factor.ts'
import { codeFault } from '../code-fault.ts'
import { agentName } from '../device-cookie.ts'
import { type Failure, failureOf, notSent } from '../failure.ts'
import type { Fields } from '../form.ts'
import {
  BEFORE,
  backupUsed,
  type DuePagesParts,
  duePages,
  type EnrollSitting,
  isAfter,
  isBefore,
  owesBackup,
  takesPasskey,
} from './enroll-due.ts'
import { asksForPasskey, passkeyPages } from './enroll-passkey.ts'
import type { PromptPages } from './interaction.ts'

export interface EnrollPagesParts extends DuePagesParts {
  offers: PasskeyOffers
  sms: SmsCodes
  /** Ends everything that was signed in as this account but the session with this uid. */
  endOthers: (ctx: RouterContext, account: Account, session: string) => Promise<void>
  now: Clock
}

type Step = (ctx: RouterContext, sitting: EnrollSitting, fields: Fields) => Promise<void>

type Move = Partial<Wizard> & { stage: Stage }

export function enrollPages(parts: EnrollPagesParts): PromptPages {
  const { enrollments, sms, sittings, now } = parts
  const { open, show } = duePages(parts)
  const passkeyOnly = passkeyPages({ ...parts, confirm: confirmPasskey })

  const steps = new Map<string, Step>(
    Object.entries({
      enable: begin,
      later: postpone,
      'app:company': (ctx, sitting) => choose(ctx, sitting, 'company'),
      'app:other': (ctx, sitting) => choose(ctx, sitting, 'other'),
      name: nameEntry,
      scanned: nameEntry,
      back: (ctx, sitting) => move(ctx, sitting, { stage: sitting.wizard?.stage === 'code' ? 'scan' : 'app' }),
      code: confirm,
      passkey: confirmPasskey,
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
      // A script has sent it, not a button.
      const step = steps.get(fields.step ?? (fields.registration ? 'passkey' : ''))
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

  async function confirm(ctx: RouterContext, sitting: EnrollSitting, { code = '' }: Fields): Promise<void> {
    const fault = isBefore(sitting.wizard) && sitting.wizard.secret ? codeFault(code, [6]) : undefined
    if (fault) return show(ctx, atCode(sitting), fault)
    await confirmed(ctx, atCode(sitting), await enrollments.confirm(sitting.requester, code))
  }

  /** Made in the place of an app, on the page where one is chosen. */
  async function confirmPasskey(ctx: RouterContext, sitting: EnrollSitting, fields: Fields): Promise<void> {
    const { interaction, requester, wizard } = sitting
    if (!isBefore(wizard) || !takesPasskey(interaction)) return sittings.again(ctx, interaction)
    const agent = agentName(ctx.get('User-Agent'))
    const made = await enrollments.confirmPasskey(requester, fields.registration ?? '', agent)
    await confirmed(ctx, sitting, made, 'passkey')
  }

  /** Whatever was set up. */
  async function confirmed(
    ctx: RouterContext,
    sitting: EnrollSitting,
    confirmed: Confirmed,
    of?: 'passkey',
  ): Promise<void> {
    if (confirmed.ok) {
      const { account } = sitting.requester
      const { session = '' } = sitting.interaction
      // Unless another tab was here before: what was signed in without this factor ends.
      if (sitting.wizard?.provenAt === undefined) await parts.endOthers(ctx, account, session)
      return sittings.again(ctx, sitting.interaction)
    }
    const takenOver =
      confirmed.reason === 'not-allowed' && HELD_FACTORS.some((factor) => sitting.requester.holding[factor])
    if (confirmed.reason === 'expired' || takenOver) return sittings.again(ctx, sitting.interaction)
    if (asksForPasskey(sitting)) return passkeyOnly.show(ctx, sitting, failureOf(confirmed, now()))
    await show(ctx, sitting, { ...failureOf(confirmed, now()), ...(of && { of }) })
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
    // The code that turned the app on was a second factor, proven in this session; one that was typed since counts for more.
    // A passkey has proven nothing by being made.
    const provenAt = Math.max(seconds(wizard.provenAt ?? 0), interaction.earlier.proofs?.[APP] ?? 0)
    const proofs = wizard.provenAt === undefined || wizard.passkey ? {} : { [APP]: provenAt }
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

/** On the page that asks for the code, whichever the wizard is at. */
function atCode(sitting: EnrollSitting): EnrollSitting {
  return { ...sitting, wizard: sitting.wizard && { ...sitting.wizard, stage: 'code' } }
}
