/**
 * The page behind the link that cancels a recovery request. It needs no session: whoever filed the request knew the
 * password, so its owner may well be reading the mail anywhere.
 *
 * Opening the link changes nothing, however often and by whatever program: it moves the token from the address into a
 * cookie of this page only, so that it stands in no history, log or referrer.
 */

import Router, { type RouterContext } from '@koa/router'
import { findAccount } from '../../accounts/people.ts'
import type { People } from '../../person/kind.ts'
import type { Recovery } from '../../recovery/recovery.ts'
import type { CookieJar } from '../cookies.ts'
import type { Csrf } from '../csrf.ts'
import { readForm } from '../form.ts'
import { hideReferrer } from '../headers.ts'
import { type Pages, seeOther } from '../page.ts'
import { sourceOf } from '../request.ts'
import { readOut } from '../sign-in/recovery-request.ts'

export interface RecoveryPagesParts {
  recovery: Pick<Recovery, 'findByCancel' | 'cancel'>
  people: Pick<People, 'find'>
  pages: Pages
  csrf: Csrf
  cookies: CookieJar
  /** Where a sign-in begins. */
  home: () => string
}

const CANCEL = '/recovery/cancel'

export function recoveryPages({ recovery, people, pages, csrf, cookies, home }: RecoveryPagesParts): Router {
  const router = new Router()
  router.get(CANCEL, (ctx) => show(ctx))
  router.post(CANCEL, cancel)
  router.get('/recovery/:token', (ctx) => {
    hideReferrer(ctx)
    // As we make them; anything else opens nothing, and may not become a part of a header.
    const token = /^[\w-]{43}$/.test(ctx.params.token ?? '') ? ctx.params.token : undefined
    cookies.set(ctx, 'recovery', token)
    seeOther(ctx, CANCEL)
  })
  return router

  async function show(ctx: RouterContext, unsure = false): Promise<void> {
    const found = await recovery.findByCancel(tokenOf(ctx))
    const account = found && (await findAccount(people, found.accountId))
    // What the owner wanted is so, whoever asks again.
    if (found?.state === 'canceled')
      return pages.show(ctx, { view: 'recovery-canceled', self: CANCEL, data: { home: home() } })
    if (found?.state !== 'open' || !account) return showDead(ctx)
    const { number, createdAt } = found
    const data = { action: CANCEL, email: account.email, number, spoken: readOut(number), createdAt, unsure }
    pages.show(ctx, { view: 'recovery-cancel', self: CANCEL, status: unsure ? 400 : 200, data })
  }

  function showDead(ctx: RouterContext): void {
    pages.show(ctx, { view: 'recovery-invalid', self: CANCEL, status: 410, data: { home: home() } })
  }

  async function cancel(ctx: RouterContext): Promise<void> {
    const fields = await readForm(ctx)
    csrf.assert(ctx, fields)
    const token = tokenOf(ctx)
    const found = await recovery.findByCancel(token)
    // Two links in two tabs share the cookie: the form must be of the request that it would cancel.
    if (found?.state === 'open' && fields.sure === undefined) return show(ctx, true)
    if (found?.state === 'open' && fields.number === found.number) await recovery.cancel(token, sourceOf(ctx))
    seeOther(ctx, CANCEL)
  }

  function tokenOf(ctx: RouterContext): string {
    return cookies.get(ctx, 'recovery') ?? ''
  }
}
