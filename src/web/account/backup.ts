/**
 * A new backup code in the security settings. It is made by a form and shown in the answer to it: we keep only a digest of
 * it. The page carries it along, sealed, so that whoever goes on without the tick gets to see it once more.
 */

import Router, { type RouterContext } from '@koa/router'
import { z } from 'zod'
import type { Requester } from '../../accounts/requester.ts'
import type { Sealer } from '../../lib/crypto.ts'
import type { Clock } from '../../lib/time.ts'
import type { OwnFactors } from '../../mfa/own-factors.ts'
import { isEnrolled } from '../../person/second-factor.ts'
import type { Failure } from '../failure.ts'
import type { Fields } from '../form.ts'
import { sourceOf } from '../request.ts'
import { backupData } from '../setup-data.ts'
import type { SignedInRequester } from '../signed-in.ts'
import { type AccountPageParts, accountPage } from './page.ts'

export interface AccountBackupPagesParts extends AccountPageParts {
  issuer: string
  factors: Pick<OwnFactors, 'overview' | 'backupId' | 'renewBackup' | 'confirmBackup'>
  seal: Sealer
  now: Clock
}

const shown = z.object({ code: z.string(), made: z.string(), at: z.number() })
/** A code, the record that it belongs to, and when it was made. */
type Shown = z.output<typeof shown>

const BACKUP = '/account/backup-code'
const SAVED = '/account/backup-code/saved'

export function accountBackupPages(parts: AccountBackupPagesParts): Router {
  const { signedIn, factors, seal, now } = parts
  const page = accountPage(parts)
  const { guarded, submit } = signedIn.forEnrolled
  const router = new Router({ prefix: BACKUP })

  router.get('/', guarded(explain))
  router.post('/', submit(renew))
  router.get(
    '/saved',
    guarded((ctx, requester) => askSaved(ctx, requester)),
  )
  router.post('/saved', submit(saved))
  return router

  async function explain(ctx: RouterContext, requester: Requester): Promise<void> {
    const { apps, passkeys, backup } = await factors.overview(requester.account)
    if (apps.length + passkeys.length === 0) return page.leave(ctx, 'two-step-first')
    const data = { before: await factors.backupId(requester.account), madeAt: backup?.createdAt }
    page.show(ctx, requester, 'backup', { ...data, notice: page.notice(ctx, 'backup-stale') })
  }

  async function renew(ctx: RouterContext, requester: SignedInRequester, { before }: Fields): Promise<void> {
    const { account, proven } = requester
    const { apps, passkeys } = await factors.overview(account)
    if (apps.length + passkeys.length === 0) return page.leave(ctx, 'two-step-first')
    // A stolen backup code must not breed others.
    if (!proven.some(isEnrolled)) return page.leave(ctx, 'backup-refused')
    const code = await factors.renewBackup(account, before || undefined, sourceOf(ctx))
    // Reloading the page that showed a code, or a second tab: it would replace the code that was just saved.
    if (code === undefined) return page.leave(ctx, 'backup-stale', BACKUP)
    await signedIn.endOthers(ctx, requester)
    show(ctx, requester, { code, at: now(), made: (await factors.backupId(account)) ?? '' })
  }

  function show(ctx: RouterContext, requester: Requester, shown: Shown, error?: Failure): void {
    const { code, at, made } = shown
    const sealed = seal.seal(JSON.stringify(shown), recordOf(requester))
    const data = {
      ...backupData(parts.issuer, requester.account.email, code, at),
      made,
      sealed,
      action: SAVED,
      once: true,
    }
    page.show(ctx, requester, 'backup-new', data, error)
  }

  /** For whoever comes back from proving a second factor once more: the code itself is gone. */
  async function askSaved(ctx: RouterContext, requester: Requester, error?: Failure): Promise<void> {
    const { backup } = await factors.overview(requester.account)
    if (backup?.saved) return page.leave(ctx, 'backup-saved')
    const made = await factors.backupId(requester.account)
    if (made === undefined) return page.leave(ctx, 'backup-stale', BACKUP)
    page.show(ctx, requester, 'backup-saved', { made }, error)
  }

  async function saved(ctx: RouterContext, requester: Requester, fields: Fields): Promise<void> {
    // Two tabs made a code each, and only the later one counts: it is not the one that was saved here.
    if (fields.made !== (await factors.backupId(requester.account))) return page.leave(ctx, 'backup-stale', BACKUP)
    if (fields.saved === undefined) return askTick(ctx, requester, fields)
    await factors.confirmBackup(requester.account)
    page.leave(ctx, 'backup-saved')
  }

  async function askTick(ctx: RouterContext, requester: Requester, { made, sealed = '' }: Fields): Promise<void> {
    const error = { reason: 'not-saved' }
    const known = opened(requester, sealed)
    if (!known || known.made !== made) return askSaved(ctx, requester, error)
    show(ctx, requester, known, error)
  }

  function opened(requester: Requester, sealed: string): Shown | undefined {
    try {
      return shown.parse(JSON.parse(seal.open(sealed, recordOf(requester))))
    } catch {
      return undefined
    }
  }
}

/** Of this account and this session only. */
function recordOf({ account, session }: Requester): string {
  return `page/backup-code/${account.id}/${session}`
}
