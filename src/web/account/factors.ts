/**
 * Authenticator apps in the security settings: one more, a new phone in the place of an old one, another name, one less.
 *
 * Every form names what its page was about (the app that waits, whether two-step verification goes off), because another
 * tab may have changed that since: then nothing is done, and the page that is true now is shown.
 */

import Router, { type RouterContext } from '@koa/router'
import type { Requester } from '../../accounts/requester.ts'
import { digest } from '../../lib/crypto.ts'
import type { Clock } from '../../lib/time.ts'
import { type AppView, isLast, needsBackup } from '../../mfa/factor-overview.ts'
import type { NewApps, WaitingApp } from '../../mfa/new-app.ts'
import type { OwnFactors } from '../../mfa/own-factors.ts'
import { type AuthenticatorApp, KNOWN_APPS } from '../authenticator-apps.ts'
import { codeFault } from '../code-fault.ts'
import { type Failure, failureOf } from '../failure.ts'
import type { Fields } from '../form.ts'
import { seeOther } from '../page.ts'
import { sourceOf } from '../request.ts'
import { keyData, shownName } from '../setup-data.ts'
import { type AccountPageParts, accountPage } from './page.ts'

export interface AccountFactorPagesParts extends AccountPageParts {
  factors: Pick<OwnFactors, 'overview' | 'rename' | 'remove'>
  newApps: NewApps
  /** The house's own, offered before those that everybody knows to whoever has none on the new phone yet. */
  app: AuthenticatorApp | undefined
  /** What apps show as the issuer of an entry. */
  product: string
  now: Clock
}

const SCAN = '/account/apps/scan'
const CODE = '/account/apps/code'

export function accountFactorPages(parts: AccountFactorPagesParts): Router {
  const { signedIn, factors, newApps, product, now } = parts
  const page = accountPage(parts)
  const apps = parts.app ? [parts.app, ...KNOWN_APPS] : KNOWN_APPS
  const { guarded, submit } = signedIn.forEnrolled
  const router = new Router({ prefix: '/account/apps' })

  router.get('/new', guarded(showNew))
  router.post('/new', submit(addApp))
  router.get('/scan', guarded(showScan))
  router.post('/scan', submit(scanned))
  router.get('/code', guarded(showCode))
  router.post('/code', submit(confirm))
  router.get('/:id/move', guarded(showMove))
  router.post('/:id/move', submit(move))
  router.get('/:id/rename', guarded(showRename))
  router.post('/:id/rename', submit(rename))
  router.get('/:id/remove', guarded(showRemove))
  router.post('/:id/remove', submit(remove))
  return router

  /** The app that the address names; answers by itself if it is there no more. */
  async function named(ctx: RouterContext, { account }: Requester) {
    const overview = await factors.overview(account)
    const app = overview.apps.find(({ id }) => id === ctx.params.id)
    if (!app) return void page.leave(ctx, 'app-unknown')
    const last = isLast(overview, app.id)
    return { app, last, demanded: overview.demanded, unsaved: needsBackup(overview, app.id) }
  }

  /** The first of all comes with a backup code, so it is set up in the wizard and not here. */
  async function findOthers({ account }: Requester): Promise<{ apps: number; all: number }> {
    const { apps, passkeys } = await factors.overview(account)
    return { apps: apps.length, all: apps.length + passkeys.length }
  }

  async function showNew(ctx: RouterContext, requester: Requester): Promise<void> {
    const others = await findOthers(requester)
    if (others.all === 0) return page.leave(ctx, 'two-step-first')
    page.show(ctx, requester, 'app-new', { apps, only: others.apps === 0 })
  }

  async function addApp(ctx: RouterContext, requester: Requester): Promise<void> {
    if ((await findOthers(requester)).all === 0) return page.leave(ctx, 'two-step-first')
    await begin(ctx, requester, undefined)
  }

  async function showMove(ctx: RouterContext, requester: Requester): Promise<void> {
    const found = await named(ctx, requester)
    if (found) page.show(ctx, requester, 'app-move', { label: found.app.label, apps })
  }

  async function move(ctx: RouterContext, requester: Requester): Promise<void> {
    const found = await named(ctx, requester)
    if (found) await begin(ctx, requester, found.app)
  }

  async function begin(ctx: RouterContext, requester: Requester, replaces: AppView | undefined): Promise<void> {
    const begun = await newApps.begin(requester, replaces?.id)
    if (begun.ok) return seeOther(ctx, SCAN)
    page.leave(ctx, begun.reason === 'too-many' ? 'app-too-many' : 'app-unknown')
  }

  async function showScan(ctx: RouterContext, requester: Requester): Promise<void> {
    const waiting = await newApps.find(requester)
    if (!waiting) return page.leave(ctx, 'app-expired')
    await showKey(ctx, requester, waiting, page.notice(ctx, 'app-other'))
  }

  async function showKey(
    ctx: RouterContext,
    requester: Requester,
    waiting: WaitingApp,
    notice: string | undefined,
    refused?: { typed: string; reason: string },
  ): Promise<void> {
    const typed = shownName(refused?.typed ?? waiting.name)
    const data = { ...(await keyData(product, waiting)), ...shown(waiting), typed, notice }
    page.show(ctx, requester, 'app-scan', data, refused && { reason: refused.reason })
  }

  async function showCode(ctx: RouterContext, requester: Requester): Promise<void> {
    const waiting = await newApps.find(requester)
    if (!waiting) return page.leave(ctx, 'app-expired')
    askCode(ctx, requester, waiting)
  }

  function askCode(ctx: RouterContext, requester: Requester, waiting: WaitingApp, error?: Failure): void {
    page.show(ctx, requester, 'app-code', { entry: waiting.entry, ...shown(waiting) }, error)
  }

  function shown(waiting: WaitingApp) {
    return { replaces: waiting.replaces?.label, waiting: nameOf(waiting), cancel: true }
  }

  /** The app that waits, if it is the one that the form's page showed; answers by itself otherwise, and to **Cancel**. */
  async function waitingFor(ctx: RouterContext, requester: Requester, fields: Fields): Promise<WaitingApp | undefined> {
    if (fields.action === 'cancel') {
      await newApps.cancel(requester)
      return void page.leave(ctx, 'app-canceled')
    }
    const waiting = await newApps.find(requester)
    if (!waiting) return void page.leave(ctx, 'app-expired')
    if (fields.waiting !== nameOf(waiting)) return void page.leave(ctx, 'app-other', SCAN)
    return waiting
  }

  async function scanned(ctx: RouterContext, requester: Requester, fields: Fields): Promise<void> {
    const waiting = await waitingFor(ctx, requester, fields)
    if (!waiting) return
    const { step, label = waiting.name ?? '' } = fields
    const named = await newApps.name(requester, label)
    if (named.ok) return seeOther(ctx, step === 'name' || named.changed ? SCAN : CODE)
    if (named.reason === 'expired') return page.leave(ctx, 'app-expired')
    await showKey(ctx, requester, waiting, undefined, { typed: label, reason: named.reason })
  }

  async function confirm(ctx: RouterContext, requester: Requester, fields: Fields): Promise<void> {
    const waiting = await waitingFor(ctx, requester, fields)
    if (!waiting) return
    if (fields.step === 'back') return seeOther(ctx, SCAN)
    const { code = '' } = fields
    const fault = codeFault(code, [6])
    if (fault) return askCode(ctx, requester, waiting, fault)
    const confirmed = await newApps.confirm(requester, code)
    if (confirmed.ok) {
      await signedIn.endOthers(ctx, requester)
      return page.leave(ctx, waiting.replaces ? 'app-moved' : 'app-added')
    }
    if (confirmed.reason === 'expired') return page.leave(ctx, 'app-expired')
    if (confirmed.reason === 'gone') return page.leave(ctx, 'app-gone')
    askCode(ctx, requester, waiting, failureOf(confirmed, now()))
  }

  async function showRename(ctx: RouterContext, requester: Requester): Promise<void> {
    const found = await named(ctx, requester)
    if (found) page.show(ctx, requester, 'app-rename', { label: found.app.label, typed: found.app.label })
  }

  async function rename(ctx: RouterContext, requester: Requester, { label = '' }: Fields): Promise<void> {
    const found = await named(ctx, requester)
    if (!found) return
    const renamed = await factors.rename(requester.account, found.app.id, label, sourceOf(ctx))
    if (renamed.ok) return page.leave(ctx, 'app-renamed')
    if (renamed.reason === 'unknown') return page.leave(ctx, 'app-unknown')
    const typed = shownName(label)
    page.show(ctx, requester, 'app-rename', { label: found.app.label, typed }, { reason: renamed.reason })
  }

  async function showRemove(ctx: RouterContext, requester: Requester): Promise<void> {
    const found = await named(ctx, requester)
    if (!found) return
    const { app, last, demanded, unsaved } = found
    if (unsaved) return page.show(ctx, requester, 'backup-first', { label: app.label })
    page.show(ctx, requester, 'app-remove', { id: app.id, label: app.label, last, demanded })
  }

  async function remove(ctx: RouterContext, requester: Requester, { off }: Fields): Promise<void> {
    const found = await named(ctx, requester)
    if (!found) return
    const { app, last } = found
    // It was one of two when the page was made. The person has not been told what its removal means now.
    if (last && off === undefined) return seeOther(ctx, ctx.path)
    const removed = await factors.remove(requester.account, app.id, { off: off !== undefined }, sourceOf(ctx))
    if (removed.ok) {
      await signedIn.endOthers(ctx, requester)
      return page.leave(ctx, last ? 'two-step-off' : 'app-removed')
    }
    if (removed.reason === 'unknown') return page.leave(ctx, 'app-unknown')
    // What is left has changed: the page says what that means.
    seeOther(ctx, ctx.path)
  }
}

/** Names the app that waits on a page, without being its secret. */
function nameOf({ secret }: WaitingApp): string {
  return digest(`page/${secret}`).slice(0, 16)
}
