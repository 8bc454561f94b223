/**
 * The door to the pages behind a sign-in of our own, `/account` and `/admin`. They are clients of our own provider: whoever comes is
 * sent through the same dispatcher as for any application, and what comes back is a cookie that names the provider's
 * session, sealed. There is no second session: at every request that session is looked up, and once it has ended, was
 * renewed elsewhere, or has not proven enough, the way leads through the dispatcher again.
 */
import Router, { type RouterContext } from '@koa/router'
import { z } from 'zod'
import type { Requester } from '../accounts/requester.ts'
import { type Sealer, sameSecret } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'
import { type Clock, SECOND, seconds } from '../lib/time.ts'
import type { InTurn } from '../lib/turns.ts'
import type { BuiltInClient, BuiltInSession } from '../oidc/built-in-client.ts'
import type { Account } from '../person/account.ts'
import type { SecondFactor } from '../person/second-factor.ts'
import type { CookieJar, CookieName } from './cookies.ts'
import type { Csrf } from './csrf.ts'
import { type Fields, readForm } from './form.ts'
import { ownTrip } from './own-trip.ts'
import type { Pages } from './page.ts'
import { sourceOf } from './request.ts'
import { sealedCookie } from './sealed-cookie.ts'
import { readUpload, type Sent, type UploadLimits } from './upload.ts'

/** Whoever is signed in, well enough for the page. */
export interface SignedInRequester extends Requester {
  /** Second factors that this session has proven, however long ago. */
  proven: SecondFactor[]
}

export type Visit = (ctx: RouterContext, requester: SignedInRequester) => Promise<void>
/** A form that was posted by this browser, from a page made for this account. */
export type Submission = (ctx: RouterContext, requester: SignedInRequester, fields: Fields) => Promise<void>
/** The same with a file in it. */
export type Upload = (ctx: RouterContext, requester: SignedInRequester, sent: Sent) => Promise<void>

export interface UploadOptions extends UploadLimits {
  /** Shows the page to somebody whose file is too large to be read, and changes nothing. */
  tooLarge: Visit
}

export interface SubmitOptions {
  /** Bytes that the form may have, where people type more than a few lines. */
  most?: number
  /**
   * Takes the form of somebody whose proof is not fresh any more, and changes nothing. Without it they are asked for one,
   * and what they typed is lost on the way.
   */
  stale?: Submission
}

export interface SignedInPages {
  /** Where the dispatcher sends people back to. */
  router: Router
  /** A page that needs a session, as good as this person owes. */
  page(visit: Visit): (ctx: RouterContext) => Promise<void>
  /**
   * A page with a form that changes something. It needs the best that the person can prove (a second factor; the password
   * of someone who has none), not older than `fresh` of these pages. Whoever has not is asked for it, and comes back.
   */
  guarded(visit: Visit): (ctx: RouterContext) => Promise<void>
  /**
   * The form of a guarded page; it is posted to the address of that page. Checks the form's token, that the page was
   * made for this account (field `for`), and that what was proven is fresh. Runs in turn with everything else that
   * writes this session.
   */
  submit(take: Submission, options?: SubmitOptions): (ctx: RouterContext) => Promise<void>
  /** The same of a form with a file in it. */
  upload(take: Upload, options: UploadOptions): (ctx: RouterContext) => Promise<void>
  /**
   * The same for pages about second factors: someone who has none is led into setting the first one up, and whoever has a
   * passkey proves that one.
   */
  forEnrolled: Pick<SignedInPages, 'guarded' | 'submit'>
  /** Value of the hidden field `for` on every form of these pages: `it.for` (views/partial/for.eta). */
  formFor(requester: Pick<Requester, 'account'>): string
  /**
   * Ends everything that was signed in as this account but this session, which gets a new id; pending sign-ins,
   * refresh tokens and grants end too. To be called in `submit` after every change that moved the account's epoch up.
   */
  endOthers(ctx: RouterContext, requester: Requester): Promise<void>
}

export interface SignedInPagesParts {
  /** Where the pages begin: `/account`, `/admin`. */
  path: string
  /** For whoever does not come in. */
  home: string
  client: BuiltInClient
  cookie: CookieName & ('account' | 'admin')
  pages: Pages
  cookies: CookieJar
  csrf: Csrf
  seal: Sealer
  inTurn: InTurn
  endOthers: (accountId: string, uid: string, left: number) => Promise<string | undefined>
  /** Gives the browser the session's id, which is new or lives longer; only where the pages are on the issuer's own host. */
  keepSession: (ctx: RouterContext, sessionId: string) => void
  /**
   * What the field `for` may be: names an account on a page of this browser without being its id. Pages are made with the
   * first.
   */
  names: (accountId: string) => string[]
  /** What the ladder calls two factors. */
  mfa: string
  /** And what cannot be phished. */
  resistant: string
  now: Clock
  limits: SignedInLimits
  /** Whether this person may come in at all. */
  admits?: (account: Account) => boolean
}

/** Milliseconds. */
export interface SignedInLimits {
  /** That the best proof may be old for a change. */
  fresh: number
  /** Without a request. */
  idle?: number
  /** Since the password was proven. */
  absolute?: number
}

/** What the cookie holds. It opens nothing but what the session in it opens. */
const tag = z.object({ session: z.string(), seen: z.number() })

/** A form as it was read. */
interface Posted {
  fields: Fields
  take: Visit
  /** As in `SubmitOptions`. */
  stale?: Visit | undefined
}

type Need = 'session' | 'fresh' | 'fresh-factor'
type Entry = { ok: true; session: BuiltInSession } | { ok: false; demands: Record<string, string> }

/** The `claims` of a request that takes nothing else (OpenID Connect Core 1.0 section 5.5.1.1). */
function demanding(acr: string): string {
  return JSON.stringify({ id_token: { acr: { essential: true, values: [acr] } } })
}

export function signedIn(parts: SignedInPagesParts): SignedInPages {
  const { path, client, cookie, csrf, limits, now } = parts
  const tags = sealedCookie(parts, cookie, tag)
  const router = new Router()
  const { sendAway, comeBack } = ownTrip({ ...parts, keep, isKept: (ctx) => tags.read(ctx) !== undefined })
  router.get(`${path}/callback`, comeBack)

  function keep(ctx: RouterContext, session: string): void {
    tags.write(ctx, { session, seen: now() })
  }

  /** Whether this browser may go on, or what the dispatcher has to see to first. */
  async function enter(ctx: RouterContext, need: Need): Promise<Entry> {
    const tagged = tags.read(ctx)
    const session = tagged && (await client.find(tagged.session))
    if (!tagged || !session) return { ok: false, demands: {} }
    const { fresh, idle, absolute } = limits
    if (absolute !== undefined && seconds(now()) - session.loginTs > absolute / SECOND)
      return { ok: false, demands: { max_age: String(absolute / SECOND) } }
    // The record's own limit on the age of a second factor is asked at the door.
    if (idle !== undefined && tagged.seen + idle <= now()) return { ok: false, demands: {} }
    if (need === 'fresh-factor' && !session.enrolled) return { ok: false, demands: { acr_values: parts.mfa } }
    const binding = need === 'fresh-factor'
    const provenAt = binding ? session.bindingAt : session.bestAt
    if (need !== 'session' && seconds(now()) - provenAt > fresh / SECOND) {
      const demand = session.enrolled ? 'mfa_max_age' : 'max_age'
      const age = { [demand]: String(fresh / SECOND) }
      const passkey = binding && session.resistant
      return { ok: false, demands: passkey ? { ...age, claims: demanding(parts.resistant) } : age }
    }
    return { ok: true, session }
  }

  function requesterOf(ctx: RouterContext, { account, uid, factors }: BuiltInSession): SignedInRequester {
    if (parts.admits && !parts.admits(account))
      throw new AppError('not-allowed', 'no role that opens these pages', { status: 403 })
    return { account, session: uid, source: sourceOf(ctx), proven: Object.keys(factors) as SecondFactor[] }
  }

  function visited(need: Need, visit: Visit): (ctx: RouterContext) => Promise<void> {
    return async (ctx) => {
      const entry = await enter(ctx, need)
      if (!entry.ok) return sendAway(ctx, entry.demands)
      const requester = requesterOf(ctx, entry.session)
      if (await client.keepAlive(entry.session.id)) parts.keepSession(ctx, entry.session.id)
      keep(ctx, entry.session.id)
      await visit(ctx, requester)
    }
  }

  function submitted(need: Need, take: Submission, { most, stale }: SubmitOptions = {}) {
    return async (ctx: RouterContext): Promise<void> => {
      // Of a stranger no more is read than a form of theirs may have.
      const entry = most === undefined ? undefined : await enter(ctx, stale ? 'session' : need)
      if (entry?.ok === false) return sendAway(ctx, entry.demands)
      const fields = await readForm(ctx, most)
      const whenStale: Visit | undefined = stale && ((at, requester) => stale(at, requester, fields))
      await takeForm(ctx, need, { fields, take: (at, requester) => take(at, requester, fields), stale: whenStale })
    }
  }

  function uploaded(need: Need, take: Upload, { tooLarge, ...limits }: UploadOptions) {
    return async (ctx: RouterContext): Promise<void> => {
      // A file is read of nobody but who may change something.
      const entry = await enter(ctx, need)
      if (!entry.ok) return sendAway(ctx, entry.demands)
      const sent = await readUpload(ctx, limits).catch((fault: unknown) => {
        if (fault instanceof AppError && fault.code === 'body-too-large') return undefined
        throw fault
      })
      if (!sent) return visited(need, tooLarge)(ctx)
      await takeForm(ctx, need, { fields: sent.fields, take: (at, requester) => take(at, requester, sent) })
    }
  }

  async function takeForm(ctx: RouterContext, need: Need, { fields, take, stale }: Posted): Promise<void> {
    /** What may be done with the form, by somebody who is signed in well enough for that. */
    async function enterWith(): Promise<{ entry: Entry; with: Visit }> {
      const entry = await enter(ctx, need)
      if (entry.ok || !stale) return { entry, with: take }
      return { entry: await enter(ctx, 'session'), with: stale }
    }

    csrf.assert(ctx, fields)
    const { entry: before } = await enterWith()
    if (!before.ok) return sendAway(ctx, before.demands)
    await parts.inTurn(before.session.id, async () => {
      // Whatever came before it in this session may have ended it.
      const { entry, with: handle } = await enterWith()
      if (!entry.ok) return sendAway(ctx, entry.demands)
      const requester = requesterOf(ctx, entry.session)
      if (!parts.names(requester.account.id).some((name) => sameSecret(fields.for ?? '', name)))
        throw new AppError('stale-form', 'the page was made for another account', { status: 403 })
      keep(ctx, entry.session.id)
      await handle(ctx, requester)
    })
  }

  return {
    router,
    page: (visit) => visited('session', visit),
    guarded: (visit) => visited('fresh', visit),
    submit: (take, options) => submitted('fresh', take, options),
    upload: (take, options) => uploaded('fresh', take, options),
    forEnrolled: {
      guarded: (visit) => visited('fresh-factor', visit),
      submit: (take, options) => submitted('fresh-factor', take, options),
    },
    formFor: ({ account }) => parts.names(account.id)[0] ?? '',
    async endOthers(ctx, { account, session }) {
      const renewed = await parts.endOthers(account.id, session, account.epoch)
      if (renewed === undefined) return
      parts.keepSession(ctx, renewed)
      keep(ctx, renewed)
    },
  }
}
