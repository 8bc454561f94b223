/** The queue of parcels (delivery/queue.ts). An attempt's number fences off whoever held the parcel before. */
import type { Channel, ClaimedParcel, ListedParcel, Parcel, ParcelLook, QueueStore } from '../../delivery/queue.ts'
import { NEVER } from '../../lib/time.ts'
import type { Database } from './database.ts'
import { sweep } from './sweep.ts'

interface ParcelRow {
  id: string
  channel: Channel
  sealed: string
  created_at: number
  due_at: number
  attempt: number
}

interface ListedRow extends Omit<ParcelRow, 'sealed'> {
  leased_until: number
  account_id: string | null
  reason: string | null
  failed_at: number | null
}

const LISTED = 'id, channel, created_at, due_at, attempt, leased_until, account_id, reason, failed_at'

/** Puts parcels in, for whoever is writing something else in the same transaction. */
export function parcels(db: Database): (parcels: Parcel[]) => void {
  const insert = db.prepare<Omit<Parcel, 'accountId'> & { accountId: string | null }>(`
    INSERT INTO parcel (id, channel, sealed, created_at, due_at, account_id)
    VALUES (:id, :channel, :sealed, :createdAt, :dueAt, :accountId)`)

  return (parcels) => {
    for (const { id, channel, sealed, createdAt, dueAt, accountId = null } of parcels) {
      insert.run({ id, channel, sealed, createdAt, dueAt, accountId })
    }
  }
}

type Outcome = { id: string; attempt: number; reason: string }

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
  const postpone = db.prepare<Outcome & { dueAt: number }>(`
    UPDATE parcel SET due_at = :dueAt, leased_until = 0, reason = :reason WHERE id = :id AND attempt = :attempt`)
  const giveUp = db.prepare<Outcome & { never: number; at: number }>(`
    UPDATE parcel SET due_at = :never, leased_until = 0, reason = :reason, failed_at = :at
    WHERE id = :id AND attempt = :attempt`)
  const expedite = db.prepare<{ id: string; now: number }>(`
    UPDATE parcel SET due_at = :now, failed_at = NULL WHERE id = :id AND leased_until <= :now`)
  const removeGivenUp = sweep<{ before: number }>(db, 'parcel', 'failed_at IS NOT NULL AND failed_at < :before')
  const backlog = db.prepare<Record<string, never>, { waiting: number; oldest: number | null }>(`
    SELECT count(*) AS waiting, min(created_at) AS oldest FROM parcel WHERE failed_at IS NULL`)
  const { look, find } = parcelLook(db)

  return {
    enqueue: (parcels) => db.write(() => insert(parcels)),
    async claim(now, leasedUntil, limit) {
      const rows = await db.write(() => claim.all({ now, leasedUntil, limit }))
      // RETURNING promises no order.
      return rows.map(toParcel).sort((a, b) => a.dueAt - b.dueAt)
    },
    settle: (id, attempt) => db.write(() => settle.run({ id, attempt }) === 1),
    postpone: (id, attempt, dueAt, reason) => db.write(() => postpone.run({ id, attempt, dueAt, reason }) === 1),
    giveUp: (id, attempt, reason, at) => db.write(() => giveUp.run({ id, attempt, reason, at, never: NEVER }) === 1),
    listParcels: async (asked) => (await db.read(() => look(asked))).map(toListed),
    async findParcel(id) {
      const row = await db.read(() => find(id))
      return row && toListed(row)
    },
    expedite: (id, now) => db.write(() => expedite.run({ id, now }) === 1),
    removeGivenUp: (before) => removeGivenUp({ before }),
    async backlog() {
      const row = await db.read(() => backlog.get({}))
      return { waiting: row?.waiting ?? 0, oldest: row?.oldest ?? undefined }
    },
  }
}

function parcelLook(db: Database) {
  type Place = { at: number; id: string; limit: number }
  const waiting = db.prepare<Place, ListedRow>(`
    SELECT ${LISTED} FROM parcel INDEXED BY parcel_waiting
    WHERE failed_at IS NULL AND (created_at, id) > (:at, :id) ORDER BY created_at, id LIMIT :limit`)
  const failed = db.prepare<Place, ListedRow>(`
    SELECT ${LISTED} FROM parcel INDEXED BY parcel_failed
    WHERE failed_at IS NOT NULL AND (failed_at, id) < (:at, :id) ORDER BY failed_at DESC, id DESC LIMIT :limit`)
  const one = db.prepare<{ id: string }, ListedRow>(`SELECT ${LISTED} FROM parcel WHERE id = :id`)

  return {
    look: ({ state, after, limit }: ParcelLook) =>
      state === 'waiting'
        ? waiting.all({ ...(after ?? { at: Number.MIN_SAFE_INTEGER, id: '' }), limit })
        : failed.all({ ...(after ?? { at: NEVER, id: '' }), limit }),
    find: (id: string) => one.get({ id }),
  }
}

function toListed(row: ListedRow): ListedParcel {
  const { id, channel, attempt } = row
  return {
    ...{ id, channel, attempt, createdAt: row.created_at, dueAt: row.due_at, leasedUntil: row.leased_until },
    ...{
      accountId: row.account_id ?? undefined,
      reason: row.reason ?? undefined,
      failedAt: row.failed_at ?? undefined,
    },
  }
}

function toParcel(row: ParcelRow): ClaimedParcel {
  const { id, channel, sealed, attempt } = row
  return { id, channel, sealed, createdAt: row.created_at, dueAt: row.due_at, attempt }
}
