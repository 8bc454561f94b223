/** The epoch of an account (accounts/account.ts): a session that began before it moved up opens nothing any more. */
import type { Database } from './database.ts'

/** Whether an account is in this epoch, for whoever is about to write something else in the same transaction. */
export function epochChecker(db: Database): (accountId: string, epoch: number) => boolean {
  const find = db.prepare<{ accountId: string; epoch: number }, { id: string }>(
    'SELECT id FROM account WHERE id = :accountId AND epoch = :epoch',
  )

  return (accountId, epoch) => find.get({ accountId, epoch }) !== undefined
}

/** Moves it up, for whoever is writing something else in the same transaction. */
export function epochRaiser(db: Database): (accountId: string) => void {
  const raise = db.prepare<{ accountId: string }>('UPDATE account SET epoch = epoch + 1 WHERE id = :accountId')

  return (accountId) => void raise.run({ accountId })
}
