/**
 * What a durable noun is made of: a record, and what it is found by. A new one costs a type, a `Kind` and the pure rules
 * about it; both stores, copying, backup and the conformance suite have it at once.
 */

/** What a finder holds. */
export type Value = string | number

export interface Kind<R extends object, Finder extends string = string> {
  /** Of its table or collection. */
  name: string
  /** One that is not there yet. */
  empty(): R
  /** Texts that no two records of the kind have in common, each with what it is before a colon: `link:<digest>`. */
  keys(record: R): string[]
  /** What else it is found and sorted by. A finder without a value does not find it; one with several finds it by each. */
  finders(record: R): { [name in Finder]: Value | Value[] | undefined }
  /** What people who look for one may type; undefined for one that nobody looks for. */
  search(record: R): Searched | undefined
}

export interface Searched {
  /** Found by their beginning. */
  beginnings: string[]
  /** Found by any part. */
  parts: string[]
  /** The newest come first. */
  createdAt: number
}
