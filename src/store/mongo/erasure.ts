/**
 * The end of an account (accounts/account.ts): it goes, with everything that belongs to it, and a tombstone stays. What
 * a request that was still under way would write after that is not kept.
 *
 * The audit records are documents of their own. That their client addresses are still to be shortened is written down
 * with the erasure, done at once after it, and done by the next sweep where that failed.
 */
import { trusted } from 'mongoose'
import type { AccountStore } from '../../accounts/account.ts'
import { AppError } from '../../lib/errors.ts'
import { storeFault } from './faults.ts'
import { enqueue } from './outbox.ts'
import type { People } from './people.ts'
import { emptyPerson } from './person.ts'

/** Shortens the client addresses in the audit records of which an account is actor or subject. May be done twice. */
export type ForgetAddresses = (accountId: string) => Promise<void>

export interface Erasure extends Pick<AccountStore, 'eraseAccount' | 'erasedAt'> {
  /** Finishes what was begun. */
  finish(): Promise<void>
}

export function erasure(people: People, forgetAddresses: ForgetAddresses): Erasure {
  async function forget(accountId: string): Promise<void> {
    await forgetAddresses(accountId)
    await people.change(accountId, (draft) => {
      draft.forgets = undefined
    })
  }

  return {
    async eraseAccount(accountId, at, parcels) {
      const erased = await people.change(accountId, (draft) => {
        if (!draft.account) return false
        const { rev, outbox } = draft
        for (const field of Object.keys(draft)) Reflect.deleteProperty(draft, field)
        Object.assign(draft, emptyPerson(accountId), { rev, outbox, erasedAt: at, forgets: true })
        enqueue(draft, parcels)
        return true
      })
      // Erased it is, whatever becomes of this.
      if (erased) await forget(accountId).catch(ignoreUnavailable)
      return erased
    },
    erasedAt: async (accountId) => (await people.find(accountId, 'erasedAt'))?.erasedAt,
    async finish() {
      const left = await people.model.find({ forgets: true, tidyAccounts: trusted({ $lte: 0 }) }, { _id: 1 }).lean()
      for (const { _id } of left) await forget(_id)
    },
  }
}

function ignoreUnavailable(fault: unknown): void {
  const known = storeFault(fault)
  if (!(known instanceof AppError && known.code === 'store-unavailable')) throw known
}
