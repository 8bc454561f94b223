/**
 * Changing one's own password. It asks for the present one, behind a second factor that the caller has seen to. The
 * present one can be guessed at here like at any other door, so tries are counted here too.
 */

import { type Audit, deed, refusal, type Source } from '../audit/audit.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { StreakRule, Throttle } from '../lib/throttle.ts'
import type { Clock } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { People } from '../person/kind.ts'
import { changePassword } from '../person/password.ts'
import { type KnownBrowsers, knownBrowsers } from './known-browser.ts'
import { strangersLane } from './login.ts'
import type { Notice } from './notify.ts'
import { type Hasher, normalized } from './password.ts'
import { type PasswordFault, type PasswordRule, passwordJudge } from './password-policy.ts'

export interface OwnChange {
  account: Account
  current: string
  password: string
  repeat: string
  /** The value of the known-browser cookie, if there is one. */
  browser?: string | undefined
  source: Source
}

export type OwnPasswordFault = PasswordFault | 'missing' | 'repeat-differs' | 'same'

export type OwnChanged =
  /** `browser` is what the known-browser cookie is from now on: the others end with the password that they proved. */
  | Outcome<{ browser: string }, 'closed', 'wait'>
  /** What is wrong with which field. */
  | { ok: false; reason: 'refused'; current: 'missing' | 'wrong' | undefined; faults: OwnPasswordFault[] }

export interface OwnPassword {
  /** What is wrong with this password for this person. */
  judge(account: Account, password: string): Promise<PasswordFault[]>
  /** Moves the account's epoch up; the caller ends what was signed in elsewhere. */
  change(request: OwnChange): Promise<OwnChanged>
}

export interface OwnPasswordParts extends PasswordRule {
  people: Pick<People, 'find' | 'change'>
  hasher: Hasher
  throttle: Throttle
  audit: Audit
  notice: Notice
  now: Clock
}

/** Twenty in a row are enough for a person who forgot; a password set by a mailed link opens it again. */
const TRIES: StreakRule = { free: 5, cap: 20 }

export function ownPassword(parts: OwnPasswordParts): OwnPassword {
  const { people, hasher, throttle, audit, now } = parts
  const browsers: KnownBrowsers = knownBrowsers(people, now)
  const judge = passwordJudge(parts)

  async function faultsOf({ account, current, password, repeat }: OwnChange): Promise<OwnPasswordFault[]> {
    if (password === '') return ['missing']
    const faults = await judge(account, password)
    if (faults.length > 0) return faults
    // Only what was typed in the two fields is compared, so this tells nothing of the password that is kept.
    if (normalized(password) === normalized(current)) return ['same']
    return password === repeat ? [] : ['repeat-differs']
  }

  async function wrong(request: OwnChange): Promise<OwnChanged> {
    await audit(refusal('password.changed', request, { reason: 'wrong-password' }))
    return { ok: false, reason: 'refused', current: 'wrong', faults: [] }
  }

  /** Checks the one before and hashes the new one; undefined if the one before is wrong. */
  async function rehash({ account, current, password }: OwnChange): Promise<string | undefined> {
    const { ok } = await hasher.verify(current, account.passwordHash)
    return ok ? hasher.hash(password) : undefined
  }

  return {
    judge,

    async change(request) {
      const { account, current } = request
      const faults = await faultsOf(request)
      if (current === '') return { ok: false, reason: 'refused', current: 'missing', faults }
      if (faults.length > 0) return { ok: false, reason: 'refused', current: undefined, faults }

      const lane = settingsLane(account.id)
      const spent = await throttle.streak(lane, TRIES)
      if (!spent.ok) {
        await audit(refusal('throttle.engaged', request, { door: 'password-settings', reason: spent.reason }))
        return spent
      }
      // What was not checked is not a try: nobody is locked out because we are too busy to hash.
      const passwordHash = await rehash(request).catch(async (fault: unknown) => {
        await throttle.refundStreak(lane)
        throw fault
      })
      const from = account.passwordHash
      if (passwordHash === undefined || from === undefined) return wrong(request)

      // The write asks for the hash that was verified: of two changes at once, one finds it gone.
      const change = { from, passwordHash, at: now() }
      const told = parts.notice(account, 'password-changed', { at: now() })
      if (!(await people.change(account.id, (person) => changePassword(person, change, told)))) return wrong(request)
      await throttle.reset(lane, strangersLane(account.id))
      await audit(deed('password.changed', request))
      return { ok: true, browser: await browsers.remember(request.browser, account.id, passwordHash) }
    },
  }
}

/** The counter of wrong passwords in the security settings of one account. */
export function settingsLane(accountId: string): string {
  return `password/settings/${accountId}`
}
