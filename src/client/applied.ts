/**
 * What is kept of applying files: who is about to, so that two never mix, and which files there were. A file that another
 * one took the place of is not applied again by a start: a node that was left behind would undo what all others have.
 */
import type { Kind } from '../record/kind.ts'
import type { Records } from '../record/records.ts'

export interface AppliedRecord {
  /** Digests of what the files said, the newest last. */
  contents: string[]
  /** Milliseconds: whoever applies one has until then. */
  busy: { holder: string; until: number } | undefined
}

export type AppliedRecords = Records<AppliedRecord, never>

/** There is one such record. */
export const APPLIED = 'clients'
/** Files of years. */
const MOST = 200

export const appliedKind: Kind<AppliedRecord, never> = {
  name: 'applied_files',
  empty: () => ({ contents: [], busy: undefined }),
  keys: () => [],
  finders: () => ({}),
  search: () => undefined,
}

/** False if somebody else is about to apply a file. */
export function begin(
  draft: AppliedRecord,
  { holder, now, patience }: { holder: string; now: number; patience: number },
): boolean {
  if (draft.busy && draft.busy.holder !== holder && draft.busy.until > now) return false
  draft.busy = { holder, until: now + patience }
  return true
}

/** Whoever took too long does not end the turn of the next. */
export function end(draft: AppliedRecord, holder: string): void {
  if (draft.busy?.holder === holder) draft.busy = undefined
}

export function applied(draft: AppliedRecord, contents: string): void {
  if (draft.contents.at(-1) === contents) return
  draft.contents = [...draft.contents.filter((one) => one !== contents), contents].slice(-MOST)
}

/** Whether a file that says this had its time. */
export function isReplaced({ contents }: AppliedRecord, said: string): boolean {
  return contents.includes(said) && contents.at(-1) !== said
}
