/** Remembered devices (mfa/authenticator.ts). What a token means that is not the present one is for the caller to say. */
import type { MfaStore } from '../../mfa/authenticator.ts'
import { enqueue } from './outbox.ts'
import type { People } from './people.ts'
import { isIn, keyOf, newestFirst, type Person } from './person.ts'

type Devices = Pick<
  MfaStore,
  'insertDevice' | 'findDevice' | 'rotateDevice' | 'listDevices' | 'removeDevice' | 'removeDevices'
>

/** Forgets every device; returns how many there were. */
export function forgetDevices(person: Person): number {
  const { length } = person.devices
  person.devices = []
  return length
}

export function devices(people: People): Devices {
  return {
    insertDevice: (device, most, parcels, epoch) =>
      people.change(device.accountId, (draft) => {
        if (draft.erasedAt !== undefined || !isIn(draft, epoch)) return false
        draft.devices = newestFirst([...draft.devices, device])
          .slice(0, most)
          .reverse()
        enqueue(draft, parcels)
        return true
      }),
    async findDevice(id, now) {
      const found = await people.findByKey(keyOf.device(id), 'devices')
      return found?.devices.find((device) => device.id === id && device.expiresAt > now)
    },
    rotateDevice: (id, from, to, previousUntil, now) =>
      people.changeByKey(keyOf.device(id), false, (draft) => {
        const device = draft.devices.find((candidate) => candidate.id === id)
        if (!device || device.digest !== from || device.expiresAt <= now) return false
        Object.assign(device, { digest: to, previousDigest: from, previousUntil, lastUsedAt: now })
        return true
      }),
    async listDevices(accountId, now) {
      const found = await people.find(accountId, 'devices')
      return newestFirst(found?.devices ?? []).filter(({ expiresAt }) => expiresAt > now)
    },
    removeDevice: (accountId, id, parcels) =>
      people.change(accountId, (draft) => {
        const others = draft.devices.filter((device) => device.id !== id)
        if (others.length === draft.devices.length) return false
        draft.devices = others
        enqueue(draft, parcels)
        return true
      }),
    removeDevices: (accountId, parcels = []) =>
      people.change(accountId, (draft) => {
        const removed = forgetDevices(draft)
        if (removed > 0) enqueue(draft, parcels)
        return removed
      }),
  }
}
