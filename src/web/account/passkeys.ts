/**
 * Passkeys in the security settings: one more, another name, one less. Adding one ends nothing; it is told by mail.
 *
 * A device may have made one that is not kept: the page was open too long, or its proof was not fresh any more. So the
 * page that makes them tells the browser first which ones there are.
 */

import Router, { type RouterContext } from '@koa/router'
import type { Requester } from '../../accounts/requester.ts'
import { isLast, needsBackup } from '../../mfa/factor-overview.ts'
import type { OwnFactors } from '../../mfa/own-factors.ts'
import { MOST_PASSKEYS, type Passkeys } from '../../mfa/passkeys.ts'
import { agentName } from '../device-cookie.ts'
import type { Failure } from '../failure.ts'
import type { Fields } from '../form.ts'
import { seeOther } from '../page.ts'
import { signalsOf } from '../passkey-signals.ts'
import { sourceOf } from '../request.ts'
import { shownName } from '../setup-data.ts'
import type { SignedInPages } from '../signed-in.ts'
import { type AccountPageParts, accountPage } from './page.ts'

export interface AccountPasskeyPagesParts extends AccountPageParts {
  signedIn: AccountPageParts['signedIn'] & Pick<SignedInPages, 'guarded' | 'submit'>
  factors: Pick<OwnFactors, 'overview' | 'rename' | 'remove'>
  passkeys: Pick<Passkeys, 'creation' | 'add' | 'accepted' | 'details'>
}

export function accountPasskeyPages(parts: AccountPasskeyPagesParts): Router {
  const { signedIn, factors, passkeys } = parts
  const page = accountPage(parts)
  const { guarded, submit } = signedIn.forEnrolled
  const router = new Router({ prefix: '/account/passkeys' })

  router.get(
    '/new',
    guarded((ctx, requester) => showNew(ctx, requester)),
  )
  router.post('/new', submit(add))
  // A name opens nothing: whoever has just added one gives it a name at once.
  router.get('/:id/rename', signedIn.guarded(showRename))
  router.post('/:id/rename', signedIn.submit(rename))
  router.get('/:id/remove', guarded(showRemove))
  router.post('/:id/remove', submit(remove))
  return router

  /** The passkey that the address names; answers by itself if it is there no more. */
  async function named(ctx: RouterContext, { account }: Requester) {
    const overview = await factors.overview(account)
    const passkey = overview.passkeys.find(({ id }) => id === ctx.params.id)
    if (!passkey) return void page.leave(ctx, 'passkey-unknown')
    const last = isLast(overview, passkey.id)
    return { passkey, last, demanded: overview.demanded, unsaved: needsBackup(overview, passkey.id) }
  }

  /** Answers by itself where nobody can add one. */
  async function mayAdd(ctx: RouterContext, { account }: Requester): Promise<boolean> {
    const overview = await factors.overview(account)
    // The first of all comes with a backup code, so it is set up in the wizard and not here.
    const first = overview.apps.length + overview.passkeys.length === 0
    if (first) page.leave(ctx, 'two-step-first')
    else if (overview.passkeys.filter(({ usable }) => usable).length >= MOST_PASSKEYS)
      page.leave(ctx, 'passkey-too-many')
    else return true
    return false
  }

  async function showNew(ctx: RouterContext, requester: Requester, error?: Failure): Promise<void> {
    if (!(await mayAdd(ctx, requester))) return
    const options = await passkeys.creation(requester)
    if (!options) return page.leave(ctx, 'passkey-refused')
    const signals = await signalsOf(passkeys, requester.account)
    page.show(ctx, requester, 'passkey-new', { options, signals }, error)
  }

  async function add(ctx: RouterContext, requester: Requester, { registration = '' }: Fields): Promise<void> {
    if (!(await mayAdd(ctx, requester))) return
    const added = await passkeys.add(requester, registration, agentName(ctx.get('User-Agent')))
    // Whoever made it knows best what to call it, and knows it now.
    if (added.ok) return page.leave(ctx, 'passkey-added', `/account/passkeys/${added.passkey.id}/rename`)
    await showNew(ctx, requester, { reason: added.reason })
  }

  async function showRename(ctx: RouterContext, requester: Requester): Promise<void> {
    const found = await named(ctx, requester)
    if (!found) return
    const { label } = found.passkey
    const added = page.notice(ctx, 'passkey-added') !== undefined
    page.show(ctx, requester, 'passkey-rename', { label, typed: label, added })
  }

  async function rename(ctx: RouterContext, requester: Requester, { label = '' }: Fields): Promise<void> {
    const found = await named(ctx, requester)
    if (!found) return
    const { passkey } = found
    const renamed = await factors.rename(requester.account, passkey.id, label, sourceOf(ctx))
    if (renamed.ok) return page.leave(ctx, 'passkey-renamed')
    if (renamed.reason === 'unknown') return page.leave(ctx, 'passkey-unknown')
    const data = { label: passkey.label, typed: shownName(label) }
    page.show(ctx, requester, 'passkey-rename', data, { reason: renamed.reason })
  }

  async function showRemove(ctx: RouterContext, requester: Requester): Promise<void> {
    const found = await named(ctx, requester)
    if (!found) return
    const { passkey, last, demanded, unsaved } = found
    const { label } = passkey
    if (unsaved) return page.show(ctx, requester, 'backup-first', { label })
    page.show(ctx, requester, 'passkey-remove', { label, last, demanded })
  }

  async function remove(ctx: RouterContext, requester: Requester, { off }: Fields): Promise<void> {
    const found = await named(ctx, requester)
    if (!found) return
    const { passkey, last } = found
    const removed = await factors.remove(requester.account, passkey.id, { off: off !== undefined }, sourceOf(ctx))
    if (removed.ok) {
      await signedIn.endOthers(ctx, requester)
      return page.leave(ctx, last ? 'two-step-off' : 'passkey-removed')
    }
    if (removed.reason === 'unknown') return page.leave(ctx, 'passkey-unknown')
    // Other factors went since the page was made: it is the last now, or a backup code has to be saved first.
    seeOther(ctx, ctx.path)
  }
}
