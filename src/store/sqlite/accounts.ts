/** Accounts, one-time links and known browsers (accounts/account.ts). Each method is one write, parcels included. */
import type { Account, AccountStore, Link, LinkPurpose, Locale } from '../../accounts/account.ts'
import { DAY } from '../../lib/time.ts'
import type { Database } from './database.ts'
import { parcels } from './queue.ts'
import { sweep } from './sweep.ts'

const LINK_AFTERLIFE = 30 * DAY

interface AccountRow {
  id: string
  email: string
  email_key: string
  name: string
  locale: Locale
  organization: string | null
  roles: string
  status: Account['status']
  password_hash: string | null
  password_changed_at: number | null
  epoch: number
  enrolled_at: number | null
  created_at: number
}

interface LinkRow {
  digest: string
  account_id: string
  purpose: LinkPurpose
  created_at: number
  expires_at: number
  used_at: number | null
}

const ACCOUNT = `id, email, email_key, name, locale, organization, roles, status, password_hash, password_changed_at,
  epoch, enrolled_at, created_at`

export function accounts(db: Database): AccountStore {
  const enqueue = parcels(db)
  const find = db.prepare<{ id: string }, AccountRow>(`SELECT ${ACCOUNT} FROM account WHERE id = :id`)
  const findByEmail = db.prepare<{ emailKey: string }, AccountRow>(`
    SELECT ${ACCOUNT} FROM account WHERE email_key = :emailKey`)
  const insert = db.prepare<ReturnType<typeof accountParameters>>(`
    INSERT INTO account (${ACCOUNT})
    VALUES (:id, :email, :emailKey, :name, :locale, :organization, :roles, :status, :passwordHash, :passwordChangedAt,
      :epoch, :enrolledAt, :createdAt)
    ON CONFLICT (email_key) DO NOTHING`)
  const insertLink = db.prepare<ReturnType<typeof linkParameters>>(`
    INSERT INTO link (digest, account_id, purpose, created_at, expires_at, used_at)
    VALUES (:digest, :accountId, :purpose, :createdAt, :expiresAt, :usedAt)`)
  const findLink = db.prepare<{ digest: string }, LinkRow>(`
    SELECT digest, account_id, purpose, created_at, expires_at, used_at FROM link WHERE digest = :digest`)
  // The statement, not the caller, makes a link single-use, and fit for this account in the state it is in.
  const useLink = db.prepare<{ digest: string; accountId: string; purpose: LinkPurpose; at: number }>(`
    UPDATE link SET used_at = :at
    WHERE digest = :digest AND account_id = :accountId AND purpose = :purpose AND used_at IS NULL AND expires_at > :at
      AND EXISTS (
        SELECT 1 FROM account WHERE id = :accountId
          AND status = CASE :purpose WHEN 'activation' THEN 'invited' WHEN 'recovery' THEN 'active' END
      )`)
  // A link that dies is marked as used, so that its page can still say why it opens nothing.
  const killLinks = db.prepare<{ accountId: string; at: number }>(`
    UPDATE link SET used_at = :at WHERE account_id = :accountId AND used_at IS NULL`)
  const setPassword = db.prepare<{ accountId: string; passwordHash: string; at: number }>(`
    UPDATE account SET password_hash = :passwordHash, password_changed_at = :at, status = 'active', epoch = epoch + 1
    WHERE id = :accountId`)
  const upgradeHash = db.prepare<{ accountId: string; from: string; to: string }>(`
    UPDATE account SET password_hash = :to WHERE id = :accountId AND password_hash = :from`)
  const renewLink = db.prepare<{ digest: string; expiresAt: number }>(`
    UPDATE link SET expires_at = max(expires_at, :expiresAt) WHERE digest = :digest AND used_at IS NULL`)
  const hashKeys = db.prepare<Record<string, never>, { key: string }>(`
    SELECT DISTINCT substr(password_hash, 1, instr(password_hash, ':') - 1) AS key FROM account
    WHERE password_hash IS NOT NULL`)
  const rememberBrowser = db.prepare<{ digest: string; accountId: string; expiresAt: number }>(`
    INSERT INTO known_browser (digest, account_id, expires_at) VALUES (:digest, :accountId, :expiresAt)
    ON CONFLICT (digest, account_id) DO UPDATE SET expires_at = :expiresAt`)
  const findBrowser = db.prepare<{ digest: string; accountId: string; now: number }, { expires_at: number }>(`
    SELECT expires_at FROM known_browser WHERE digest = :digest AND account_id = :accountId AND expires_at > :now`)
  const sweepLinks = sweep<{ before: number }>(db, 'link', 'expires_at < :before')
  const sweepBrowsers = sweep<{ now: number }>(db, 'known_browser', 'expires_at <= :now')

  return {
    findAccount: async (id) => toAccount(await db.read(() => find.get({ id }))),
    findAccountByEmail: async (emailKey) => toAccount(await db.read(() => findByEmail.get({ emailKey }))),
    insertAccount: (account, link, parcels) =>
      db.write(() => {
        if (insert.run(accountParameters(account)) === 0) return false
        insertLink.run(linkParameters(link))
        enqueue(parcels)
        return true
      }),
    replaceLink: (link, parcels) =>
      db.write(() => {
        killLinks.run({ accountId: link.accountId, at: link.createdAt })
        insertLink.run(linkParameters(link))
        enqueue(parcels)
      }),
    renewLink: (digest, expiresAt) => db.write(() => void renewLink.run({ digest, expiresAt })),
    listHashKeys: async () => (await db.read(() => hashKeys.all({}))).map(({ key }) => key),
    findLink: async (digest) => toLink(await db.read(() => findLink.get({ digest }))),
    setPassword: ({ accountId, link, passwordHash, at }, parcels) =>
      db.write(() => {
        if (useLink.run({ digest: link.digest, accountId, purpose: link.purpose, at }) === 0) return false
        setPassword.run({ accountId, passwordHash, at })
        killLinks.run({ accountId, at })
        enqueue(parcels)
        return true
      }),
    upgradeHash: (accountId, from, to) => db.write(() => upgradeHash.run({ accountId, from, to }) === 1),
    rememberBrowser: (digest, accountId, expiresAt) =>
      db.write(() => void rememberBrowser.run({ digest, accountId, expiresAt })),
    isKnownBrowser: async (digest, accountId, now) =>
      (await db.read(() => findBrowser.get({ digest, accountId, now }))) !== undefined,
    sweepAccounts: async (now) => (await sweepLinks({ before: now - LINK_AFTERLIFE })) + (await sweepBrowsers({ now })),
  }
}

function accountParameters(account: Account) {
  const { id, email, emailKey, name, locale, status, epoch, createdAt } = account
  return {
    id,
    email,
    emailKey,
    name,
    locale,
    organization: account.organization ?? null,
    roles: JSON.stringify(account.roles),
    status,
    passwordHash: account.passwordHash ?? null,
    passwordChangedAt: account.passwordChangedAt ?? null,
    epoch,
    enrolledAt: account.enrolledAt ?? null,
    createdAt,
  }
}

function toAccount(row: AccountRow | undefined): Account | undefined {
  if (!row) return undefined
  const { id, email, name, locale, status, epoch } = row
  return {
    id,
    email,
    emailKey: row.email_key,
    name,
    locale,
    organization: row.organization ?? undefined,
    roles: JSON.parse(row.roles) as string[],
    status,
    passwordHash: row.password_hash ?? undefined,
    passwordChangedAt: row.password_changed_at ?? undefined,
    epoch,
    enrolledAt: row.enrolled_at ?? undefined,
    createdAt: row.created_at,
  }
}

function linkParameters(link: Link) {
  const { digest, accountId, purpose, createdAt, expiresAt } = link
  return { digest, accountId, purpose, createdAt, expiresAt, usedAt: link.usedAt ?? null }
}

function toLink(row: LinkRow | undefined): Link | undefined {
  if (!row) return undefined
  const { digest, purpose } = row
  const usedAt = row.used_at ?? undefined
  return { digest, accountId: row.account_id, purpose, createdAt: row.created_at, expiresAt: row.expires_at, usedAt }
}
