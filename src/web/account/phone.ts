/**
 * The phone number for codes by text message, in the security settings: adding it, changing it, removing it. The number
 * of before keeps working until the new one has answered with its code.
 */

import Router, { type RouterContext } from '@koa/router'
import type { Requester } from '../../accounts/requester.ts'
import { type Clock, secondsUntil } from '../../lib/time.ts'
import { needsBackup, type Overview } from '../../mfa/factor-overview.ts'
import type { NewNumbers, WaitingNumber } from '../../mfa/new-number.ts'
import type { OwnFactors } from '../../mfa/own-factors.ts'
import { codeFault } from '../code-fault.ts'
import { type Country, countryChoices } from '../countries.ts'
import { type Failure, failureOf, notSent } from '../failure.ts'
import type { Fields } from '../form.ts'
import { seeOther } from '../page.ts'
import { sourceOf } from '../request.ts'
import { type AccountPageParts, accountPage } from './page.ts'

export interface AccountPhonePagesParts extends AccountPageParts {
  factors: Pick<OwnFactors, 'overview' | 'removePhone'>
  numbers: NewNumbers
  countries: Country[]
  now: Clock
}

const NUMBER = '/account/phone'
const CODE = '/account/phone/code'

export function accountPhonePages(parts: AccountPhonePagesParts): Router {
  const { signedIn, pages, factors, numbers, now } = parts
  const page = accountPage(parts)
  const { guarded, submit } = signedIn.forEnrolled
  const router = new Router({ prefix: NUMBER })

  router.get(
    '/',
    guarded((ctx, requester) => showNumber(ctx, requester)),
  )
  router.post('/', submit(send))
  router.get('/code', guarded(showCode))
  router.post('/code', submit(answer))
  router.get('/remove', guarded(showRemove))
  router.post('/remove', submit(remove))
  return router

  /**
   * A number stands beside an app or a passkey, never alone, for a text message can be intercepted. Without one this
   * answers itself.
   */
  async function overviewOf(ctx: RouterContext, { account }: Requester): Promise<Overview | undefined> {
    const overview = await factors.overview(account)
    const isStrong = overview.apps.length + overview.passkeys.length > 0
    return isStrong ? overview : void page.leave(ctx, 'two-step-first')
  }

  async function showNumber(
    ctx: RouterContext,
    requester: Requester,
    typed: Fields = {},
    error?: Failure,
  ): Promise<void> {
    const overview = await overviewOf(ctx, requester)
    if (!overview) return
    const waiting = await numbers.find(requester)
    const data = {
      hint: overview.phone?.hint,
      countries: countryChoices(parts.countries, pages.locale(ctx), typed.country ?? waiting?.country),
      number: typed.number ?? waiting?.typed ?? '',
      notice: page.notice(ctx, 'phone-expired'),
    }
    page.show(ctx, requester, 'phone', data, error)
  }

  async function send(ctx: RouterContext, requester: Requester, fields: Fields): Promise<void> {
    if (!(await overviewOf(ctx, requester))) return
    const { number = '', country = '' } = fields
    const sent = await numbers.send(requester, number, country)
    if (sent.ok) return seeOther(ctx, CODE)
    await showNumber(ctx, requester, { number, country }, failureOf(sent, now()))
  }

  async function showCode(ctx: RouterContext, requester: Requester): Promise<void> {
    const waiting = await numbers.find(requester)
    if (!waiting) return page.leave(ctx, 'phone-expired', NUMBER)
    askCode(ctx, requester, waiting)
  }

  function askCode(ctx: RouterContext, requester: Requester, waiting: WaitingNumber, error?: Failure): void {
    const { hint, resendAt } = waiting
    const notice = page.notice(ctx, 'phone-other')
    page.show(
      ctx,
      requester,
      'phone-code',
      { hint, resendIn: secondsUntil(resendAt, now()), notice, cancel: true },
      error,
    )
  }

  async function answer(ctx: RouterContext, requester: Requester, fields: Fields): Promise<void> {
    if (fields.action === 'cancel') {
      await numbers.cancel(requester)
      return seeOther(ctx, '/account')
    }
    const waiting = await numbers.find(requester)
    if (!waiting) return page.leave(ctx, 'phone-expired', NUMBER)
    // The page asked for the code of another number than the one that a tab opened since has sent a code to.
    if (fields.hint !== waiting.hint) return page.leave(ctx, 'phone-other', CODE)
    if (fields.step === 'resend') return resend(ctx, requester, waiting)
    await confirm(ctx, requester, waiting, fields)
  }

  async function resend(ctx: RouterContext, requester: Requester, waiting: WaitingNumber): Promise<void> {
    const sent = await numbers.send(requester, waiting.typed, waiting.country)
    if (sent.ok) return seeOther(ctx, CODE)
    askCode(ctx, requester, waiting, notSent(failureOf(sent, now())))
  }

  async function confirm(
    ctx: RouterContext,
    requester: Requester,
    waiting: WaitingNumber,
    { code = '' }: Fields,
  ): Promise<void> {
    const fault = codeFault(code, [6])
    if (fault) return askCode(ctx, requester, waiting, fault)
    // Another tab may have removed the last of those meanwhile, and with it all that a number could be a backup of.
    const before = await overviewOf(ctx, requester)
    if (!before) return
    const added = await numbers.confirm(requester, code)
    if (!added.ok) return askCode(ctx, requester, waiting, failureOf(added, now()))
    await signedIn.endOthers(ctx, requester)
    page.leave(ctx, before.phone ? 'phone-changed' : 'phone-added')
  }

  async function showRemove(ctx: RouterContext, requester: Requester): Promise<void> {
    const overview = await factors.overview(requester.account)
    const { phone } = overview
    if (!phone) return page.leave(ctx, 'phone-unknown')
    if (needsBackup(overview, phone.id)) return page.show(ctx, requester, 'backup-first', {})
    page.show(ctx, requester, 'phone-remove', { id: phone.id, hint: phone.hint })
  }

  async function remove(ctx: RouterContext, requester: Requester, { phone }: Fields): Promise<void> {
    const present = (await factors.overview(requester.account)).phone
    // Only the number that the page asked about: another tab may have put another one in its place.
    if (present?.id !== phone) return page.leave(ctx, 'phone-unknown')
    // Gone, or what is left has changed: the page says which.
    if (!(await factors.removePhone(requester.account, sourceOf(ctx)))) return seeOther(ctx, ctx.path)
    await signedIn.endOthers(ctx, requester)
    page.leave(ctx, 'phone-removed')
  }
}
