/** What oidc-provider keeps (oidc/artifact.ts). Whoever asks sees no artifact past its expiry, swept or not. */
import type { Artifact, ArtifactStore, KeptArtifact } from '../../oidc/artifact.ts'
import type { Database } from './database.ts'
import { sweep } from './sweep.ts'

interface ArtifactRow {
  key: string
  sealed: string
  consumed_at: number | null
}

const LIVE = '(expires_at IS NULL OR expires_at > :now)'

export function artifacts(db: Database): ArtifactStore {
  // consumed_at stays: a request that read an artifact before it was consumed must not make it fresh by writing it back.
  const put = db.prepare<ReturnType<typeof toParameters>>(`
    INSERT INTO artifact (model, key, sealed, expires_at, grant_key, uid_key, account_id)
    VALUES (:model, :key, :sealed, :expiresAt, :grantKey, :uidKey, :accountId)
    ON CONFLICT (model, key) DO UPDATE
    SET sealed = :sealed, expires_at = :expiresAt, grant_key = :grantKey, uid_key = :uidKey, account_id = :accountId`)
  const insert = db.prepare<ReturnType<typeof toParameters> & { now: number }>(`
    INSERT INTO artifact (model, key, sealed, expires_at, grant_key, uid_key, account_id)
    VALUES (:model, :key, :sealed, :expiresAt, :grantKey, :uidKey, :accountId)
    ON CONFLICT (model, key) DO UPDATE
    SET sealed = :sealed, expires_at = :expiresAt, grant_key = :grantKey, uid_key = :uidKey, account_id = :accountId,
      consumed_at = NULL
    WHERE expires_at <= :now`)
  const replace = db.prepare<ReturnType<typeof toParameters> & { from: string; now: number }>(`
    UPDATE artifact
    SET sealed = :sealed, expires_at = :expiresAt, grant_key = :grantKey, uid_key = :uidKey, account_id = :accountId
    WHERE model = :model AND key = :key AND sealed = :from AND ${LIVE}`)
  // Writes no index but that of expiries, as a session is kept anew with each request that it is used in.
  const rewrite = db.prepare<ReturnType<typeof toParameters> & { from: string; now: number }>(`
    UPDATE artifact SET sealed = :sealed, expires_at = :expiresAt
    WHERE model = :model AND key = :key AND sealed = :from AND ${LIVE}
      AND grant_key IS :grantKey AND uid_key IS :uidKey AND account_id IS :accountId`)
  const rename = db.prepare<ReturnType<typeof toParameters> & { fromKey: string; from: string; now: number }>(`
    UPDATE artifact
    SET key = :key, sealed = :sealed, expires_at = :expiresAt, grant_key = :grantKey, uid_key = :uidKey,
      account_id = :accountId
    WHERE model = :model AND key = :fromKey AND sealed = :from AND ${LIVE}`)
  const find = db.prepare<{ model: string; key: string; now: number }, ArtifactRow>(`
    SELECT key, sealed, consumed_at FROM artifact WHERE model = :model AND key = :key AND ${LIVE}`)
  // Not ordered here: with an ORDER BY over this index SQLite prepares the statement anew for every value.
  const listByUid = db.prepare<{ model: string; uidKey: string; now: number }, ArtifactRow & { place: number }>(`
    SELECT rowid AS place, key, sealed, consumed_at FROM artifact
    WHERE uid_key = :uidKey AND model = :model AND ${LIVE}`)
  const consume = db.prepare<{ model: string; key: string; now: number }>(`
    UPDATE artifact SET consumed_at = :now WHERE model = :model AND key = :key AND consumed_at IS NULL AND ${LIVE}`)
  const remove = db.prepare<{ model: string; key: string }>(`
    DELETE FROM artifact WHERE model = :model AND key = :key`)
  const take = db.prepare<{ model: string; key: string; now: number; from: string | null }>(`
    DELETE FROM artifact WHERE model = :model AND key = :key AND ${LIVE} AND (:from IS NULL OR sealed = :from)`)
  const removeByGrant = db.prepare<{ grantKey: string }>('DELETE FROM artifact WHERE grant_key = :grantKey')
  const removeByUid = db.prepare<{ model: string; uidKey: string }>(`
    DELETE FROM artifact WHERE uid_key = :uidKey AND model = :model`)
  const listByAccount = db.prepare<{ model: string; accountId: string; now: number }, ArtifactRow>(`
    SELECT key, sealed, consumed_at FROM artifact WHERE account_id = :accountId AND model = :model AND ${LIVE}`)
  const listExpired = db.prepare<
    { model: string; now: number; limit: number },
    ArtifactRow & { account_id: string | null }
  >(`
    SELECT key, sealed, consumed_at, account_id FROM artifact INDEXED BY artifact_by_expiry
    WHERE expires_at <= :now AND model = :model ORDER BY expires_at LIMIT :limit`)
  const removeByAccount = db.prepare<{ accountId: string; keep: string }>(`
    DELETE FROM artifact WHERE account_id = :accountId AND key NOT IN (SELECT value FROM json_each(:keep))`)
  // From one model to the next, by the primary key.
  const models = db.prepare<Record<string, never>, { model: string | null }>(`
    WITH RECURSIVE known (model) AS (
      SELECT min(model) FROM artifact
      UNION ALL SELECT (SELECT min(model) FROM artifact WHERE model > known.model) FROM known WHERE model IS NOT NULL
    ) SELECT model FROM known`)
  const sweepExpired = sweep<{ model: string; now: number }>(db, 'artifact', 'model = :model AND expires_at <= :now')

  /** The newest, should there ever be two. */
  function findByUid(wanted: { model: string; uidKey: string; now: number }): ArtifactRow | undefined {
    return listByUid.all(wanted).toSorted((one, other) => other.place - one.place)[0]
  }

  return {
    putArtifact: (artifact) => db.write(() => void put.run(toParameters(artifact))),
    insertArtifact: (artifact, now) => db.write(() => insert.run({ ...toParameters(artifact), now }) === 1),
    replaceArtifact: (artifact, from, now) =>
      db.write(() => {
        const parameters = { ...toParameters(artifact), now }
        if (from === undefined) return insert.run(parameters) === 1
        return rewrite.run({ ...parameters, from }) === 1 || replace.run({ ...parameters, from }) === 1
      }),
    renameArtifact: (artifact, { key: fromKey, sealed: from }, now) =>
      db.write(() => rename.run({ ...toParameters(artifact), fromKey, from, now }) === 1),
    findArtifact: async (model, key, now) => toKept(await db.read(() => find.get({ model, key, now }))),
    findArtifacts: async (wanted, now) => {
      const rows = await db.read(() =>
        wanted.map((one) => ('key' in one ? find.get({ ...one, now }) : findByUid({ ...one, now }))),
      )
      return rows.map(toKept)
    },
    findArtifactByUid: async (model, uidKey, now) => toKept(await db.read(() => findByUid({ model, uidKey, now }))),
    consumeArtifact: (model, key, now) => db.write(() => consume.run({ model, key, now }) === 1),
    removeArtifact: (model, key) => db.write(() => void remove.run({ model, key })),
    takeArtifact: (model, key, now, from) => db.write(() => take.run({ model, key, now, from: from ?? null }) === 1),
    removeArtifactsByGrant: (grantKey) => db.write(() => void removeByGrant.run({ grantKey })),
    removeArtifactsByUid: (model, uidKey) => db.write(() => void removeByUid.run({ model, uidKey })),
    listArtifactsByAccount: async (model, accountId, now) => {
      const rows = await db.read(() => listByAccount.all({ model, accountId, now }))
      return rows.flatMap((row) => toKept(row) ?? [])
    },
    listExpiredArtifacts: async (model, now, limit) => {
      const rows = await db.read(() => listExpired.all({ model, now, limit }))
      return rows.map(({ key, sealed, consumed_at, account_id }) => ({
        key,
        sealed,
        consumedAt: consumed_at ?? undefined,
        accountId: account_id ?? undefined,
      }))
    },
    removeArtifactsByAccount: (accountId, keep = []) =>
      db.write(() => removeByAccount.run({ accountId, keep: JSON.stringify(keep) })),
    async sweepArtifacts(now) {
      let swept = 0
      for (const { model } of await db.read(() => models.all({})))
        if (model !== null) swept += await sweepExpired({ model, now })
      return swept
    },
  }
}

function toParameters(artifact: Artifact) {
  const { model, key, sealed, expiresAt, grantKey, uidKey, accountId } = artifact
  return {
    model,
    key,
    sealed,
    expiresAt: expiresAt ?? null,
    grantKey: grantKey ?? null,
    uidKey: uidKey ?? null,
    accountId: accountId ?? null,
  }
}

function toKept(row: ArtifactRow | undefined): KeptArtifact | undefined {
  return row && { key: row.key, sealed: row.sealed, consumedAt: row.consumed_at ?? undefined }
}
