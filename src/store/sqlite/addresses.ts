/** Addresses that are being changed (accounts/addresses.ts). Each method is one write, parcels included. */

import type { AddressStore } from '../../accounts/addresses.ts'
import type { AddressCode, EmailChange } from '../../person/address.ts'
import type { EmailUndo } from '../../person/email-undo.ts'
import type { Database } from './database.ts'
import { deviceForgetter } from './devices.ts'
import { epochChecker } from './epoch.ts'
import { NOT_ERASED } from './erasure.ts'
import { browserForgetter, linkKiller } from './links.ts'
import { parcels } from './queue.ts'

interface CodeRow {
  key: string
  account_id: string
  digest: string
  sealed: string
  created_at: number
  expires_at: number
}

interface UndoRow {
  digest: string
  account_id: string
  email: string
  email_key: string
  enrolled_at: number | null
  /** JSON. */
  factors: string | null
  created_at: number
  expires_at: number
}

type Code = { accountId: string; key: string; digest: string; at: number }

const LIVE_CODE = 'key = :key AND account_id = :accountId AND digest = :digest AND expires_at > :at'
const UNDO = 'digest, account_id, email, email_key, enrolled_at, factors, created_at, expires_at'
/** Second factors that stay; and what passes, or is half-way to one or to another address. */
const LASTING = ['authenticator', 'backup_code']
const PASSING = ['temporary_code', 'sent_code', 'enrollment', 'address_code']
const FREE = 'NOT EXISTS (SELECT 1 FROM account WHERE email_key = :emailKey AND id <> :accountId)'

export function addresses(db: Database): AddressStore {
  const enqueue = parcels(db)
  const killLinks = linkKiller(db)
  const forgetDevices = deviceForgetter(db)
  const forgetBrowsers = browserForgetter(db)
  const isIn = epochChecker(db)
  const put = db.prepare<ReturnType<typeof codeParameters>>(`
    INSERT INTO address_code (key, account_id, digest, sealed, created_at, expires_at)
    SELECT :key, :accountId, :digest, :sealed, :createdAt, :expiresAt WHERE ${NOT_ERASED}
    ON CONFLICT (key) DO UPDATE
    SET account_id = :accountId, digest = :digest, sealed = :sealed, created_at = :createdAt, expires_at = :expiresAt`)
  const find = db.prepare<{ key: string; now: number }, CodeRow>(`
    SELECT key, account_id, digest, sealed, created_at, expires_at FROM address_code
    WHERE key = :key AND expires_at > :now`)
  const holds = db.prepare<Code, { key: string }>(`SELECT key FROM address_code WHERE ${LIVE_CODE}`)
  // The statement, not the caller, makes a code single-use.
  const spend = db.prepare<Code>(`DELETE FROM address_code WHERE ${LIVE_CODE}`)
  const changeEmail = db.prepare<{ accountId: string; email: string; emailKey: string; at: number }>(`
    UPDATE account
    SET previous_email = email, email = :email, email_key = :emailKey, email_changed_at = :at, epoch = epoch + 1
    WHERE id = :accountId AND ${FREE}`)
  const setNotice = db.prepare<{ accountId: string; noticeEmail: string }>(`
    UPDATE account SET notice_email = :noticeEmail WHERE id = :accountId`)
  const removeNotice = db.prepare<{ accountId: string }>(`
    UPDATE account SET notice_email = NULL WHERE id = :accountId AND notice_email IS NOT NULL`)
  const insertUndo = db.prepare<ReturnType<typeof undoParameters> & { factors: string }>(`
    INSERT INTO email_undo (${UNDO})
    SELECT :digest, id, :email, :emailKey, enrolled_at, :factors, :createdAt, :expiresAt FROM account
    WHERE id = :accountId`)
  const listLasting = LASTING.map((table) =>
    db.prepare<{ accountId: string }, { id: string }>(`SELECT id FROM ${table} WHERE account_id = :accountId`),
  )
  const findUndo = db.prepare<{ digest: string }, UndoRow>(`
    SELECT ${UNDO} FROM email_undo WHERE digest = :digest`)
  // The address changes again, which makes a recovery wait (see recovery/recovery.ts). When the password was set stays: it
  // tells that the account was active once.
  const giveBack = db.prepare<{
    accountId: string
    email: string
    emailKey: string
    enrolledAt: number | null
    factors: string | null
    since: number
    at: number
  }>(`
    UPDATE account
    SET email = :email, email_key = :emailKey, email_changed_at = :at, previous_email = NULL, notice_email = NULL,
      password_hash = NULL, epoch = epoch + 1,
      enrolled_at = coalesce(:enrolledAt, iif(:factors IS NULL AND enrolled_at < :since, enrolled_at, NULL))
    WHERE id = :accountId AND ${FREE}`)
  const removeLasting = LASTING.map((table) =>
    db.prepare<{ accountId: string; factors: string | null; since: number }>(`
      DELETE FROM ${table} WHERE account_id = :accountId
        AND iif(:factors IS NULL, created_at >= :since, id NOT IN (SELECT value FROM json_each(:factors)))`),
  )
  const removePassing = PASSING.map((table) =>
    db.prepare<{ accountId: string }>(`DELETE FROM ${table} WHERE account_id = :accountId`),
  )
  const cancelCases = db.prepare<{ accountId: string; since: number; at: number }>(`
    UPDATE recovery_case SET state = 'canceled', closed_at = :at
    WHERE account_id = :accountId AND created_at >= :since AND state = 'open'`)
  // Not those of before: whoever had the account first has the last word.
  const removeUndos = db.prepare<{ accountId: string; since: number }>(`
    DELETE FROM email_undo WHERE account_id = :accountId AND created_at >= :since`)
  const listUndos = db.prepare<{ accountId: string; now: number }, UndoRow>(`
    SELECT ${UNDO} FROM email_undo
    WHERE account_id = :accountId AND expires_at > :now ORDER BY created_at`)

  return {
    putAddressCode: (code, parcels) =>
      db.write(() => {
        if (put.run(codeParameters(code)) === 1) enqueue(parcels)
      }),
    findAddressCode: async (key, now) => {
      const row = await db.read(() => find.get({ key, now }))
      return row && toCode(row)
    },
    changeEmail: ({ accountId, epoch, code, email, emailKey, at, undo }, parcels) =>
      db.write(() => {
        const used = { accountId, key: code.key, digest: code.digest, at }
        if (!isIn(accountId, epoch) || !holds.get(used) || undo.accountId !== accountId) return 'wrong-code'
        if (changeEmail.run({ accountId, email, emailKey, at }) === 0) return 'taken'
        spend.run(used)
        forgetDevices(accountId)
        killLinks(accountId, at)
        const factors = listLasting.flatMap((list) => list.all({ accountId })).map(({ id }) => id)
        insertUndo.run({ ...undoParameters(undo), factors: JSON.stringify(factors) })
        enqueue(parcels)
        return 'changed'
      }),
    setNoticeEmail: (accountId, { key, digest }, noticeEmail, at, parcels, epoch) =>
      db.write(() => {
        if (epoch !== undefined && !isIn(accountId, epoch)) return false
        if (spend.run({ accountId, key, digest, at }) === 0) return false
        setNotice.run({ accountId, noticeEmail })
        enqueue(parcels)
        return true
      }),
    removeNoticeEmail: (accountId, parcels) =>
      db.write(() => {
        if (removeNotice.run({ accountId }) === 0) return false
        enqueue(parcels)
        return true
      }),
    findEmailUndo: async (digest) => {
      const row = await db.read(() => findUndo.get({ digest }))
      return row && toUndo(row)
    },
    listEmailUndos: async (accountId, now) => (await db.read(() => listUndos.all({ accountId, now }))).map(toUndo),
    undoEmail: (digest, at, parcels) =>
      db.write(() => {
        const undo = findUndo.get({ digest })
        if (!undo || undo.expires_at <= at) return false
        const { account_id: accountId, email, email_key: emailKey, factors, created_at: since } = undo
        const { enrolled_at: enrolledAt } = undo
        if (giveBack.run({ accountId, email, emailKey, enrolledAt, factors, since, at }) === 0) return false
        removeUndos.run({ accountId, since })
        for (const removal of removeLasting) removal.run({ accountId, factors, since })
        for (const removal of removePassing) removal.run({ accountId })
        cancelCases.run({ accountId, since, at })
        forgetBrowsers(accountId)
        forgetDevices(accountId)
        killLinks(accountId, at)
        enqueue(parcels)
        return true
      }),
  }
}

function codeParameters({ key, accountId, digest, sealed, createdAt, expiresAt }: AddressCode) {
  return { key, accountId, digest, sealed, createdAt, expiresAt }
}

function toCode(row: CodeRow): AddressCode {
  const { key, digest, sealed } = row
  return { key, accountId: row.account_id, digest, sealed, createdAt: row.created_at, expiresAt: row.expires_at }
}

function undoParameters({ digest, accountId, email, emailKey, createdAt, expiresAt }: EmailChange['undo']) {
  return { digest, accountId, email, emailKey, createdAt, expiresAt }
}

function toUndo(row: UndoRow): EmailUndo {
  const { digest, email } = row
  return {
    digest,
    accountId: row.account_id,
    email,
    emailKey: row.email_key,
    enrolledAt: row.enrolled_at ?? undefined,
    factors: row.factors === null ? undefined : (JSON.parse(row.factors) as string[]),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}
