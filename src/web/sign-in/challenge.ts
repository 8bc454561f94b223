/** The pages of the second step: a code from the app, or one of the other ways that this person has. */

import type { RouterContext } from '@koa/router'
import { findAccount, findPerson } from '../../accounts/people.ts'
import { type Clock, seconds, secondsUntil } from '../../lib/time.ts'
import type { Challenges, Way } from '../../mfa/challenge.ts'
import { secondStep } from '../../mfa/passkey-factor.ts'
import type { Passkeys } from '../../mfa/passkeys.ts'
import { REMEMBERED_DAYS } from '../../mfa/remembered-device.ts'
import type { SmsCodes } from '../../mfa/sms.ts'
import type { Interaction } from '../../oidc/interaction.ts'
import type { Account } from '../../person/account.ts'
import { HELD_FACTORS } from '../../person/held-code.ts'
import type { People } from '../../person/kind.ts'
import { listPasskeys } from '../../person/passkey.ts'
import { isSecondFactor, NATURES, opening, PASSKEY, remembers, type SecondFactor } from '../../person/second-factor.ts'
import type { Recovery } from '../../recovery/recovery.ts'
import { codeFault } from '../code-fault.ts'
import { agentName, type DeviceCookie } from '../device-cookie.ts'
import { type Failure, failureOf, notSent, statusOf } from '../failure.ts'
import type { Fields } from '../form.ts'
import { sourceOf } from '../request.ts'
import type { PromptPages, Sittings } from './interaction.ts'
import { recoveryRequest } from './recovery-request.ts'

export interface ChallengePagesParts {
  people: Pick<People, 'find'>
  challenges: Challenges
  sms: SmsCodes
  devices: DeviceCookie
  passkeys: Passkeys
  recovery: Pick<Recovery, 'request' | 'open'>
  sittings: Sittings
  now: Clock
}

/** What this sitting had proven leads on in another browser. */
const TAKEN_OVER: Failure = { reason: 'taken-over' }

/** Before others are changed, only what may change them: also where the application does not take it. */
function acceptedIn({ client, reasons }: Interaction): readonly SecondFactor[] {
  if (reasons.includes('prove')) return opening('account')
  return reasons.includes('passkey') ? [PASSKEY] : client.secondFactors
}

export function challengePages(parts: ChallengePagesParts): PromptPages {
  const { people, challenges, sms, devices, passkeys, recovery, sittings, now } = parts
  const help = recoveryRequest({ recovery, sittings, now })
  return {
    prompt: 'challenge',
    async show(ctx, interaction) {
      const { account, ways } = await facts(interaction)
      const first = ways.find(({ method }) => NATURES[method].offered) ?? ways[0]
      if (!first) return help.show(ctx, interaction, account)
      const { holding = {} } = interaction.earlier
      const lost = HELD_FACTORS.find((factor) => holding[factor] && holding[factor] !== interaction.holding[factor])
      const once = ways.find(({ method }) => method === lost)
      await showWay(ctx, interaction, account, (once ?? first).method, ways, once && TAKEN_OVER)
    },
    async showOther(ctx, interaction, page) {
      const { account, ways } = await facts(interaction)
      if (page === 'methods') showMethods(ctx, interaction, ways)
      else if (page === 'none') await help.show(ctx, interaction, account)
      else if (isSecondFactor(page) && ways.some(({ method }) => method === page))
        await showWay(ctx, interaction, account, page, ways)
      else return false
      return true
    },
    async answer(ctx, interaction, fields, page) {
      const { account, ways } = await facts(interaction)
      if (page === 'none') return help.file(ctx, interaction, account, fields)
      const method = ways.find((way) => page === '' || way.method === page)?.method
      // A page of a way that this person does not have, or has no more.
      if (!method) return sittings.again(ctx, interaction)
      if (method === 'sms' && (fields.step === 'send' || fields.step === 'resend'))
        return send(ctx, interaction, account, ways)
      await verify(ctx, interaction, fields, method, account, ways)
    },
  }

  /** Account and ways come from what the server knows, never from the form. */
  async function facts(interaction: Interaction): Promise<{ account: Account; ways: Way[] }> {
    const account = interaction.accountId === undefined ? undefined : await findAccount(people, interaction.accountId)
    if (!account) throw new Error('a challenge without an account')
    return { account, ways: await challenges.ways(account, acceptedIn(interaction)) }
  }

  async function showWay(
    ctx: RouterContext,
    interaction: Interaction,
    account: Account,
    method: SecondFactor,
    ways: Way[],
    error?: Failure,
  ): Promise<void> {
    const { hint, entries = [], digits, old = false } = ways.find((way) => way.method === method) ?? {}
    const sent = method === 'sms' ? await sms.state(account.id, interaction.sitting) : undefined
    sittings.page(ctx, interaction, {
      view: `challenge/${method}`,
      name: method,
      status: error && error !== TAKEN_OVER ? statusOf(error) : undefined,
      data: {
        entries,
        hint,
        digits,
        old,
        sent: sent !== undefined,
        passkey: method === PASSKEY ? await passkeyOf(account, interaction) : undefined,
        resendIn: sent ? secondsUntil(sent.resendAt, now()) : 0,
        // A step-up is about one action, not about which devices to trust.
        remember: interaction.passwordJustProven && remembers(method),
        // As it was sent, where a code was refused.
        ticked: ctx.state.fields?.remember !== undefined,
        days: REMEMBERED_DAYS,
        stepUp: !interaction.justSignedIn,
        methods: true,
        methodsHref: `/interaction/${interaction.uid}/challenge/methods`,
        error,
      },
    })
  }

  async function passkeyOf({ id }: Account, { sitting }: Interaction) {
    const own = passkeys.usable(listPasskeys(await findPerson(people, id)))
    return { options: passkeys.ask(secondStep(id, sitting), own) }
  }

  function showMethods(ctx: RouterContext, interaction: Interaction, ways: Way[]): void {
    const base = `/interaction/${interaction.uid}/challenge`
    const methods = ways
      .filter(({ method }) => NATURES[method].offered)
      .map(({ method, hint }) => ({ kind: method, sign: NATURES[method].sign, href: `${base}/${method}`, hint }))
    sittings.page(ctx, interaction, {
      view: 'challenge/methods',
      name: 'methods',
      data: { methods, noneHref: `${base}/none` },
    })
  }

  async function send(ctx: RouterContext, interaction: Interaction, account: Account, ways: Way[]): Promise<void> {
    const sent = await sms.sendToOwn(account, interaction.sitting, sourceOf(ctx))
    if (!sent.ok) return showWay(ctx, interaction, account, 'sms', ways, notSent(failureOf(sent, now())))
    sittings.again(ctx, interaction, 'sms')
  }

  /** The form was sent without one: the browser has no scripts, or knows no passkeys. */
  function passkeyFault(assertion: string): Failure | undefined {
    return assertion === '' ? { reason: 'code-missing' } : undefined
  }

  async function verify(
    ctx: RouterContext,
    interaction: Interaction,
    fields: Fields,
    method: SecondFactor,
    account: Account,
    ways: Way[],
  ): Promise<void> {
    const { code = '', assertion = '' } = fields
    const digits = ways.find((way) => way.method === method)?.digits
    const fault = method === PASSKEY ? passkeyFault(assertion) : codeFault(code, digits)
    if (fault) return showWay(ctx, interaction, account, method, ways, fault)
    const source = sourceOf(ctx)
    const answered = await challenges.answer(
      {
        account,
        method,
        code: method === PASSKEY ? assertion : code,
        sitting: interaction.sitting,
        session: interaction.session ?? '',
        source,
        agent: agentName(ctx.get('User-Agent')),
      },
      acceptedIn(interaction),
    )
    if (!answered.ok) return showWay(ctx, interaction, account, method, ways, failureOf(answered, now()))
    // Only a code of this very sitting may make a device remembered; a backup code never does.
    // And only while nothing was ended since: the account was read after the session.
    const current = account.epoch === interaction.epoch
    if (current && interaction.passwordJustProven && fields.remember !== undefined && remembers(method))
      await devices.remember(ctx, account, method, source)
    const { holds } = answered
    await sittings.finish(ctx, interaction, {
      challenge: {},
      proofs: { [method]: seconds(now()) },
      ...(holds !== undefined && { holding: { ...interaction.holding, [method]: holds } }),
    })
  }
}
