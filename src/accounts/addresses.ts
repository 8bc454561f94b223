/**
 * The addresses of a person: the one they sign in with, and a second one that notices go to. A new one counts when the
 * code that was mailed to it was typed in the session that asked for it; the address of before is told, with a link
 * that undoes the change for seven days.
 */

import type { Source } from '../audit/audit.ts'
import type { Parcel } from '../delivery/queue.ts'
import { emailAddress } from '../lib/email-address.ts'
import type { Done, Outcome } from '../lib/outcome.ts'
import { DAY } from '../lib/time.ts'
import { type Account, emailKey, UNDO_LIFE } from '../person/account.ts'
import type { AddressCode, AddressKind, EmailChange } from '../person/address.ts'
import type { EmailUndo } from '../person/email-undo.ts'
import type { SecondFactor } from '../person/second-factor.ts'
import type { AccountStore } from './account.ts'
import { type AddressCodesParts, addressCodeLane, addressCodes, type WaitingAddress } from './address-code.ts'
import { type EmailUndosParts, emailUndos } from './email-undo.ts'

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

/** What addresses need kept. Each method is one atomic write, parcels included. */
export interface AddressStore {
  /** Replaces an older one with the same key. */
  putAddressCode(code: AddressCode, parcels: Parcel[]): Promise<void>
  findAddressCode(key: string, now: number): Promise<AddressCode | undefined>
  /**
   * If the account is in this epoch and the code there with this digest, the account's and unexpired at `at`: uses it up; and unless another account
   * has the address: keeps the present address as `previousEmail`, sets the new one and `emailChangedAt`, moves the
   * epoch up, kills the account's links, keeps the undo, enqueues the parcels. When it is taken, the code stays.
   */
  changeEmail(change: EmailChange, parcels: Parcel[]): Promise<'changed' | 'wrong-code' | 'taken'>
  /** Where `epoch` is given, only in that. Uses the code up in the same way and makes the address the one for notices. */
  setNoticeEmail(
    accountId: string,
    code: { key: string; digest: string },
    noticeEmail: string,
    at: number,
    parcels: Parcel[],
    epoch?: number,
  ): Promise<boolean>
  /** False if there was none. */
  removeNoticeEmail(accountId: string, parcels: Parcel[]): Promise<boolean>
  /** Also finds one that expired, as long as it is kept; not one that was used. */
  findEmailUndo(digest: string): Promise<EmailUndo | undefined>
  /** Those that can still be used. */
  listEmailUndos(accountId: string, now: number): Promise<EmailUndo[]>
  /**
   * If it is there and unexpired at `at`, and no other account has the address: uses it up, gives the address back,
   * forgets `previousEmail`, `noticeEmail` and the password (whoever changed the address knew it), moves the epoch up,
   * forgets remembered devices and known browsers, kills the account's links and the undos of later changes, enqueues the
   * parcels: an earlier owner's undo still counts. Otherwise nothing, and false.
   *
   * Of second factors, authenticators and the backup code go that are not among the undo's `factors`, and `enrolledAt`
   * becomes that of the undo. (Of one that a release before kept: what was made since it was made, and an `enrolledAt`
   * since.) Temporary codes go, and whatever is half-way: wizards, codes that were sent or mailed. Open recovery cases
   * that were filed since are canceled.
   */
  undoEmail(digest: string, at: number, parcels: Parcel[]): Promise<boolean>
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
  store: AddressStore & Pick<AccountStore, 'findAccount' | 'findAccountByEmail'>
}

export function addresses(parts: AddressesParts): Addresses {
  const { store, throttle, audit, notice, now } = parts
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
      accountId: account.id,
      epoch: account.epoch,
      code: { key, digest: codeDigest },
      email: address,
      at,
      undo,
    }
    // Only whoever reads the address of before can take it back.
    return store.changeEmail({ ...change, emailKey: emailKey(address) }, [
      parts.wrap('email', { ...withUndo, to: account.email }),
      ...notice({ ...account, email: address }, 'email-changed', data, also),
    ])
  }

  async function setNotice(account: Account, { key, address }: WaitingAddress, codeDigest: string) {
    const told = notice(account, 'notice-address-added', { at: now(), noticeEmail: address }, [address])
    const code = { key, digest: codeDigest }
    return (await store.setNoticeEmail(account.id, code, address, now(), told, account.epoch))
      ? 'changed'
      : 'wrong-code'
  }

  return {
    async begin(owner, kind, typed) {
      const { account } = owner
      const { success, data: address } = emailAddress.safeParse(typed.replace(/^ +| +$/g, ''))
      if (!success) return { ok: false, reason: 'not-an-address' }
      const key = emailKey(address)
      const present = kind === 'email' ? [account.email] : [account.email, account.noticeEmail ?? '']
      if (present.map(emailKey).includes(key)) return { ok: false, reason: 'same' }
      return codes.send(owner, kind, address, await store.findAccountByEmail(key))
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
      const now = await store.findAccount(account.id)
      return now ? { ok: true, account: now } : { ok: false, reason: 'expired' }
    },

    async removeNotice(owner) {
      const { account } = owner
      const told = notice(account, 'notice-address-removed', { at: now(), noticeEmail: account.noticeEmail })
      if (!(await store.removeNoticeEmail(account.id, told))) return false
      await changed(owner, 'notice', 'removed')
      return true
    },

    findUndo: undos.findUndo,
    undo: undos.undo,
  }
}
