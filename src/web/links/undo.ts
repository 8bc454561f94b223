/**
 * The page behind the link that gives the e-mail address of before back. It needs no session: whoever changed the address
 * may be the only one who still has one.
 *
 * Opening the link changes nothing, however often and by whatever program: it moves the token from the address into a
 * cookie of this page only, so that it stands in no history, log or referrer.
 */
import Router, { type RouterContext } from '@koa/router'
import type { Addresses } from '../../accounts/addresses.ts'
import { digest } from '../../lib/crypto.ts'
import type { CookieJar } from '../cookies.ts'
import type { Csrf } from '../csrf.ts'
import { readForm } from '../form.ts'
import { hideReferrer } from '../headers.ts'
import { type Pages, seeOther } from '../page.ts'
import { sourceOf } from '../request.ts'

export interface UndoPagesParts {
  addresses: Pick<Addresses, 'findUndo' | 'undo'>
  pages: Pages
  csrf: Csrf
  cookies: CookieJar
  /** Where a sign-in begins. */
  home: () => string
}

const CONFIRM = '/undo/confirm'
const DONE = '/undo/done'

export function undoPages({ addresses, pages, csrf, cookies, home }: UndoPagesParts): Router {
  const router = new Router()
  router.get(CONFIRM, (ctx) => show(ctx))
  router.post(CONFIRM, undo)
  router.get(DONE, (ctx) => pages.show(ctx, { view: 'undo-done', self: DONE, data: { home: home() } }))
  router.get('/undo/:token', (ctx) => {
    hideReferrer(ctx)
    // As we make them; anything else opens nothing, and may not become a part of a header.
    const token = /^[\w-]{43}$/.test(ctx.params.token ?? '') ? ctx.params.token : undefined
    cookies.set(ctx, 'undo', token)
    seeOther(ctx, CONFIRM)
  })
  return router

  function tokenOf(ctx: RouterContext): string {
    return cookies.get(ctx, 'undo') ?? ''
  }

  async function show(ctx: RouterContext, unsure = false): Promise<void> {
    const token = tokenOf(ctx)
    const found = await addresses.findUndo(token)
    if (!found) return pages.show(ctx, { view: 'undo-invalid', self: CONFIRM, status: 410, data: { home: home() } })
    const data = { action: CONFIRM, email: found.email, linkId: linkId(token), unsure }
    pages.show(ctx, { view: 'undo', self: CONFIRM, status: unsure ? 400 : 200, data })
  }

  async function undo(ctx: RouterContext): Promise<void> {
    const fields = await readForm(ctx)
    csrf.assert(ctx, fields)
    const token = tokenOf(ctx)
    if (fields.sure === undefined) return show(ctx, true)
    // Two links in two tabs share the cookie: the form must be of the link that it would use up.
    if (fields.link !== linkId(token) || !(await addresses.undo(token, sourceOf(ctx)))) return show(ctx)
    cookies.set(ctx, 'undo', undefined)
    seeOther(ctx, DONE)
  }
}

/** Names a link on a page without being it. */
function linkId(token: string): string {
  return digest(`page/${token}`).slice(0, 16)
}
