/** In the security settings: the language of pages and mails, and **Download my data**. */

import Router, { type RouterContext } from '@koa/router'
import type { Notice } from '../../accounts/notify.ts'
import type { SetLanguage } from '../../accounts/own-language.ts'
import type { Requester } from '../../accounts/requester.ts'
import type { PersonData } from '../../admin/person-data.ts'
import { type Audit, deed } from '../../audit/audit.ts'
import type { QueueStore } from '../../delivery/queue.ts'
import { LOCALES } from '../../lib/locales.ts'
import type { Fields } from '../form.ts'
import { seeOther } from '../page.ts'
import { sourceOf } from '../request.ts'
import type { SignedInPages } from '../signed-in.ts'
import { type AccountPageParts, accountPage } from './page.ts'

export interface AccountDetailPagesParts extends AccountPageParts {
  signedIn: SignedInPages
  setLanguage: SetLanguage
  personData: PersonData
  store: Pick<QueueStore, 'enqueue'>
  notice: Notice
  audit: Audit
}

const FILE = 'sigma-id-data.json'

export function accountDetailPages(parts: AccountDetailPagesParts): Router {
  const { signedIn, cookies, setLanguage, personData, store, notice, audit } = parts
  const page = accountPage(parts)
  const router = new Router()
  router.get(
    '/account/language',
    signedIn.guarded(async (ctx, requester) =>
      page.show(ctx, requester, 'language', { present: requester.account.locale }),
    ),
  )
  router.post('/account/language', signedIn.submit(choose))
  router.get(
    '/account/data',
    signedIn.guarded(async (ctx, requester) => page.show(ctx, requester, 'data', {})),
  )
  router.post('/account/data', signedIn.submit(download))
  return router

  async function choose(ctx: RouterContext, { account }: Requester, fields: Fields): Promise<void> {
    const locale = LOCALES.find((one) => one === fields.locale)
    if (!locale) return seeOther(ctx, ctx.path)
    await setLanguage(account, locale, sourceOf(ctx))
    // These pages too, whatever language they were in here.
    cookies.set(ctx, 'language', locale)
    page.leave(ctx, 'language-changed')
  }

  async function download(ctx: RouterContext, requester: Requester): Promise<void> {
    const { account } = requester
    const data = await personData(account)
    // Before anything leaves: no export without a trace, and none that its owner does not hear of.
    await audit(deed('account.exported', requester))
    await store.enqueue(notice(account, 'data-downloaded', {}))
    ctx.attachment(FILE)
    ctx.type = 'application/json'
    ctx.body = JSON.stringify(data, undefined, 2)
  }
}
