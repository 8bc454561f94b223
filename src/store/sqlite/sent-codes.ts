/** Codes that were sent to a number (mfa/authenticator.ts). Its key says what a code may be used for: one code for each. */
import type { MfaStore } from '../../mfa/authenticator.ts'
import type { SentCode } from '../../person/sent-code.ts'
import type { Database } from './database.ts'
import { NOT_ERASED } from './erasure.ts'
import { parcels } from './queue.ts'

interface SentCodeRow {
  key: string
  account_id: string
  digest: string
  sealed: string
  created_at: number
  expires_at: number
}

type SentCodes = Pick<MfaStore, 'putSentCode' | 'findSentCode' | 'spendSentCode'>

/** Uses a code up, for whoever is writing something else in the same transaction. */
export function sentCodeSpender(
  db: Database,
): (accountId: string, key: string, digest: string, now: number) => boolean {
  // The statement, not the caller, makes a code single-use. A wrong guess leaves it there: counting those is not ours.
  const spend = db.prepare<{ accountId: string; key: string; digest: string; now: number }>(`
    DELETE FROM sent_code
    WHERE key = :key AND account_id = :accountId AND digest = :digest AND expires_at > :now`)

  return (accountId, key, digest, now) => spend.run({ accountId, key, digest, now }) === 1
}

export function sentCodes(db: Database): SentCodes {
  const enqueue = parcels(db)
  const spend = sentCodeSpender(db)
  const put = db.prepare<ReturnType<typeof toParameters>>(`
    INSERT INTO sent_code (key, account_id, digest, sealed, created_at, expires_at)
    SELECT :key, :accountId, :digest, :sealed, :createdAt, :expiresAt WHERE ${NOT_ERASED}
    ON CONFLICT (key) DO UPDATE
    SET account_id = :accountId, digest = :digest, sealed = :sealed, created_at = :createdAt, expires_at = :expiresAt`)
  const find = db.prepare<{ key: string; now: number }, SentCodeRow>(`
    SELECT key, account_id, digest, sealed, created_at, expires_at FROM sent_code
    WHERE key = :key AND expires_at > :now`)

  return {
    putSentCode: (code, parcels) =>
      db.write(() => {
        if (put.run(toParameters(code)) === 1) enqueue(parcels)
      }),
    findSentCode: async (key, now) => toSentCode(await db.read(() => find.get({ key, now }))),
    spendSentCode: (accountId, key, digest, now) => db.write(() => spend(accountId, key, digest, now)),
  }
}

function toParameters({ key, accountId, digest, sealed, createdAt, expiresAt }: SentCode) {
  return { key, accountId, digest, sealed, createdAt, expiresAt }
}

function toSentCode(row: SentCodeRow | undefined): SentCode | undefined {
  if (!row) return undefined
  const { key, digest, sealed } = row
  return { key, accountId: row.account_id, digest, sealed, createdAt: row.created_at, expiresAt: row.expires_at }
}
