/**
 * The parcels in one document: put in by the write that causes them, leased and settled in the same place, so that no
 * transaction over two documents is ever needed. An attempt's number fences off whoever held a parcel before.
 */
import type { ClaimedParcel, Parcel } from '../../delivery/queue.ts'
import type { Kept } from './change.ts'

export interface QueuedParcel extends Parcel {
  attempt: number
  /** 0 while nobody holds it. */
  leasedUntil: number
}

export interface Box extends Kept {
  outbox: QueuedParcel[]
}

export function parcelKey(id: string): string {
  return `parcel:${id}`
}

export function enqueue(box: Box, parcels: Parcel[]): void {
  box.outbox.push(...parcels.map((parcel) => ({ ...parcel, attempt: 0, leasedUntil: 0 })))
}

/** Those that can be claimed, oldest due first. */
export function dueParcels(box: Box, now: number): QueuedParcel[] {
  return box.outbox
    .filter(({ dueAt, leasedUntil }) => dueAt <= now && leasedUntil <= now)
    .sort((a, b) => a.dueAt - b.dueAt)
}

export function lease(box: Box, now: number, leasedUntil: number, most: number): ClaimedParcel[] {
  return dueParcels(box, now)
    .slice(0, most)
    .map((parcel) => {
      parcel.attempt += 1
      parcel.leasedUntil = leasedUntil
      const { id, channel, sealed, createdAt, dueAt, attempt } = parcel
      return { id, channel, sealed, createdAt, dueAt, attempt }
    })
}

export function settle(box: Box, id: string, attempt: number): boolean {
  const before = box.outbox.length
  box.outbox = box.outbox.filter((parcel) => parcel.id !== id || parcel.attempt !== attempt)
  return box.outbox.length < before
}

export function postpone(box: Box, id: string, attempt: number, dueAt: number): boolean {
  const parcel = box.outbox.find((candidate) => candidate.id === id && candidate.attempt === attempt)
  if (!parcel) return false
  Object.assign(parcel, { dueAt, leasedUntil: 0 })
  return true
}

/** What a document is found by because of its outbox. */
export function outboxFinders({ outbox }: Box) {
  return {
    nextDue: least(outbox.map(({ dueAt, leasedUntil }) => Math.max(dueAt, leasedUntil))),
    waiting: outbox.length || undefined,
    waitingSince: least(outbox.map(({ createdAt }) => createdAt)),
  }
}

export function least(moments: number[]): number | undefined {
  return moments.length > 0 ? Math.min(...moments) : undefined
}

/** The keys of a document, which are unique over all documents by an index, and within this one by this. */
export function uniqueKeys(keys: string[]): string[] | undefined {
  if (new Set(keys).size < keys.length) throw new Error('two things of one document have the same key')
  // An empty list would be in the unique index, as one that only one document may have.
  return keys.length > 0 ? keys : undefined
}
