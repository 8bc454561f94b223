/**
 * The addresses of a person: the one they sign in with, and a second one that notices go to. A new one counts when the
 * code that was mailed to it was typed in the session that asked for it; the address of before is told, with a link
 * that undoes the change for seven days.
 */

import { deed, refusal } from '../audit/audit.ts'
import { emailAddress, LONGEST_EMAIL } from '../lib/email-address.ts'
import type { Outcome } from '../lib/outcome.ts'
import { DAY } from '../lib/time.ts'
import { type Account, emailKey, UNDO_LIFE } from '../person/account.ts'
import type { AddressKind } from '../person/address.ts'
import { changeEmail, removeNoticeEmail, setNoticeEmail } from '../person/address.ts'
import { keyOf, type People } from '../person/kind.ts'
import { unlessTaken } from '../record/records.ts'
import {
  type AddressCodesParts,
  addressCodeLane,
  addressCodes,
  type CodeSent,
  type WaitingAddress,
} from './address-code.ts'
import { type EmailUndos, type EmailUndosParts, emailUndos } from './email-undo.ts'
import { findAccount, findAccountByEmail } from './people.ts'
import type { Requester } from './requester.ts'

export type Confirmed = Outcome<{ account: Account }, 'wrong-code' | 'expired' | 'taken' | 'closed', 'wait'>

export interface Addresses extends Pick<EmailUndos, 'findUndo' | 'undo'> {
  /** Mails a code to the new address; says the same when it belongs to another account, and mails no code then. */
  begin(requester: Requester, kind: AddressKind, typed: string): Promise<CodeSent>
  /** The address that a code was mailed to in this session and is waited for. */
  pending(requester: Requester, kind: AddressKind): Promise<string | undefined>
  /** With `email`, everything else that was signed in has to end: the caller does that. */
  confirm(requester: Requester, kind: AddressKind, code: string): Promise<Confirmed>
  removeNotice(requester: Requester): Promise<boolean>
}

export interface AddressesParts extends AddressCodesParts, EmailUndosParts {
  people: People
}

/** An address, and what may be around it. */
const LONGEST_TYPED = 2 * LONGEST_EMAIL

export function addresses(parts: AddressesParts): Addresses {
  const { people, throttle, audit, notice, now } = parts
  const codes = addressCodes(parts)
  const undos = emailUndos(parts)

  function changed(requester: Requester, what: AddressKind, change: 'set' | 'removed'): Promise<void> {
    return audit(deed('account.changed', requester, { what, change }))
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
      parts.wrap('email', { ...withUndo, to: account.email }, account.id),
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
    async begin(requester, kind, typed) {
      const { account } = requester
      // Looking for the spaces at its end takes the square of the length, and everybody else would wait for it.
      const bare = typed.length > LONGEST_TYPED ? typed : typed.replace(/^ +| +$/g, '')
      const { success, data: address } = emailAddress.safeParse(bare)
      if (!success) return { ok: false, reason: 'not-an-address' }
      const key = emailKey(address)
      const present = kind === 'email' ? [account.email] : [account.email, account.noticeEmail ?? '']
      if (present.map(emailKey).includes(key)) return { ok: false, reason: 'same' }
      return codes.send(requester, kind, address, await findAccountByEmail(people, key))
    },

    async pending(requester, kind) {
      return (await codes.find(requester, kind))?.address
    },

    async confirm(requester, kind, typed) {
      const { account } = requester
      const waiting = await codes.find(requester, kind)
      if (!waiting) return { ok: false, reason: 'expired' }
      const spent = await codes.spend(requester)
      if (!spent.ok) return spent
      const set = kind === 'email' ? setEmail : setNotice
      const outcome = await set(account, waiting, codes.digestOf(waiting, typed))
      if (outcome === 'wrong-code') {
        await audit(refusal('account.changed', requester, { what: kind, reason: outcome }))
        return { ok: false, reason: outcome }
      }
      await throttle.reset(addressCodeLane(account.id))
      // Told only now, to somebody who reads that address.
      if (outcome === 'taken') {
        await audit(refusal('account.changed', requester, { what: kind, reason: outcome }))
        return { ok: false, reason: outcome }
      }
      await changed(requester, kind, 'set')
      const present = await findAccount(people, account.id)
      return present ? { ok: true, account: present } : { ok: false, reason: 'expired' }
    },

    async removeNotice(requester) {
      const { account } = requester
      const told = notice(account, 'notice-address-removed', { at: now(), noticeEmail: account.noticeEmail })
      if (!(await people.change(account.id, (person) => removeNoticeEmail(person, told)))) return false
      await changed(requester, 'notice', 'removed')
      return true
    },

    findUndo: undos.findUndo,
    undo: undos.undo,
  }
}
