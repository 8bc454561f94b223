/** The audit trail for copying: every record with its place and its hash, so that the chain holds in the target. */
import { type AuditRow, BEFORE_ALL, HASHED } from '../../audit/chain.ts'
import { PAGE, type Section } from '../portable.ts'
import type { Database } from './database.ts'

const COLUMNS = [...HASHED, 'ip', 'ip_salt', 'hash'] as const

export function portableAudit(db: Database): Section<AuditRow> {
  const list = db.prepare<{ seq: number }, AuditRow>(`
    SELECT ${COLUMNS.join(', ')} FROM audit WHERE seq > :seq ORDER BY seq LIMIT ${PAGE}`)
  const find = db.prepare<{ seq: number }, AuditRow>(`SELECT ${COLUMNS.join(', ')} FROM audit WHERE seq = :seq`)
  const insert = db.prepare<AuditRow>(`
    INSERT INTO audit (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((column) => `:${column}`).join(', ')})`)

  return {
    async *pages() {
      for (let { seq } = BEFORE_ALL; ; ) {
        const rows = await db.read(() => list.all({ seq }))
        const last = rows.at(-1)
        if (!last) return
        seq = last.seq
        yield rows.map((row) => ({ key: String(row.seq), record: { ...row } }))
      }
    },
    async find(key) {
      const row = await db.read(() => find.get({ seq: Number(key) }))
      return row && { ...row }
    },
    // What is in a trail is never replaced: one record there with this place, and this rejects.
    put: (_key, row) => db.write(() => void insert.run(row)),
  }
}
