/**
 * The pages of `/interaction/:uid`: one address for whatever prompt is pending, so no page knows the next page. A page
 * parses, calls, and answers with itself or hands its result to the provider.
 */
import Router, { type RouterContext } from '@koa/router'
import type { Account, AccountStore } from '../accounts/account.ts'
import type { SignedIn, SignIn } from '../accounts/login.ts'
import { type Clock, SECOND } from '../lib/time.ts'
import { type Interaction, openInteraction, passwordProven, roundsUsedUp } from '../oidc/interaction.ts'
import type { Oidc } from '../oidc/provider.ts'
import type { CookieJar } from './cookies.ts'
import type { Csrf } from './csrf.ts'
import { type Fields, readForm } from './form.ts'
import { originOf } from './headers.ts'
import { chosenLanguage } from './language.ts'
import { type Pages, seeOther } from './page.ts'
import type { RememberedAddresses } from './remembered-addresses.ts'
import { factsOf } from './request.ts'

export interface InteractionParts {
  oidc: Oidc
  store: Pick<AccountStore, 'findAccount'>
  signIn: SignIn
  pages: Pages
  csrf: Csrf
  cookies: CookieJar
  remembered: RememberedAddresses
  now: Clock
}

type Answer = (ctx: RouterContext, interaction: Interaction, fields: Fields) => Promise<void>
type LoginError = { reason: string; seconds?: number }

export function interactionPages(parts: InteractionParts): Router {
  const { oidc, store, signIn, pages, csrf, cookies, remembered, now } = parts
  const router = new Router({ prefix: '/interaction' })

  router.get('/:uid', async (ctx) => {
    const interaction = await open(ctx)
    const locale = chosenLanguage(ctx)
    if (locale) await interaction.speak(locale)
    if (roundsUsedUp(interaction))
      return leave(
        ctx,
        interaction,
        await interaction.refuse('login_required', 'the same step came up again and again'),
      )
    await show(ctx, interaction)
  })
  // After a form was refused, the address bar holds its target; reloading should not be a dead end.
  router.get('/:uid/:prompt', (ctx) => seeOther(ctx, `/interaction/${encodeURIComponent(ctx.params.uid ?? '')}`))
  router.post('/:uid/login', answer('login', login))
  router.post('/:uid/select_account', answer('select_account', selectAccount))
  router.post('/:uid/consent', answer('consent', consent))
  return router

  function open(ctx: RouterContext): Promise<Interaction> {
    return openInteraction(oidc, ctx.req, ctx.res, ctx.params.uid ?? '')
  }

  /** What every form has in common: the right prompt, this browser's token, and **Cancel**. */
  function answer(prompt: string, handle: Answer) {
    return async (ctx: RouterContext) => {
      const interaction = await open(ctx)
      const fields = await readForm(ctx)
      csrf.assert(ctx, fields)
      // A form of a step that is behind us: show the step that is pending.
      if (interaction.prompt !== prompt) return seeOther(ctx, `/interaction/${interaction.uid}`)
      if (fields.action === 'cancel')
        return leave(ctx, interaction, await interaction.refuse('access_denied', 'the person canceled'))
      await handle(ctx, interaction, fields)
    }
  }

  /** This sitting is over; its cookie would only pile up. */
  function leave(ctx: RouterContext, interaction: Interaction, address: string): void {
    cookies.endInteraction(ctx, interaction.uid)
    seeOther(ctx, address)
  }

  async function show(ctx: RouterContext, interaction: Interaction): Promise<void> {
    if (interaction.prompt === 'select_account') return showAccounts(ctx, interaction)
    if (interaction.prompt === 'consent')
      return page(ctx, interaction, 'consent', {
        scopes: [...interaction.missing.scopes, ...Object.values(interaction.missing.resources).flat()],
      })
    return showLogin(ctx, interaction)
  }

  function page(
    ctx: RouterContext,
    interaction: Interaction,
    view: string,
    data: Record<string, unknown>,
    status = 200,
  ): void {
    const action = `/interaction/${interaction.uid}/${interaction.prompt}`
    pages.show(ctx, {
      view,
      self: `/interaction/${interaction.uid}`,
      status,
      forms: originOf(interaction.redirectUri),
      uiLocales: interaction.params.ui_locales,
      data: { action, clientName: interaction.client.name, cancel: true, ...data },
    })
  }

  async function showLogin(
    ctx: RouterContext,
    interaction: Interaction,
    typed?: Fields,
    error?: LoginError,
  ): Promise<void> {
    const switching = ctx.query.account === 'other' || interaction.earlier.otherAccount !== undefined
    const signedIn = switching ? undefined : await accountOf(interaction)
    const known = remembered.list(ctx)
    const hint = interaction.earlier.otherAccount?.email ?? interaction.params.login_hint
    const email =
      typed?.email ??
      signedIn?.email ??
      (switching ? interaction.earlier.otherAccount?.email : (hint ?? known[0])) ??
      ''
    const notice = cookies.get(ctx, 'notice')
    if (notice) cookies.set(ctx, 'notice', undefined)
    page(
      ctx,
      interaction,
      'login',
      {
        email: typeof email === 'string' ? email.slice(0, 254) : '',
        rememberEmail: typed ? typed.remember !== undefined : known.length > 0,
        canSwitch: signedIn !== undefined || known.length > 0,
        reauth: signedIn !== undefined && typed === undefined,
        notice: NOTICES.find((code) => code === notice),
        forgotHref: '/recover',
        error,
      },
      error ? STATUS[error.reason] : 200,
    )
  }

  async function accountOf({ accountId }: Interaction): Promise<Account | undefined> {
    return accountId === undefined ? undefined : store.findAccount(accountId)
  }

  async function login(ctx: RouterContext, interaction: Interaction, fields: Fields): Promise<void> {
    if (fields.action === 'switch') return seeOther(ctx, `/interaction/${interaction.uid}?account=other`)
    const { email = '', password = '' } = fields
    if (email.trim() === '') return showLogin(ctx, interaction, fields, { reason: 'email-missing' })
    if (password === '') return showLogin(ctx, interaction, fields, { reason: 'password-missing' })
    const { ip, correlation } = factsOf(ctx.req)
    const signedIn = await signIn({
      email: email.slice(0, 1000),
      password,
      browser: cookies.get(ctx, 'browser'),
      source: { ip, correlation },
    })
    if (!signedIn.ok) {
      const error = loginError(signedIn)
      if (error.seconds) ctx.set('Retry-After', String(error.seconds))
      return showLogin(ctx, interaction, fields, error)
    }
    cookies.set(ctx, 'browser', signedIn.browser)
    remembered.keep(ctx, signedIn.account.email, fields.remember !== undefined)
    leave(ctx, interaction, await interaction.finish(passwordProven(signedIn.account, now)))
  }

  function loginError(refused: Exclude<SignedIn, { ok: true }>): LoginError {
    if (refused.reason !== 'wait') return { reason: refused.reason }
    return { reason: 'wait', seconds: Math.max(1, Math.ceil((refused.retryAt - now()) / SECOND)) }
  }

  async function showAccounts(ctx: RouterContext, interaction: Interaction): Promise<void> {
    const signedIn = await accountOf(interaction)
    const others = remembered.list(ctx).filter((email) => email !== signedIn?.email)
    const accounts = [
      ...(signedIn ? [{ email: signedIn.email, signedIn: true }] : []),
      ...others.map((email) => ({ email, signedIn: false })),
    ]
    page(ctx, interaction, 'select-account', { accounts })
  }

  async function selectAccount(ctx: RouterContext, interaction: Interaction, { account = '' }: Fields): Promise<void> {
    const signedIn = await accountOf(interaction)
    const staying = signedIn !== undefined && account === signedIn.email
    const otherAccount = { email: remembered.list(ctx).find((email) => email === account) ?? '' }
    leave(ctx, interaction, await interaction.finish({ select_account: {}, ...(!staying && { otherAccount }) }))
  }

  async function consent(ctx: RouterContext, interaction: Interaction): Promise<void> {
    leave(ctx, interaction, await interaction.finish({ consent: { grantId: await interaction.consent() } }))
  }
}

/** Sentences that another page may leave for this one. */
const NOTICES = ['activated', 'password-changed', 'signed-out'] as const
const STATUS: Record<string, number> = {
  'wrong-credentials': 400,
  'email-missing': 400,
  'password-missing': 400,
  wait: 429,
  closed: 429,
}
