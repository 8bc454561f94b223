/**
 * Choosing another password in the place of one that was brought along and would not be taken here: within a sign-in, by
 * whoever has just typed the one before. That it was just typed, and that another is owed, is for the caller to see to.
 */

import { type Audit, deed, type Source } from '../audit/audit.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import type { Clock } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { People } from '../person/kind.ts'
import { changePassword } from '../person/password.ts'
import { type KnownBrowsers, knownBrowsers } from './known-browser.ts'
import { strangersLane } from './login.ts'
import type { Notice } from './notify.ts'
import { settingsLane } from './own-password.ts'
import type { Hasher } from './password.ts'
import { type PasswordFault, type PasswordRule, passwordJudge } from './password-policy.ts'

export interface LongerRequest {
  account: Account
  password: string
  repeat: string
  /** The value of the known-browser cookie, if there is one. */
  browser: string | undefined
  source: Source
}

export type LongerChosen =
  /** `browser` is what the known-browser cookie is from now on. `moved`: somebody else changed the password meanwhile. */
  | Outcome<{ browser: string }, 'moved'>
  | { ok: false; reason: 'refused'; faults: Array<PasswordFault | 'missing' | 'repeat-differs'> }

export interface LongerPassword {
  /** What is wrong with this password for this person. */
  judge(account: Account, password: string): Promise<PasswordFault[]>
  /** Moves the account's epoch up; the caller ends what was signed in elsewhere. */
  choose(request: LongerRequest): Promise<LongerChosen>
}

export interface LongerPasswordParts {
  people: Pick<People, 'find' | 'change'>
  hasher: Pick<Hasher, 'hash'>
  policy: PasswordRule
  throttle: Pick<Throttle, 'reset'>
  audit: Audit
  notice: Notice
  now: Clock
}

export function longerPassword(parts: LongerPasswordParts): LongerPassword {
  const { people, hasher, throttle, audit, now } = parts
  const browsers: KnownBrowsers = knownBrowsers(people, now)
  const judge = passwordJudge(parts.policy)

  return {
    judge,

    async choose({ account, password, repeat, browser, source }) {
      if (password === '') return { ok: false, reason: 'refused', faults: ['missing'] }
      const faults = await judge(account, password)
      if (faults.length > 0) return { ok: false, reason: 'refused', faults }
      if (password !== repeat) return { ok: false, reason: 'refused', faults: ['repeat-differs'] }

      const from = account.passwordHash
      if (from === undefined) return { ok: false, reason: 'moved' }
      const passwordHash = await hasher.hash(password)
      // The write asks for the hash of before: of two changes at once, one finds it gone.
      const change = { from, passwordHash, at: now() }
      const told = parts.notice(account, 'password-changed', { at: now() })
      if (!(await people.change(account.id, (person) => changePassword(person, change, told))))
        return { ok: false, reason: 'moved' }
      await throttle.reset(strangersLane(account.id), settingsLane(account.id))
      await audit(deed('password.changed', { account, source }))
      return { ok: true, browser: await browsers.remember(browser, account.id, passwordHash) }
    },
  }
}
