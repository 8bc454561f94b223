/**
 * The addresses in the security settings: the one to sign in with, and a second one that notices go to. A new one counts
 * once the code that was mailed to it was typed here.
 */

import Router, { type RouterContext } from '@koa/router'
import type { Addresses } from '../../accounts/addresses.ts'
import type { Requester } from '../../accounts/requester.ts'
import { LONGEST_EMAIL } from '../../lib/email-address.ts'
import type { Clock } from '../../lib/time.ts'
import type { AddressKind } from '../../person/address.ts'
import { codeFault } from '../code-fault.ts'
import { type Failure, failureOf, notSent } from '../failure.ts'
import type { Fields } from '../form.ts'
import { seeOther } from '../page.ts'
import type { SignedInPages } from '../signed-in.ts'
import { type AccountPageParts, accountPage } from './page.ts'

export interface AccountAddressPagesParts extends AccountPageParts {
  signedIn: SignedInPages
  addresses: Pick<Addresses, 'begin' | 'pending' | 'confirm' | 'removeNotice'>
  now: Clock
}

/** Where the pages of each kind are, whose texts they have, and what is said in the end. */
const KINDS = {
  email: { path: '/account/email', texts: 'email', notice: 'email-changed' },
  notice: { path: '/account/notice-address', texts: 'noticeAddress', notice: 'notice-address-saved' },
} as const
const REMOVE = '/account/notice-address/remove'

export function accountAddressPages(parts: AccountAddressPagesParts): Router {
  const { signedIn, addresses, now } = parts
  const page = accountPage(parts)
  const router = new Router()
  for (const kind of ['email', 'notice'] as const) {
    const { path } = KINDS[kind]
    router.get(
      path,
      signedIn.guarded(async (ctx, requester) => ask(ctx, requester, kind)),
    )
    router.post(
      path,
      signedIn.submit((ctx, requester, fields) => begin(ctx, requester, kind, fields)),
    )
    router.get(
      `${path}/code`,
      signedIn.guarded((ctx, requester) => askCode(ctx, requester, kind)),
    )
    router.post(
      `${path}/code`,
      signedIn.submit((ctx, requester, fields) =>
        fields.step === 'resend' ? resend(ctx, requester, kind) : confirm(ctx, requester, kind, fields),
      ),
    )
  }
  router.get(REMOVE, signedIn.guarded(askRemoval))
  router.post(REMOVE, signedIn.submit(remove))
  return router

  function ask(ctx: RouterContext, requester: Requester, kind: AddressKind, typed = '', error?: Failure): void {
    const { path, texts } = KINDS[kind]
    const present = kind === 'email' ? requester.account.email : requester.account.noticeEmail
    const data = { action: path, kind: texts, present, typed: typed.slice(0, LONGEST_EMAIL) }
    page.show(ctx, requester, 'address', data, error)
  }

  async function begin(ctx: RouterContext, requester: Requester, kind: AddressKind, fields: Fields): Promise<void> {
    const { address = '' } = fields
    const sent = await addresses.begin(requester, kind, address)
    if (!sent.ok) return ask(ctx, requester, kind, address, notSent(failureOf(sent, now())))
    seeOther(ctx, `${KINDS[kind].path}/code`)
  }

  async function askCode(ctx: RouterContext, requester: Requester, kind: AddressKind, error?: Failure): Promise<void> {
    const { path, texts } = KINDS[kind]
    const address = await addresses.pending(requester, kind)
    if (address === undefined) return ask(ctx, requester, kind, '', { reason: 'expired' })
    page.show(ctx, requester, 'address-code', { kind: texts, address, otherHref: path }, error)
  }

  async function resend(ctx: RouterContext, requester: Requester, kind: AddressKind): Promise<void> {
    const owner = requester
    const address = await addresses.pending(owner, kind)
    if (address === undefined) return askCode(ctx, requester, kind)
    const sent = await addresses.begin(owner, kind, address)
    if (!sent.ok) return askCode(ctx, requester, kind, notSent(failureOf(sent, now())))
    seeOther(ctx, `${KINDS[kind].path}/code`)
  }

  async function confirm(ctx: RouterContext, requester: Requester, kind: AddressKind, fields: Fields): Promise<void> {
    const { code = '' } = fields
    const fault = codeFault(code, [8])
    if (fault) return askCode(ctx, requester, kind, fault)
    const confirmed = await addresses.confirm(requester, kind, code)
    if (confirmed.ok) {
      if (kind === 'email') await signedIn.endOthers(ctx, requester)
      return page.leave(ctx, KINDS[kind].notice)
    }
    const failure = failureOf(confirmed, now())
    if (failure.reason === 'expired' || failure.reason === 'taken') return ask(ctx, requester, kind, '', failure)
    await askCode(ctx, requester, kind, failure)
  }

  async function askRemoval(ctx: RouterContext, requester: Requester): Promise<void> {
    const { noticeEmail } = requester.account
    if (noticeEmail === undefined) return page.leave(ctx, 'gone')
    page.show(ctx, requester, 'confirm', { of: 'noticeAddress', act: 'remove', about: { name: noticeEmail } })
  }

  async function remove(ctx: RouterContext, requester: Requester): Promise<void> {
    const removed = await addresses.removeNotice(requester)
    page.leave(ctx, removed ? 'notice-address-removed' : 'gone')
  }
}
