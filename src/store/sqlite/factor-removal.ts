/** All that an account has of second factors, gone at once. */
import type { Database } from './database.ts'

/**
 * Wizards and sent codes too: a request that was under way could make a factor of one after the others are gone, and
 * whoever holds the lost phone would be back in.
 */
const TABLES = ['authenticator', 'backup_code', 'temporary_code', 'sent_code', 'enrollment', 'remembered_device']

/** Removes it, for whoever is writing something else in the same transaction. */
export function factorRemover(db: Database): (accountId: string) => void {
  const removals = TABLES.map((table) =>
    db.prepare<{ accountId: string }>(`DELETE FROM ${table} WHERE account_id = :accountId`),
  )

  return (accountId) => {
    for (const removal of removals) removal.run({ accountId })
  }
}
