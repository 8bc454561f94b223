/**
 * Which page of setting up is due: the wizard's own stage, or where this prompt begins. What the page shows is
 * enroll-stages.ts's work, what its buttons do enroll.ts's.
 */

import type { RouterContext } from '@koa/router'
import { findPerson } from '../../accounts/people.ts'
import { AppError } from '../../lib/errors.ts'
import type { Clock } from '../../lib/time.ts'
import type { Standing } from '../../mfa/campaign.ts'
import type { EnrollingRequester, Enrollments, Owed, Stage, Wizard } from '../../mfa/enrollment.ts'
import { type Passkeys, usableOf } from '../../mfa/passkeys.ts'
import { BUILT_IN } from '../../oidc/built-in-records.ts'
import type { Interaction } from '../../oidc/interaction.ts'
import type { Account } from '../../person/account.ts'
import type { Authenticator } from '../../person/authenticator.ts'
import { HELD_FACTORS, stillHeld } from '../../person/held-code.ts'
import type { People } from '../../person/kind.ts'
import type { PersonRecord } from '../../person/person.ts'
import { PASSKEY } from '../../person/second-factor.ts'
import { isPhone } from '../device-cookie.ts'
import { type Failure, statusOf } from '../failure.ts'
import type { Fields } from '../form.ts'
import { signalsOf } from '../passkey-signals.ts'
import { sourceOf } from '../request.ts'
import type { StagePages } from './enroll-stages.ts'
import type { Sittings } from './interaction.ts'

export interface DuePagesParts {
  people: Pick<People, 'find'>
  enrollments: Enrollments
  passkeys: Passkeys
  standing: (account: Account) => Standing
  /** It is required of them for a role. */
  forRole: (account: Account) => boolean
  sittings: Sittings
  stages: StagePages
  /** Whether there are several apps to choose from. */
  choosesApp: boolean
  now: Clock
}

type OfferReason = 'campaign' | 'role' | 'client' | 'lost' | 'own'

/** One person with the wizard in one interaction. */
export interface EnrollSitting {
  interaction: Interaction
  requester: EnrollingRequester
  wizard: Wizard | undefined
}

export interface DuePages {
  /** Undefined, and answered, where a code that led here is held by another session now. */
  open(ctx: RouterContext, interaction: Interaction): Promise<EnrollSitting | undefined>
  /** Shows the page that is due, with what was typed and why it was refused. */
  show(ctx: RouterContext, sitting: EnrollSitting, error?: Failure, typed?: Fields): Promise<void>
}

/** The pages before the act; those for a number come after it, and are over when the backup code is shown. */
export const BEFORE: Stage[] = ['app', 'scan', 'code', 'passkey']

export function isBefore(wizard: Wizard | undefined): wizard is Wizard {
  return wizard !== undefined && wizard.provenAt === undefined && BEFORE.includes(wizard.stage)
}

export function isAfter(wizard: Wizard | undefined): wizard is Wizard {
  return wizard?.provenAt !== undefined && ['sms', 'sms-code'].includes(wizard.stage)
}

export function duePages(parts: DuePagesParts): DuePages {
  const { people, enrollments, passkeys, standing, forRole, sittings, stages, choosesApp, now } = parts
  return { open, show }

  async function open(ctx: RouterContext, interaction: Interaction): Promise<EnrollSitting | undefined> {
    const person = await findPerson(people, interaction.accountId ?? '')
    const { account } = person
    if (!account || !interaction.session) throw new Error('an enrollment without a session')
    // What is set up counts in the epoch that the session was found in, and in no later one.
    if (account.epoch !== interaction.epoch)
      throw new AppError('interaction-expired', 'the session of this wizard has ended', { status: 400 })
    const holding = stillHeld(person, { by: interaction.session, holding: interaction.holding }, now())
    const requester: EnrollingRequester = {
      account,
      session: interaction.session,
      browser: interaction.browser,
      proven: (await interaction.provenSecondAt()) !== undefined,
      holding,
      beside: isBeside(interaction, usableOf(passkeys, person)),
      source: sourceOf(ctx),
    }
    const sitting = { interaction, requester, wizard: hereOf(interaction, await enrollments.find(requester)) }
    if (!isTakenOver(sitting, person)) {
      const chosen = choosesApp || sitting.wizard?.stage !== 'app'
      return chosen ? sitting : { ...sitting, wizard: await enrollments.choose(requester, 'other') }
    }
    // What this session has proven is for the policy to say once more.
    await sittings.finish(ctx, interaction, { enroll: {} })
    return undefined
  }

  async function show(ctx: RouterContext, sitting: EnrollSitting, error?: Failure, typed: Fields = {}): Promise<void> {
    const stage = sitting.wizard?.stage
    if (stage !== undefined) return showStage(ctx, sitting, stage, error, typed)
    const backup = sitting.interaction.reasons.includes('backup')
    const owed = await enrollments.owed(sitting.requester)
    // Another tab did what this page is for. What that is worth here is the policy's to say.
    if (!(backup ? owesBackup(sitting, owed) : owed.factor))
      return sittings.finish(ctx, sitting.interaction, { enroll: {} })
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
    const { account } = requester
    const creation = async () => (takesPasskey(interaction) ? enrollments.creation(requester) : undefined)
    const phone = isPhone(ctx.get('User-Agent'))
    const asking = () => wizard && enrollments.askPasskey(requester, wizard)
    const { view, data } = await stages(stage, { wizard, account, locale, typed, error, creation, asking, phone })
    // After a lost phone there are passkeys left in pickers that open nothing any more; on no page that asks for one itself.
    const signals = stage === 'done' ? await signalsOf(passkeys, account) : []
    page(ctx, sitting, view, { ...data, signals }, error)
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

  /** The true reason, by what the person can understand it from. */
  function whyRequired({ interaction, requester }: EnrollSitting, old: string[]): OfferReason {
    const { account, holding } = requester
    // They had one, and what is left of it was brought from nowhere: the phone is lost.
    if (holding.temporary !== undefined || (account.enrolledAt !== undefined && old.length === 0)) return 'lost'
    if (forRole(account)) return 'role'
    if (standing(account).campaign === 'required') return 'campaign'
    return interaction.client.id === BUILT_IN.account ? 'own' : 'client'
  }

  async function showOffer(ctx: RouterContext, sitting: EnrollSitting, { old }: Owed): Promise<void> {
    const { interaction, requester } = sitting
    const { deadline } = standing(requester.account)
    const optional = interaction.reasons.includes('offer')
    const reason = optional ? 'campaign' : whyRequired(sitting, old)
    page(ctx, sitting, 'enroll/offer', {
      optional,
      deadline: optional ? deadline : undefined,
      reason,
      old,
      cancel: !optional,
      signals: await signalsOf(passkeys, requester.account),
    })
  }
}

/** A passkey would lead nowhere with an application that takes none. */
export function takesPasskey({ client }: Interaction): boolean {
  return client.secondFactors.includes(PASSKEY)
}

/** A passkey that waits is no step on the way to an application that takes none: there, an app is chosen. */
function hereOf(interaction: Interaction, wizard: Wizard | undefined): Wizard | undefined {
  return wizard?.stage === 'passkey' && !takesPasskey(interaction) ? { ...wizard, stage: 'app' } : wizard
}

/** What they have is good, and the application takes none of it. Whether they may add to it, the policy has said. */
function isBeside({ client, reasons }: Interaction, usable: Authenticator[]): boolean {
  const taken = usable.some(({ kind }) => client.secondFactors.includes(kind))
  return reasons.includes('enroll') && usable.length > 0 && !taken
}

/** The backup code is the second step of this session: only then may what was set up before be replaced. */
export function backupUsed({ interaction, requester }: EnrollSitting): boolean {
  return interaction.reasons.includes('backup') && requester.holding.backup !== undefined
}

/** The one that was used is good until another was saved. */
export function owesBackup({ requester }: EnrollSitting, owed: Owed): boolean {
  return owed.backup || requester.holding.backup !== undefined
}

/** A code that led here is held by another session now, or spent by it; not by what was just set up here. */
function isTakenOver({ interaction, requester, wizard }: EnrollSitting, { backup }: PersonRecord): boolean {
  if (wizard?.provenAt !== undefined || wizard?.stage === 'done') return false
  if (wizard?.backup !== undefined && wizard.backup.id === backup?.id) return false
  return HELD_FACTORS.some((factor) => interaction.holding[factor] !== requester.holding[factor])
}
