/** Enrolled authenticators (mfa/authenticator.ts), and turning one on with all that goes with it. Each method is one write. */
import type { Authenticator, MfaStore } from '../../mfa/authenticator.ts'
import { backupCodeKeeper } from './backup-codes.ts'
import type { Database } from './database.ts'
import { deviceForgetter } from './devices.ts'
import { enrollmentReplacer } from './enrollments.ts'
import { parcels } from './queue.ts'
import { sentCodeSpender } from './sent-codes.ts'

interface AuthenticatorRow {
  id: string
  account_id: string
  kind: Authenticator['kind']
  label: string
  sealed: string
  number_key: string | null
  last_step: number
  created_at: number
  last_used_at: number | null
}

const AUTHENTICATOR = 'id, account_id, kind, label, sealed, number_key, last_step, created_at, last_used_at'

type Authenticators = Pick<
  MfaStore,
  'listAuthenticators' | 'activate' | 'addWithSentCode' | 'removeAuthenticator' | 'advanceStep' | 'countNumber'
>

export function authenticators(db: Database): Authenticators {
  const enqueue = parcels(db)
  const replaceEnrollment = enrollmentReplacer(db)
  const keepBackupCode = backupCodeKeeper(db)
  const forgetDevices = deviceForgetter(db)
  const spendSentCode = sentCodeSpender(db)
  const findAccount = db.prepare<{ accountId: string }, { enrolled_at: number | null }>(`
    SELECT enrolled_at FROM account WHERE id = :accountId`)
  const markEnrolled = db.prepare<{ accountId: string; now: number }>(`
    UPDATE account SET enrolled_at = :now WHERE id = :accountId AND enrolled_at IS NULL`)
  const list = db.prepare<{ accountId: string }, AuthenticatorRow>(`
    SELECT ${AUTHENTICATOR} FROM authenticator WHERE account_id = :accountId ORDER BY created_at, rowid`)
  const insert = db.prepare<ReturnType<typeof toParameters>>(`
    INSERT INTO authenticator (${AUTHENTICATOR})
    VALUES (:id, :accountId, :kind, :label, :sealed, :numberKey, :lastStep, :createdAt, :lastUsedAt)`)
  const remove = db.prepare<{ accountId: string; id: string }>(`
    DELETE FROM authenticator WHERE id = :id AND account_id = :accountId`)
  const removeAll = db.prepare<{ accountId: string }>('DELETE FROM authenticator WHERE account_id = :accountId')
  // The statement, not the caller, makes a code single-use (RFC 6238 section 5.2).
  const advanceStep = db.prepare<{ accountId: string; id: string; step: number; now: number }>(`
    UPDATE authenticator SET last_step = :step, last_used_at = :now
    WHERE id = :id AND account_id = :accountId AND last_step < :step`)
  const countNumber = db.prepare<{ numberKey: string }, { accounts: number }>(`
    SELECT count(DISTINCT account_id) AS accounts FROM authenticator WHERE number_key = :numberKey`)

  return {
    listAuthenticators: async (accountId) => (await db.read(() => list.all({ accountId }))).map(toAuthenticator),
    activate: ({ accountId, from, next, authenticator, backup, replacesAll, firstOnly }, now, parcels) =>
      db.write(() => {
        if ([next, authenticator, backup].some((part) => part.accountId !== accountId)) return false
        const account = findAccount.get({ accountId })
        if (!account || (firstOnly && account.enrolled_at !== null)) return false
        if (!replaceEnrollment(from, next, now)) return false
        if (replacesAll) {
          removeAll.run({ accountId })
          forgetDevices(accountId)
        }
        insert.run(toParameters(authenticator))
        keepBackupCode(backup)
        markEnrolled.run({ accountId, now })
        enqueue(parcels)
        return true
      }),
    addWithSentCode: (authenticator, sentKey, sentDigest, now, parcels) =>
      db.write(() => {
        if (!spendSentCode(authenticator.accountId, sentKey, sentDigest, now)) return false
        insert.run(toParameters(authenticator))
        enqueue(parcels)
        return true
      }),
    removeAuthenticator: (accountId, id, parcels) =>
      db.write(() => {
        if (remove.run({ accountId, id }) === 0) return false
        enqueue(parcels)
        return true
      }),
    advanceStep: (accountId, id, step, now) => db.write(() => advanceStep.run({ accountId, id, step, now }) === 1),
    countNumber: async (numberKey) => (await db.read(() => countNumber.get({ numberKey })))?.accounts ?? 0,
  }
}

function toParameters(authenticator: Authenticator) {
  const { id, accountId, kind, label, sealed, lastStep, createdAt } = authenticator
  return {
    id,
    accountId,
    kind,
    label,
    sealed,
    numberKey: authenticator.numberKey ?? null,
    lastStep,
    createdAt,
    lastUsedAt: authenticator.lastUsedAt ?? null,
  }
}

function toAuthenticator(row: AuthenticatorRow): Authenticator {
  const { id, kind, label, sealed } = row
  return {
    id,
    accountId: row.account_id,
    kind,
    label,
    sealed,
    numberKey: row.number_key ?? undefined,
    lastStep: row.last_step,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
  }
}
