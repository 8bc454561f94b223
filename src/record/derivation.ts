/**
 * What a record is found by is made from it as it is written. A later release finds records by more: whatever an earlier
 * one wrote would not be found by that. So each store remembers by which finders its records were last made, and makes
 * those anew, before it serves anybody, that were made by others.
 */
import { digest } from '../lib/crypto.ts'
import type { Kind } from './kind.ts'

type Deriving = Pick<Kind<object>, 'empty' | 'finders'>

/** Asked for at each write. */
const known = new WeakMap<Deriving, string>()

/** Of the names of its finders: a finder that comes to mean something else gets another name. */
export function derivation(kind: Deriving): string {
  const made = known.get(kind) ?? digest(Object.keys(kind.finders(kind.empty())).sort().join(' ')).slice(0, 12)
  known.set(kind, made)
  return made
}

/** Told of each kind of which records were made anew, and of how many. */
export type OnDerived = (told: { kind: string; records: number }) => void
