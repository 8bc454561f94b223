/**
 * The life of an account after its activation: disabled, enabled again, erased. Whatever ends here ends at once:
 * sessions, tokens, remembered devices, links; applications that asked to be told are told.
 */

import type { Audit, AuditStore, EventType, Source } from '../audit/audit.ts'
import type { Parcel } from '../delivery/queue.ts'
import { AppError } from '../lib/errors.ts'
import type { Throttle } from '../lib/throttle.ts'
import { type Clock, secondsUntil } from '../lib/time.ts'
import type { Account, StatusChange } from '../person/account.ts'
import { setStatus } from '../person/account.ts'
import { erase } from '../person/erasure.ts'
import type { People } from '../person/kind.ts'
import { addressCodeLane } from './address-code.ts'
import { forgetAddresses } from './erasure.ts'
import { type Links, linkLane } from './links.ts'
import { strangersLane } from './login.ts'
import type { Notice } from './notify.ts'
import { settingsLane } from './own-password.ts'
import { findAccount } from './people.ts'

/** Who does it, as the audit trail names them: an administrator’s account id, or whoever works at the machine. */
export interface By {
  actor: string | undefined
  source: Source | undefined
}

export interface AccountLife {
  /** Active or invited → disabled. False if it was not either. */
  disable(account: Account, by: By): Promise<boolean>
  /** Disabled → active, or invited if it never had a password. False if it was not disabled. */
  enable(account: Account, by: By): Promise<boolean>
  /** Everything about the person goes, but a tombstone and what the audit trail says of its id. False if it was gone. */
  erase(account: Account, by: By): Promise<boolean>
  /** The same of somebody who was invited and has not come, which nobody is told of. False if there is no such. */
  withdraw(account: Account, by: By): Promise<boolean>
  /** Ends every session, token and remembered device. */
  signOut(account: Account, by: By): Promise<void>
  /**
   * Mails a new activation link. False unless the account is waiting for its activation; rejects with
   * `too-many-requests` when it was sent as many as an hour allows.
   */
  resendActivation(account: Account, by: By): Promise<boolean>
}

export interface AccountLifeParts {
  people: People
  trail: Pick<AuditStore, 'forgetAddresses'>
  links: Pick<Links, 'renew'>
  throttle: Throttle
  audit: Audit
  notice: Notice
  now: Clock
  /** Ends every session, token and remembered device of the account; applications are told. */
  endSessions: (accountId: string) => Promise<void>
  /** Forgets what is counted of the account elsewhere. */
  forget: (accountId: string) => Promise<void>
}

const CLOSING: StatusChange = { from: ['active', 'invited'], to: 'disabled' }

export function accountLife(parts: AccountLifeParts): AccountLife {
  const { people, links, throttle, notice, now, endSessions } = parts

  function record(type: EventType, { id }: Account, by: By): Promise<void> {
    return parts.audit({ type, outcome: 'ok', subject: id, ...by })
  }

  function change({ id }: Account, to: StatusChange, told: Parcel[]): Promise<boolean> {
    return people.change(id, (person) => setStatus(person, to, told))
  }

  async function resendActivation(account: Account, by: By): Promise<boolean> {
    const renewed = await links.renew(account, by)
    if (renewed.ok) return true
    if (renewed.reason === 'not-waiting') return false
    const retryAfter = renewed.reason === 'wait' ? secondsUntil(renewed.retryAt, now()) : undefined
    throw new AppError('too-many-requests', 'this person was sent as many links as an hour allows; try again later', {
      status: 429,
      retryAfter,
    })
  }

  /** What is kept of it elsewhere. */
  async function forgetAll(account: Account, by: By): Promise<void> {
    const { id } = account
    await forgetAddresses(parts, id)
    await throttle.reset(strangersLane(id), settingsLane(id), addressCodeLane(id), linkLane(id))
    await parts.forget(id)
    await record('account.erased', account, by)
  }

  return {
    async disable(account, by) {
      const told = notice(account, 'account-disabled', { at: now() })
      if (!(await change(account, CLOSING, told))) return false
      await record('account.disabled', account, by)
      await endSessions(account.id)
      return true
    },

    async enable({ id }, by) {
      const account = await findAccount(people, id)
      if (!account) return false
      // A password that was forgotten when an address was taken back was one all the same.
      const activated = (account.passwordHash ?? account.passwordChangedAt) !== undefined
      const to = activated ? 'active' : 'invited'
      const told = notice(account, 'account-enabled', { at: now() })
      if (!(await change(account, { from: ['disabled'], to }, told))) return false
      await record('account.enabled', account, by)
      // Should the process have died while it was being disabled, this ends what was left.
      await endSessions(id)
      return true
    },

    async erase(account, by) {
      if (!(await findAccount(people, account.id))) return false
      // Closed first, so that nobody signs in between the end of the sessions and that of the account.
      await change(account, CLOSING, [])
      // While there is an account, because applications are told whose sessions ended.
      await endSessions(account.id)
      const told = notice(account, 'account-erased', { at: now() })
      if (!(await people.change(account.id, (person) => erase(person, now(), told)))) return false
      await forgetAll(account, by)
      return true
    },

    async withdraw(account, by) {
      const gone = await people.change(
        account.id,
        (person) => person.account?.status === 'invited' && erase(person, now(), []),
      )
      if (gone) await forgetAll(account, by)
      return gone
    },

    async signOut({ id }, by) {
      const account = await findAccount(people, id)
      if (!account) return
      const { status } = account
      // The same status again: it moves the epoch up, so that no request under way writes its session back.
      const told = notice(account, 'signed-out-everywhere', { at: now() })
      await change(account, { from: [status], to: status }, told)
      await record('sign-out.everywhere', account, by)
      await endSessions(id)
    },

    resendActivation,
  }
}
