/** The audit trail for copying: every record with its place and its hash, so that the chain holds in the target. */
import { type AuditRow, BEFORE_ALL } from '../../audit/chain.ts'
import type { KeptCheckpoint } from '../../audit/checkpoint.ts'
import { PAGE, type Section } from '../portable.ts'
import { checkpoints } from './audit-checkpoints.ts'
import { ROW, rowInsertion } from './audit-rows.ts'
import type { Database } from './database.ts'

export function portableAudit(db: Database): Section<AuditRow> {
  const list = db.prepare<{ seq: number }, AuditRow>(`
    SELECT ${ROW} FROM audit WHERE seq > :seq ORDER BY seq LIMIT ${PAGE}`)
  const find = db.prepare<{ seq: number }, AuditRow>(`SELECT ${ROW} FROM audit WHERE seq = :seq`)
  const insert = rowInsertion(db)

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
    put: (_key, row) => db.write(() => insert(row)),
  }
}

export function portableCheckpoints(db: Database): Section<KeptCheckpoint> {
  const { followCheckpoints, putCheckpoint } = checkpoints(db)

  return {
    async *pages() {
      for (let after = BEFORE_ALL.seq; ; ) {
        const page = await followCheckpoints(after, PAGE)
        const last = page.at(-1)
        if (!last) return
        after = last.from
        yield page.map((record) => ({ key: String(record.from), record }))
      }
    },
    async find(key) {
      const [found] = await followCheckpoints(Number(key) - 1, 1)
      return found?.from === Number(key) ? found : undefined
    },
    async put(key, record) {
      if (!(await putCheckpoint(record, undefined))) throw new Error(`there is a checkpoint ${key} already`)
    },
  }
}
