/**
 * The pages that ask for a passkey and nothing else: one that an application lets nobody in without, and one that is
 * offered beside what there is. Whoever has nothing yet sets it up as in the wizard, with a backup code.
 */
import type { RouterContext } from '@koa/router'
import { type Clock, seconds } from '../../lib/time.ts'
import type { Enrollments } from '../../mfa/enrollment.ts'
import type { PasskeyOffers } from '../../mfa/passkey-offers.ts'
import type { Added, Passkeys } from '../../mfa/passkeys.ts'
import { ENROLLMENT_WINDOW } from '../../oidc/assessment.ts'
import { opening } from '../../person/second-factor.ts'
import { agentName } from '../device-cookie.ts'
import { type Failure, statusOf } from '../failure.ts'
import type { Fields } from '../form.ts'
import { type EnrollSitting, isBefore } from './enroll-due.ts'
import type { Sittings } from './interaction.ts'

export interface PasskeyPagesParts {
  passkeys: Passkeys
  offers: PasskeyOffers
  enrollments: Enrollments
  sittings: Sittings
  now: Clock
  /** As the wizard takes one that was just made. */
  keep: (ctx: RouterContext, sitting: EnrollSitting, fields: Fields) => Promise<void>
}

export interface PasskeyPages {
  show(ctx: RouterContext, sitting: EnrollSitting, error?: Failure): Promise<void>
  answer(ctx: RouterContext, sitting: EnrollSitting, fields: Fields): Promise<void>
}

const REASONS: Record<Extract<Added, { ok: false }>['reason'], string> = {
  wrong: 'wrong-code',
  known: 'wrong-code',
  expired: 'stale',
  'too-many': 'too-many',
  gone: 'not-allowed',
}

/** One that was made and waits comes first, and what was turned on in the wizard: its number and its backup code. */
export function asksForPasskey({ interaction, wizard }: EnrollSitting): boolean {
  if (isOffer({ interaction })) return true
  if (!interaction.reasons.includes('enroll-passkey') || wizard?.stage === 'passkey') return false
  return wizard === undefined || isBefore(wizard)
}

function isOffer({ interaction }: Pick<EnrollSitting, 'interaction'>): boolean {
  return interaction.reasons.includes('offer-passkey')
}

export function passkeyPages(parts: PasskeyPagesParts): PasskeyPages {
  const { passkeys, offers, enrollments, sittings, now } = parts

  /** They have nothing that counts: the first factor comes with a backup code. */
  async function isFirst(sitting: EnrollSitting): Promise<boolean> {
    return !isOffer(sitting) && (await enrollments.owed(sitting.requester)).factor
  }

  /** As the policy asked for when it led here, and not long ago: whoever finds the page open makes nothing. */
  async function isSure({ interaction }: EnrollSitting): Promise<boolean> {
    const within = opening('account').map((factor) => interaction.earlier.proofs?.[factor] ?? 0)
    const provenAt = Math.max(...within, (await interaction.provenSecondAt()) ?? 0)
    return seconds(now()) - provenAt <= ENROLLMENT_WINDOW
  }

  async function show(ctx: RouterContext, sitting: EnrollSitting, error?: Failure): Promise<void> {
    const { interaction, requester } = sitting
    const offered = isOffer(sitting)
    if (offered) await offers.shown(requester.account)
    const first = await isFirst(sitting)
    if (first && sitting.wizard === undefined) await enrollments.go(requester, { stage: 'app' })
    const passkey = await (first ? enrollments.creation(requester) : passkeys.creation(requester))
    sittings.page(ctx, interaction, {
      view: offered ? 'enroll/passkey-offer' : 'enroll/passkey-needed',
      status: error && statusOf(error),
      data: { passkey, error, cancel: !offered },
    })
  }

  async function add(ctx: RouterContext, sitting: EnrollSitting, registration: string): Promise<void> {
    const { interaction, requester } = sitting
    const goOn = () => sittings.finish(ctx, interaction, { enroll: {} })
    // What this session has proven is for the policy to say once more.
    if (!(await isSure(sitting))) return goOn()
    const added = await passkeys.add(requester, registration, agentName(ctx.get('User-Agent')))
    if (added.ok) return goOn()
    await show(ctx, sitting, { reason: REASONS[added.reason] })
  }

  return {
    show,
    async answer(ctx, sitting, fields) {
      const { interaction, requester } = sitting
      const { step, registration = '' } = fields
      if (isOffer(sitting) && (step === 'later' || step === 'never')) {
        if (step === 'never') await offers.never(requester.account)
        return sittings.finish(ctx, interaction, { enroll: {} })
      }
      if (registration === '') return sittings.again(ctx, interaction)
      if (await isFirst(sitting)) return parts.keep(ctx, sitting, fields)
      await add(ctx, sitting, registration)
    },
  }
}
