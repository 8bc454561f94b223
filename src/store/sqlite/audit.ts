/** The audit trail, chained by audit/chain.ts: one transaction finds the end of the chain and appends to it. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AuditLook, AuditStore } from '../../audit/audit.ts'
import {
  type AuditContent,
  type AuditFinder,
  type AuditRow,
  auditRow,
  CHAIN_START,
  type ChainEnd,
  SHORT_ID,
  toRecord,
} from '../../audit/chain.ts'
import { verifyTrail } from '../../audit/verify.ts'
import { shortened } from '../../lib/network.ts'
import { checkpoints } from './audit-checkpoints.ts'
import { numberOf, ROW, rowInsertion, SAID } from './audit-rows.ts'
import type { Database } from './database.ts'

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

const BETWEEN = 'at >= :since AND (at, seq) < (:at, :seq)'
/** What somebody did to their own account, where the record names them once. */
const OWN_DEEDS = `
  UNION ALL SELECT ${ROW} FROM audit INDEXED BY audit_by_subject_and_time
  WHERE subject = ${numberOf(':value')} AND actor IS NULL AND length(id) = ${SHORT_ID} AND ${BETWEEN}`

/** Each finder's index, and what it finds by. */
const FOUND_BY: Record<AuditFinder, [index: string, what: string, also?: string]> = {
  correlation: ['audit_by_correlation', 'correlation = :value'],
  signIn: ['audit_by_sign_in', `iif(json_valid(details), details ->> '$.signIn', NULL) = :value`],
  subject: ['audit_by_subject_and_time', `subject = ${numberOf(':value')}`],
  actor: ['audit_by_actor', `actor = ${numberOf(':value')}`, OWN_DEEDS],
  organization: ['audit_by_organization', `iif(json_valid(details), details ->> '$.organization', NULL) = :value`],
  client: ['audit_by_client', `client = ${numberOf(':value')}`],
  type: ['audit_by_type', `type = ${numberOf(':value')}`],
}

function lookInto(db: Database): (look: AuditLook) => AuditRow[] {
  type Bounds = { since: number; at: number; seq: number; limit: number }
  const newestFirst = 'ORDER BY at DESC, seq DESC LIMIT :limit'
  const all = db.prepare<Bounds, AuditRow>(`
    SELECT ${ROW} FROM audit INDEXED BY audit_by_time WHERE ${BETWEEN} ${newestFirst}`)
  const by = new Map(
    Object.entries(FOUND_BY).map(([finder, [index, what, also = '']]) => [
      finder,
      db.prepare<Bounds & { value: string }, AuditRow>(`
        SELECT ${ROW} FROM audit INDEXED BY ${index} WHERE ${what} AND ${BETWEEN}
        ${also} ${newestFirst}`),
    ]),
  )

  return ({ by: asked, before: { at, seq } = NEWEST, since = OLDEST, limit }) => {
    const bounds = { at, seq, since, limit }
    return (asked ? by.get(asked.finder)?.all({ ...bounds, value: asked.value }) : all.all(bounds)) ?? []
  }
}

const NEWEST = { at: Number.MAX_SAFE_INTEGER, seq: Number.MAX_SAFE_INTEGER }
const OLDEST = Number.MIN_SAFE_INTEGER

export function auditTrail(db: Database): AuditStore {
  const findLast = db.prepare<Record<string, never>, ChainEnd>(`
    SELECT seq, hash FROM audit WHERE seq = (SELECT max(seq) FROM audit)`)
  const append = rowInsertion(db)
  const list = db.prepare<{ limit: number }, AuditContent>(`
    SELECT ${SAID} FROM audit ORDER BY seq DESC LIMIT :limit`)
  const listBySubject = db.prepare<{ subject: string; limit: number }, AuditContent>(`
    SELECT ${SAID} FROM audit WHERE subject = ${numberOf(':subject')} ORDER BY at DESC, seq DESC LIMIT :limit`)
  const look = lookInto(db)
  const listAfter = db.prepare<{ seq: number; limit: number }, AuditRow>(`
    SELECT ${ROW} FROM audit WHERE seq > :seq ORDER BY seq LIMIT :limit`)

  const shorten = addressShortener(db)
  // Before the oldest one that is whole none is: so this reads what a person did of late, not all they ever did.
  const whole = 'ip_salt IS NOT NULL AND at >= (SELECT min(at) FROM audit WHERE ip_salt IS NOT NULL)'
  const listWholeOf = db.prepare<{ accountId: string }, Whole>(`
    SELECT seq, ip FROM audit INDEXED BY audit_by_subject_and_time WHERE subject = ${numberOf(':accountId')} AND ${whole}
    UNION ALL
    SELECT seq, ip FROM audit INDEXED BY audit_by_actor WHERE actor = ${numberOf(':accountId')} AND ${whole}`)
  const listWhole = db.prepare<{ before: number; limit: number }, Whole>(`
    SELECT seq, ip FROM audit WHERE ip_salt IS NOT NULL AND at < :before ORDER BY at LIMIT :limit`)

  const trail: AuditStore = {
    appendAudit: (record) => db.write(() => append(auditRow(record, findLast.get({}) ?? CHAIN_START))),
    async listAudit({ subject, limit }) {
      const rows = await db.read(() =>
        subject === undefined ? list.all({ limit }) : listBySubject.all({ subject, limit }),
      )
      return rows.map(toRecord)
    },
    lookAtAudit: (asked) => db.read(() => look(asked)),
    followAudit: (after, limit) => db.read(() => listAfter.all({ seq: after, limit })),
    shortenAddresses: (before, limit) => db.write(() => shorten(listWhole.all({ before, limit }))),
    forgetAddresses: (accountId) => db.write(() => void shorten(listWholeOf.all({ accountId }))),
    verifyAudit: () => verifyTrail(trail, { pause: nextTurn }),
    ...checkpoints(db),
  }
  return trail
}
