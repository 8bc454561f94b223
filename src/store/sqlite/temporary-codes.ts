/** Temporary access codes from the help desk (mfa/authenticator.ts). */
import type { MfaStore } from '../../mfa/authenticator.ts'
import type { Database } from './database.ts'

type TemporaryCodes = Pick<MfaStore, 'insertTemporaryCode' | 'spendTemporaryCode'>

export function temporaryCodes(db: Database): TemporaryCodes {
  const insert = db.prepare<{ id: string; accountId: string; digest: string; createdAt: number; expiresAt: number }>(`
    INSERT INTO temporary_code (id, account_id, digest, created_at, expires_at)
    VALUES (:id, :accountId, :digest, :createdAt, :expiresAt)`)
  // The statement, not the caller, makes a code single-use. Were the same code issued twice, it is still used once.
  const spend = db.prepare<{ accountId: string; digest: string; now: number }>(`
    DELETE FROM temporary_code WHERE account_id = :accountId AND digest = :digest AND expires_at > :now`)

  return {
    insertTemporaryCode: ({ id, accountId, digest, createdAt, expiresAt }) =>
      db.write(() => void insert.run({ id, accountId, digest, createdAt, expiresAt })),
    spendTemporaryCode: (accountId, digest, now) => db.write(() => spend.run({ accountId, digest, now }) > 0),
  }
}
