/**
 * Authenticator apps in the security settings: one more, a new phone in the place of an old one, another name, one less.
 *
 * Every form names what its page was about (the app that waits, whether two-step verification goes off), because another
 * tab may have changed that since: then nothing is done, and the page that is true now is shown.
 */
import Router, { type RouterContext } from '@koa/router'
import { digest } from '../../lib/crypto.ts'
import type { Clock } from '../../lib/time.ts'
import type { Mover, NewApps, WaitingApp } from '../../mfa/new-app.ts'
import type { AppView, OwnFactors } from '../../mfa/own-factors.ts'
import { type Failure, failureOf } from '../failure.ts'
import type { Fields } from '../form.ts'
import { seeOther } from '../page.ts'
import { sourceOf } from '../request.ts'
import { keyData } from '../setup-data.ts'
import type { CompanyApp } from '../sign-in/enroll-stages.ts'
import type { Visitor } from '../signed-in.ts'
import { type AccountPageParts, accountPage } from './page.ts'

export interface AccountFactorPagesParts extends AccountPageParts {
  factors: Pick<OwnFactors, 'overview' | 'rename' | 'removeApp'>
  newApps: NewApps
  /** Offered to whoever has no app on the new phone yet. */
  app: CompanyApp
  /** What apps show as the issuer of an entry. */
  product: string
  now: Clock
}

const SCAN = '/account/apps/scan'
const CODE = '/account/apps/code'
/** Of a name that was refused, what is shown again: enough to see what is wrong with it. */
const SHOWN_NAME = 80

export function accountFactorPages(parts: AccountFactorPagesParts): Router {
  const { signedIn, factors, newApps, product, now } = parts
  const page = accountPage(parts)
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

  function moverOf(ctx: RouterContext, { account, session }: Visitor): Mover {
    return { account, session, source: sourceOf(ctx) }
  }

  /** The app that the address names; answers by itself if it is there no more. */
  async function named(ctx: RouterContext, { account }: Visitor) {
    const overview = await factors.overview(account)
    const app = overview.apps.find(({ id }) => id === ctx.params.id)
    if (!app) return void page.leave(ctx, 'app-unknown')
    return { app, last: overview.apps.length === 1, demanded: overview.demanded }
  }

  /** The first app comes with a backup code, so it is set up in the wizard and not here. */
  async function isFirst({ account }: Visitor): Promise<boolean> {
    return (await factors.overview(account)).apps.length === 0
  }

  async function showNew(ctx: RouterContext, visitor: Visitor): Promise<void> {
    if (await isFirst(visitor)) return page.leave(ctx, 'two-step-first')
    page.show(ctx, visitor, 'app-new', { companyApp: parts.app })
  }

  async function addApp(ctx: RouterContext, visitor: Visitor): Promise<void> {
    if (await isFirst(visitor)) return page.leave(ctx, 'two-step-first')
    await begin(ctx, visitor, undefined)
  }

  async function showMove(ctx: RouterContext, visitor: Visitor): Promise<void> {
    const found = await named(ctx, visitor)
    if (found) page.show(ctx, visitor, 'app-move', { label: found.app.label, companyApp: parts.app })
  }

  async function move(ctx: RouterContext, visitor: Visitor): Promise<void> {
    const found = await named(ctx, visitor)
    if (found) await begin(ctx, visitor, found.app)
  }

  async function begin(ctx: RouterContext, visitor: Visitor, replaces: AppView | undefined): Promise<void> {
    const begun = await newApps.begin(moverOf(ctx, visitor), replaces?.id)
    if (begun.ok) return seeOther(ctx, SCAN)
    page.leave(ctx, begun.reason === 'too-many' ? 'app-too-many' : 'app-unknown')
  }

  async function showScan(ctx: RouterContext, visitor: Visitor): Promise<void> {
    const waiting = await newApps.find(moverOf(ctx, visitor))
    if (!waiting) return page.leave(ctx, 'app-expired')
    const notice = page.notice(ctx, 'app-other')
    page.show(ctx, visitor, 'app-scan', { ...(await keyData(product, waiting)), ...shown(waiting), notice })
  }

  async function showCode(ctx: RouterContext, visitor: Visitor): Promise<void> {
    const waiting = await newApps.find(moverOf(ctx, visitor))
    if (!waiting) return page.leave(ctx, 'app-expired')
    askCode(ctx, visitor, waiting)
  }

  function askCode(ctx: RouterContext, visitor: Visitor, waiting: WaitingApp, error?: Failure): void {
    page.show(ctx, visitor, 'app-code', { entry: waiting.entry, ...shown(waiting) }, error)
  }

  function shown(waiting: WaitingApp) {
    return { replaces: waiting.replaces?.label, waiting: nameOf(waiting), cancel: true }
  }

  /** The app that waits, if it is the one that the form's page showed; answers by itself otherwise, and to **Cancel**. */
  async function waitingFor(ctx: RouterContext, visitor: Visitor, fields: Fields): Promise<WaitingApp | undefined> {
    const mover = moverOf(ctx, visitor)
    if (fields.action === 'cancel') {
      await newApps.cancel(mover)
      return void page.leave(ctx, 'app-canceled')
    }
    const waiting = await newApps.find(mover)
    if (!waiting) return void page.leave(ctx, 'app-expired')
    if (fields.waiting !== nameOf(waiting)) return void page.leave(ctx, 'app-other', SCAN)
    return waiting
  }

  async function scanned(ctx: RouterContext, visitor: Visitor, fields: Fields): Promise<void> {
    if (await waitingFor(ctx, visitor, fields)) seeOther(ctx, CODE)
  }

  async function confirm(ctx: RouterContext, visitor: Visitor, fields: Fields): Promise<void> {
    const waiting = await waitingFor(ctx, visitor, fields)
    if (!waiting) return
    if (fields.step === 'back') return seeOther(ctx, SCAN)
    const { code = '' } = fields
    if (code.trim() === '') return askCode(ctx, visitor, waiting, { reason: 'code-missing' })
    const confirmed = await newApps.confirm(moverOf(ctx, visitor), code)
    if (confirmed.ok) {
      await signedIn.endOthers(ctx, visitor)
      return page.leave(ctx, waiting.replaces ? 'app-moved' : 'app-added')
    }
    if (confirmed.reason === 'expired') return page.leave(ctx, 'app-expired')
    if (confirmed.reason === 'gone') return page.leave(ctx, 'app-gone')
    askCode(ctx, visitor, waiting, failureOf(confirmed, now()))
  }

  async function showRename(ctx: RouterContext, visitor: Visitor): Promise<void> {
    const found = await named(ctx, visitor)
    if (found) page.show(ctx, visitor, 'app-rename', { label: found.app.label, typed: found.app.label })
  }

  async function rename(ctx: RouterContext, visitor: Visitor, { label = '' }: Fields): Promise<void> {
    const found = await named(ctx, visitor)
    if (!found) return
    const renamed = await factors.rename(visitor.account, found.app.id, label, sourceOf(ctx))
    if (renamed.ok) return page.leave(ctx, 'app-renamed')
    if (renamed.reason === 'unknown') return page.leave(ctx, 'app-unknown')
    const typed = [...label].slice(0, SHOWN_NAME).join('')
    page.show(ctx, visitor, 'app-rename', { label: found.app.label, typed }, { reason: renamed.reason })
  }

  async function showRemove(ctx: RouterContext, visitor: Visitor): Promise<void> {
    const found = await named(ctx, visitor)
    if (!found) return
    const { app, last, demanded } = found
    page.show(ctx, visitor, 'app-remove', { id: app.id, label: app.label, last, demanded })
  }

  async function remove(ctx: RouterContext, visitor: Visitor, { off }: Fields): Promise<void> {
    const found = await named(ctx, visitor)
    if (!found) return
    const { app, last } = found
    // It was one of two when the page was made. What its removal means now, the person has not been told.
    if (last && off === undefined) return seeOther(ctx, ctx.path)
    const removed = await factors.removeApp(visitor.account, app.id, { off: off !== undefined }, sourceOf(ctx))
    if (removed.ok) {
      await signedIn.endOthers(ctx, visitor)
      return page.leave(ctx, last ? 'two-step-off' : 'app-removed')
    }
    if (removed.reason === 'unknown') return page.leave(ctx, 'app-unknown')
    seeOther(ctx, ctx.path)
  }
}

/** Names the app that waits on a page, without being its secret. */
function nameOf({ secret }: WaitingApp): string {
  return digest(`page/${secret}`).slice(0, 16)
}
