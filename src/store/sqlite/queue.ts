/** The queue of parcels (delivery/queue.ts). An attempt's number fences off whoever held the parcel before. */
import type { Channel, ClaimedParcel, Parcel, QueueStore } from '../../delivery/queue.ts'
import type { Database } from './database.ts'

interface ParcelRow {
  id: string
  channel: Channel
  sealed: string
  created_at: number
  due_at: number
  attempt: number
}

/** Puts parcels in, for whoever is writing something else in the same transaction. */
export function parcels(db: Database): (parcels: Parcel[]) => void {
  const insert = db.prepare<{ id: string; channel: string; sealed: string; createdAt: number; dueAt: number }>(`
    INSERT INTO parcel (id, channel, sealed, created_at, due_at)
    VALUES (:id, :channel, :sealed, :createdAt, :dueAt)`)

  return (parcels) => {
    for (const { id, channel, sealed, createdAt, dueAt } of parcels) {
      insert.run({ id, channel, sealed, createdAt, dueAt })
    }
  }
}

export function queue(db: Database): QueueStore {
  const insert = parcels(db)
  const claim = db.prepare<{ now: number; leasedUntil: number; limit: number }, ParcelRow>(`
    UPDATE parcel SET attempt = attempt + 1, leased_until = :leasedUntil
    WHERE rowid IN (
      SELECT rowid FROM parcel WHERE due_at <= :now AND leased_until <= :now ORDER BY due_at, rowid LIMIT :limit
    )
    RETURNING id, channel, sealed, created_at, due_at, attempt`)
  const settle = db.prepare<{ id: string; attempt: number }>(`
    DELETE FROM parcel WHERE id = :id AND attempt = :attempt`)
  const postpone = db.prepare<{ id: string; attempt: number; dueAt: number }>(`
    UPDATE parcel SET due_at = :dueAt, leased_until = 0 WHERE id = :id AND attempt = :attempt`)
  const backlog = db.prepare<Record<string, never>, { waiting: number; oldest: number | null }>(`
    SELECT count(*) AS waiting, min(created_at) AS oldest FROM parcel`)

  return {
    enqueue: (parcels) => db.write(() => insert(parcels)),
    async claim(now, leasedUntil, limit) {
      const rows = await db.write(() => claim.all({ now, leasedUntil, limit }))
      // RETURNING promises no order.
      return rows.map(toParcel).sort((a, b) => a.dueAt - b.dueAt)
    },
    settle: (id, attempt) => db.write(() => settle.run({ id, attempt }) === 1),
    postpone: (id, attempt, dueAt) => db.write(() => postpone.run({ id, attempt, dueAt }) === 1),
    async backlog() {
      const row = await db.read(() => backlog.get({}))
      return { waiting: row?.waiting ?? 0, oldest: row?.oldest ?? undefined }
    },
  }
}

function toParcel(row: ParcelRow): ClaimedParcel {
  const { id, channel, sealed, attempt } = row
  return { id, channel, sealed, createdAt: row.created_at, dueAt: row.due_at, attempt }
}
