/** Remembered devices. The caller says what a token means that is not the present one. */

import type { Parcel } from '../delivery/queue.ts'
import { newestFirst } from './age.ts'
import { isIn } from './epoch.ts'
import type { Draft, PersonRecord } from './person.ts'
import type { RememberedFactor } from './second-factor.ts'
import { provedSecondStep } from './signed-in.ts'

/** A browser that need not be asked for a second factor until `expiresAt`. */
export interface RememberedDevice {
  id: string
  accountId: string
  /** SHA-256 of the token in its cookie. */
  digest: string
  /** The token before, accepted until `previousUntil` because two tabs may have sent it at once. */
  previousDigest: string | undefined
  previousUntil: number
  createdAt: number
  lastUsedAt: number
  /** Absolute: use does not move it. */
  expiresAt: number
  /** How the second factor was proven when it was remembered. */
  method: RememberedFactor
  /** Browser and system as far as a person would name them. */
  agent: string
}

/** Finds a device by the id that its cookie names beside the token; not an expired one. */
export function findDevice({ devices }: PersonRecord, id: string, now: number): RememberedDevice | undefined {
  return devices.find((device) => device.id === id && device.expiresAt > now)
}

export function listDevices({ devices }: PersonRecord, now: number): RememberedDevice[] {
  return newestFirst(devices).filter(({ expiresAt }) => expiresAt > now)
}

/** Keeps it, in this epoch only; only the `most` newest stay. False if it was not kept. */
export function insertDevice(
  person: Draft,
  device: RememberedDevice,
  most: number,
  parcels: Parcel[],
  epoch: number | undefined,
): boolean {
  if (person.erasedAt !== undefined || !isIn(person, epoch)) return false
  person.devices = newestFirst([...person.devices, device])
    .slice(0, most)
    .reverse()
  person.parcels.push(...parcels)
  return true
}

/** Gives it a new token if `from` is its present one. False if another request was first. */
export function rotateDevice(
  person: PersonRecord,
  { id, from, to, previousUntil }: { id: string; from: string; to: string; previousUntil: number },
  now: number,
): boolean {
  const device = findDevice(person, id, now)
  if (device?.digest !== from) return false
  Object.assign(device, { digest: to, previousDigest: from, previousUntil, lastUsedAt: now })
  provedSecondStep(person, now)
  return true
}

export function removeDevice(person: Draft, id: string, parcels: Parcel[]): boolean {
  const others = person.devices.filter((device) => device.id !== id)
  if (others.length === person.devices.length) return false
  person.devices = others
  person.parcels.push(...parcels)
  return true
}

/** Returns how many there were; if there was none, nobody is told. */
export function removeDevices(person: Draft, parcels: Parcel[] = []): number {
  const removed = forgetDevices(person)
  if (removed > 0) person.parcels.push(...parcels)
  return removed
}

/** Returns how many there were. */
export function forgetDevices(person: PersonRecord): number {
  const { length } = person.devices
  person.devices = []
  return length
}
