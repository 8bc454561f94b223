/** A great many rows of one kind in a file of the embedded store, put there past the store so that a million take seconds. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { AuditEvent } from '../../../src/audit/audit.ts'
import { type AuditRow, auditId, auditRow, CHAIN_START } from '../../../src/audit/chain.ts'
import type { Kind } from '../../../src/record/kind.ts'
import { foundBy, rowsOf } from '../../../src/store/sqlite/found-by.ts'

type Values = Record<string, SQLInputValue>

/** Row by row what `make` says, as one transaction. */
function insertAll(path: string, table: string, count: number, make: (n: number) => Values): void {
  const db = new DatabaseSync(path)
  const columns = Object.keys(make(0))
  const insert = db.prepare(`INSERT INTO ${table} (${columns}) VALUES (${columns.map((column) => `:${column}`)})`)
  db.exec('PRAGMA synchronous = OFF; BEGIN')
  for (let n = 0; n < count; n += 1) insert.run(make(n))
  db.exec('COMMIT; PRAGMA wal_checkpoint (TRUNCATE)')
  db.close()
}

export function oldArtifacts(path: string, count: number, expired: number): void {
  insertAll(path, 'artifact', count, (n) => ({
    // One in ten is a session.
    model: n % 10 === 0 ? 'Session' : 'AccessToken',
    key: `key-${n}`.padEnd(43, 'x'),
    sealed: '{}'.padEnd(400, ' '),
    expires_at: expired + n,
    grant_key: n % 10 === 0 ? null : `grant-${n >> 3}`.padEnd(43, 'x'),
    uid_key: null,
    account_id: `0195a1b2-c3d4-7e5f-8a9b-${(n >> 3).toString(16).padStart(12, '0')}`,
  }))
}

export function oldCounters(path: string, count: number, how: { kind: string; prefix: string; touched: number }): void {
  insertAll(path, 'counter', count, (n) => ({
    key: `${how.prefix}${`${n}`.padStart(12, '0')}`,
    kind: how.kind,
    count: 1,
    until: how.touched + n,
    touched_at: how.touched + n,
  }))
}

export function oldParcels(path: string, count: number, failed: number): void {
  insertAll(path, 'parcel', count, (n) => ({
    id: `0195a1b2-c3d4-7e5f-8a9b-${n.toString(16).padStart(12, '0')}`,
    channel: 'mail',
    sealed: 'x'.repeat(400),
    created_at: failed + n,
    due_at: Number.MAX_SAFE_INTEGER,
    failed_at: failed + n,
  }))
}

export function oldRecords<R extends object>(path: string, count: number, kind: Kind<R>, make: (n: number) => R): void {
  const found = (n: number) => rowsOf(foundBy(kind, make(n)))
  insertAll(path, kind.name, count, (n) => ({
    place: n + 1,
    id: `id-${n}`,
    revision: 1,
    record: JSON.stringify(make(n)),
  }))
  const [first] = found(0).values.values()
  if (first)
    insertAll(path, `${kind.name}_value`, count, (n) => {
      const [one] = found(n).values.values()
      return { finder: one?.finder ?? '', value: one?.value ?? 0, place: n + 1 }
    })
}

/** Chained, as the product writes them. */
export function oldTrail(path: string, count: number, event: (n: number) => AuditEvent & { at: number }): void {
  let last = CHAIN_START
  const numbers = new Map<string, number>()
  const number = (name: string | null) => {
    if (name !== null && !numbers.has(name)) numbers.set(name, numbers.size + 1)
    return name === null ? null : (numbers.get(name) ?? null)
  }
  insertAll(path, 'audit', count, (n) => {
    const row: AuditRow = auditRow({ ...event(n), id: auditId() }, n === 0 ? CHAIN_START : last)
    last = row
    return {
      ...row,
      ...{ type: number(row.type), actor: number(row.actor), subject: number(row.subject), client: number(row.client) },
    }
  })
  const names = [...numbers]
  insertAll(path, 'audit_name', names.length, (n) => ({ number: names[n]?.[1] ?? 0, name: names[n]?.[0] ?? '' }))
}
