/**
 * What may happen to what is defined (record.ts), each a pure rule over a draft. Everything is looked at before anything
 * is changed, and whatever is changed is a new version that says so field by field; never with a secret in it.
 *
 * A definition has been checked before it comes here (definition.ts).
 */
import { isSame } from '../record/copy.ts'
import { needsApproval } from './protection.ts'
import { type Defined, type Definition, type FieldChange, MOST_VERSIONS, type Owner, type Version } from './record.ts'

/** Who does it, by which door, when. */
export interface By {
  actor: string
  via: string
  at: number
  /** Who agreed to it (proposal.ts). Nobody else says so: without it what needs a second person is refused. */
  approvedBy?: string
  /** Digest of a key that is good for one change (web/api/once.ts). */
  request?: string
}

/** Which truth it is done for: what a file owns is changed by the file only, and the other way around. */
export type On = 'file' | 'store'

export type Refusal =
  | { ok: false; reason: 'not-found' | 'deleted' | 'id-taken' | 'owned-by-store' | 'no-such-version' }
  | { ok: false; reason: 'owned-by-file'; owner: Owner }
  /** It is protected: these changes wait for a second person (protection.ts). */
  | { ok: false; reason: 'needs-approval'; changes: FieldChange[] }
  /** Somebody else's change would be undone: what they did since. */
  | { ok: false; reason: 'changed-meanwhile'; version: number; since: Version[] }

/** `changes` is empty where everything was so already: then there is no new version. */
export interface Done {
  ok: true
  version: number
  changes: FieldChange[]
  /** The same request has done it before: what it changed then. */
  before?: FieldChange[]
}

export type Changing = Done | Refusal

export interface Wanted {
  on: On
  /** The version that was read. Without one it is done whatever happened since. */
  read?: number | undefined
}

export function create(
  draft: Defined,
  { definition, owner, told }: { definition: Definition; owner: Owner; told?: FieldChange[] },
  by: By,
): Changing {
  const done = doneBefore(draft, by)
  if (done) return done
  // Also one that was deleted: whoever has its tokens or addresses must not meet another under its id.
  if (draft.version > 0) return { ok: false, reason: draft.status === 'deleted' ? 'deleted' : 'id-taken' }
  draft.createdAt = by.at
  draft.owner = owner
  return kept(draft, { definition }, by, told)
}

export function change(
  draft: Defined,
  { definition, ...wanted }: Wanted & { definition: Definition },
  by: By,
): Changing {
  return refusalOf(draft, wanted) ?? kept(draft, { definition }, by)
}

/** An emergency asks nobody whose it is: what a file owns is disabled by hand too, and stays so (plan.ts). */
export function disable(draft: Defined, { on, read }: Wanted, by: By): Changing {
  return (
    refusalOf(draft, { on: on === 'store' ? draft.owner.kind : on, read }) ?? kept(draft, { status: 'disabled' }, by)
  )
}

/** Whatever was disabled by hand. What left its file is the file's to bring back. */
export function enable(draft: Defined, { on, read }: Wanted, by: By): Changing {
  const whose = on === 'store' && !hasLeft(draft) ? draft.owner.kind : on
  return refusalOf(draft, { on: whose, read }) ?? kept(draft, { status: 'active' }, by)
}

/** It was in the file that was applied before, and is not in the one after that. */
export function hasLeft({ owner, status, versions }: Defined): boolean {
  const last = versions.findLast(({ changes }) => changes.some(({ field }) => field === 'status'))
  return owner.kind === 'file' && status === 'disabled' && last?.via === 'file'
}

/** Decided in the write that makes it: of a hundred at once, and after a crash before the answer, there is one. */
export function doneBefore({ versions }: Defined, { request }: By): Done | undefined {
  const done = request === undefined ? undefined : versions.find((version) => version.request === request)
  return done && { ok: true, version: done.version, changes: [], before: done.changes }
}

/** For good. */
export function remove(draft: Defined, wanted: Wanted, by: By): Changing {
  return refusalOf(draft, wanted) ?? kept(draft, { status: 'deleted' }, by)
}

/** What the definition was in an earlier version. Status, owner and secrets stay: what was revoked does not come back. */
export function definitionOf(draft: Pick<Defined, 'versions'>, version: number): Definition | undefined {
  return draft.versions.find((candidate) => candidate.version === version)?.definition
}

/** From now on the file says what it is. */
export function adopt(draft: Defined, { owner, read }: { owner: Owner; read?: number | undefined }, by: By): Changing {
  return refusalOf(draft, { on: draft.owner.kind, read }) ?? kept(draft, { owner }, by)
}

/** From now on the file says nothing of it. */
export function release(draft: Defined, { read }: { read?: number | undefined }, by: By): Changing {
  return refusalOf(draft, { on: draft.owner.kind, read }) ?? kept(draft, { owner: { kind: 'store' } }, by)
}

/** The line where the file has it by now: no version, because nothing about it is different. */
export function moveLine(draft: Defined, owner: Owner, at: number): boolean {
  if (draft.owner.kind !== 'file' || isSame(draft.owner, owner)) return false
  draft.owner = owner
  draft.changedAt = later(draft, at)
  return true
}

export function refusalOf(draft: Defined, { on, read }: Wanted): Refusal | undefined {
  if (draft.version === 0) return { ok: false, reason: 'not-found' }
  if (draft.status === 'deleted') return { ok: false, reason: 'deleted' }
  if (on === 'store' && draft.owner.kind === 'file') return { ok: false, reason: 'owned-by-file', owner: draft.owner }
  if (on === 'file' && draft.owner.kind === 'store') return { ok: false, reason: 'owned-by-store' }
  if (read === undefined || read === draft.version) return undefined
  const since = draft.versions.filter(({ version }) => version > read)
  return { ok: false, reason: 'changed-meanwhile', version: draft.version, since }
}

/**
 * Makes it so, as one version: the only way to one, so nothing gets past a second person where it needs one. `told` are
 * changes besides, for whoever asks to make afterwards.
 */
export function kept(
  draft: Defined,
  next: Partial<Pick<Defined, 'definition' | 'status' | 'owner'>>,
  by: By,
  told: FieldChange[] = [],
): Done | Extract<Refusal, { reason: 'needs-approval' }> {
  const { definition = draft.definition, status = draft.status, owner = draft.owner } = next
  const changes = [
    ...fieldChanges(draft.definition, definition),
    ...fieldChanges({ status: draft.status, owner: truth(draft.owner) }, { status, owner: truth(owner) }),
    ...told,
  ]
  if (changes.length === 0) return { ok: true, version: draft.version, changes }
  if (by.approvedBy === undefined && needsApproval(draft, changes))
    return { ok: false, reason: 'needs-approval', changes }
  if (status !== 'active' && draft.status === 'active') draft.endedAt = later(draft, by.at)
  Object.assign(draft, { definition, status, owner })
  draft.version += 1
  draft.changedAt = later(draft, by.at)
  const { actor, via, at, approvedBy, request } = by
  const agreed = approvedBy !== undefined && { approvedBy }
  const asked = request !== undefined && { request }
  draft.versions.push({ version: draft.version, actor, via, at, ...agreed, ...asked, changes, definition })
  const gone = draft.versions.splice(0, Math.max(0, draft.versions.length - MOST_VERSIONS))
  if (gone.length > 0) draft.hands = [...new Set([...(draft.hands ?? []), ...gone.flatMap(handsOf)])]
  return { ok: true, version: draft.version, changes }
}

/** Whoever did it, and whoever agreed. */
export function handsOf({ actor, approvedBy }: Pick<Version, 'actor' | 'approvedBy'>): string[] {
  return approvedBy === undefined ? [actor] : [actor, approvedBy]
}

/** The fields in which they differ, in the order of the second. */
export function fieldChanges(before: Definition, after: Definition): FieldChange[] {
  const names = new Set([...Object.keys(after), ...Object.keys(before)])
  return [...names]
    .filter((field) => !isSame(before[field], after[field]))
    .map((field) => ({
      field,
      ...(before[field] !== undefined && { from: before[field] }),
      ...(after[field] !== undefined && { to: after[field] }),
    }))
}

/** Which line it is at changes nothing. */
function truth(owner: Owner): unknown {
  return owner.kind === 'file' ? { kind: owner.kind, file: owner.file } : owner
}

/** Never before what others have seen of it already, also by a clock that is behind: nobody would hear of it. */
function later({ changedAt }: Defined, at: number): number {
  return Math.max(at, changedAt)
}
