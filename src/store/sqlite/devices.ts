/** Remembered devices (mfa/authenticator.ts). What a token means that is not the present one is for the caller to say. */
import type { MfaStore } from '../../mfa/authenticator.ts'
import type { RememberedDevice } from '../../person/remembered-device.ts'
import type { Database } from './database.ts'
import { epochChecker } from './epoch.ts'
import { NOT_ERASED } from './erasure.ts'
import { parcels } from './queue.ts'

interface DeviceRow {
  id: string
  account_id: string
  digest: string
  previous_digest: string | null
  previous_until: number
  created_at: number
  last_used_at: number
  expires_at: number
  method: RememberedDevice['method']
  agent: string
}

const DEVICE = `id, account_id, digest, previous_digest, previous_until, created_at, last_used_at, expires_at, method,
  agent`

type Devices = Pick<
  MfaStore,
  'insertDevice' | 'findDevice' | 'rotateDevice' | 'listDevices' | 'removeDevice' | 'removeDevices'
>

/** Forgets every device of an account, for whoever is writing something else in the same transaction. */
export function deviceForgetter(db: Database): (accountId: string) => number {
  const removeAll = db.prepare<{ accountId: string }>('DELETE FROM remembered_device WHERE account_id = :accountId')

  return (accountId) => removeAll.run({ accountId })
}

export function devices(db: Database): Devices {
  const enqueue = parcels(db)
  const forget = deviceForgetter(db)
  const isIn = epochChecker(db)
  const insert = db.prepare<ReturnType<typeof toParameters>>(`
    INSERT INTO remembered_device (${DEVICE})
    SELECT :id, :accountId, :digest, :previousDigest, :previousUntil, :createdAt, :lastUsedAt, :expiresAt, :method,
      :agent
    WHERE ${NOT_ERASED}`)
  const trim = db.prepare<{ accountId: string; most: number }>(`
    DELETE FROM remembered_device WHERE rowid IN (
      SELECT rowid FROM remembered_device WHERE account_id = :accountId
      ORDER BY created_at DESC, rowid DESC LIMIT -1 OFFSET :most
    )`)
  const find = db.prepare<{ id: string; now: number }, DeviceRow>(`
    SELECT ${DEVICE} FROM remembered_device WHERE id = :id AND expires_at > :now`)
  const rotate = db.prepare<{ id: string; from: string; to: string; previousUntil: number; now: number }>(`
    UPDATE remembered_device
    SET digest = :to, previous_digest = :from, previous_until = :previousUntil, last_used_at = :now
    WHERE id = :id AND digest = :from AND expires_at > :now`)
  const list = db.prepare<{ accountId: string; now: number }, DeviceRow>(`
    SELECT ${DEVICE} FROM remembered_device WHERE account_id = :accountId AND expires_at > :now
    ORDER BY created_at DESC, rowid DESC`)
  const remove = db.prepare<{ accountId: string; id: string }>(`
    DELETE FROM remembered_device WHERE id = :id AND account_id = :accountId`)

  return {
    insertDevice: (device, most, parcels, epoch) =>
      db.write(() => {
        if (epoch !== undefined && !isIn(device.accountId, epoch)) return false
        if (insert.run(toParameters(device)) === 0) return false
        trim.run({ accountId: device.accountId, most })
        enqueue(parcels)
        return true
      }),
    findDevice: async (id, now) => {
      const row = await db.read(() => find.get({ id, now }))
      return row && toDevice(row)
    },
    rotateDevice: (id, from, to, previousUntil, now) =>
      db.write(() => rotate.run({ id, from, to, previousUntil, now }) === 1),
    listDevices: async (accountId, now) => (await db.read(() => list.all({ accountId, now }))).map(toDevice),
    removeDevice: (accountId, id, parcels) =>
      db.write(() => {
        if (remove.run({ accountId, id }) === 0) return false
        enqueue(parcels)
        return true
      }),
    removeDevices: (accountId, parcels = []) =>
      db.write(() => {
        const removed = forget(accountId)
        if (removed > 0) enqueue(parcels)
        return removed
      }),
  }
}

function toParameters(device: RememberedDevice) {
  const { id, accountId, digest, previousUntil, createdAt, lastUsedAt, expiresAt, method, agent } = device
  const previousDigest = device.previousDigest ?? null
  return { id, accountId, digest, previousDigest, previousUntil, createdAt, lastUsedAt, expiresAt, method, agent }
}

function toDevice(row: DeviceRow): RememberedDevice {
  const { id, digest, method, agent } = row
  return {
    id,
    accountId: row.account_id,
    digest,
    previousDigest: row.previous_digest ?? undefined,
    previousUntil: row.previous_until,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    method,
    agent,
  }
}
