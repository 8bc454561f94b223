/**
 * What stands in the place of old records that were removed (prune.ts), so that what stays of the trail can still be
 * verified (verify.ts).
 *
 * A checkpoint covers a range of places in the chain. It says what the chain was before and after the range, which records
 * of it stay, by one digest over their places and hashes, and how many of each type were removed. It is sealed with a key
 * of this installation: whoever writes to the store, and has no key, can neither make one nor change one. Ranges follow
 * each other without a gap from the first record on. A record that stays holds the hash of the one before it, where that
 * one went, so that its own hash can still be checked.
 */
import { digest, hmac, type Keyring, keyIdOf, sameSecret } from '../lib/crypto.ts'
import type { AuditRow } from './chain.ts'

export interface Checkpoint {
  /** The first and the last place that it covers. */
  from: number
  to: number
  /** Hashes of the records before the range and at its end, which need not be there any more. */
  before: string
  after: string
  /** Over those that stay, and how many they are. */
  kept: string
  stays: number
  /** Of each type that stays, from when its oldest is: so nobody needs to look whether any is due. */
  oldest: Record<string, number>
  /** Of each type, how many went: all that were older than `until`. */
  removed: Record<string, { count: number; until: number }>
  /** It was begun: what goes may be there yet. */
  removing: boolean
  /** When it was made. */
  at: number
}

/** As it is kept. */
export interface KeptCheckpoint {
  from: number
  to: number
  /** The JSON that is sealed. */
  content: string
  /** `<id of the root key>.<keyed digest>` */
  seal: string
}

export interface CheckpointSeal {
  make(content: string): string
  holds(content: string, seal: string): boolean
}

const PURPOSE = 'audit-checkpoint'

/**
 * With a key of its own, derived from the newest root key, and from those behind it as long as they are there. Whoever has
 * stolen one that is gone makes no checkpoint: `keys:reseal` gave all of them to the newest (keys/checkpoints.ts).
 */
export function checkpointSeal(ring: Keyring): CheckpointSeal {
  const by = (id: string, content: string) => `${id}.${hmac(ring.derive(PURPOSE, id), content)}`
  return {
    make: (content) => by(ring.current, content),
    holds: (content, seal) => ring.ids.includes(keyIdOf(seal)) && sameSecret(by(keyIdOf(seal), content), seal),
  }
}

export const NOTHING_KEPT = ''

/** The digest over those that stay, with one more. */
export function withKept(before: string, { seq, hash }: Pick<AuditRow, 'seq' | 'hash'>): string {
  return digest(before + JSON.stringify([seq, hash]))
}

export function sealed(checkpoint: Checkpoint, seal: CheckpointSeal): KeptCheckpoint {
  const content = JSON.stringify(checkpoint)
  return { from: checkpoint.from, to: checkpoint.to, content, seal: seal.make(content) }
}

/** Undefined where it is none, or not about the range that it is kept for. */
export function opened({ from, to, content }: KeptCheckpoint): Checkpoint | undefined {
  try {
    const checkpoint = JSON.parse(content) as Checkpoint
    return checkpoint.from === from && checkpoint.to === to && from <= to ? checkpoint : undefined
  } catch {
    return undefined
  }
}

/** Whether the record is one of those that go. */
export function goes({ removed }: Pick<Checkpoint, 'removed'>, { type, at }: Pick<AuditRow, 'type' | 'at'>): boolean {
  return at < (removed[type]?.until ?? Number.NEGATIVE_INFINITY)
}
