/**
 * Setting a password with a link that was mailed: activation, and a forgotten password. It signs nobody in, and it ends
 * everything that was signed in before. The browsers that are known end with the password before; the one that the link
 * was opened in is known from then on, so that its owner gets in whatever strangers do in their lane.
 */

import { type Audit, deed, type Source } from '../audit/audit.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import type { Clock } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { People } from '../person/kind.ts'
import type { LinkPurpose } from '../person/link.ts'
import { setPassword as usePasswordLink } from '../person/password.ts'
import { addressCodeLane } from './address-code.ts'
import { type KnownBrowsers, knownBrowsers } from './known-browser.ts'
import type { Links } from './links.ts'
import { strangersLane } from './login.ts'
import type { Notice } from './notify.ts'
import { settingsLane } from './own-password.ts'
import type { Hasher } from './password.ts'
import { type PasswordFault, type PasswordRule, passwordJudge } from './password-policy.ts'

export interface NewPassword {
  token: string
  purpose: LinkPurpose
  password: string
  repeat: string
  /** The value of the known-browser cookie, if there is one. */
  browser?: string | undefined
  source: Source
}

/** `browser` is what the known-browser cookie is from now on. */
export type PasswordSet =
  | Outcome<{ account: Account; browser: string }, 'dead-link'>
  | { ok: false; reason: 'refused'; faults: Array<PasswordFault | 'missing' | 'repeat-differs'>; account: Account }

export interface SetPassword {
  /** What is wrong with this password for the person that the link is for; undefined if the link is dead. */
  judge(token: string, password: string): Promise<PasswordFault[] | undefined>
  set(request: NewPassword): Promise<PasswordSet>
}

export interface SetPasswordParts extends PasswordRule {
  people: People
  links: Pick<Links, 'find'>
  hasher: Hasher
  throttle: Throttle
  audit: Audit
  notice: Notice
  now: Clock
  /** Ends every session, token and remembered device of the account. */
  endSessions: (accountId: string) => Promise<void>
}

export function setPassword(parts: SetPasswordParts): SetPassword {
  const { people, links, hasher, audit, now } = parts
  const browsers: KnownBrowsers = knownBrowsers(people, now)
  const judge = passwordJudge(parts)

  return {
    async judge(token, password) {
      const found = await links.find(token)
      return found?.state === 'open' ? judge(found.account, password) : undefined
    },

    async set({ token, purpose, password, repeat, browser, source }) {
      const found = await links.find(token)
      if (found?.state !== 'open' || found.link.purpose !== purpose) return { ok: false, reason: 'dead-link' }
      const { account, link } = found
      if (password === '') return { ok: false, reason: 'refused', faults: ['missing'], account }
      const faults = await judge(account, password)
      if (faults.length > 0) return { ok: false, reason: 'refused', faults, account }
      if (password !== repeat) return { ok: false, reason: 'refused', faults: ['repeat-differs'], account }

      const passwordHash = await hasher.hash(password)
      const told = purpose === 'reset' ? parts.notice(account, 'password-changed', { at: now() }) : []
      // The link is used up by the same write that sets the password: of two at once, one finds it gone.
      const change = { link: { digest: link.digest, purpose }, passwordHash, at: now() }
      if (!(await people.change(account.id, (person) => usePasswordLink(person, change, told))))
        return { ok: false, reason: 'dead-link' }

      await audit(deed(purpose === 'activation' ? 'account.activated' : 'password.reset', { account, source }))
      // A new password opens every door again that guesses had closed.
      await parts.throttle.reset(strangersLane(account.id), settingsLane(account.id), addressCodeLane(account.id))
      await parts.endSessions(account.id)
      return { ok: true, account, browser: await browsers.remember(browser, account.id, passwordHash) }
    },
  }
}
