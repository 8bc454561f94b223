/**
 * Removing old records, by how long each kind is kept (retention.ts). A range is verified before anything of it goes, and
 * is told loudly and left as it is where it does not verify.
 *
 * In this order, so that the trail verifies between any two writes and whoever comes next can finish: records that stay
 * get the hash of the one before them where that one goes; the checkpoint is put there, saying that it was begun; records
 * go, the oldest first, each after its hash was put beside the next one; the checkpoint says that it was done. Each is
 * conditional or may be done twice, so that two at once do what one does.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AuditLink, AuditStore } from './audit.ts'
import { type AuditRow, CHAIN_START, type ChainEnd, follows } from './chain.ts'
import {
  type Checkpoint,
  type CheckpointSeal,
  goes,
  type KeptCheckpoint,
  NOTHING_KEPT,
  opened,
  sealed,
  withKept,
} from './checkpoint.ts'
import type { Cutoffs } from './retention.ts'
import { batches, walkOf } from './verify.ts'

type Trail = Pick<
  AuditStore,
  'followAudit' | 'followCheckpoints' | 'lastCheckpoint' | 'putCheckpoint' | 'linkAudit' | 'removeAudit'
>

export interface PruneParts {
  trail: Trail
  seal: CheckpointSeal
  cutoffs: Cutoffs
  now: number
  /** Whether to look at ranges that were pruned before as well. */
  again?: boolean
  /** Most ranges behind those. */
  ranges?: number
  /** Most records that one checkpoint covers. */
  range?: number
}

export interface Pruned {
  removed: number
  /** What does not verify, by its name (verify.ts): there nothing was removed. */
  broken: string[]
}

const RANGE = 2000
/** Removed in one write: it should not keep others from writing. */
const BITE = 200
/** Checkpoints that are looked at together. */
const PAGE = 100

/** What is due, all of it. */
export async function prune(parts: PruneParts): Promise<Pruned> {
  const pruned: Pruned = { removed: 0, broken: [] }
  if (parts.again ?? true) await pruneAgain(parts, pruned)
  await pruneOn(parts, pruned)
  return pruned
}

/** Ranges that were pruned before: what was begun, and what is due only now. */
async function pruneAgain(parts: PruneParts, pruned: Pruned): Promise<void> {
  const { trail, seal, cutoffs, now } = parts
  for (let after = CHAIN_START.seq; ; ) {
    const page = await trail.followCheckpoints(after, PAGE)
    for (const kept of page) {
      const checkpoint = opened(kept)
      const isDue =
        !checkpoint ||
        checkpoint.removing ||
        Object.entries(checkpoint.oldest).some(([type, at]) => at < cutoffOf(cutoffs, type))
      if (!isDue) continue
      const rows = checkpoint && seal.holds(kept.content, kept.seal) && (await rowsOf(trail, checkpoint, now))
      if (!checkpoint || !rows) {
        if (await isStill(trail, kept)) pruned.broken.push(`checkpoint ${kept.from}`)
      } else
        pruned.removed += await (checkpoint.removing
          ? finish(parts, rows, checkpoint, kept)
          : renew(parts, rows, checkpoint, kept))
    }
    after = page.at(-1)?.from ?? after
    if (page.length < PAGE) return
  }
}

/** Whether nobody else has gone on with it meanwhile: what was read may be of two moments then. */
async function isStill(trail: Trail, { from, seal }: KeptCheckpoint): Promise<boolean> {
  const [now] = await trail.followCheckpoints(from - 1, 1)
  return now?.from === from && now.seal === seal
}

/** Undefined where they are not those that stay. */
async function rowsOf(trail: Trail, checkpoint: Checkpoint, now: number): Promise<AuditRow[] | undefined> {
  const rows: AuditRow[] = []
  const walk = walkOf(checkpoint, now)
  for await (const batch of batches(trail, checkpoint.from - 1, { until: checkpoint.to, pause: nextTurn })) {
    for (const row of batch) if (!walk.takes(row)) return undefined
    rows.push(...batch)
  }
  return walk.isWhole() ? rows : undefined
}

/** Behind the last checkpoint: a range after the other, up to what is too young for anything to go. */
async function pruneOn(parts: PruneParts, pruned: Pruned): Promise<void> {
  const { trail, seal, cutoffs, now, range = RANGE, ranges = Number.POSITIVE_INFINITY } = parts
  const youngest = Math.max(...Object.values(cutoffs))
  for (let done = 0; done < ranges; done += 1) {
    const kept = await trail.lastCheckpoint()
    const before = kept && opened(kept)
    if (kept && (!before || !seal.holds(kept.content, kept.seal)))
      return void pruned.broken.push(`checkpoint ${kept.from}`)
    const last: ChainEnd = before ? { seq: before.to, hash: before.after } : CHAIN_START
    const [oldest] = await trail.followAudit(last.seq, 1)
    // One from a clock that was ahead does not keep the others.
    if (!oldest || (oldest.at >= youngest && oldest.at <= now)) return
    // The newest record always stays where it is: the next one is chained to it.
    const found = (await firstOf(trail, last.seq, range + 1)).slice(0, -1)
    const rows = found.slice(0, found.findLastIndex(({ at }) => at < youngest) + 1)
    const [first, end] = [rows[0], rows.at(-1)]
    if (!first || !end) return
    const broken = await firstBroken(rows, last)
    if (broken !== undefined) {
      // Somebody else may have begun with it between the two looks.
      if ((await trail.lastCheckpoint())?.seal === kept?.seal) pruned.broken.push(broken)
      return
    }
    const span = { from: first.seq, to: end.seq, before: last.hash, after: end.hash, removed: {} }
    const begun = await begin(parts, rows, span, undefined)
    if (!begun) return
    pruned.removed += await finish(parts, rows, begun.checkpoint, begun.kept)
    if (found.length < range) return
  }
}

/** Others have a turn in between. */
async function firstOf(trail: Trail, after: number, count: number): Promise<AuditRow[]> {
  const rows: AuditRow[] = []
  for await (const batch of batches(trail, after, { pause: nextTurn })) {
    rows.push(...batch)
    if (rows.length >= count) break
  }
  return rows.slice(0, count)
}

async function firstBroken(rows: AuditRow[], start: ChainEnd): Promise<string | undefined> {
  let last = start
  for (const [index, row] of rows.entries()) {
    if (row.seq !== last.seq + 1 || !follows(last.hash, row)) return row.id
    last = row
    if (index % BITE === 0) await nextTurn()
  }
  return undefined
}

/** More of a range goes than did before. */
async function renew(
  parts: PruneParts,
  rows: AuditRow[],
  before: Checkpoint,
  instead: KeptCheckpoint,
): Promise<number> {
  const begun = await begin(parts, rows, before, instead.seal)
  return begun ? finish(parts, rows, begun.checkpoint, begun.kept) : 0
}

type Span = Pick<Checkpoint, 'from' | 'to' | 'before' | 'after' | 'removed'>

/** Undefined where another was quicker. */
async function begin(
  { trail, seal, cutoffs, now }: PruneParts,
  rows: AuditRow[],
  span: Span,
  instead: string | undefined,
): Promise<{ checkpoint: Checkpoint; kept: KeptCheckpoint } | undefined> {
  const removed = { ...span.removed }
  for (const { type, at } of rows) {
    const until = cutoffOf(cutoffs, type)
    if (at >= until) continue
    const known = removed[type]
    removed[type] = { count: (known?.count ?? 0) + 1, until: Math.max(until, known?.until ?? until) }
  }
  const stay = rows.filter((row) => !goes({ removed }, row))
  const oldest: Checkpoint['oldest'] = {}
  for (const { type, at } of stay) oldest[type] = Math.min(at, oldest[type] ?? at)
  const { from, to, before, after } = span
  const checkpoint: Checkpoint = {
    ...{ from, to, before, after, oldest, removed },
    kept: stay.reduce(withKept, NOTHING_KEPT),
    stays: stay.length,
    removing: stay.length < rows.length,
    at: now,
  }
  const kept = sealed(checkpoint, seal)
  await trail.linkAudit(linksOf(rows, checkpoint))
  return (await trail.putCheckpoint(kept, instead)) ? { checkpoint, kept } : undefined
}

/** Of those that stay, what the hash before was, where that record goes. */
function linksOf(rows: AuditRow[], checkpoint: Checkpoint): AuditLink[] {
  return rows.flatMap((row, index) => {
    const before = rows[index - 1]
    if (!before || goes(checkpoint, row) || !goes(checkpoint, before) || row.previous !== null) return []
    return [{ seq: row.seq, previous: before.hash }]
  })
}

async function finish(
  { trail, seal }: PruneParts,
  rows: AuditRow[],
  checkpoint: Checkpoint,
  kept: KeptCheckpoint,
): Promise<number> {
  if (!checkpoint.removing) return 0
  const leaving = rows.flatMap((row, index) => {
    const after = rows[index + 1]
    const next =
      after?.previous === null && goes(checkpoint, after) ? { seq: after.seq, previous: row.hash } : undefined
    return goes(checkpoint, row) ? [{ seq: row.seq, next }] : []
  })
  for (let at = 0; at < leaving.length; at += BITE) await trail.removeAudit(leaving.slice(at, at + BITE))
  await trail.putCheckpoint(sealed({ ...checkpoint, removing: false }, seal), kept.seal)
  return leaving.length
}

/** What a later release calls something stays. */
function cutoffOf(cutoffs: Cutoffs, type: string): number {
  return cutoffs[type as keyof Cutoffs] ?? Number.NEGATIVE_INFINITY
}
