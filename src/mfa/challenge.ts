/**
 * One sitting to prove a second factor. Limits, single use and audit live here, once, for every factor: a try is spent
 * before the code is looked at, on counters that no new session, client or message resets.
 *
 * Whoever knows the password can use up the tries of a code that can be guessed, for NIST SP 800-63B-4 section 3.2.2 wants
 * them limited: of an app and of text messages. So there is always a code that nobody can guess, the backup code or the
 * help desk's, and no number of wrong ones keeps out whoever has it. A new password ends what the thief began.
 */

import type { Notice } from '../accounts/notify.ts'
import { findPerson } from '../accounts/people.ts'
import { type Audit, deed, refusal, type Source } from '../audit/audit.ts'
import type { QueueStore } from '../delivery/queue.ts'
import { digest } from '../lib/crypto.ts'
import type { Outcome } from '../lib/outcome.ts'
import { PASSING, type SpentInRow, type StreakRule, type Throttle } from '../lib/throttle.ts'
import { type Clock, DAY, HOUR } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { Authenticator } from '../person/authenticator.ts'
import { listAuthenticators } from '../person/authenticator.ts'
import type { People } from '../person/kind.ts'
import { NATURES, SECOND_FACTORS, type SecondFactor } from '../person/second-factor.ts'
import { settingUpKeys } from './setting-up.ts'

/** What a person typed, and where. */
export interface Answer {
  account: Account
  method: SecondFactor
  code: string
  /** One authorization request or one errand: a code that was sent is good in it only. */
  sitting: string
  /** The provider's session: it holds a code that is spent later. */
  session: string
  source: Source
  /** Browser and system, as a person would name them. */
  agent?: string
}

export type Verdict = 'right' | 'wrong-code' | 'used-code' | 'expired'
/** Right, and spent only with what it leads to (person/held-code.ts): the code's id. */
export type Held = { holds: string }

/** A factor: knows whether an answer is right, and uses up, or holds, what works once. Counting is not its work. */
export interface Factor {
  method: SecondFactor
  /** Whether this person can use it, and how pages name what they have. */
  available(account: Account, authenticators: Authenticator[]): Promise<Omit<Way, 'method'> | undefined>
  verify(answer: Answer): Promise<Verdict | Held>
}

export type Answered = Outcome<
  { method: SecondFactor; holds?: string },
  Exclude<Verdict, 'right'> | 'closed' | 'not-available',
  'wait'
>

export interface Way {
  method: SecondFactor
  hint: string | undefined
  /** Names of the entries on the phone that a code may come from. */
  entries?: string[]
  /** How many digits its codes may have, where they are made of digits. */
  digits?: number[]
  /** It was brought from elsewhere. */
  old?: boolean
}

export interface Challenges {
  /** The ways that this person has and the application accepts. */
  ways(account: Account, accepted: readonly SecondFactor[]): Promise<Way[]>
  answer(answer: Answer, accepted: readonly SecondFactor[]): Promise<Answered>
}

export interface ChallengeParts {
  people: Pick<People, 'find'>
  store: Pick<QueueStore, 'enqueue'>
  factors: Factor[]
  throttle: Throttle
  audit: Audit
  notice: Notice
  now: Clock
}

/** Failures in a row after which a factor is closed until it is set up anew (NIST SP 800-63B-4 section 3.2.2). */
const GUESSED: StreakRule = { free: 5, cap: 50 }
/** Whoever keeps typing wrong ones of a code that nobody can guess waits longer and longer, in that sitting. */
const IN_SITTING: StreakRule = { free: 5, cap: Number.MAX_SAFE_INTEGER }
/** Failures of one account over all factors that can be guessed. */
const PER_DAY = { most: 100, window: DAY }
/** From the third failure after a right password the person hears of it: somebody has their password. */
const TELL_AFTER = 3

export function challenges({ people, store, factors, throttle, audit, notice, now }: ChallengeParts): Challenges {
  async function ways(account: Account, accepted: readonly SecondFactor[]): Promise<Way[]> {
    const authenticators = listAuthenticators(await findPerson(people, account.id))
    const found = await Promise.all(
      factors.map(async (factor) => {
        if (!accepted.includes(factor.method)) return undefined
        const available = await factor.available(account, authenticators)
        return available && { method: factor.method, ...available }
      }),
    )
    return found.filter((way) => way !== undefined)
  }

  function spend(answer: Answer): Promise<SpentInRow> {
    const { account, method } = answer
    if (isUnguessable(method)) return throttle.streak(sittingKey(answer), IN_SITTING)
    return throttle.both([dayKey(account.id), PER_DAY], [streakKey(method, account.id), GUESSED])
  }

  async function failed(answer: Answer, verdict: Verdict, spent: number): Promise<void> {
    const { account, method } = answer
    await audit(refusal('sign-in.second-factor', answer, { method, reason: verdict }))
    const count = isUnguessable(method) ? await throttle.tally(streakKey(method, account.id)) : spent
    if (!isUnguessable(method) && count === GUESSED.cap) {
      await store.enqueue(notice(account, 'factor-closed', { at: now(), method }))
      await audit(refusal('factor.closed', answer, { method }))
      return
    }
    if (count < TELL_AFTER) return
    const told = await throttle.window(`second-factor-mail/${account.id}`, { most: 1, window: HOUR })
    if (told.ok) await store.enqueue(notice(account, 'factor-failed', { at: now(), count }))
  }

  /** It has opened nothing yet, but whoever typed it has the password too. */
  async function tellHeld(account: Account): Promise<void> {
    const told = await throttle.window(`backup-code-mail/${account.id}`, { most: 1, window: HOUR })
    if (told.ok) await store.enqueue(notice(account, 'backup-code-typed', { at: now() }))
  }

  return {
    ways,
    async answer(answer, accepted) {
      const { account, method } = answer
      const factor = factors.find((candidate) => candidate.method === method && accepted.includes(method))
      const usable =
        factor && (await factor.available(account, listAuthenticators(await findPerson(people, account.id))))
      if (!factor || !usable) return { ok: false, reason: 'not-available' }
      const spent = await spend(answer)
      if (!spent.ok) {
        await audit(refusal('throttle.engaged', answer, { door: method, reason: spent.reason }))
        return spent
      }
      const verdict = await factor.verify(answer)
      if (typeof verdict === 'string' && verdict !== 'right') {
        await failed(answer, verdict, spent.count)
        return { ok: false, reason: verdict }
      }
      await throttle.reset(streakKey(method, account.id), ...(isUnguessable(method) ? [sittingKey(answer)] : []))
      if (!isUnguessable(method)) await throttle.refund(dayKey(account.id))
      await audit(deed('sign-in.second-factor', answer, { method }))
      if (method === 'backup') await tellHeld(account)
      return { ok: true, method, ...(typeof verdict === 'object' && verdict) }
    },
  }
}

/** Failures in a row with one kind of factor. Setting it up anew opens it again. */
export function streakKey(method: SecondFactor, accountId: string): string {
  return `second-factor/${method}/${accountId}`
}

/** Failures with such a code are counted all the same, to tell its owner of them. */
function isUnguessable(method: SecondFactor): boolean {
  return NATURES[method].unguessable
}

/** Failures in a row within one sitting. Digested: it outlives the account for some days. */
function sittingKey({ account, method, sitting }: Answer): string {
  return `${PASSING}second-factor/${digest(`${method}/${account.id}/${sitting}`)}`
}

/** Failures in a day over the factors that can be guessed. */
export function dayKey(accountId: string): string {
  return `second-factor/day/${accountId}`
}

/**
 * The password is another one: whoever failed here knew the one before, so nobody waits for that any more. What was
 * counted in a row stays, for a code is no harder to guess by it.
 */
export async function endWaits(throttle: Throttle, accountId: string): Promise<void> {
  const guessed = SECOND_FACTORS.filter((method) => !isUnguessable(method))
  await Promise.all([
    throttle.reset(dayKey(accountId)),
    throttle.endDelays(...guessed.map((method) => streakKey(method, accountId))),
  ])
}

/** Every counter of second factors that an account has: what the help desk opens must not be closed by a thief's tries. */
export function everyKey(accountId: string): string[] {
  return [
    dayKey(accountId),
    ...SECOND_FACTORS.map((method) => streakKey(method, accountId)),
    ...settingUpKeys(accountId),
  ]
}
