/**
 * What the pages of administration have in common: who one works as, what the role opens, verbs run in the requester's
 * name, and refusals as pages. What a role may not do is not shown; that it cannot be done either is the verbs' own work.
 */

import type { RouterContext } from '@koa/router'
import type { Requester } from '../../accounts/requester.ts'
import { type Actor, mayRun } from '../../admin/role.ts'
import { type AdminContext, insist, runVerb, type Verb } from '../../admin/verb.ts'
import type { Clock } from '../../lib/time.ts'
import type { CookieJar } from '../cookies.ts'
import type { Fields } from '../form.ts'
import type { Pages } from '../page.ts'
import { sourceOf } from '../request.ts'
import type { SignedInPages, Submission, SubmitOptions, Upload, UploadOptions, Visit } from '../signed-in.ts'
import { type AdminNotice, NOTICES } from './notices.ts'
import { backFrom, refusalOf, UnknownField } from './refusals.ts'
import { sectionsFor } from './sections.ts'

export interface DeskParts {
  signedIn: SignedInPages
  context: AdminContext
  pages: Pages
  cookies: CookieJar
  /** Where **Sign out** leads: the provider's own page. */
  signOut: string
  issuer: string
  now: Clock
}

export interface DeskPage {
  /** In views/admin. */
  view: string
  /** Empty where something is shown this once: the same page in another language would be without it. */
  self: string
  status?: number | undefined
  data?: Record<string, unknown>
}

export interface Desk {
  context: AdminContext
  issuer: string
  now: Clock
  /** The doors of the signedIn, with refusals as pages. */
  page(visit: Visit): (ctx: RouterContext) => Promise<void>
  guarded(visit: Visit): (ctx: RouterContext) => Promise<void>
  /** `names` are the fields of the form, besides its tokens: a form with any other is not one of ours. */
  submit(names: readonly string[], take: Submission, options?: SubmitOptions): (ctx: RouterContext) => Promise<void>
  upload(names: readonly string[], take: Upload, options: UploadOptions): (ctx: RouterContext) => Promise<void>
  show(ctx: RouterContext, requester: Requester, page: DeskPage): void
  actor(ctx: RouterContext, requester: Requester): Actor
  may(requester: Requester, verb: Pick<Verb, 'roles'>): boolean
  /** Throws NotAllowed: better told on the way in than after the button. */
  insistMay(ctx: RouterContext, requester: Requester, verb: Pick<Verb, 'roles'>): void
  /** The same of a form that was sent: kept in the audit trail, as every refusal of a verb is. */
  insistSent(ctx: RouterContext, requester: Requester, verb: Verb): Promise<void>
  run<R>(ctx: RouterContext, requester: Requester, verb: Verb<R>, input: unknown): Promise<R>
  /** A text in the requester's language, for what is no page. */
  say: Pages['say']
  /** Leaves a sentence for the next page. */
  leaveNotice(ctx: RouterContext, notice: AdminNotice): void
}

/** Of every form of the signedIn. */
const TOKENS = ['csrf', 'for']
export function desk({ signedIn, context, pages, cookies, signOut, issuer, now }: DeskParts): Desk {
  function actor(ctx: RouterContext, { account }: Requester): Actor {
    return { id: account.id, roles: account.roles, via: 'pages', source: sourceOf(ctx) }
  }

  function may({ account }: Requester, { roles }: Pick<Verb, 'roles'>): boolean {
    return mayRun({ id: account.id, roles: account.roles, via: 'pages', source: undefined }, roles).ok
  }

  function show(ctx: RouterContext, requester: Requester, { view, self, status = 200, data = {} }: DeskPage): void {
    const { name, email } = requester.account
    pages.show(ctx, {
      view: `admin/${view}`,
      self,
      status,
      data: {
        who: { name, email },
        sections: sectionsFor(context, ctx.path, (verb) => may(requester, verb)),
        notice: takeNotice(ctx),
        signOut,
        for: signedIn.formFor(requester),
        ...data,
      },
    })
  }

  function takeNotice(ctx: RouterContext): AdminNotice | undefined {
    const left = cookies.get(ctx, 'notice')
    const notice = NOTICES.find((code) => `admin-${code}` === left)
    if (notice) cookies.set(ctx, 'notice', undefined)
    return notice
  }

  async function refusing(ctx: RouterContext, requester: Requester, act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (fault) {
      const refused = refusalOf(fault)
      if (!refused) throw fault
      const { reason, status, field } = refused
      const data = { reason, field, back: backFrom(ctx.path, reason) }
      show(ctx, requester, { view: 'refused', self: ctx.path, status, data })
    }
  }

  function refuseField(ctx: RouterContext, { account }: Requester, name: string): UnknownField {
    const { correlation } = sourceOf(ctx)
    const fault = new UnknownField(name)
    context.log.warn({ reason: fault.code, field: fault.field, actor: account.id, correlation }, 'admin refused')
    return fault
  }

  function insistKnown(ctx: RouterContext, requester: Requester, fields: Fields, names: readonly string[]): void {
    const field = Object.keys(fields).find((name) => !TOKENS.includes(name) && !names.includes(name))
    if (field !== undefined) throw refuseField(ctx, requester, field)
  }

  return {
    context,
    issuer,
    now,
    page: (visit) => signedIn.page((ctx, requester) => refusing(ctx, requester, () => visit(ctx, requester))),
    guarded: (visit) => signedIn.guarded((ctx, requester) => refusing(ctx, requester, () => visit(ctx, requester))),
    submit(names, take, { stale, ...options } = {}) {
      const known =
        (handle: Submission): Submission =>
        (ctx, requester, fields) =>
          refusing(ctx, requester, async () => {
            insistKnown(ctx, requester, fields, names)
            await handle(ctx, requester, fields)
          })
      return signedIn.submit(known(take), { ...options, ...(stale && { stale: known(stale) }) })
    },
    upload: (names, take, { tooLarge, ...limits }) =>
      signedIn.upload(
        (ctx, requester, sent) =>
          refusing(ctx, requester, async () => {
            insistKnown(ctx, requester, sent.fields, names)
            await take(ctx, requester, sent)
          }),
        { ...limits, tooLarge: (ctx, requester) => refusing(ctx, requester, () => tooLarge(ctx, requester)) },
      ),
    show,
    actor,
    may,
    insistMay: (ctx, requester, { roles }) => insist(mayRun(actor(ctx, requester), roles)),
    async insistSent(ctx, requester, verb) {
      if (!may(requester, verb)) await runVerb(context, verb, {}, actor(ctx, requester))
    },
    run: (ctx, requester, verb, input) => runVerb(context, verb, input, actor(ctx, requester)),
    say: (ctx, key, values) => pages.say(ctx, key, values),
    leaveNotice: (ctx, notice) => cookies.set(ctx, 'notice', `admin-${notice}`),
  }
}
