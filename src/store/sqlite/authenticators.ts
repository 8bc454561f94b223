/** Enrolled authenticators (mfa/authenticator.ts), one by one; factor-changes.ts has what changes more than one thing. */

import type { MfaStore } from '../../mfa/authenticator.ts'
import type { Authenticator } from '../../person/authenticator.ts'
import type { Database } from './database.ts'
import { parcels } from './queue.ts'

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

type Authenticators = Pick<MfaStore, 'listAuthenticators' | 'renameAuthenticator' | 'advanceStep' | 'countNumber'>

/** Keeps an authenticator, for whoever is writing something else in the same transaction. */
export function authenticatorKeeper(db: Database): (authenticator: Authenticator) => void {
  const insert = db.prepare<ReturnType<typeof toParameters>>(`
    INSERT INTO authenticator (${AUTHENTICATOR})
    VALUES (:id, :accountId, :kind, :label, :sealed, :numberKey, :lastStep, :createdAt, :lastUsedAt)`)

  return (authenticator) => void insert.run(toParameters(authenticator))
}

export function authenticators(db: Database): Authenticators {
  const enqueue = parcels(db)
  const list = db.prepare<{ accountId: string }, AuthenticatorRow>(`
    SELECT ${AUTHENTICATOR} FROM authenticator WHERE account_id = :accountId ORDER BY created_at, rowid`)
  const rename = db.prepare<{ accountId: string; id: string; label: string }>(`
    UPDATE authenticator SET label = :label WHERE id = :id AND account_id = :accountId`)
  // The statement, not the caller, makes a code single-use (RFC 6238 section 5.2).
  const advanceStep = db.prepare<{ accountId: string; id: string; step: number; now: number }>(`
    UPDATE authenticator SET last_step = :step, last_used_at = :now
    WHERE id = :id AND account_id = :accountId AND last_step < :step`)
  const countNumber = db.prepare<{ numberKey: string }, { accounts: number }>(`
    SELECT count(DISTINCT account_id) AS accounts FROM authenticator WHERE number_key = :numberKey`)

  return {
    listAuthenticators: async (accountId) => (await db.read(() => list.all({ accountId }))).map(toAuthenticator),
    renameAuthenticator: (accountId, id, label, parcels) =>
      db.write(() => {
        if (rename.run({ accountId, id, label }) === 0) return false
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
