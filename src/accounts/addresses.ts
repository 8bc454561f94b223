/**
 * The addresses of a person: the one they sign in with, and a second one that notices go to. A new one counts when the
 * code that was mailed to it was typed in the session that asked for it; the address of before is told, with a link
 * that undoes the change for seven days.
 */

import type { Source } from '../audit/audit.ts'
import { emailAddress } from '../lib/email-address.ts'
import type { Done, Outcome } from '../lib/outcome.ts'
import { DAY } from '../lib/time.ts'
import { type Account, emailKey, UNDO_LIFE } from '../person/account.ts'
import type { AddressKind } from '../person/address.ts'
import { changeEmail, removeNoticeEmail, setNoticeEmail } from '../person/address.ts'
import { keyOf, type People } from '../person/kind.ts'
import type { SecondFactor } from '../person/second-factor.ts'
import { unlessTaken } from '../record/records.ts'
import { type AddressCodesParts, addressCodeLane, addressCodes, type WaitingAddress } from './address-code.ts'
import { type EmailUndosParts, emailUndos } from './email-undo.ts'
import { findAccount, findAccountByEmail } from './people.ts'

/** A second factor, as mails name it. */
export interface FactorName {
  method: SecondFactor
  /** The entry's name in the app, or the last two digits of the number. */
  label: string | undefined
  createdAt: number
}

/** What becomes of second factors when a change of the address is taken back. */
export interface FactorsUndone {
  removed: FactorName[]
  kept: FactorName[]
  /** One is asked for and there is none: only the help desk can let its owner in. */
  stranded: boolean
}

/** Who asks, in which of the provider's sessions. */
export interface Owner {
  account: Account
  session: string
  source: Source
}

export type CodeSent = Outcome<Done, 'not-an-address' | 'same', 'wait'>

export type Confirmed = Outcome<{ account: Account }, 'wrong-code' | 'expired' | 'taken' | 'closed', 'wait'>

export interface Addresses {
  /** Mails a code to the new address; says the same when it belongs to another account, and mails no code then. */
  begin(owner: Owner, kind: AddressKind, typed: string): Promise<CodeSent>
  /** The address that a code was mailed to in this session and is waited for. */
  pending(owner: Owner, kind: AddressKind): Promise<string | undefined>
  /** With `email`, everything else that was signed in has to end: the caller does that. */
  confirm(owner: Owner, kind: AddressKind, code: string): Promise<Confirmed>
  removeNotice(owner: Owner): Promise<boolean>
  /** The account and address that an undo link is about; undefined if it opens nothing any more. */
  findUndo(token: string): Promise<{ account: Account; email: string } | undefined>
  /** Gives the address back, ends everything, and mails a link to set a new password to it. */
  undo(token: string, source: Source): Promise<boolean>
}

export interface AddressesParts extends AddressCodesParts, EmailUndosParts {
  people: People
}

export function addresses(parts: AddressesParts): Addresses {
  const { people, throttle, audit, notice, now } = parts
  const codes = addressCodes(parts)
  const undos = emailUndos(parts)

  function changed({ account, source }: Owner, what: AddressKind, change: 'set' | 'removed'): Promise<void> {
    const details = { what, change }
    return audit({ type: 'account.changed', outcome: 'ok', actor: account.id, subject: account.id, source, details })
  }

  function refused({ account, source }: Owner, what: AddressKind, reason: string): Promise<void> {
    const details = { what, reason }
    return audit({ type: 'account.changed', outcome: 'refused', subject: account.id, source, details })
  }

  async function setEmail(account: Account, { key, address }: WaitingAddress, codeDigest: string) {
    const at = now()
    const { undo, href } = undos.make(account, at)
    const data = { name: account.name, email: account.email, newEmail: address, days: UNDO_LIFE / DAY, at }
    const withUndo = parts.writeMail('email-changed', account.locale, { ...data, undoHref: href })
    const also = (await undos.addresses(account)).filter((before) => before !== account.email)
    const change = {
      epoch: account.epoch,
      code: { key, digest: codeDigest },
      email: address,
      emailKey: emailKey(address),
      at,
      undo,
    }
    // Only whoever reads the address of before can take it back.
    const told = [
      parts.wrap('email', { ...withUndo, to: account.email }),
      ...notice({ ...account, email: address }, 'email-changed', data, also),
    ]
    const done = people.change(account.id, (person) => (changeEmail(person, change, told) ? 'changed' : 'wrong-code'))
    return unlessTaken(keyOf.email(change.emailKey), 'taken', done)
  }

  async function setNotice(account: Account, { key, address }: WaitingAddress, codeDigest: string) {
    const told = notice(account, 'notice-address-added', { at: now(), noticeEmail: address }, [address])
    const code = { key, digest: codeDigest }
    const change = { code, noticeEmail: address, at: now(), epoch: account.epoch }
    return people.change(account.id, (person) => (setNoticeEmail(person, change, told) ? 'changed' : 'wrong-code'))
  }

  return {
    async begin(owner, kind, typed) {
      const { account } = owner
      const { success, data: address } = emailAddress.safeParse(typed.replace(/^ +| +$/g, ''))
      if (!success) return { ok: false, reason: 'not-an-address' }
      const key = emailKey(address)
      const present = kind === 'email' ? [account.email] : [account.email, account.noticeEmail ?? '']
      if (present.map(emailKey).includes(key)) return { ok: false, reason: 'same' }
      return codes.send(owner, kind, address, await findAccountByEmail(people, key))
    },

    async pending(owner, kind) {
      return (await codes.find(owner, kind))?.address
    },

    async confirm(owner, kind, typed) {
      const { account } = owner
      const waiting = await codes.find(owner, kind)
      if (!waiting) return { ok: false, reason: 'expired' }
      const spent = await codes.spend(owner)
      if (!spent.ok) return spent
      const set = kind === 'email' ? setEmail : setNotice
      const outcome = await set(account, waiting, codes.digestOf(waiting, typed))
      if (outcome === 'wrong-code') {
        await refused(owner, kind, outcome)
        return { ok: false, reason: outcome }
      }
      await throttle.reset(addressCodeLane(account.id))
      // Told only now, to somebody who reads that address.
      if (outcome === 'taken') {
        await refused(owner, kind, outcome)
        return { ok: false, reason: outcome }
      }
      await changed(owner, kind, 'set')
      const now = await findAccount(people, account.id)
      return now ? { ok: true, account: now } : { ok: false, reason: 'expired' }
    },

    async removeNotice(owner) {
      const { account } = owner
      const told = notice(account, 'notice-address-removed', { at: now(), noticeEmail: account.noticeEmail })
      if (!(await people.change(account.id, (person) => removeNoticeEmail(person, told)))) return false
      await changed(owner, 'notice', 'removed')
      return true
    },

    findUndo: undos.findUndo,
    undo: undos.undo,
  }
}
