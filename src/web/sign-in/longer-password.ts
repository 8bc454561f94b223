/**
 * The page that asks for another password in the place of one that was brought along and is too weak, before the sign-in
 * goes on. Whether it may wait is the dispatcher's to say; it asks for the one before where that was not just typed.
 */

import type { RouterContext } from '@koa/router'
import type { LongerPassword } from '../../accounts/longer-password.ts'
import { findAccount } from '../../accounts/people.ts'
import { AppError } from '../../lib/errors.ts'
import type { Throttle } from '../../lib/throttle.ts'
import { type Clock, MINUTE, SECOND } from '../../lib/time.ts'
import type { Interaction } from '../../oidc/interaction.ts'
import type { Account } from '../../person/account.ts'
import type { OwedPassword } from '../../person/imported.ts'
import type { People } from '../../person/kind.ts'
import type { CookieJar } from '../cookies.ts'
import type { Fields } from '../form.ts'
import { sourceOf } from '../request.ts'
import type { PromptPages, Sittings } from './interaction.ts'

export interface LongerPasswordPagesParts {
  people: Pick<People, 'find'>
  passwords: LongerPassword
  owed: (account: Account) => OwedPassword
  sittings: Sittings
  cookies: CookieJar
  throttle: Pick<Throttle, 'window'>
  /** Ends everything that was signed in as this account but the session with this uid. */
  endOthers: (ctx: RouterContext, account: Account, session: string) => Promise<void>
  minimum: number
  now: Clock
}

/** Passwords of one person that are looked at within a minute; people type, robots do not stop. */
const PER_MINUTE = 120

export function longerPasswordPages(parts: LongerPasswordPagesParts): PromptPages {
  const { people, passwords, owed, sittings, cookies, throttle } = parts

  return {
    prompt: 'password',
    show: async (ctx, interaction) => show(ctx, interaction, await accountOf(interaction)),
    answer,
    async judge(interaction, password) {
      const account = await accountOf(interaction)
      await limit(account)
      return passwords.judge(account, password)
    },
  }

  async function accountOf({ accountId, epoch }: Interaction): Promise<Account> {
    const account = accountId === undefined ? undefined : await findAccount(people, accountId)
    if (!account) throw new Error('a new password without a session')
    // What is chosen counts in the epoch that the session was found in, and in no later one.
    if (account.epoch !== epoch)
      throw new AppError('interaction-expired', 'the session of this page has ended', { status: 400 })
    return account
  }

  async function show(
    ctx: RouterContext,
    interaction: Interaction,
    account: Account,
    errors?: string[],
  ): Promise<void> {
    const { password, until } = owed(account)
    // Another tab did what this page is for.
    if (password === 'fine') return sittings.finish(ctx, interaction, { password: {} })
    const optional = interaction.reasons.includes('suggest')
    const base = `/interaction/${interaction.uid}/password`
    sittings.page(ctx, interaction, {
      view: 'set-password',
      status: errors && 400,
      data: {
        purpose: 'longer',
        check: `${base}/check`,
        email: account.email,
        minimum: parts.minimum,
        optional,
        until,
        cancel: !optional,
        errors,
      },
    })
  }

  async function answer(ctx: RouterContext, interaction: Interaction, fields: Fields): Promise<void> {
    const account = await accountOf(interaction)
    if (owed(account).password === 'fine') return sittings.finish(ctx, interaction, { password: {} })
    // Whoever may not wait comes back here.
    if (fields.step === 'later') return sittings.finish(ctx, interaction, { password: {}, passwordLater: true })
    await limit(account)
    const { password = '', repeat = '' } = fields
    const browser = cookies.get(ctx, 'browser')
    const chosen = await passwords.choose({ account, password, repeat, browser, source: sourceOf(ctx) })
    if (chosen.ok) {
      cookies.set(ctx, 'browser', chosen.browser)
      // Whoever knew the one before is signed out.
      await parts.endOthers(ctx, account, interaction.session ?? '')
      return sittings.finish(ctx, interaction, { password: {}, epoch: await interaction.sessionEpoch() })
    }
    if (chosen.reason === 'moved') return sittings.again(ctx, interaction)
    await show(ctx, interaction, account, chosen.faults)
  }

  async function limit({ id }: Account): Promise<void> {
    const spent = await throttle.window(`judge/account/${id}`, { most: PER_MINUTE, window: MINUTE })
    if (spent.ok) return
    const retryAfter = MINUTE / SECOND
    throw new AppError('too-many-requests', 'too many passwords to judge', { status: 429, retryAfter })
  }
}
