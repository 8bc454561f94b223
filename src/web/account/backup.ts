/**
 * A new backup code in the security settings. It is made by a form and shown in the answer to it, this once: a page that
 * could be asked for again would have to keep what is kept digested only (SECURITY BKP-03).
 */
import Router, { type RouterContext } from '@koa/router'
import type { OwnFactors } from '../../mfa/own-factors.ts'
import type { Failure } from '../failure.ts'
import type { Fields } from '../form.ts'
import { sourceOf } from '../request.ts'
import { backupData } from '../setup-data.ts'
import type { Visitor } from '../signed-in.ts'
import { type AccountPageParts, accountPage } from './page.ts'

export interface AccountBackupPagesParts extends AccountPageParts {
  factors: Pick<OwnFactors, 'overview' | 'backupId' | 'renewBackup' | 'confirmBackup'>
  product: string
}

const BACKUP = '/account/backup-code'
const SAVED = '/account/backup-code/saved'

export function accountBackupPages(parts: AccountBackupPagesParts): Router {
  const { signedIn, factors, product } = parts
  const page = accountPage(parts)
  const { guarded, submit } = signedIn.forEnrolled
  const router = new Router({ prefix: BACKUP })

  router.get('/', guarded(explain))
  router.post('/', submit(renew))
  router.get(
    '/saved',
    guarded((ctx, visitor) => askSaved(ctx, visitor)),
  )
  router.post('/saved', submit(saved))
  return router

  async function explain(ctx: RouterContext, visitor: Visitor): Promise<void> {
    const { apps, backup } = await factors.overview(visitor.account)
    if (apps.length === 0) return page.leave(ctx, 'two-step-first')
    const data = { before: await factors.backupId(visitor.account), madeAt: backup?.createdAt }
    page.show(ctx, visitor, 'backup', { ...data, notice: page.notice(ctx, 'backup-stale') })
  }

  async function renew(ctx: RouterContext, visitor: Visitor, { before }: Fields): Promise<void> {
    const { account, proven } = visitor
    if ((await factors.overview(account)).apps.length === 0) return page.leave(ctx, 'two-step-first')
    // A stolen backup code must not breed others (SECURITY BKP-05).
    if (!proven.includes('totp') && !proven.includes('sms')) return page.leave(ctx, 'backup-refused')
    const code = await factors.renewBackup(account, before || undefined, sourceOf(ctx))
    // Reloading the page that showed a code, or a second tab: it would replace the code that was just saved.
    if (code === undefined) return page.leave(ctx, 'backup-stale', BACKUP)
    await signedIn.endOthers(ctx, visitor)
    const made = await factors.backupId(account)
    page.show(ctx, visitor, 'backup-new', { ...backupData(product, account.email, code), made, action: SAVED })
  }

  /** For whoever comes back from proving a second factor once more, or sent the form without the tick: the code itself is gone. */
  async function askSaved(ctx: RouterContext, visitor: Visitor, error?: Failure): Promise<void> {
    const { backup } = await factors.overview(visitor.account)
    if (backup?.saved) return page.leave(ctx, 'backup-saved')
    const made = await factors.backupId(visitor.account)
    if (made === undefined) return page.leave(ctx, 'backup-stale', BACKUP)
    page.show(ctx, visitor, 'backup-saved', { made }, error)
  }

  async function saved(ctx: RouterContext, visitor: Visitor, fields: Fields): Promise<void> {
    // Two tabs made a code each, and only the later one counts: it is not the one that was saved here.
    if (fields.made !== (await factors.backupId(visitor.account))) return page.leave(ctx, 'backup-stale', BACKUP)
    if (fields.saved === undefined) return askSaved(ctx, visitor, { reason: 'not-saved' })
    await factors.confirmBackup(visitor.account)
    page.leave(ctx, 'backup-saved')
  }
}
