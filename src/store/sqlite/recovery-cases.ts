/** Recovery cases (recovery/recovery.ts). Each method is one write, parcels included. */
import type { CaseState, Check, RecoveryCase } from '../../person/recovery-case.ts'
import type { RecoveryStore } from '../../recovery/recovery.ts'
import type { Database } from './database.ts'
import { epochRaiser } from './epoch.ts'
import { NOT_ERASED } from './erasure.ts'
import { factorRemover } from './factor-removal.ts'
import { parcels } from './queue.ts'
import { sweep } from './sweep.ts'
import { temporaryCodeKeeper } from './temporary-codes.ts'

interface CaseRow {
  number: string
  account_id: string
  state: CaseState
  sealed: string
  cancel_digest: string
  created_at: number
  expires_at: number
  closed_at: number | null
  closed_by: string | null
  identity_check: Check | null
  sealed_note: string | null
}

const CASE = `number, account_id, state, sealed, cancel_digest, created_at, expires_at, closed_at, closed_by,
  identity_check, sealed_note`

export function recoveryCases(db: Database): RecoveryStore {
  const enqueue = parcels(db)
  const removeFactors = factorRemover(db)
  const keepTemporaryCode = temporaryCodeKeeper(db)
  const raiseEpoch = epochRaiser(db)
  const insert = db.prepare<ReturnType<typeof toParameters>>(`
    INSERT INTO recovery_case (${CASE})
    SELECT :number, :accountId, :state, :sealed, :cancelDigest, :createdAt, :expiresAt, :closedAt, :closedBy, :check,
      :sealedNote
    WHERE ${NOT_ERASED} AND NOT EXISTS (
      SELECT 1 FROM recovery_case WHERE account_id = :accountId AND state = 'open' AND expires_at > :createdAt
    )
    ON CONFLICT (number) DO NOTHING`)
  const find = db.prepare<{ number: string }, CaseRow>(`SELECT ${CASE} FROM recovery_case WHERE number = :number`)
  const findByCancel = db.prepare<{ cancelDigest: string }, CaseRow>(`
    SELECT ${CASE} FROM recovery_case WHERE cancel_digest = :cancelDigest`)
  const listOpen = db.prepare<{ now: number; limit: number }, CaseRow>(`
    SELECT ${CASE} FROM recovery_case WHERE state = 'open' AND expires_at > :now
    ORDER BY created_at, rowid LIMIT :limit`)
  const listByAccount = db.prepare<{ accountId: string }, CaseRow>(`
    SELECT ${CASE} FROM recovery_case WHERE account_id = :accountId ORDER BY created_at DESC, rowid DESC`)
  // The statement, not the caller, lets a case be closed once.
  const cancel = db.prepare<{ cancelDigest: string; at: number }>(`
    UPDATE recovery_case SET state = 'canceled', closed_at = :at
    WHERE cancel_digest = :cancelDigest AND state = 'open' AND expires_at > :at`)
  const close = db.prepare<{
    number: string
    accountId: string
    to: CaseState
    at: number
    by: string | null
    check: Check
    sealedNote: string | null
  }>(`
    UPDATE recovery_case
    SET state = :to, closed_at = :at, closed_by = :by, identity_check = :check, sealed_note = :sealedNote
    WHERE number = :number AND account_id = :accountId AND state = 'open' AND expires_at > :at`)
  const setContact = db.prepare<{ number: string; from: string; sealed: string }>(`
    UPDATE recovery_case SET sealed = :sealed WHERE number = :number AND sealed = :from AND state = 'open'`)
  const removeCodes = db.prepare<{ accountId: string }>('DELETE FROM temporary_code WHERE account_id = :accountId')
  const sweepEnded = sweep<{ before: number }>(db, 'recovery_case', 'coalesce(closed_at, expires_at) < :before')

  return {
    insertCase: (recoveryCase, parcels) =>
      db.write(() => {
        if (insert.run(toParameters(recoveryCase)) === 0) return false
        enqueue(parcels)
        return true
      }),
    findCase: async (number) => {
      const row = await db.read(() => find.get({ number }))
      return row && toCase(row)
    },
    findCaseByCancel: async (cancelDigest) => {
      const row = await db.read(() => findByCancel.get({ cancelDigest }))
      return row && toCase(row)
    },
    listOpenCases: async (now, limit) => (await db.read(() => listOpen.all({ now, limit }))).map(toCase),
    listCasesByAccount: async (accountId) => (await db.read(() => listByAccount.all({ accountId }))).map(toCase),
    setContact: (number, from, sealed) => db.write(() => setContact.run({ number, from, sealed }) === 1),
    cancelCase: (cancelDigest, at, parcels) =>
      db.write(() => {
        if (cancel.run({ cancelDigest, at }) === 0) return false
        enqueue(parcels)
        return true
      }),
    decideCase: ({ number, accountId, to, at, by, check, sealedNote, code }, parcels) =>
      db.write(() => {
        // A code comes with `issued`, for this account, and with nothing else.
        if ((to === 'issued') !== (code?.accountId === accountId)) return false
        const closed = { number, accountId, to, at, by: by ?? null, check, sealedNote: sealedNote ?? null }
        if (close.run(closed) === 0) return false
        if (code) {
          removeFactors(accountId)
          keepTemporaryCode(code)
          raiseEpoch(accountId)
        }
        if (to === 'declined') removeCodes.run({ accountId })
        enqueue(parcels)
        return true
      }),
    sweepCases: (before) => sweepEnded({ before }),
  }
}

function toParameters(recoveryCase: RecoveryCase) {
  const { number, accountId, state, sealed, cancelDigest, createdAt, expiresAt } = recoveryCase
  return {
    number,
    accountId,
    state,
    sealed,
    cancelDigest,
    createdAt,
    expiresAt,
    closedAt: recoveryCase.closedAt ?? null,
    closedBy: recoveryCase.closedBy ?? null,
    check: recoveryCase.check ?? null,
    sealedNote: recoveryCase.sealedNote ?? null,
  }
}

function toCase(row: CaseRow): RecoveryCase {
  const { number, state, sealed } = row
  return {
    number,
    accountId: row.account_id,
    state,
    sealed,
    cancelDigest: row.cancel_digest,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    closedAt: row.closed_at ?? undefined,
    closedBy: row.closed_by ?? undefined,
    check: row.identity_check ?? undefined,
    sealedNote: row.sealed_note ?? undefined,
  }
}
