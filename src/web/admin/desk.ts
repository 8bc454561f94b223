/**
 * What the pages of administration have in common: who one works as, what the role opens, verbs run in the requester's
 * name, and refusals as pages. What a role may not do is not shown; that it cannot be done either is the verbs' own work.
 */

import type { RouterContext } from '@koa/router'
import { onOneLine } from '../../accounts/plain-text.ts'
import type { Requester } from '../../accounts/requester.ts'
import { listApprovals } from '../../admin/approvals.ts'
import { showCampaign } from '../../admin/campaign.ts'
import { listCases } from '../../admin/cases.ts'
import { listClients } from '../../admin/client-looks.ts'
import { listDeliveries } from '../../admin/deliveries.ts'
import { listInvitations } from '../../admin/invitations.ts'
import { listKeys } from '../../admin/keys.ts'
import { listOrganizations } from '../../admin/organizations.ts'
import { findPeople } from '../../admin/people.ts'
import { listResources } from '../../admin/resources.ts'
import { type Actor, mayRun } from '../../admin/role.ts'
import { listAudit } from '../../admin/trail.ts'
import { type AdminContext, insist, NotAllowed, runVerb, type Verb } from '../../admin/verb.ts'
import { AppError, InputError } from '../../lib/errors.ts'
import type { Clock } from '../../lib/time.ts'
import type { CookieJar } from '../cookies.ts'
import type { Fields } from '../form.ts'
import type { Pages } from '../page.ts'
import { sourceOf } from '../request.ts'
import type { SignedInPages, Submission, SubmitOptions, Upload, UploadOptions, Visit } from '../signed-in.ts'

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

/** What has just been done, for the page that comes after. */
const NOTICES = [
  'invited',
  'signed-out',
  'disabled',
  'enabled',
  'resent',
  'deleted',
  'declined',
  'retried',
  'rotated',
  'rotated-elsewhere',
  'application-changed',
  'application-disabled',
  'application-enabled',
  'application-adopted',
  'application-released',
  'application-restored',
  'application-deleted',
  'secret-removed',
  'logo-changed',
  'logo-removed',
  'change-proposed',
  'change-approved',
  'change-declined',
  'change-withdrawn',
  'change-over',
  'api-added',
  'api-changed',
  'api-disabled',
  'api-enabled',
  'api-deleted',
  'moved',
  'invitations-sent',
  'invitations-resent',
  'invitations-rested',
  'invitations-withdrawn',
  'email-changed',
  'organization-added',
  'organization-disabled',
  'organization-enabled',
  'organization-merged',
  'dates-given',
  'dates-some',
  'saved',
] as const
export type AdminNotice = (typeof NOTICES)[number]

interface Section {
  name: string
  href: string
  verb?: Pick<Verb, 'roles'>
  /** How many wait there: it is shown only where some do. */
  waiting?: (context: AdminContext) => number
}

const SECTIONS: Section[] = [
  { name: 'home', href: '/admin' },
  { name: 'people', href: '/admin/people', verb: findPeople },
  { name: 'invitations', href: '/admin/invitations', verb: listInvitations },
  { name: 'cases', href: '/admin/cases', verb: listCases },
  { name: 'applications', href: '/admin/applications', verb: listClients },
  {
    name: 'approvals',
    href: '/admin/approvals',
    verb: listApprovals,
    waiting: ({ approvals }) => approvals.waiting(),
  },
  { name: 'apis', href: '/admin/apis', verb: listResources },
  { name: 'organizations', href: '/admin/organizations', verb: listOrganizations },
  { name: 'campaign', href: '/admin/campaign', verb: showCampaign },
  { name: 'audit', href: '/admin/audit', verb: listAudit },
  { name: 'deliveries', href: '/admin/deliveries', verb: listDeliveries },
  { name: 'keys', href: '/admin/keys', verb: listKeys },
]

/** Of every form of the signedIn. */
const TOKENS = ['csrf', 'for']
/** Of a field that is shown. */
const LONGEST_NAME = 40

/** Codes of refusals that have words of their own. */
const REFUSALS = [
  'not-found',
  'already-disabled',
  'not-disabled',
  'not-waiting',
  'case-closed',
  'in-hand',
  'proposer-gone',
]

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
        sections: sectionsOf(ctx, requester),
        notice: takeNotice(ctx),
        signOut,
        for: signedIn.formFor(requester),
        ...data,
      },
    })
  }

  function sectionsOf(
    ctx: RouterContext,
    requester: Requester,
  ): Array<{ name: string; href: string; current: unknown; count?: number }> {
    return SECTIONS.filter(({ verb }) => !verb || may(requester, verb)).flatMap(({ name, href, waiting }) => {
      const inside = href !== '/admin' && ctx.path.startsWith(`${href}/`) && 'true'
      const current = ctx.path === href ? 'page' : inside
      const count = waiting?.(context)
      return count === 0 && !current ? [] : [{ name, href, current, ...(count && { count }) }]
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
      const data = { reason, field, back: backFrom(ctx, reason) }
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

/** A form says something that nobody would have read: refused, not passed over, for whoever sent it meant something by it. */
class UnknownField extends AppError {
  readonly field: string

  constructor(name: string) {
    super('unknown-field', 'a field that the form does not have', { status: 400 })
    this.field = onOneLine(name).slice(0, LONGEST_NAME)
  }
}

function refusalOf(fault: unknown): { reason: string; status: number; field?: string } | undefined {
  if (fault instanceof UnknownField) return { reason: fault.code, status: fault.status, field: fault.field }
  if (fault instanceof NotAllowed) return { reason: fault.reason, status: fault.status }
  // An address that was typed by hand, and can name nobody and nothing.
  if (fault instanceof InputError) return { reason: 'not-found', status: 404 }
  if (!(fault instanceof AppError)) return undefined
  return REFUSALS.includes(fault.code) ? { reason: fault.code, status: fault.status } : undefined
}

/** Out of a dead end: to the case or person where there is one, to the beginning otherwise. */
function backFrom(ctx: RouterContext, reason: string): string {
  const list = /^\/admin\/(?:approvals|audit|campaign|deliveries|keys)(?=\/)/.exec(ctx.path)?.[0]
  if (list && reason !== 'role-missing') return list
  const parent = /^\/admin\/(?:people|invitations|cases|applications|apis|organizations)\/[^/]+/.exec(ctx.path)?.[0]
  return parent && reason !== 'not-found' && (parent !== ctx.path || reason === 'case-closed') ? parent : '/admin'
}

export function personAddress(id: string): string {
  return `/admin/people/${encodeURIComponent(id)}`
}

/** An address with what it asks for; what is undefined is not asked. */
export function addressOf(path: string, query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path
}

const MOST_ASKED = 254

/** What was typed into a field that looks something up. */
export function asked(ctx: RouterContext, name: string): string {
  const value = ctx.query[name]
  return typeof value === 'string' ? value.trim().slice(0, MOST_ASKED) : ''
}
