/**
 * The end of an account (accounts/account.ts): it goes, with everything that belongs to it, and a tombstone stays. What
 * a request that was still under way would write after that is not kept.
 */
import type { AccountStore } from '../../accounts/account.ts'
import { addressForgetter } from './audit.ts'
import type { Database } from './database.ts'
import { factorRemover } from './factor-removal.ts'
import { parcels } from './queue.ts'

type Erasure = Pick<AccountStore, 'eraseAccount' | 'erasedAt'>

/** What goes with the account by itself is not listed: its links and its known browsers refer to it. */
const TABLES = ['address_code', 'email_undo', 'recovery_case']

/** For an INSERT … SELECT … WHERE of something that belongs to `:accountId`. */
export const NOT_ERASED = 'NOT EXISTS (SELECT 1 FROM erased_account WHERE id = :accountId)'

export function erasure(db: Database): Erasure {
  const enqueue = parcels(db)
  const removeFactors = factorRemover(db)
  const forgetAddresses = addressForgetter(db)
  const remove = db.prepare<{ accountId: string }>('DELETE FROM account WHERE id = :accountId')
  const removals = TABLES.map((table) =>
    db.prepare<{ accountId: string }>(`DELETE FROM ${table} WHERE account_id = :accountId`),
  )
  const bury = db.prepare<{ accountId: string; at: number }>(`
    INSERT INTO erased_account (id, erased_at) VALUES (:accountId, :at)`)
  const find = db.prepare<{ accountId: string }, { erased_at: number }>(`
    SELECT erased_at FROM erased_account WHERE id = :accountId`)

  return {
    eraseAccount: (accountId, at, parcels) =>
      db.write(() => {
        if (remove.run({ accountId }) === 0) return false
        for (const removal of removals) removal.run({ accountId })
        removeFactors(accountId)
        forgetAddresses(accountId)
        bury.run({ accountId, at })
        enqueue(parcels)
        return true
      }),
    erasedAt: async (accountId) => (await db.read(() => find.get({ accountId })))?.erased_at,
  }
}
