/** What the pages of the security settings have in common: how they are shown, and how they are left. */

import type { ParameterizedContext } from 'koa'
import type { Requester } from '../../accounts/requester.ts'
import type { CookieJar } from '../cookies.ts'
import { type Failure, statusOf } from '../failure.ts'
import { type Pages, seeOther } from '../page.ts'
import type { SignedInPages } from '../signed-in.ts'

export interface AccountPage {
  /**
   * Shows views/account/<view>. Its form is posted to the page's own address unless `action` says another. With `once` there
   * is no way to the page in another language: what it shows would be lost.
   */
  show(
    ctx: ParameterizedContext,
    requester: Requester,
    view: string,
    data: Record<string, unknown>,
    error?: Failure | undefined,
  ): void
  /** On to the overview, or to `address`, which says the sentence `account.notice.<notice>`. */
  leave(ctx: ParameterizedContext, notice: string, address?: string): void
  /** The code that another page left for this one, if it is one of these. It is said once. */
  notice(ctx: ParameterizedContext, ...codes: string[]): string | undefined
}

export interface AccountPageParts {
  signedIn: Pick<SignedInPages, 'forEnrolled' | 'formFor' | 'endOthers'>
  pages: Pages
  cookies: CookieJar
}

export function accountPage({ signedIn, pages, cookies }: AccountPageParts): AccountPage {
  return {
    show(ctx, requester, view, data, error) {
      if (error?.seconds) ctx.set('Retry-After', String(error.seconds))
      pages.show(ctx, {
        view: `account/${view}`,
        self: data.once ? '' : ctx.path,
        status: error ? statusOf(error) : 200,
        data: { action: ctx.path, for: signedIn.formFor(requester), error, ...data },
      })
    },
    leave(ctx, notice, address = '/account') {
      cookies.set(ctx, 'notice', notice)
      seeOther(ctx, address)
    },
    notice(ctx, ...codes) {
      const kept = cookies.get(ctx, 'notice')
      const code = codes.find((one) => one === kept)
      if (code) cookies.set(ctx, 'notice', undefined)
      return code
    },
  }
}
