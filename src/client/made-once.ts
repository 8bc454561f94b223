/**
 * What was made by a request that came with a key (draft-ietf-httpapi-idempotency-key-header): for a day the same request
 * gets the same answer, without the secret. That nothing is made twice does not rest on this record alone: what is made
 * of an application keeps the digest of the key itself (changes.ts).
 */
import { DAY, MINUTE } from '../lib/time.ts'
import type { Kind } from '../record/kind.ts'
import type { Records } from '../record/records.ts'

export interface MadeOnce {
  /** Digest of what was asked. */
  asked: string
  /** Whoever makes it has until then. A process may die over it. */
  busyUntil: number
  /** Sealed: what was answered, without a secret. */
  answer: string
  /** Milliseconds: until then the key means this; 0 for one that nobody sent. */
  endsAt: number
}

export type MadeOnceRecords = Records<MadeOnce, 'endsAt'>

export const madeOnceKind: Kind<MadeOnce, 'endsAt'> = {
  name: 'made_once',
  empty: () => ({ asked: '', busyUntil: 0, answer: '', endsAt: 0 }),
  keys: () => [],
  finders: ({ endsAt }) => ({ endsAt: endsAt > 0 ? endsAt : undefined }),
  search: () => undefined,
}

/** What its answer is sealed for. */
export function madeOnceRecord(id: string): string {
  return `made-once/${id}`
}

const LIFE = DAY
/** Longer than making anything takes. */
const PATIENCE = MINUTE

export type Begun = { state: 'begun' } | { state: 'answered'; answer: string } | { state: 'busy' | 'other' }

export function begin(draft: MadeOnce, asked: string, now: number): Begun {
  if (draft.endsAt > now) {
    if (draft.asked !== asked) return { state: 'other' }
    if (draft.answer !== '') return { state: 'answered', answer: draft.answer }
    if (draft.busyUntil > now) return { state: 'busy' }
  }
  Object.assign(draft, { asked, answer: '', busyUntil: now + PATIENCE, endsAt: now + LIFE })
  return { state: 'begun' }
}

export function answered(draft: MadeOnce, asked: string, answer: string): void {
  if (draft.asked === asked && draft.answer === '') draft.answer = answer
}

/** Nothing was made: the key is as if it was never sent. */
export function unused(draft: MadeOnce, asked: string): void {
  if (draft.asked === asked && draft.answer === '') forget(draft)
}

/** True if its time is over. */
export function tidy(draft: MadeOnce, now: number): number {
  if (draft.endsAt === 0 || draft.endsAt > now) return 0
  forget(draft)
  return 1
}

function forget(draft: MadeOnce): void {
  Object.assign(draft, madeOnceKind.empty())
}
