/**
 * What a store offers for one kind of durable record. It keeps them and finds them; what may happen to one is decided by
 * the rules of the kind, which are pure functions over a draft.
 */
import type { Parcel } from '../delivery/queue.ts'
import type { Value } from './kind.ts'

export interface Found<R> {
  id: string
  record: R
}

/** Parcels that leave with the change: all of it is kept, or nothing. */
export interface Outgoing {
  parcels: Parcel[]
}

export interface Query<Finder extends string> {
  by: Finder
  /**
   * Both ends are included; without one it is open there. All values of a finder are texts, or all are numbers; where a
   * record may have several, one value is asked for: both ends are that.
   */
  from?: Value
  to?: Value
  /** The smallest first, and of several with the same value those that came first. */
  limit: number
}

export interface Counted {
  value: Value
  count: number
}

export interface Records<R extends object, Finder extends string = string> {
  /** A copy: what is done to it changes nothing. Undefined, too, for one of which nothing is left. */
  find(id: string): Promise<R | undefined>
  /** Those of these that there are, in one look, in any order. */
  findMany(ids: string[]): Promise<Array<Found<R>>>
  /** Whichever has this key. */
  findBy(key: string): Promise<Found<R> | undefined>
  list(query: Query<Finder>): Promise<Array<Found<R>>>
  /** How many have this value. */
  count(by: Finder, value: Value): Promise<number>
  /** Every value, once. */
  values(by: Finder): Promise<Value[]>
  /** Every value, once, and how many have it: one query, that counts and reads no record. In any order. */
  counts(by: Finder): Promise<Counted[]>
  /** Searches by id, and by a beginning or a part of what `Kind.search` names; newest first. */
  search(text: string, limit: number): Promise<Array<Found<R>>>
  /**
   * Gives `rule` a draft of what is there (of an empty record, if there is nothing), and keeps what it made of it,
   * parcels included: all of it or nothing, and nobody else's change in between. `rule` may run several times, each time
   * on what is there by then, so it does nothing but change the draft. What it throws changes nothing.
   *
   * Rejects with `KeyTaken` if another record has one of the keys.
   */
  change<T>(id: string, rule: (draft: R & Outgoing) => T): Promise<T>
  /** Changes whichever has this key; undefined if none has. */
  changeBy<T>(key: string, rule: (draft: R & Outgoing) => T): Promise<T | undefined>
}

/** Another record of the kind has this key. */
export class KeyTaken extends Error {
  readonly key: string

  constructor(key: string) {
    // The key may hold an address.
    super('another record has this key')
    this.name = 'KeyTaken'
    this.key = key
  }
}

/** What a change becomes if another record has this key. */
export async function unlessTaken<T, U>(key: string, taken: U, change: Promise<T>): Promise<T | U> {
  try {
    return await change
  } catch (fault) {
    if (!(fault instanceof KeyTaken && fault.key === key)) throw fault
    return taken
  }
}
