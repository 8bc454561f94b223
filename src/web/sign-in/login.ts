/** The page that asks for the password, and the one that asks which account. */

import type { RouterContext } from '@koa/router'
import type { SignedIn, SignIn } from '../../accounts/login.ts'
import { findPerson } from '../../accounts/people.ts'
import { isEmailAddress } from '../../lib/email-address.ts'
import { type Clock, secondsUntil } from '../../lib/time.ts'
import { atTheDoor, type PasskeySignedIn, type PasskeySignIn } from '../../mfa/passkey-login.ts'
import type { RequestOptions } from '../../mfa/passkey-options.ts'
import type { Passkeys } from '../../mfa/passkeys.ts'
import type { Interaction } from '../../oidc/interaction.ts'
import type { KeptRequests } from '../../oidc/kept-request.ts'
import { passkeyProven, passwordProven } from '../../oidc/sign-in-result.ts'
import { emailKey } from '../../person/account.ts'
import type { People } from '../../person/kind.ts'
import { listPasskeys } from '../../person/passkey.ts'
import type { PersonRecord } from '../../person/person.ts'
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
  passkeySignIn: PasskeySignIn
  passkeys: Passkeys
  sittings: Sittings
  cookies: CookieJar
  devices: DeviceCookie
  remembered: RememberedAddresses
  requests: KeptRequests
  now: Clock
}

type LoginError = { reason: string; seconds?: number; unknown?: { credentialId: string } | undefined }

type Refusal = Exclude<SignedIn | PasskeySignedIn, { ok: true }>

/** What the page asks the browser for, and whether that is the first thing on it. */
interface PasskeyData {
  options: RequestOptions
  first: boolean
}

/** Sentences that another page may leave for this one. */
const NOTICES = ['activated', 'password-changed', 'signed-out'] as const
const STATUS: Record<string, number> = {
  'wrong-credentials': 400,
  passkey: 400,
  renew: 400,
  'email-missing': 400,
  'email-malformed': 400,
  'password-missing': 400,
  wait: 429,
  closed: 429,
}

export function loginPages(parts: LoginPagesParts): PromptPages[] {
  const { people, signIn, passkeys, sittings, cookies, devices, remembered, requests, now } = parts
  return [
    { prompt: 'login', show: (ctx, interaction) => show(ctx, interaction), answer: login },
    { prompt: 'select_account', show: showAccounts, answer: selectAccount },
  ]

  async function personOf({ accountId }: Interaction): Promise<PersonRecord | undefined> {
    return accountId === undefined ? undefined : findPerson(people, accountId)
  }

  async function show(ctx: RouterContext, interaction: Interaction, typed?: Fields, error?: LoginError): Promise<void> {
    const switching = ctx.query.account === 'other' || interaction.earlier.otherAccount !== undefined
    const person = switching ? undefined : await personOf(interaction)
    const signedIn = person?.account
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
        passkey: passkeyOf(interaction, signedIn && typed === undefined ? person : undefined),
        signal: unknownSignal(error),
        forgotHref: `/recover?from=${interaction.uid}`,
        error,
      },
    })
  }

  /** Whoever is named already is asked for their own, and first. */
  function passkeyOf({ uid }: Interaction, named: PersonRecord | undefined): PasskeyData | undefined {
    const own = named ? passkeys.usable(listPasskeys(named)) : []
    const options = passkeys.ask(atTheDoor(uid, own[0]?.accountId), own)
    return options && { options, first: own.length > 0 }
  }

  /** No account has it: the device stops offering it (WebAuthn Level 3 section 5.1.10.2). */
  function unknownSignal(error: LoginError | undefined) {
    const { rpId } = passkeys
    return error?.unknown && rpId && { method: 'signalUnknownCredential', options: { rpId, ...error.unknown } }
  }

  function suggested({ earlier, params }: Interaction, switching: boolean, known: string | undefined): string {
    const hint = earlier.otherAccount?.email ?? (switching ? undefined : (params.login_hint ?? known))
    return typeof hint === 'string' ? hint : ''
  }

  async function login(ctx: RouterContext, interaction: Interaction, fields: Fields): Promise<void> {
    if (fields.action === 'switch') return seeOther(ctx, `/interaction/${interaction.uid}?account=other`)
    const { email = '', password = '', assertion = '' } = fields
    if (assertion !== '') return withPasskey(ctx, interaction, fields, assertion)
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
      const error = loginError(ctx, signedIn)
      // Whoever goes on to **Forgot password?** does not type it again.
      const kept = requests.find(ctx, interaction.uid)
      if (kept) requests.keep(ctx, { ...kept, email: email.slice(0, 254) })
      return show(ctx, interaction, fields, error)
    }
    const { account } = signedIn
    cookies.set(ctx, 'browser', signedIn.browser)
    const others = remembered.list(ctx).some((address) => emailKey(address) !== account.emailKey)
    remembered.keep(ctx, account.email, fields.remember !== undefined)
    const device = await devices.recognize(ctx, account, source)
    await sittings.finish(ctx, interaction, {
      ...passwordProven(account, device, agentName(ctx.get('User-Agent')), now),
      // Not to whoever was signed in already: it is about one action, or somebody else sits there.
      passkeyHere:
        fields.platform === 'yes' && interaction.accountId === undefined && !others && !devices.hasOthers(ctx, device),
    })
  }

  /** Nothing else of the form counts, but what is to be remembered. */
  async function withPasskey(
    ctx: RouterContext,
    interaction: Interaction,
    fields: Fields,
    assertion: string,
  ): Promise<void> {
    const agent = agentName(ctx.get('User-Agent'))
    const source = sourceOf(ctx)
    const signedIn = await parts.passkeySignIn({ assertion, page: interaction.uid, agent, source })
    if (!signedIn.ok) return show(ctx, interaction, fields, loginError(ctx, signedIn))
    const { account } = signedIn
    remembered.keep(ctx, account.email, fields.remember !== undefined)
    await sittings.finish(ctx, interaction, passkeyProven(account, agent, now))
  }

  function loginError(ctx: RouterContext, refused: Refusal): LoginError {
    if (refused.reason === 'passkey') return refused
    if (refused.reason !== 'wait') return { reason: refused.reason }
    const seconds = Math.max(1, secondsUntil(refused.retryAt, now()))
    ctx.set('Retry-After', String(seconds))
    return { reason: 'wait', seconds }
  }

  async function showAccounts(ctx: RouterContext, interaction: Interaction): Promise<void> {
    const signedIn = (await personOf(interaction))?.account
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
    const signedIn = (await personOf(interaction))?.account
    const staying = signedIn !== undefined && account === signedIn.email
    const otherAccount = { email: remembered.list(ctx).find((email) => email === account) ?? '' }
    await sittings.finish(ctx, interaction, { select_account: {}, ...(!staying && { otherAccount }) })
  }
}
