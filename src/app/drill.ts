/**
 * A restore that is tried: whether what `store:restored` makes of a back-up is what a server can start on, with the keys
 * that there are. All of it happens to a copy; the back-up, the store and its trail stay as they are.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { checkpointSeal } from '../audit/checkpoint.ts'
import { verifyTrail } from '../audit/verify.ts'
import { keyring, type RootKey } from '../lib/crypto.ts'
import { InputError } from '../lib/errors.ts'
import { type Clock, SECOND } from '../lib/time.ts'
import { afterRestore, type Restored } from '../store/after-restore.ts'
import { damagesOf, type Inspection, inspect, recordsAfter } from '../store/sqlite/inspection.ts'
import { MIGRATIONS } from '../store/sqlite/migrations.ts'
import { openSqliteStore } from '../store/sqlite/open.ts'
import { openSqlitePortable } from '../store/sqlite/portable.ts'
import { type PrivateCopy, privateCopy } from '../store/sqlite/private-copy.ts'
import { keyFaults, ringFor } from './root-keys.ts'
import { type Opened, openAll } from './sealed.ts'

export interface Drill {
  /** Whether a restore of it would work. */
  restorable: boolean
  /** Why not, in words. */
  problems: string[]
  backup: { file: string; bytes: number; sha256: string; madeAt: number | undefined }
  /** Steps of the schema: what the back-up has seen, and what this release knows. */
  schema?: { backup: number; release: number }
  /** What is in it after the restore. */
  holds?: Opened['holds'] & { newestRecordAt: number | undefined }
  keys?: Omit<Opened, 'holds'>
  /** What store:restored would end. */
  restored?: Restored
  /** What is in the store now and would be gone. */
  lost?: Lost
  seconds: number
}

export type Lost = { people: number; auditRecords: number; newestRecordAt: number | undefined } | { unknown: string }

export interface DrillParts {
  keys: RootKey[]
  /** The store as it is now, if it is a file. It need not be there. */
  live: string | undefined
  now: Clock
}

/** Rejects with InputError if there is nothing at `from` that could be read. */
export async function drill(parts: DrillParts, from: string): Promise<Drill> {
  const begun = performance.now()
  const file = resolve(from)
  const copy = await copyOf(file, parts.now())
  const problems: string[] = []
  try {
    const { madeAt, more } = await tryOut(copy, parts, problems)
    const { bytes, sha256 } = copy
    const backup = { file, bytes, sha256, madeAt }
    const seconds = Math.round(performance.now() - begun) / SECOND
    return { restorable: problems.length === 0, problems, backup, ...more, seconds }
  } finally {
    copy.remove()
  }
}

async function copyOf(from: string, now: number): Promise<PrivateCopy> {
  try {
    return await privateCopy(from, now)
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? `${fault.code}` : ''
    const reason = REASONS[code]
    if (!reason) throw fault
    throw new InputError('The back-up', [{ path: 'from', reason: `${from} ${reason}` }])
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'is not there',
  EACCES: 'may not be read by this user',
  EISDIR: 'is a folder: name a file in it',
  ENOSPC: 'has no room for a copy in the temporary folder: TMPDIR names another',
}

interface Found {
  madeAt: number | undefined
  more: Pick<Drill, 'schema' | 'holds' | 'keys' | 'restored' | 'lost'>
}

/** A file that is damaged, or of another release, is not opened: what would come of that tells nothing. */
async function tryOut({ file }: PrivateCopy, parts: DrillParts, problems: string[]): Promise<Found> {
  const looked = orProblem(problems, 'it cannot be read as a store', () => inspect(file))
  if (!looked) return { madeAt: undefined, more: {} }
  const { schema, mark } = looked
  const madeAt = mark?.kind === 'backup' ? mark.at : undefined
  const more: Found['more'] = { schema: { backup: schema, release: MIGRATIONS.length } }
  const damages = orProblem(problems, 'it is damaged', () => damagesOf(file)) ?? []
  problems.push(...damages.map((line) => `it is damaged: ${line}`))
  if (schema > MIGRATIONS.length) problems.push('a later release has made it, and only that one can restore it')
  if (madeAt === undefined)
    problems.push('it has no mark of store:backup, and nothing else is known to be one whole copy')
  if (problems.length > 0) return { madeAt, more }
  const lost = lostSince(parts.live, looked)
  return { madeAt, more: { ...more, ...(await restore(file, parts, problems)), ...(lost && { lost }) } }
}

/** As an operator does it: `store:restored`, and a start. */
async function restore(
  file: string,
  { keys: roots, now }: DrillParts,
  problems: string[],
): Promise<Pick<Drill, 'holds' | 'keys' | 'restored'>> {
  const restored = await afterwards(await openSqlitePortable(file), async (store) => {
    const edited = await store.trail.verifyAudit()
    if (edited !== undefined) problems.push(`its audit trail was changed at the record ${edited}`)
    const ended = await afterRestore(store, now)
    const { holds, ...keys } = await openAll(store, keyring(roots))
    if (keys.unopened > 0) problems.push(`${keys.unopened} sealed texts in it do not open, though their key is there`)
    const [newest] = await store.trail.listAudit({ limit: 1 })
    return { restored: ended, keys, holds: { ...holds, newestRecordAt: newest?.at } }
  })
  await afterwards(openSqliteStore(file), async (store) => {
    const faults = await keyFaults(store, roots)
    problems.push(...faults)
    const isPruned = faults.length === 0 && (await store.durable.lastCheckpoint()) !== undefined
    const seal = isPruned && checkpointSeal(await ringFor(store, roots))
    const forged = seal && (await verifyTrail(store.durable, { seal, now: now() }))
    if (forged) problems.push(`its audit trail was changed: ${forged}`)
  })
  return restored
}

async function afterwards<S extends { close(): Promise<void> }, T>(
  store: S,
  work: (store: S) => Promise<T>,
): Promise<T> {
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Undefined where there is no store to compare with: after a disaster there is none. */
function lostSince(file: DrillParts['live'], backup: Inspection): Lost | undefined {
  if (file === undefined || !existsSync(file)) return undefined
  try {
    const live = inspect(file)
    const auditRecords = backup.last && recordsAfter(file, backup.last)
    if (auditRecords === undefined) return { unknown: `${file} is another store` }
    return { people: live.people - backup.people, auditRecords, newestRecordAt: live.last?.at }
  } catch (fault) {
    return { unknown: `${file} could not be looked at: ${fault instanceof Error ? fault.message : fault}` }
  }
}

function orProblem<T>(problems: string[], problem: string, look: () => T): T | undefined {
  try {
    return look()
  } catch (fault) {
    problems.push(`${problem}: ${fault instanceof Error ? fault.message : fault}`)
    return undefined
  }
}
