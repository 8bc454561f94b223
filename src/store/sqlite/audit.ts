/** The audit trail, chained by audit/chain.ts: one transaction finds the end of the chain and appends to it. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AuditStore } from '../../audit/audit.ts'
import { shortened } from '../../lib/network.ts'
import {
  type AuditContent,
  type AuditRow,
  auditRow,
  BEFORE_ALL,
  CHAIN_START,
  type ChainEnd,
  follows,
  HASHED,
  toRecord,
} from '../../audit/chain.ts'
import type { Database } from './database.ts'

const COLUMNS = [...HASHED, 'ip', 'ip_salt'].join(', ')
const BATCH = 500

/** A record that holds a whole address. */
interface Whole {
  seq: number
  ip: string
}

/** Shortens addresses, within a transaction. Returns how many. */
function addressShortener(db: Database): (records: Whole[]) => number {
  const shorten = db.prepare<{ seq: number; ip: string }>(`
    UPDATE audit SET ip = :ip, ip_salt = NULL WHERE seq = :seq AND ip_salt IS NOT NULL`)

  return (records) => records.reduce((sum, { seq, ip }) => sum + shorten.run({ seq, ip: shortened(ip) }), 0)
}

export function auditTrail(db: Database): AuditStore {
  const findLast = db.prepare<Record<string, never>, ChainEnd>(`
    SELECT seq, hash FROM audit WHERE seq = (SELECT max(seq) FROM audit)`)
  const append = db.prepare<AuditRow>(`
    INSERT INTO audit (${COLUMNS}, hash)
    VALUES (:seq, :id, :at, :type, :outcome, :actor, :subject, :client, :correlation, :details, :ip_digest, :ip,
      :ip_salt, :hash)`)
  const list = db.prepare<{ limit: number }, AuditContent>(`
    SELECT ${COLUMNS} FROM audit ORDER BY seq DESC LIMIT :limit`)
  const listBySubject = db.prepare<{ subject: string; limit: number }, AuditContent>(`
    SELECT ${COLUMNS} FROM audit WHERE subject = :subject ORDER BY seq DESC LIMIT :limit`)
  const listByReference = db.prepare<{ reference: string; limit: number }, AuditContent>(`
    SELECT ${COLUMNS} FROM audit INDEXED BY failure_by_reference
    WHERE correlation = :reference AND outcome <> 'ok' ORDER BY seq DESC LIMIT :limit`)
  const listAfter = db.prepare<{ seq: number }, AuditRow>(`
    SELECT ${COLUMNS}, hash FROM audit WHERE seq > :seq ORDER BY seq LIMIT ${BATCH}`)

  const shorten = addressShortener(db)
  const listWholeOf = db.prepare<{ accountId: string }, Whole>(`
    SELECT seq, ip FROM audit WHERE subject = :accountId AND ip_salt IS NOT NULL
    UNION ALL
    SELECT seq, ip FROM audit WHERE actor = :accountId AND ip_salt IS NOT NULL`)
  const listWhole = db.prepare<{ before: number; limit: number }, Whole>(`
    SELECT seq, ip FROM audit WHERE ip_salt IS NOT NULL AND at < :before ORDER BY at LIMIT :limit`)

  return {
    appendAudit: (record) => db.write(() => void append.run(auditRow(record, findLast.get({}) ?? CHAIN_START))),
    async listAudit({ subject, reference, limit }) {
      const rows = await db.read(() => {
        if (reference !== undefined) return listByReference.all({ reference, limit })
        return subject === undefined ? list.all({ limit }) : listBySubject.all({ subject, limit })
      })
      // Of one request there are few.
      return rows.map(toRecord).filter((record) => subject === undefined || record.subject === subject)
    },
    shortenAddresses: (before, limit) => db.write(() => shorten(listWhole.all({ before, limit }))),
    forgetAddresses: (accountId) => db.write(() => void shorten(listWholeOf.all({ accountId }))),
    async verifyAudit() {
      let last = BEFORE_ALL
      for (;;) {
        const batch = await db.read(() => listAfter.all({ seq: last.seq }))
        for (const row of batch) {
          if (!follows(last.hash, row)) return row.id
          last = row
        }
        if (batch.length < BATCH) return undefined
        await nextTurn()
      }
    },
  }
}
