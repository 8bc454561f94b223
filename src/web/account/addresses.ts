/**
 * The addresses in the security settings: the one to sign in with, and a second one that notices go to. A new one counts
 * once the code that was mailed to it was typed here.
 */
import Router, { type RouterContext } from '@koa/router'
import type { Addresses, Owner } from '../../accounts/addresses.ts'
import { LONGEST_EMAIL } from '../../lib/email-address.ts'
import type { Clock } from '../../lib/time.ts'
import type { AddressKind } from '../../person/address.ts'
import { type Failure, failureOf } from '../failure.ts'
import type { Fields } from '../form.ts'
import { seeOther } from '../page.ts'
import { sourceOf } from '../request.ts'
import { notSent } from '../sign-in/challenge.ts'
import type { SignedIn, Visitor } from '../signed-in.ts'
import { type AccountPageParts, accountPage } from './page.ts'

export interface AccountAddressPagesParts extends AccountPageParts {
  signedIn: SignedIn
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
      signedIn.guarded(async (ctx, visitor) => ask(ctx, visitor, kind)),
    )
    router.post(
      path,
      signedIn.submit((ctx, visitor, fields) => begin(ctx, visitor, kind, fields)),
    )
    router.get(
      `${path}/code`,
      signedIn.guarded((ctx, visitor) => askCode(ctx, visitor, kind)),
    )
    router.post(
      `${path}/code`,
      signedIn.submit((ctx, visitor, fields) =>
        fields.step === 'resend' ? resend(ctx, visitor, kind) : confirm(ctx, visitor, kind, fields),
      ),
    )
  }
  router.get(REMOVE, signedIn.guarded(askRemoval))
  router.post(REMOVE, signedIn.submit(remove))
  return router

  function ownerOf(ctx: RouterContext, { account, session }: Visitor): Owner {
    return { account, session, source: sourceOf(ctx) }
  }

  function ask(ctx: RouterContext, visitor: Visitor, kind: AddressKind, typed = '', error?: Failure): void {
    const { path, texts } = KINDS[kind]
    const present = kind === 'email' ? visitor.account.email : visitor.account.noticeEmail
    const data = { action: path, kind: texts, present, typed: typed.slice(0, LONGEST_EMAIL) }
    page.show(ctx, visitor, 'address', data, error)
  }

  async function begin(ctx: RouterContext, visitor: Visitor, kind: AddressKind, fields: Fields): Promise<void> {
    const { address = '' } = fields
    const sent = await addresses.begin(ownerOf(ctx, visitor), kind, address)
    if (!sent.ok) return ask(ctx, visitor, kind, address, notSent(failureOf(sent, now())))
    seeOther(ctx, `${KINDS[kind].path}/code`)
  }

  async function askCode(ctx: RouterContext, visitor: Visitor, kind: AddressKind, error?: Failure): Promise<void> {
    const { path, texts } = KINDS[kind]
    const address = await addresses.pending(ownerOf(ctx, visitor), kind)
    if (address === undefined) return ask(ctx, visitor, kind, '', { reason: 'expired' })
    page.show(ctx, visitor, 'address-code', { kind: texts, address, otherHref: path }, error)
  }

  async function resend(ctx: RouterContext, visitor: Visitor, kind: AddressKind): Promise<void> {
    const owner = ownerOf(ctx, visitor)
    const address = await addresses.pending(owner, kind)
    if (address === undefined) return askCode(ctx, visitor, kind)
    const sent = await addresses.begin(owner, kind, address)
    if (!sent.ok) return askCode(ctx, visitor, kind, notSent(failureOf(sent, now())))
    seeOther(ctx, `${KINDS[kind].path}/code`)
  }

  async function confirm(ctx: RouterContext, visitor: Visitor, kind: AddressKind, fields: Fields): Promise<void> {
    const { code = '' } = fields
    if (code.trim() === '') return askCode(ctx, visitor, kind, { reason: 'code-missing' })
    const confirmed = await addresses.confirm(ownerOf(ctx, visitor), kind, code)
    if (confirmed.ok) {
      if (kind === 'email') await signedIn.endOthers(ctx, visitor)
      return page.leave(ctx, KINDS[kind].notice)
    }
    const failure = failureOf(confirmed, now())
    if (failure.reason === 'expired' || failure.reason === 'taken') return ask(ctx, visitor, kind, '', failure)
    await askCode(ctx, visitor, kind, failure)
  }

  async function askRemoval(ctx: RouterContext, visitor: Visitor): Promise<void> {
    const { noticeEmail } = visitor.account
    if (noticeEmail === undefined) return page.leave(ctx, 'gone')
    page.show(ctx, visitor, 'confirm', { of: 'noticeAddress', act: 'remove', about: { name: noticeEmail } })
  }

  async function remove(ctx: RouterContext, visitor: Visitor): Promise<void> {
    const removed = await addresses.removeNotice(ownerOf(ctx, visitor))
    page.leave(ctx, removed ? 'notice-address-removed' : 'gone')
  }
}
