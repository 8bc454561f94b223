/**
 * The audit trail (audit/audit.ts), as a chain: a record's hash covers its content and the hash before it, so editing,
 * inserting or dropping a record shows. (Cutting off the end does not: keep the newest hash elsewhere to see that.)
 *
 * The client's address must be shortened after 90 days without breaking the chain, so the hash covers a salted digest
 * of it. While the salt is there the address is checked against that digest; whoever shortens the address removes the
 * salt, and without it the digest does not tell which address it was.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AuditRecord, AuditStore, EventType, Outcome } from '../../audit/audit.ts'
import { digest, randomToken } from '../../lib/crypto.ts'
import { shortened } from './client-address.ts'
import type { Database } from './database.ts'

/** What the hash covers, in this order. */
const HASHED = [
  'seq',
  'id',
  'at',
  'type',
  'outcome',
  'actor',
  'subject',
  'client',
  'correlation',
  'details',
  'ip_digest',
] as const
const COLUMNS = [...HASHED, 'ip', 'ip_salt'].join(', ')
const BATCH = 500

/** A type, not an interface: only then may it stand for a statement's parameters. */
type Content = {
  seq: number
  id: string
  at: number
  type: EventType
  outcome: Outcome
  actor: string | null
  subject: string | null
  client: string | null
  correlation: string | null
  /** JSON. */
  details: string | null
  ip_digest: string | null
  ip: string | null
  ip_salt: string | null
}

type AuditRow = Content & { hash: string }

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

/** Shortens what an account's records tell of its whereabouts, for whoever is erasing it in the same transaction. */
export function addressForgetter(db: Database): (accountId: string) => void {
  const shorten = addressShortener(db)
  const listWhole = db.prepare<{ accountId: string }, Whole>(`
    SELECT seq, ip FROM audit WHERE subject = :accountId AND ip_salt IS NOT NULL
    UNION ALL
    SELECT seq, ip FROM audit WHERE actor = :accountId AND ip_salt IS NOT NULL`)

  return (accountId) => void shorten(listWhole.all({ accountId }))
}

export function auditTrail(db: Database): AuditStore {
  const findLast = db.prepare<Record<string, never>, { seq: number; hash: string }>(`
    SELECT seq, hash FROM audit WHERE seq = (SELECT max(seq) FROM audit)`)
  const append = db.prepare<AuditRow>(`
    INSERT INTO audit (${COLUMNS}, hash)
    VALUES (:seq, :id, :at, :type, :outcome, :actor, :subject, :client, :correlation, :details, :ip_digest, :ip,
      :ip_salt, :hash)`)
  const list = db.prepare<{ limit: number }, Content>(`
    SELECT ${COLUMNS} FROM audit ORDER BY seq DESC LIMIT :limit`)
  const listBySubject = db.prepare<{ subject: string; limit: number }, Content>(`
    SELECT ${COLUMNS} FROM audit WHERE subject = :subject ORDER BY seq DESC LIMIT :limit`)
  const listAfter = db.prepare<{ seq: number }, AuditRow>(`
    SELECT ${COLUMNS}, hash FROM audit WHERE seq > :seq ORDER BY seq LIMIT ${BATCH}`)

  const shorten = addressShortener(db)
  const listWhole = db.prepare<{ before: number; limit: number }, Whole>(`
    SELECT seq, ip FROM audit WHERE ip_salt IS NOT NULL AND at < :before ORDER BY at LIMIT :limit`)

  return {
    appendAudit: (record) =>
      db.write(() => {
        const last = findLast.get({}) ?? { seq: 0, hash: '' }
        const content = toContent(record, last.seq + 1)
        append.run({ ...content, hash: chained(last.hash, content) })
      }),
    async listAudit({ subject, limit }) {
      const rows = await db.read(() =>
        subject === undefined ? list.all({ limit }) : listBySubject.all({ subject, limit }),
      )
      return rows.map(toRecord)
    },
    shortenAddresses: (before, limit) => db.write(() => shorten(listWhole.all({ before, limit }))),
    async verifyAudit() {
      // Below any number we give: a forged record may have been put before the first.
      let last = { seq: Number.MIN_SAFE_INTEGER, hash: '' }
      for (;;) {
        const batch = await db.read(() => listAfter.all({ seq: last.seq }))
        for (const row of batch) {
          if (row.hash !== chained(last.hash, row) || !addressFits(row)) return row.id
          last = row
        }
        if (batch.length < BATCH) return undefined
        await nextTurn()
      }
    },
  }
}

function chained(previous: string, content: Content): string {
  return digest(previous + JSON.stringify(HASHED.map((column) => content[column])))
}

function addressFits({ ip, ip_salt, ip_digest }: Content): boolean {
  return ip_salt === null || ip_digest === digest(ip_salt + ip)
}

function toContent(record: AuditRecord, seq: number): Content {
  const { id, at, type, outcome, source, details } = record
  const ip = text(source?.ip)
  const salt = ip === null ? null : randomToken()
  return {
    seq,
    id: id.toWellFormed(),
    at,
    type,
    outcome,
    actor: text(record.actor),
    subject: text(record.subject),
    client: text(record.client),
    correlation: text(source?.correlation),
    details: details ? JSON.stringify(details) : null,
    ip_digest: salt === null ? null : digest(salt + ip),
    ip,
    ip_salt: salt,
  }
}

/** As SQLite will give it back: half a surrogate pair, kept as U+FFFD, would look like an edited record. */
function text(value: string | undefined): string | null {
  return value?.toWellFormed() ?? null
}

function toRecord(row: Content): AuditRecord {
  const { id, at, type, outcome, ip, correlation } = row
  const record: AuditRecord = { id, at, type, outcome }
  if (row.actor !== null) record.actor = row.actor
  if (row.subject !== null) record.subject = row.subject
  if (row.client !== null) record.client = row.client
  if (ip !== null && correlation !== null) record.source = { ip, correlation }
  if (row.details !== null) record.details = JSON.parse(row.details) as AuditRecord['details']
  return record
}
