/** Wizards under way (mfa/authenticator.ts). Each change says from which version it comes; of two from one, one counts. */
import type { MfaStore } from '../../mfa/authenticator.ts'
import type { PendingEnrollment } from '../../person/wizard.ts'
import type { Database } from './database.ts'
import { NOT_ERASED } from './erasure.ts'

interface EnrollmentRow {
  key: string
  account_id: string
  sealed: string
  version: number
  expires_at: number
}

type Enrollments = Pick<MfaStore, 'findPending' | 'putPending' | 'removePending'>
type ReplaceEnrollment = (from: { key: string; version: number }, next: PendingEnrollment, now: number) => boolean

/** Replaces a wizard by what it becomes, for whoever is writing something else in the same transaction. */
export function enrollmentReplacer(db: Database): ReplaceEnrollment {
  // version < :version: one that did not move up could be changed from twice.
  const replace = db.prepare<ReturnType<typeof toParameters> & { fromKey: string; fromVersion: number; now: number }>(`
    UPDATE enrollment SET key = :key, sealed = :sealed, version = :version, expires_at = :expiresAt
    WHERE key = :fromKey AND account_id = :accountId AND version = :fromVersion AND version < :version
      AND expires_at > :now`)

  return (from, next, now) =>
    replace.run({ ...toParameters(next), fromKey: from.key, fromVersion: from.version, now }) === 1
}

/** Ends a wizard that is still at this version, for whoever is writing something else in the same transaction. */
export function enrollmentEnder(
  db: Database,
): (accountId: string, from: { key: string; version: number }, now: number) => boolean {
  const end = db.prepare<{ accountId: string; key: string; version: number; now: number }>(`
    DELETE FROM enrollment
    WHERE key = :key AND account_id = :accountId AND version = :version AND expires_at > :now`)

  return (accountId, { key, version }, now) => end.run({ accountId, key, version, now }) === 1
}

export function enrollments(db: Database): Enrollments {
  const replace = enrollmentReplacer(db)
  const insert = db.prepare<ReturnType<typeof toParameters> & { now: number }>(`
    INSERT INTO enrollment (key, account_id, sealed, version, expires_at)
    SELECT :key, :accountId, :sealed, :version, :expiresAt WHERE ${NOT_ERASED}
    ON CONFLICT (key) DO UPDATE
    SET account_id = :accountId, sealed = :sealed, version = :version, expires_at = :expiresAt
    WHERE expires_at <= :now`)
  const find = db.prepare<{ key: string; accountId: string; now: number }, EnrollmentRow>(`
    SELECT key, account_id, sealed, version, expires_at FROM enrollment
    WHERE key = :key AND account_id = :accountId AND expires_at > :now`)
  const remove = db.prepare<{ key: string }>('DELETE FROM enrollment WHERE key = :key')

  return {
    findPending: async (key, accountId, now) => toPending(await db.read(() => find.get({ key, accountId, now }))),
    putPending: (pending, now) =>
      db.write(() => {
        const { key, version } = pending
        if (version === 1) return insert.run({ ...toParameters(pending), now }) === 1
        return replace({ key, version: version - 1 }, pending, now)
      }),
    removePending: (key) => db.write(() => void remove.run({ key })),
  }
}

function toParameters({ key, accountId, sealed, version, expiresAt }: PendingEnrollment) {
  return { key, accountId, sealed, version, expiresAt }
}

function toPending(row: EnrollmentRow | undefined): PendingEnrollment | undefined {
  if (!row) return undefined
  const { key, sealed, version } = row
  return { key, accountId: row.account_id, sealed, version, expiresAt: row.expires_at }
}
