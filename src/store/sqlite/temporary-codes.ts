/** Temporary access codes from the help desk (mfa/authenticator.ts). */
import type { MfaStore } from '../../mfa/authenticator.ts'
import type { TemporaryCode } from '../../person/temporary-code.ts'
import type { Database } from './database.ts'
import { NOT_ERASED } from './erasure.ts'

type TemporaryCodes = Pick<MfaStore, 'insertTemporaryCode' | 'spendTemporaryCode'>

/** Keeps a code, for whoever is writing something else in the same transaction. */
export function temporaryCodeKeeper(db: Database): (code: TemporaryCode) => void {
  const insert = db.prepare<{ id: string; accountId: string; digest: string; createdAt: number; expiresAt: number }>(`
    INSERT INTO temporary_code (id, account_id, digest, created_at, expires_at)
    SELECT :id, :accountId, :digest, :createdAt, :expiresAt WHERE ${NOT_ERASED}`)

  return ({ id, accountId, digest, createdAt, expiresAt }) =>
    void insert.run({ id, accountId, digest, createdAt, expiresAt })
}

export function temporaryCodes(db: Database): TemporaryCodes {
  const keep = temporaryCodeKeeper(db)
  // The statement, not the caller, makes a code single-use. Were the same code issued twice, it is still used once.
  const spend = db.prepare<{ accountId: string; digest: string; now: number }>(`
    DELETE FROM temporary_code WHERE account_id = :accountId AND digest = :digest AND expires_at > :now`)

  return {
    insertTemporaryCode: (code) => db.write(() => keep(code)),
    spendTemporaryCode: (accountId, digest, now) => db.write(() => spend.run({ accountId, digest, now }) > 0),
  }
}
