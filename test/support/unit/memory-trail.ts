/** The audit trail in memory, chained, for tests of what looks into it. Whether a real store is faithful is the conformance suite's business. */
import type { AuditLook, AuditRecord, AuditStore } from '../../../src/audit/audit.ts'
import { type AuditRow, actorOf, auditRow, CHAIN_START, detailOf } from '../../../src/audit/chain.ts'

export interface MemoryTrail extends Pick<AuditStore, 'appendAudit' | 'lookAtAudit' | 'followAudit'> {
  rows: AuditRow[]
  /** What was looked for, and how much was found. */
  looks: Array<AuditLook & { found: number }>
}

export function memoryTrail(): MemoryTrail {
  const rows: AuditRow[] = []
  const looks: MemoryTrail['looks'] = []

  function partOf(row: AuditRow, finder: string): unknown {
    if (finder === 'actor') return actorOf(row)
    if (finder === 'organization' || finder === 'signIn') return detailOf(finder, row.details)
    return row[finder as keyof AuditRow]
  }

  return {
    rows,
    looks,
    async appendAudit(record: AuditRecord) {
      rows.push(auditRow(record, rows.at(-1) ?? CHAIN_START))
    },
    async lookAtAudit(look) {
      const { by, before, since = Number.NEGATIVE_INFINITY, limit } = look
      const found = rows
        .filter((row) => !by || partOf(row, by.finder) === by.value)
        .filter((row) => row.at >= since)
        .filter(({ at, seq }) => !before || at < before.at || (at === before.at && seq < before.seq))
        .sort((a, b) => b.at - a.at || b.seq - a.seq)
        .slice(0, limit)
      looks.push({ ...look, found: found.length })
      return found
    },
    followAudit: async (after, limit) => rows.filter(({ seq }) => seq > after).slice(0, limit),
  }
}
