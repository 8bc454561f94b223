/**
 * One sitting to prove a second factor. Limits, single use and audit live here, once, for every factor: a try is spent
 * before the code is looked at, on counters that no new session, client or message resets.
 */
import type { Account } from '../accounts/account.ts'
import type { Notice } from '../accounts/notify.ts'
import type { Audit, Source } from '../audit/audit.ts'
import type { QueueStore } from '../delivery/queue.ts'
import type { Spent, StreakRule, Throttle } from '../lib/throttle.ts'
import { type Clock, DAY, HOUR } from '../lib/time.ts'
import { SECOND_FACTORS, type SecondFactor } from './assurance.ts'
import type { Authenticator, MfaStore } from './authenticator.ts'

/** What a person typed, and where. */
export interface Answer {
  account: Account
  method: SecondFactor
  code: string
  /** One authorization request or one errand: a code that was sent is good in it only. */
  sitting: string
  source: Source
}

export type Verdict = 'right' | 'wrong-code' | 'used-code' | 'expired'

/** A factor: knows whether an answer is right, and uses up what works once. Counting is not its work. */
export interface Factor {
  method: SecondFactor
  /** Whether this person can use it, and how pages name what they have. */
  available(account: Account, authenticators: Authenticator[]): Promise<{ hint: string | undefined } | undefined>
  verify(answer: Answer): Promise<Verdict>
}

export type Answered =
  | { ok: true; method: SecondFactor }
  | { ok: false; reason: Exclude<Verdict, 'right'> | 'closed' | 'not-available' }
  | { ok: false; reason: 'wait'; retryAt: number }

export interface Way {
  method: SecondFactor
  hint: string | undefined
}

export interface Challenges {
  /** The ways that this person has and the application accepts. */
  ways(account: Account, accepted: readonly SecondFactor[]): Promise<Way[]>
  answer(answer: Answer, accepted: readonly SecondFactor[]): Promise<Answered>
}

export interface ChallengeParts {
  store: MfaStore & Pick<QueueStore, 'enqueue'>
  factors: Factor[]
  throttle: Throttle
  audit: Audit
  notice: Notice
  now: Clock
}

/** Failures in a row after which a factor is closed until it is set up anew (NIST SP 800-63B-4 section 3.2.2). */
const STREAKS: Record<SecondFactor, StreakRule> = {
  totp: { free: 5, cap: 50 },
  sms: { free: 5, cap: 50 },
  backup: { free: 5, cap: 20 },
  // Whoever knows the password only must not keep the right code out by guessing: no delays, and not counted for the day.
  temporary: { free: 100, cap: 100 },
}
/** Failures of one account over all factors. */
const PER_DAY = { most: 100, window: DAY }
/** From the third failure after a right password the person hears of it: somebody has their password. */
const TELL_AFTER = 3

export function challenges({ store, factors, throttle, audit, notice, now }: ChallengeParts): Challenges {
  async function ways(account: Account, accepted: readonly SecondFactor[]): Promise<Way[]> {
    const authenticators = await store.listAuthenticators(account.id)
    const found = await Promise.all(
      factors.map(async (factor) => {
        if (!accepted.includes(factor.method)) return undefined
        const available = await factor.available(account, authenticators)
        return available && { method: factor.method, hint: available.hint }
      }),
    )
    return found.filter((way) => way !== undefined)
  }

  async function spend(account: Account, method: SecondFactor): Promise<Spent> {
    if (!countedForDay(method)) return throttle.streak(streakKey(method, account.id), STREAKS[method])
    const day = await throttle.window(dayKey(account.id), PER_DAY)
    if (!day.ok) return day
    const streak = await throttle.streak(streakKey(method, account.id), STREAKS[method])
    if (!streak.ok) await throttle.refund(dayKey(account.id))
    return streak
  }

  async function failed({ account, method, source }: Answer, verdict: Verdict): Promise<void> {
    await audit({
      type: 'sign-in.second-factor',
      outcome: 'refused',
      subject: account.id,
      source,
      details: { method, reason: verdict },
    })
    const count = await throttle.count(streakKey(method, account.id))
    if (count === STREAKS[method].cap) {
      await store.enqueue(notice(account, 'factor-closed', { at: now(), method }))
      await audit({ type: 'factor.closed', outcome: 'refused', subject: account.id, source, details: { method } })
      return
    }
    if (count < TELL_AFTER) return
    const told = await throttle.window(`second-factor-mail/${account.id}`, { most: 1, window: HOUR })
    if (told.ok) await store.enqueue(notice(account, 'factor-failed', { at: now(), count }))
  }

  return {
    ways,
    async answer(answer, accepted) {
      const { account, method, source } = answer
      const factor = factors.find((candidate) => candidate.method === method && accepted.includes(method))
      const usable = factor && (await factor.available(account, await store.listAuthenticators(account.id)))
      if (!factor || !usable) return { ok: false, reason: 'not-available' }
      const spent = await spend(account, method)
      if (!spent.ok) {
        await audit({
          type: 'throttle.engaged',
          outcome: 'refused',
          subject: account.id,
          source,
          details: { door: method, reason: spent.reason },
        })
        return spent
      }
      const verdict = await factor.verify(answer)
      if (verdict !== 'right') {
        await failed(answer, verdict)
        return { ok: false, reason: verdict }
      }
      await throttle.reset(streakKey(method, account.id))
      if (countedForDay(method)) await throttle.refund(dayKey(account.id))
      await audit({
        type: 'sign-in.second-factor',
        outcome: 'ok',
        actor: account.id,
        subject: account.id,
        source,
        details: { method },
      })
      return { ok: true, method }
    },
  }
}

/** Failures in a row with one kind of factor. Setting it up anew opens it again. */
export function streakKey(method: SecondFactor, accountId: string): string {
  return `second-factor/${method}/${accountId}`
}

/** Failures with the help desk's code are not: they would close the day for the one door that is left. */
function countedForDay(method: SecondFactor): boolean {
  return method !== 'temporary'
}

/** Failures in a day over all factors. A new password opens it again: whoever used them up knew the one before. */
export function dayKey(accountId: string): string {
  return `second-factor/day/${accountId}`
}

/** Codes that are typed to set something up are counted too, beside the factor that they will be. */
const SETTING_UP = ['enrollment', 'enrollment-sms', 'new-app'] as const

/**
 * Waits that grow to an hour and never close: only a right code would open it again, and who sets up a first factor has
 * no other to prove. An hour a guess, at codes that live for minutes, finds nothing.
 */
export const SETTING_UP_TRIES: StreakRule = { free: 10, cap: Number.MAX_SAFE_INTEGER }

export function settingUpKey(what: (typeof SETTING_UP)[number], accountId: string): string {
  return `${what}/${accountId}`
}

/** A code for something that is being set up may not be tried now: recorded like at every other door. */
export function settingUpRefused(
  audit: Audit,
  what: (typeof SETTING_UP)[number],
  { id }: Account,
  source: Source,
): Promise<void> {
  return audit({ type: 'throttle.engaged', outcome: 'refused', subject: id, source, details: { door: what } })
}

/** Every counter of second factors that an account has: what the help desk opens must not be closed by a thief's tries. */
export function everyKey(accountId: string): string[] {
  return [
    dayKey(accountId),
    ...SECOND_FACTORS.map((method) => streakKey(method, accountId)),
    ...SETTING_UP.map((what) => settingUpKey(what, accountId)),
  ]
}
