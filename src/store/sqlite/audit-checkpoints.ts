/** Checkpoints of the audit trail, and what they allow: that old records go. A trigger refuses it everywhere else. */
import type { AuditStore } from '../../audit/audit.ts'
import type { KeptCheckpoint } from '../../audit/checkpoint.ts'
import { rowRemoval } from './audit-rows.ts'
import type { Database } from './database.ts'

type Checkpoints = Pick<
  AuditStore,
  'followCheckpoints' | 'lastCheckpoint' | 'putCheckpoint' | 'linkAudit' | 'removeAudit'
>

const SELECTED = 'SELECT from_seq AS "from", to_seq AS "to", content, seal FROM audit_checkpoint'

type Parameters = { from: number; to: number; content: string; seal: string }

export function checkpoints(db: Database): Checkpoints {
  const follow = db.prepare<{ after: number; limit: number }, KeptCheckpoint>(`
    ${SELECTED} WHERE from_seq > :after ORDER BY from_seq LIMIT :limit`)
  const last = db.prepare<Record<string, never>, KeptCheckpoint>(`
    ${SELECTED} WHERE from_seq = (SELECT max(from_seq) FROM audit_checkpoint)`)
  const insert = db.prepare<Parameters>(`
    INSERT INTO audit_checkpoint (from_seq, to_seq, content, seal) VALUES (:from, :to, :content, :seal)
    ON CONFLICT (from_seq) DO NOTHING`)
  const replace = db.prepare<Parameters & { instead: string }>(`
    UPDATE audit_checkpoint SET to_seq = :to, content = :content, seal = :seal
    WHERE from_seq = :from AND seal = :instead`)
  const link = db.prepare<{ seq: number; previous: string }>(`
    UPDATE audit SET previous = :previous WHERE seq = :seq AND previous IS NULL`)
  const remove = rowRemoval(db)

  return {
    followCheckpoints: async (after, limit) =>
      (await db.read(() => follow.all({ after, limit }))).map((found) => ({ ...found })),
    async lastCheckpoint() {
      const found = await db.read(() => last.get({}))
      return found && { ...found }
    },
    putCheckpoint: ({ from, to, content, seal }, instead) =>
      db.write(() => {
        const given = { from, to, content, seal }
        return (instead === undefined ? insert.run(given) : replace.run({ ...given, instead })) === 1
      }),
    linkAudit: (links) =>
      db.write(() => {
        for (const { seq, previous } of links) link.run({ seq, previous })
      }),
    removeAudit: (leaving) =>
      db.write(() => {
        // Nobody sees it half-way, so only the first that is left needs it.
        const next = leaving.at(-1)?.next
        if (next) link.run({ ...next })
        remove(leaving.map(({ seq }) => seq))
      }),
  }
}
