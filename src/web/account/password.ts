/**
 * Changing one's own password in the security settings. Whatever was signed in elsewhere with the old password ends: a
 * thief may have known it.
 */

import Router, { type RouterContext } from '@koa/router'
import type { OwnPassword } from '../../accounts/own-password.ts'
import type { Requester } from '../../accounts/requester.ts'
import { AppError } from '../../lib/errors.ts'
import type { Throttle } from '../../lib/throttle.ts'
import { type Clock, MINUTE, SECOND } from '../../lib/time.ts'
import { type Failure, failureOf } from '../failure.ts'
import { type Fields, readJson } from '../form.ts'
import { seeOther } from '../page.ts'
import { sourceOf } from '../request.ts'
import type { SignedInPages } from '../signed-in.ts'
import { type AccountPageParts, accountPage } from './page.ts'

export interface AccountPasswordPagesParts extends AccountPageParts {
  signedIn: SignedInPages
  passwords: OwnPassword
  throttle: Pick<Throttle, 'window'>
  minimum: number
  now: Clock
}

const PASSWORD = '/account/password'
const CHECK = '/account/password/check'
/** Judgements within a minute; people type, robots do not stop. */
const PER_MINUTE = 120

export function accountPasswordPages(parts: AccountPasswordPagesParts): Router {
  const { signedIn, passwords, cookies, throttle, minimum, now } = parts
  const page = accountPage(parts)
  const router = new Router()
  router.get(
    PASSWORD,
    signedIn.guarded(async (ctx, requester) => show(ctx, requester)),
  )
  router.post(PASSWORD, signedIn.submit(change))
  // Where the way back from the sign-in ends if the session was over while a password was typed.
  router.get(CHECK, (ctx) => seeOther(ctx, PASSWORD))
  router.post(CHECK, signedIn.page(judge))
  return router

  function show(
    ctx: RouterContext,
    requester: Requester,
    refused: Record<string, unknown> = {},
    error?: Failure,
  ): void {
    const data = { check: CHECK, minimum, email: requester.account.email, ...refused }
    page.show(ctx, requester, 'password', data, error)
  }

  async function change(ctx: RouterContext, requester: Requester, fields: Fields): Promise<void> {
    const { current = '', password = '', repeat = '' } = fields
    const changed = await passwords.change({
      account: requester.account,
      current,
      password,
      repeat,
      browser: cookies.get(ctx, 'browser'),
      source: sourceOf(ctx),
    })
    if (changed.ok) {
      cookies.set(ctx, 'browser', changed.browser)
      await signedIn.endOthers(ctx, requester)
      return page.leave(ctx, 'password-changed')
    }
    if (changed.reason !== 'refused') return show(ctx, requester, {}, failureOf(changed, now()))
    show(ctx, requester, { current: changed.current, faults: changed.faults }, { reason: changed.reason })
  }

  /** Judges a new password while it is typed. */
  async function judge(ctx: RouterContext, { account }: Requester): Promise<void> {
    const { password = '' } = await readJson(ctx)
    const spent = await throttle.window(`judge/account/${account.id}`, { most: PER_MINUTE, window: MINUTE })
    if (!spent.ok)
      throw new AppError('too-many-requests', 'too many passwords to judge', {
        status: 429,
        retryAfter: MINUTE / SECOND,
      })
    const reasons = await passwords.judge(account, password)
    ctx.body = { ok: reasons.length === 0, reasons }
  }
}
