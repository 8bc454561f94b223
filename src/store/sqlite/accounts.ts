/** Accounts (accounts/account.ts): finding them, and what changes about them. Each method is one write, parcels included. */

import type { AccountStore } from '../../accounts/account.ts'
import type { Locale } from '../../lib/locales.ts'
import type { Account } from '../../person/account.ts'
import type { LinkPurpose } from '../../person/link.ts'
import { searchKey } from '../../record/search-key.ts'
import { ACCOUNT, type AccountRow, accountParameters, toAccount } from './account-row.ts'
import type { Database } from './database.ts'
import { deviceForgetter } from './devices.ts'
import { NOT_ERASED } from './erasure.ts'
import { browserForgetter, linkKeeper, linkKiller } from './links.ts'
import { parcels } from './queue.ts'

type Accounts = Pick<
  AccountStore,
  | 'findAccount'
  | 'findAccountByEmail'
  | 'searchAccounts'
  | 'insertAccount'
  | 'setPassword'
  | 'changePassword'
  | 'setLocale'
  | 'setStatus'
  | 'upgradeHash'
  | 'listHashKeys'
  | 'listOrganizations'
>

export function accounts(db: Database): Accounts {
  const enqueue = parcels(db)
  const keepLink = linkKeeper(db)
  const killLinks = linkKiller(db)
  const forgetDevices = deviceForgetter(db)
  const forgetBrowsers = browserForgetter(db)
  const find = db.prepare<{ id: string }, AccountRow>(`SELECT ${ACCOUNT} FROM account WHERE id = :id`)
  const findByEmail = db.prepare<{ emailKey: string }, AccountRow>(`
    SELECT ${ACCOUNT} FROM account WHERE email_key = :emailKey`)
  const search = db.prepare<{ id: string; text: string; limit: number }, AccountRow>(`
    SELECT ${ACCOUNT} FROM account
    WHERE id = :id OR instr(email_key, :text) = 1 OR instr(name_key, :text) > 0
    ORDER BY created_at DESC, rowid DESC LIMIT :limit`)
  const insert = db.prepare<ReturnType<typeof accountParameters> & { accountId: string }>(`
    INSERT INTO account (${ACCOUNT}, name_key)
    SELECT :id, :email, :emailKey, :name, :locale, :organization, :roles, :status, :passwordHash, :passwordChangedAt,
      :epoch, :enrolledAt, :noticeEmail, :previousEmail, :emailChangedAt, :createdAt, :givenName, :familyName,
      :nameKey
    WHERE ${NOT_ERASED}
    ON CONFLICT (email_key) DO NOTHING`)
  // The statement, not the caller, makes a link single-use, and fit for this account in the state it is in.
  const useLink = db.prepare<{ digest: string; accountId: string; purpose: LinkPurpose; at: number }>(`
    UPDATE link SET used_at = :at
    WHERE digest = :digest AND account_id = :accountId AND purpose = :purpose AND used_at IS NULL AND expires_at > :at
      AND EXISTS (
        SELECT 1 FROM account WHERE id = :accountId
          AND status = CASE :purpose WHEN 'activation' THEN 'invited' WHEN 'recovery' THEN 'active' END
      )`)
  const setPassword = db.prepare<{ accountId: string; passwordHash: string; at: number }>(`
    UPDATE account SET password_hash = :passwordHash, password_changed_at = :at, status = 'active', epoch = epoch + 1
    WHERE id = :accountId`)
  const changePassword = db.prepare<{ accountId: string; from: string; passwordHash: string; at: number }>(`
    UPDATE account SET password_hash = :passwordHash, password_changed_at = :at, epoch = epoch + 1
    WHERE id = :accountId AND status = 'active' AND password_hash = :from`)
  const upgradeHash = db.prepare<{ accountId: string; from: string; to: string }>(`
    UPDATE account SET password_hash = :to WHERE id = :accountId AND password_hash = :from`)
  const hashKeys = db.prepare<Record<string, never>, { key: string }>(`
    SELECT DISTINCT substr(password_hash, 1, instr(password_hash, ':') - 1) AS key FROM account
    WHERE password_hash IS NOT NULL`)
  const organizations = db.prepare<Record<string, never>, { organization: string }>(`
    SELECT DISTINCT organization FROM account WHERE organization IS NOT NULL`)
  const setLocale = db.prepare<{ accountId: string; locale: Locale }>(`
    UPDATE account SET locale = :locale WHERE id = :accountId`)
  const removeCodes = db.prepare<{ accountId: string }>('DELETE FROM temporary_code WHERE account_id = :accountId')
  const setStatus = db.prepare<{ accountId: string; from: Account['status']; to: Account['status'] }>(`
    UPDATE account SET status = :to, epoch = epoch + 1 WHERE id = :accountId AND status = :from`)

  return {
    findAccount: async (id) => {
      const row = await db.read(() => find.get({ id }))
      return row && toAccount(row)
    },
    findAccountByEmail: async (emailKey) => {
      const row = await db.read(() => findByEmail.get({ emailKey }))
      return row && toAccount(row)
    },
    searchAccounts: async (text, limit) => {
      const rows = await db.read(() => search.all({ id: text.trim(), text: searchKey(text), limit }))
      return rows.map(toAccount)
    },
    insertAccount: (account, link, parcels) =>
      db.write(() => {
        if (insert.run({ ...accountParameters(account), accountId: account.id }) === 0) return false
        keepLink(link)
        enqueue(parcels)
        return true
      }),
    setPassword: ({ accountId, link, passwordHash, at }, parcels) =>
      db.write(() => {
        if (useLink.run({ digest: link.digest, accountId, purpose: link.purpose, at }) === 0) return false
        setPassword.run({ accountId, passwordHash, at })
        forgetDevices(accountId)
        forgetBrowsers(accountId)
        killLinks(accountId, at)
        enqueue(parcels)
        return true
      }),
    changePassword: ({ accountId, from, passwordHash, at }, parcels) =>
      db.write(() => {
        if (changePassword.run({ accountId, from, passwordHash, at }) === 0) return false
        forgetDevices(accountId)
        forgetBrowsers(accountId)
        killLinks(accountId, at)
        enqueue(parcels)
        return true
      }),
    setLocale: (accountId, locale, parcels) =>
      db.write(() => {
        if (setLocale.run({ accountId, locale }) === 0) return false
        enqueue(parcels)
        return true
      }),
    setStatus: ({ accountId, from, to }, parcels) =>
      db.write(() => {
        // The first that fits, and no other: after it the account has another status.
        if (!from.some((status) => setStatus.run({ accountId, from: status, to }) === 1)) return false
        forgetDevices(accountId)
        if (to === 'disabled') removeCodes.run({ accountId })
        if (to !== 'invited') killLinks(accountId)
        enqueue(parcels)
        return true
      }),
    upgradeHash: (accountId, from, to) => db.write(() => upgradeHash.run({ accountId, from, to }) === 1),
    listHashKeys: async () => (await db.read(() => hashKeys.all({}))).map(({ key }) => key),
    listOrganizations: async () => (await db.read(() => organizations.all({}))).map(({ organization }) => organization),
  }
}
