/** Signing keys (oidc/signing-key.ts), replaced as a set under a version, so that two rotations cannot both win. */
import type { KeyState, SigningAlg, SigningKey, SigningKeyStore } from '../../oidc/signing-key.ts'
import type { Database } from './database.ts'

/** One key with its set's version; without a key, the set is empty. */
interface KeyRow {
  version: number
  kid: string | null
  alg: SigningAlg
  state: KeyState
  sealed: string
  created_at: number
  activated_at: number | null
  retired_at: number | null
}

export function signingKeys(db: Database): SigningKeyStore {
  // One statement, so that version and keys belong together whoever writes meanwhile.
  const load = db.prepare<Record<string, never>, KeyRow>(`
    SELECT s.version, k.kid, k.alg, k.state, k.sealed, k.created_at, k.activated_at, k.retired_at
    FROM signing_key_set AS s LEFT JOIN signing_key AS k ON true
    ORDER BY k.created_at, k.kid`)
  const advance = db.prepare<{ version: number }>(`
    UPDATE signing_key_set SET version = version + 1 WHERE id = 1 AND version = :version`)
  const clear = db.prepare<Record<string, never>>('DELETE FROM signing_key')
  const insert = db.prepare<ReturnType<typeof toParameters>>(`
    INSERT INTO signing_key (kid, alg, state, sealed, created_at, activated_at, retired_at)
    VALUES (:kid, :alg, :state, :sealed, :createdAt, :activatedAt, :retiredAt)`)

  return {
    async loadKeys() {
      const rows = await db.read(() => load.all({}))
      return { version: rows[0]?.version ?? 0, keys: rows.flatMap(toKeys) }
    },
    replaceKeys: (version, keys) =>
      db.write(() => {
        if (advance.run({ version }) === 0) return false
        clear.run({})
        for (const key of keys) insert.run(toParameters(key))
        return true
      }),
  }
}

function toParameters(key: SigningKey) {
  const { kid, alg, state, sealed, createdAt } = key
  return { kid, alg, state, sealed, createdAt, activatedAt: key.activatedAt ?? null, retiredAt: key.retiredAt ?? null }
}

function toKeys(row: KeyRow): SigningKey[] {
  const { kid, alg, state, sealed } = row
  if (kid === null) return []
  const activatedAt = row.activated_at ?? undefined
  return [{ kid, alg, state, sealed, createdAt: row.created_at, activatedAt, retiredAt: row.retired_at ?? undefined }]
}
