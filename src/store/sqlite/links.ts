/** One-time links and known browsers (accounts/account.ts). Each method is one write, parcels included. */
import type { AccountStore } from '../../accounts/account.ts'
import type { Link, LinkPurpose } from '../../person/link.ts'
import type { Database } from './database.ts'
import { parcels } from './queue.ts'

interface LinkRow {
  digest: string
  account_id: string
  purpose: LinkPurpose
  created_at: number
  expires_at: number
  used_at: number | null
}

type Links = Pick<AccountStore, 'replaceLink' | 'renewLink' | 'findLink' | 'rememberBrowser' | 'isKnownBrowser'>

// Erased meanwhile, an account gets no link, and no mail about one.
const EXISTS = 'EXISTS (SELECT 1 FROM account WHERE id = :accountId)'

/** Keeps a link, for whoever is writing something else in the same transaction. */
export function linkKeeper(db: Database): (link: Link) => boolean {
  const insert = db.prepare<ReturnType<typeof linkParameters>>(`
    INSERT INTO link (digest, account_id, purpose, created_at, expires_at, used_at)
    SELECT :digest, :accountId, :purpose, :createdAt, :expiresAt, :usedAt WHERE ${EXISTS}`)

  return (link) => insert.run(linkParameters(link)) === 1
}

/**
 * Kills the open links of an account, for whoever is writing something else in the same transaction. A link that dies
 * is marked as used, so that its page can still say why it opens nothing; when matters to nobody.
 */
export function linkKiller(db: Database): (accountId: string, at?: number) => void {
  const kill = db.prepare<{ accountId: string; at: number | null }>(`
    UPDATE link SET used_at = coalesce(:at, created_at) WHERE account_id = :accountId AND used_at IS NULL`)

  return (accountId, at) => void kill.run({ accountId, at: at ?? null })
}

/** Forgets the browsers that proved the password, for whoever is writing another in the same transaction. */
export function browserForgetter(db: Database): (accountId: string) => void {
  const forget = db.prepare<{ accountId: string }>('DELETE FROM known_browser WHERE account_id = :accountId')

  return (accountId) => void forget.run({ accountId })
}

export function links(db: Database): Links {
  const enqueue = parcels(db)
  const keepLink = linkKeeper(db)
  const killLinks = linkKiller(db)
  const find = db.prepare<{ digest: string }, LinkRow>(`
    SELECT digest, account_id, purpose, created_at, expires_at, used_at FROM link WHERE digest = :digest`)
  const renew = db.prepare<{ digest: string; expiresAt: number }>(`
    UPDATE link SET expires_at = max(expires_at, :expiresAt) WHERE digest = :digest AND used_at IS NULL`)
  const rememberBrowser = db.prepare<{
    digest: string
    accountId: string
    passwordHash: string
    expiresAt: number
  }>(`
    INSERT INTO known_browser (digest, account_id, expires_at)
    SELECT :digest, id, :expiresAt FROM account WHERE id = :accountId AND password_hash = :passwordHash
    ON CONFLICT (digest, account_id) DO UPDATE SET expires_at = :expiresAt`)
  const findBrowser = db.prepare<{ digest: string; accountId: string; now: number }, { expires_at: number }>(`
    SELECT expires_at FROM known_browser WHERE digest = :digest AND account_id = :accountId AND expires_at > :now`)

  return {
    replaceLink: (link, parcels) =>
      db.write(() => {
        killLinks(link.accountId, link.createdAt)
        if (keepLink(link)) enqueue(parcels)
      }),
    renewLink: (digest, expiresAt) => db.write(() => void renew.run({ digest, expiresAt })),
    findLink: async (digest) => {
      const row = await db.read(() => find.get({ digest }))
      return row && toLink(row)
    },
    rememberBrowser: (digest, accountId, passwordHash, expiresAt) =>
      db.write(() => void rememberBrowser.run({ digest, accountId, passwordHash, expiresAt })),
    isKnownBrowser: async (digest, accountId, now) =>
      (await db.read(() => findBrowser.get({ digest, accountId, now }))) !== undefined,
  }
}

function linkParameters(link: Link) {
  const { digest, accountId, purpose, createdAt, expiresAt } = link
  return { digest, accountId, purpose, createdAt, expiresAt, usedAt: link.usedAt ?? null }
}

function toLink(row: LinkRow): Link {
  const { digest, purpose } = row
  const usedAt = row.used_at ?? undefined
  return { digest, accountId: row.account_id, purpose, createdAt: row.created_at, expiresAt: row.expires_at, usedAt }
}
