/**
 * The pages behind links in mails, `/activate` and `/recover`, and asking for such a link.
 *
 * Opening a link changes nothing, however often and by whatever program: it moves the token from the address into a
 * cookie, so that it stands in no history, log or referrer. Only a form with a valid password uses the link up. Where
 * somebody else is signed in, they sign out first, or the person of the link would go on as them.
 */
import Router, { type RouterContext } from '@koa/router'
import type { Links } from '../../accounts/links.ts'
import type { SetPassword } from '../../accounts/set-password.ts'
import { digest } from '../../lib/crypto.ts'
import { isEmailAddress } from '../../lib/email-address.ts'
import { AppError } from '../../lib/errors.ts'
import type { Networks } from '../../lib/network.ts'
import type { Throttle } from '../../lib/throttle.ts'
import { SECOND } from '../../lib/time.ts'
import type { BrowserSession } from '../../oidc/browser-session.ts'
import { type Account, emailKey } from '../../person/account.ts'
import type { LinkOrigin, LinkPurpose } from '../../person/link.ts'
import type { CookieJar } from '../cookies.ts'
import type { Csrf } from '../csrf.ts'
import type { Failure } from '../failure.ts'
import { readForm, readJson } from '../form.ts'
import { hideReferrer } from '../headers.ts'
import { type Pages, seeOther } from '../page.ts'
import { factsOf, sourceOf } from '../request.ts'
import { linkLimit } from './limits.ts'
import type { Origins } from './origin.ts'

export interface LinkPagesParts {
  links: Links
  passwords: SetPassword
  pages: Pages
  csrf: Csrf
  cookies: CookieJar
  throttle: Throttle
  networks: Networks
  session: BrowserSession
  /** Forgets who was signed in with this browser. */
  forget: (ctx: RouterContext) => void
  minimum: number
  /** Milliseconds that a link lives. */
  lifetime: (purpose: LinkPurpose) => number
  /** Where a sign-in begins that nobody knows the application of. */
  home: string
  origins: Origins
}

const COOKIE = { activation: 'activate', reset: 'recover' } as const

export function linkPages(parts: LinkPagesParts): Router {
  const { links, passwords, pages, csrf, cookies } = parts
  const limit = linkLimit(parts)
  const router = new Router()

  for (const purpose of ['activation', 'reset'] as const) {
    const path = `/${COOKIE[purpose]}`
    router.get(`${path}/set`, (ctx) => showLink(ctx, purpose))
    router.post(`${path}/set`, (ctx) => set(ctx, purpose))
    router.get(`${path}/sign-out`, (ctx) => seeOther(ctx, `${path}/set`))
    router.post(`${path}/sign-out`, (ctx) => signOut(ctx, purpose))
    router.get(`${path}/again`, (ctx) => seeOther(ctx, `${path}/set`))
    router.post(`${path}/again`, (ctx) => again(ctx, purpose))
    router.post(`${path}/check`, (ctx) => judge(ctx, purpose))
    router.get(`${path}/:token`, (ctx) => {
      hideReferrer(ctx)
      cookies.set(ctx, COOKIE[purpose], wellFormed(ctx.params.token))
      seeOther(ctx, `${path}/set`)
    })
  }
  router.get('/activate', (ctx) => seeOther(ctx, '/activate/set'))
  router.get('/recover', (ctx) => showReset(ctx, parts.origins.email(ctx)))
  router.post('/recover', askReset)
  return router

  function tokenOf(ctx: RouterContext, purpose: LinkPurpose): string {
    return cookies.get(ctx, COOKIE[purpose]) ?? ''
  }

  async function showLink(ctx: RouterContext, purpose: LinkPurpose, errors?: string[]): Promise<void> {
    const token = tokenOf(ctx, purpose)
    const found = await links.find(token)
    if (found?.state !== 'open' || found.link.purpose !== purpose) return showDead(ctx, purpose)
    const other = await signedInBeside(ctx, found.account)
    if (other) return showOther(ctx, purpose, other, found.account)
    pages.show(ctx, {
      view: 'set-password',
      self: `/${COOKIE[purpose]}/set`,
      status: errors ? 400 : 200,
      uiLocales: parts.origins.locale(ctx, found.link.origin),
      data: {
        action: `/${COOKIE[purpose]}/set`,
        check: `/${COOKIE[purpose]}/check`,
        purpose,
        email: found.account.email,
        name: found.account.name,
        linkId: linkId(token),
        minimum: parts.minimum,
        errors,
      },
    })
  }

  async function signedInBeside(ctx: RouterContext, { id }: Account): Promise<Account | undefined> {
    const signedIn = await parts.session.account(ctx.req, ctx.res)
    return signedIn?.id === id ? undefined : signedIn
  }

  function showOther(ctx: RouterContext, purpose: LinkPurpose, signedIn: Account, { email }: Account): void {
    pages.show(ctx, {
      view: 'sign-out-first',
      self: `/${COOKIE[purpose]}/set`,
      status: ctx.method === 'POST' ? 409 : 200,
      data: { action: `/${COOKIE[purpose]}/sign-out`, purpose, email, signedIn: signedIn.email, home: parts.home },
    })
  }

  async function signOut(ctx: RouterContext, purpose: LinkPurpose): Promise<void> {
    csrf.assert(ctx, await readForm(ctx))
    await parts.session.end(ctx.req, ctx.res, sourceOf(ctx))
    parts.forget(ctx)
    seeOther(ctx, `/${COOKIE[purpose]}/set`)
  }

  function lifeOf(purpose: LinkPurpose): { purpose: LinkPurpose; life: number } {
    return { purpose, life: parts.lifetime(purpose) / SECOND }
  }

  /** The link itself may be as good as ever: nothing here may be what ends it. */
  function showReopen(ctx: RouterContext, purpose: LinkPurpose): void {
    const status = ctx.method === 'POST' ? 403 : 410
    pages.show(ctx, { view: 'link-reopen', self: `/${COOKIE[purpose]}/set`, status, data: { home: parts.home } })
  }

  async function showDead(ctx: RouterContext, purpose: LinkPurpose, email = '', error?: Failure): Promise<void> {
    if (tokenOf(ctx, purpose) === '') return showReopen(ctx, purpose)
    const known = await links.find(tokenOf(ctx, purpose))
    const home = parts.origins.begin(known?.link.origin)
    pages.show(ctx, {
      view: 'link-invalid',
      self: `/${COOKIE[purpose]}/set`,
      status: error ? 400 : 410,
      uiLocales: parts.origins.locale(ctx, known?.link.origin),
      data: { action: `/${COOKIE[purpose]}/again`, ...lifeOf(purpose), known: known !== undefined, home, email, error },
    })
  }

  async function set(ctx: RouterContext, purpose: LinkPurpose): Promise<void> {
    const fields = await readForm(ctx)
    // Without its cookie the form says nothing of any link; without the one of forms it is not taken from anybody.
    if (tokenOf(ctx, purpose) === '') return showReopen(ctx, purpose)
    csrf.assert(ctx, fields)
    const token = tokenOf(ctx, purpose)
    // Two links in two tabs share the cookie: the form must be of the link that it would use up.
    if (fields.link !== linkId(token)) return showLink(ctx, purpose)
    const found = await links.find(token)
    if (found && (await signedInBeside(ctx, found.account))) return showLink(ctx, purpose)
    await limit(ctx, 'judge', token)
    const outcome = await passwords.set({
      token,
      purpose,
      password: fields.password ?? '',
      repeat: fields.repeat ?? '',
      browser: cookies.get(ctx, 'browser'),
      source: factsOf(ctx.req),
    })
    if (outcome.ok) {
      cookies.set(ctx, 'browser', outcome.browser)
      cookies.set(ctx, 'notice', purpose === 'activation' ? 'activated' : 'password-changed')
      return pages.onward(ctx, parts.origins.onward(ctx, found?.link.origin, outcome.account.email))
    }
    if (outcome.reason === 'dead-link') return showDead(ctx, purpose)
    return showLink(ctx, purpose, outcome.faults)
  }

  /** A dead link that we know is enough to send a new one; otherwise the person types the address. */
  async function again(ctx: RouterContext, purpose: LinkPurpose): Promise<void> {
    const fields = await readForm(ctx)
    csrf.assert(ctx, fields)
    const token = tokenOf(ctx, purpose)
    if (token === '') return showReopen(ctx, purpose)
    const found = await links.find(token)
    const { email = '' } = fields
    const fault = found ? undefined : emailFault(email)
    if (fault) return showDead(ctx, purpose, email, fault)
    await limit(ctx, 'request', token)
    await request(ctx, { email: found?.account.email ?? email, origin: found?.link.origin }, purpose)
  }

  function showReset(ctx: RouterContext, email: string, error?: Failure): void {
    const origin = parts.origins.of(ctx)
    const self = origin ? `/recover?from=${origin.sitting}` : '/recover'
    const home = origin ? `/interaction/${origin.sitting}` : parts.home
    pages.show(ctx, {
      view: 'reset',
      self,
      status: error ? 400 : 200,
      uiLocales: parts.origins.locale(ctx),
      data: { action: self, email, error, home },
    })
  }

  async function askReset(ctx: RouterContext): Promise<void> {
    const fields = await readForm(ctx)
    csrf.assert(ctx, fields)
    const { email = '' } = fields
    const fault = emailFault(email)
    if (fault) return showReset(ctx, email, fault)
    // A link that this browser may hold is not what is asked by.
    await limit(ctx, 'request', '')
    const { client, sitting } = parts.origins.of(ctx) ?? {}
    await request(ctx, { email, origin: client && sitting ? { client, sitting } : undefined }, 'reset')
  }

  /** Which door it was asked at is all that the answer tells: an account that is active gets another link than it says. */
  async function request(
    ctx: RouterContext,
    { email, origin }: { email: string; origin: LinkOrigin | undefined },
    purpose: LinkPurpose,
  ): Promise<void> {
    await links.request(email.slice(0, 254), factsOf(ctx.req), origin)
    const back = parts.origins.of(ctx)
    const home = back ? `/interaction/${back.sitting}` : parts.home
    const self = back ? `${ctx.path}?from=${back.sitting}` : ctx.path
    const uiLocales = parts.origins.locale(ctx, origin)
    pages.show(ctx, { view: 'link-requested', self, uiLocales, data: { ...lifeOf(purpose), home } })
  }

  /** Judges a password while it is typed, for whoever holds an open link. */
  async function judge(ctx: RouterContext, purpose: LinkPurpose): Promise<void> {
    const { password = '', link = '' } = await readJson(ctx)
    const token = tokenOf(ctx, purpose)
    await limit(ctx, 'judge', token)
    const reasons = link === linkId(token) ? await passwords.judge(token, password) : undefined
    if (!reasons) throw new AppError('dead-link', 'no open link', { status: 410 })
    ctx.body = { ok: reasons.length === 0, reasons }
  }
}

/** A token as we make them. Anything else opens nothing, and may not become a part of a header. */
function wellFormed(token: string | undefined): string | undefined {
  return token && /^[\w-]{43}$/.test(token) ? token : undefined
}

/** Of the shape only, and of what was typed: it tells nothing of any account. */
function emailFault(email: string): Failure | undefined {
  if (email.trim() === '') return { reason: 'email-missing' }
  return isEmailAddress(emailKey(email)) ? undefined : { reason: 'email-malformed' }
}

/** Names a link on a page without being it. */
function linkId(token: string): string {
  return digest(`page/${token}`).slice(0, 16)
}
