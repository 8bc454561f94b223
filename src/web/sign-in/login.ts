/** The page that asks for the password, and the one that asks which account. */

import type { RouterContext } from '@koa/router'
import type { SignedIn, SignIn } from '../../accounts/login.ts'
import { findAccount } from '../../accounts/people.ts'
import { isEmailAddress } from '../../lib/email-address.ts'
import { type Clock, secondsUntil } from '../../lib/time.ts'
import { type Interaction, passwordProven } from '../../oidc/interaction.ts'
import type { KeptRequests } from '../../oidc/kept-request.ts'
import { type Account, emailKey } from '../../person/account.ts'
import type { People } from '../../person/kind.ts'
import type { CookieJar } from '../cookies.ts'
import { agentName, type DeviceCookie } from '../device-cookie.ts'
import type { Fields } from '../form.ts'
import { seeOther } from '../page.ts'
import { sourceOf } from '../request.ts'
import type { PromptPages, Sittings } from './interaction.ts'
import type { RememberedAddresses } from './remembered-addresses.ts'

export interface LoginPagesParts {
  people: Pick<People, 'find'>
  signIn: SignIn
  sittings: Sittings
  cookies: CookieJar
  devices: DeviceCookie
  remembered: RememberedAddresses
  requests: KeptRequests
  now: Clock
}

type LoginError = { reason: string; seconds?: number }

/** Sentences that another page may leave for this one. */
const NOTICES = ['activated', 'password-changed', 'signed-out'] as const
const STATUS: Record<string, number> = {
  'wrong-credentials': 400,
  renew: 400,
  'email-missing': 400,
  'email-malformed': 400,
  'password-missing': 400,
  wait: 429,
  closed: 429,
}

export function loginPages(parts: LoginPagesParts): PromptPages[] {
  const { people, signIn, sittings, cookies, devices, remembered, requests, now } = parts
  return [
    { prompt: 'login', show: (ctx, interaction) => show(ctx, interaction), answer: login },
    { prompt: 'select_account', show: showAccounts, answer: selectAccount },
  ]

  async function accountOf({ accountId }: Interaction): Promise<Account | undefined> {
    return accountId === undefined ? undefined : findAccount(people, accountId)
  }

  async function show(ctx: RouterContext, interaction: Interaction, typed?: Fields, error?: LoginError): Promise<void> {
    const switching = ctx.query.account === 'other' || interaction.earlier.otherAccount !== undefined
    const signedIn = switching ? undefined : await accountOf(interaction)
    const known = remembered.list(ctx)
    const email = typed?.email ?? signedIn?.email ?? suggested(interaction, switching, known[0])
    const notice = cookies.get(ctx, 'notice')
    if (notice) cookies.set(ctx, 'notice', undefined)
    sittings.page(ctx, interaction, {
      view: 'login',
      status: error && STATUS[error.reason],
      data: {
        email: email.slice(0, 254),
        rememberEmail: typed ? typed.remember !== undefined : known.length > 0,
        canSwitch: signedIn !== undefined || known.length > 0,
        reauth: signedIn !== undefined && typed === undefined,
        notice: NOTICES.find((code) => code === notice),
        forgotHref: `/recover?from=${interaction.uid}`,
        error,
      },
    })
  }

  function suggested({ earlier, params }: Interaction, switching: boolean, known: string | undefined): string {
    const hint = earlier.otherAccount?.email ?? (switching ? undefined : (params.login_hint ?? known))
    return typeof hint === 'string' ? hint : ''
  }

  async function login(ctx: RouterContext, interaction: Interaction, fields: Fields): Promise<void> {
    if (fields.action === 'switch') return seeOther(ctx, `/interaction/${interaction.uid}?account=other`)
    const { email = '', password = '' } = fields
    if (email.trim() === '') return show(ctx, interaction, fields, { reason: 'email-missing' })
    // Of what was typed only: it tells nothing of any account.
    if (!isEmailAddress(emailKey(email))) return show(ctx, interaction, fields, { reason: 'email-malformed' })
    if (password === '') return show(ctx, interaction, fields, { reason: 'password-missing' })
    const source = sourceOf(ctx)
    const signedIn = await signIn({
      email: email.slice(0, 1000),
      password,
      browser: cookies.get(ctx, 'browser'),
      source,
    })
    if (!signedIn.ok) {
      const error = loginError(signedIn)
      if (error.seconds) ctx.set('Retry-After', String(error.seconds))
      // Whoever goes on to **Forgot password?** does not type it again.
      const kept = requests.find(ctx, interaction.uid)
      if (kept) requests.keep(ctx, { ...kept, email: email.slice(0, 254) })
      return show(ctx, interaction, fields, error)
    }
    const { account } = signedIn
    cookies.set(ctx, 'browser', signedIn.browser)
    remembered.keep(ctx, account.email, fields.remember !== undefined)
    const device = await devices.recognize(ctx, account, source)
    await sittings.finish(ctx, interaction, passwordProven(account, device, agentName(ctx.get('User-Agent')), now))
  }

  function loginError(refused: Exclude<SignedIn, { ok: true }>): LoginError {
    if (refused.reason !== 'wait') return { reason: refused.reason }
    return { reason: 'wait', seconds: Math.max(1, secondsUntil(refused.retryAt, now())) }
  }

  async function showAccounts(ctx: RouterContext, interaction: Interaction): Promise<void> {
    const signedIn = await accountOf(interaction)
    const known = remembered.list(ctx)
    const others = known.filter((email) => email !== signedIn?.email)
    const accounts = [
      ...(signedIn ? [{ email: signedIn.email, signedIn: true, remembered: known.includes(signedIn.email) }] : []),
      ...others.map((email) => ({ email, signedIn: false, remembered: true })),
    ]
    sittings.page(ctx, interaction, { view: 'select-account', data: { accounts } })
  }

  async function selectAccount(ctx: RouterContext, interaction: Interaction, fields: Fields): Promise<void> {
    const { account = '', forget } = fields
    if (forget !== undefined) {
      remembered.keep(ctx, forget, false)
      return sittings.again(ctx, interaction)
    }
    const signedIn = await accountOf(interaction)
    const staying = signedIn !== undefined && account === signedIn.email
    const otherAccount = { email: remembered.list(ctx).find((email) => email === account) ?? '' }
    await sittings.finish(ctx, interaction, { select_account: {}, ...(!staying && { otherAccount }) })
  }
}
