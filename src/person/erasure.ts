/**
 * The end of an account: it goes, with everything that belongs to it, and a tombstone stays, so that what a request that
 * was still under way would write after that is not kept.
 *
 * That the client addresses in its audit records are still to be shortened is written down with it, because those are
 * records of their own.
 */
import type { Parcel } from '../delivery/queue.ts'
import { type Draft, emptyPersonRecord, type PersonRecord } from './person.ts'

/** False if there is none, or it was gone already. */
export function erase(person: Draft, at: number, parcels: Parcel[]): boolean {
  if (!person.account) return false
  const { parcels: leaving } = person
  for (const part of Object.keys(person)) Reflect.deleteProperty(person, part)
  Object.assign(person, emptyPersonRecord(), { erasedAt: at, forgets: true, parcels: [...leaving, ...parcels] })
  return true
}

/** Its audit records tell addresses no longer. */
export function forgotten(person: PersonRecord): void {
  person.forgets = undefined
}
