/** The backup code of each account (mfa/authenticator.ts). The table's key is the account, so there is never a second. */

import type { MfaStore } from '../../mfa/authenticator.ts'
import type { BackupCode } from '../../person/backup-code.ts'
import type { Database } from './database.ts'
import { deviceForgetter } from './devices.ts'
import { epochChecker, epochRaiser } from './epoch.ts'
import { NOT_ERASED } from './erasure.ts'
import { parcels } from './queue.ts'

interface BackupCodeRow {
  account_id: string
  id: string
  salt: string
  digest: string
  created_at: number
  saved_at: number | null
}

type BackupCodes = Pick<
  MfaStore,
  'findBackupCode' | 'replaceBackupCode' | 'renewBackupCode' | 'confirmBackupCode' | 'spendBackupCode'
>

/** Makes a code the one of its account, unless that was erased, for whoever is writing something else in the same transaction. */
export function backupCodeKeeper(db: Database): (code: BackupCode) => boolean {
  const put = db.prepare<ReturnType<typeof toParameters>>(`
    INSERT INTO backup_code (account_id, id, salt, digest, created_at, saved_at)
    SELECT :accountId, :id, :salt, :digest, :createdAt, :savedAt WHERE ${NOT_ERASED}
    ON CONFLICT (account_id) DO UPDATE
    SET id = :id, salt = :salt, digest = :digest, created_at = :createdAt, saved_at = :savedAt`)

  return (code) => put.run(toParameters(code)) === 1
}

export function backupCodes(db: Database): BackupCodes {
  const enqueue = parcels(db)
  const keep = backupCodeKeeper(db)
  const forgetDevices = deviceForgetter(db)
  const raiseEpoch = epochRaiser(db)
  const isIn = epochChecker(db)
  const find = db.prepare<{ accountId: string }, BackupCodeRow>(`
    SELECT account_id, id, salt, digest, created_at, saved_at FROM backup_code WHERE account_id = :accountId`)
  // Said twice, it counts from the first time.
  const confirm = db.prepare<{ accountId: string; id: string; at: number }>(`
    UPDATE backup_code SET saved_at = coalesce(saved_at, :at) WHERE account_id = :accountId AND id = :id`)
  // The statement, not the caller, makes a code single-use.
  const spend = db.prepare<{ accountId: string; id: string }>(`
    DELETE FROM backup_code WHERE account_id = :accountId AND id = :id`)

  return {
    findBackupCode: async (accountId) => toBackupCode(await db.read(() => find.get({ accountId }))),
    replaceBackupCode: (code, parcels, epoch) =>
      db.write(() => {
        if ((epoch !== undefined && !isIn(code.accountId, epoch)) || !keep(code)) return false
        enqueue(parcels)
        return true
      }),
    renewBackupCode: (code, before, parcels, epoch) =>
      db.write(() => {
        const { accountId } = code
        if (epoch !== undefined && !isIn(accountId, epoch)) return false
        if (find.get({ accountId })?.id !== before || !keep(code)) return false
        forgetDevices(accountId)
        raiseEpoch(accountId)
        enqueue(parcels)
        return true
      }),
    confirmBackupCode: (accountId, id, at) => db.write(() => confirm.run({ accountId, id, at }) === 1),
    spendBackupCode: (accountId, id, parcels) =>
      db.write(() => {
        if (spend.run({ accountId, id }) === 0) return false
        enqueue(parcels)
        return true
      }),
  }
}

function toParameters(code: BackupCode) {
  const { id, accountId, salt, digest, createdAt } = code
  return { id, accountId, salt, digest, createdAt, savedAt: code.savedAt ?? null }
}

function toBackupCode(row: BackupCodeRow | undefined): BackupCode | undefined {
  if (!row) return undefined
  const { id, salt, digest } = row
  return { id, accountId: row.account_id, salt, digest, createdAt: row.created_at, savedAt: row.saved_at ?? undefined }
}
