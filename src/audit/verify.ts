/**
 * Whether the trail is what was written: record by record where all of them are there, and by the checkpoints
 * (checkpoint.ts) where old ones were removed. It may go on while others write, remove and shorten.
 */
import { HOUR } from '../lib/time.ts'
import type { AuditStore } from './audit.ts'
import { type AuditRow, BEFORE_ALL, CHAIN_START, type ChainEnd, follows } from './chain.ts'
import {
  type Checkpoint,
  type CheckpointSeal,
  goes,
  type KeptCheckpoint,
  NOTHING_KEPT,
  opened,
  withKept,
} from './checkpoint.ts'

export type Trail = Pick<AuditStore, 'followAudit' | 'followCheckpoints'>

export interface VerifyOptions {
  /** Absent where there are no keys: then seals are not looked at. */
  seal?: Pick<CheckpointSeal, 'holds'> | undefined
  /** Absent where there is no clock: then a removal that was begun may always be under way. */
  now?: number | undefined
  /** Lets others have a turn. */
  pause?: () => Promise<unknown>
}

const BATCH = 500
/** Within which a removal that was begun may be under way; it takes seconds. */
const UNDER_WAY = HOUR

/** The name of the first that does not fit: the id of a record, or `checkpoint <first place>`. Undefined if all do. */
export async function verifyTrail(trail: Trail, options: VerifyOptions = {}): Promise<string | undefined> {
  let last = CHAIN_START
  for (let at = BEFORE_ALL.seq; ; at = last.seq) {
    const [checkpoint] = await trail.followCheckpoints(at, 1)
    const found = checkpoint
      ? await verifyRange(trail, checkpoint, { ...options, last, behind: at })
      : await verifyTail(trail, { ...options, last, behind: at })
    // Meanwhile it may have been made, or made anew.
    const [now] = found.broken === undefined ? [checkpoint] : await trail.followCheckpoints(at, 1)
    if (now?.seal !== checkpoint?.seal) continue
    if (found.broken !== undefined || !checkpoint) return found.broken
    last = found.end
  }
}

interface From extends VerifyOptions {
  /** What the chain was before. */
  last: ChainEnd
  /** Nothing may be in between. */
  behind: number
}

export interface Verified {
  broken?: string
  end: ChainEnd
}

/** What one checkpoint covers. */
export async function verifyRange(trail: Trail, kept: KeptCheckpoint, from: From): Promise<Verified> {
  const { last, behind, seal } = from
  const name = `checkpoint ${kept.from}`
  const checkpoint = opened(kept)
  if (!checkpoint || (seal && !seal.holds(kept.content, kept.seal))) return { broken: name, end: last }
  if (checkpoint.from !== last.seq + 1 || checkpoint.before !== last.hash) return { broken: name, end: last }
  const walk = walkOf(checkpoint, from.now)
  for await (const batch of batches(trail, behind, { until: checkpoint.to, pause: from.pause })) {
    for (const row of batch) if (!walk.takes(row)) return { broken: row.id, end: last }
  }
  if (!walk.isWhole()) return { broken: name, end: last }
  return { end: { seq: checkpoint.to, hash: checkpoint.after } }
}

/**
 * Takes the records of a range in order. Of a removal that was begun and died, what is left is the end of what goes, without
 * a gap: whoever puts back a checkpoint of that moment puts no record of their own under it. While it is under way, records
 * go between two looks.
 */
export function walkOf(checkpoint: Checkpoint, now = Number.NEGATIVE_INFINITY) {
  const { from, before, after, to, removing } = checkpoint
  const died = removing && now > checkpoint.at + UNDER_WAY
  let last: ChainEnd = { seq: from - 1, hash: before }
  let kept = NOTHING_KEPT
  let isLeft = false

  return {
    /** False if the record does not fit. */
    takes(row: AuditRow): boolean {
      if (row.seq < from) return false
      const neighbor = last.seq === row.seq - 1 ? last.hash : undefined
      const previous = row.previous ?? neighbor
      last = row
      const leaves = removing && goes(checkpoint, row)
      if (died && isLeft && neighbor === undefined) return false
      isLeft ||= leaves
      // One that was read before the hash was put beside it, while the one before it went.
      if (previous === undefined) return leaves && !died
      if (neighbor !== undefined && previous !== neighbor) return false
      if (!leaves) kept = withKept(kept, row)
      return follows(previous, row)
    },
    isWhole: () => kept === checkpoint.kept && (last.seq === to ? last.hash === after : !(died && isLeft)),
  }
}

async function verifyTail(trail: Trail, { last, behind, pause }: From): Promise<Verified> {
  let end = last
  for await (const batch of batches(trail, behind, { pause })) {
    for (const row of batch) {
      if (!follows(end.hash, row) || (row.previous !== null && row.previous !== end.hash))
        return { broken: row.id, end }
      end = row
    }
  }
  return { end }
}

/** Records behind this place, in order. */
export async function* batches(
  trail: Pick<AuditStore, 'followAudit'>,
  behind: number,
  { until = Number.MAX_SAFE_INTEGER, pause }: { until?: number; pause?: VerifyOptions['pause'] },
): AsyncGenerator<AuditRow[]> {
  for (let seq = behind; ; ) {
    const batch = await trail.followAudit(seq, BATCH)
    const within = batch.filter((row) => row.seq <= until)
    if (within.length > 0) yield within
    if (within.length < BATCH) return
    seq = within.at(-1)?.seq ?? seq
    await pause?.()
  }
}
