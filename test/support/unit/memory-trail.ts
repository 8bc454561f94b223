/** The audit trail in memory, chained, for tests of what looks into it. Whether a real store is faithful is the conformance suite's business. */
import type { AuditLook, AuditRecord, AuditStore } from '../../../src/audit/audit.ts'
import { type AuditRow, actorOf, auditRow, CHAIN_START, detailOf } from '../../../src/audit/chain.ts'
import type { KeptCheckpoint } from '../../../src/audit/checkpoint.ts'

export interface MemoryTrail
  extends Pick<
    AuditStore,
    | 'appendAudit'
    | 'lookAtAudit'
    | 'followAudit'
    | 'followCheckpoints'
    | 'lastCheckpoint'
    | 'putCheckpoint'
    | 'linkAudit'
    | 'removeAudit'
  > {
  rows: AuditRow[]
  checkpoints: KeptCheckpoint[]
  /** What was looked for, and how much was found. */
  looks: Array<AuditLook & { found: number }>
}

export function memoryTrail(): MemoryTrail {
  const rows: AuditRow[] = []
  const looks: MemoryTrail['looks'] = []
  const checkpoints: KeptCheckpoint[] = []

  function partOf(row: AuditRow, finder: string): unknown {
    if (finder === 'actor') return actorOf(row)
    if (finder === 'organization' || finder === 'signIn') return detailOf(finder, row.details)
    return row[finder as keyof AuditRow]
  }

  return {
    rows,
    looks,
    checkpoints,
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
    followCheckpoints: async (after, limit) => checkpoints.filter(({ from }) => from > after).slice(0, limit),
    lastCheckpoint: async () => checkpoints.at(-1),
    async putCheckpoint(checkpoint, instead) {
      const at = checkpoints.findIndex(({ from }) => from === checkpoint.from)
      if (checkpoints[at]?.seal !== instead) return false
      checkpoints.splice(at < 0 ? checkpoints.length : at, 1, checkpoint)
      return true
    },
    async linkAudit(links) {
      for (const { seq, previous } of links) {
        const row = rows.find((one) => one.seq === seq)
        if (row) row.previous ??= previous
      }
    },
    async removeAudit(leaving) {
      for (const { seq: place, next } of leaving) {
        if (next) await this.linkAudit([next])
        const at = rows.findIndex(({ seq }) => seq === place)
        if (at >= 0) rows.splice(at, 1)
      }
    },
  }
}
