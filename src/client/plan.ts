/**
 * What applying a file would do to what is kept, before anything is done: pure, so that whoever reads the plan and whoever
 * carries it out mean the same thing. Its digest covers what is to be written and the version that it is written over.
 */
import { createHash } from 'node:crypto'
import { isSame } from '../record/copy.ts'
import { fieldChanges, hasLeft } from './changes.ts'
import type { Entry } from './file.ts'
import { approvalId, type ProposalState, stateOf } from './proposal.ts'
import { needsApproval } from './protection.ts'
import {
  type Asked,
  type ClientRecord,
  type Defined,
  type Definition,
  type FieldChange,
  MOST_SECRETS,
} from './record.ts'
import { namesOf } from './secrets.ts'

export type Named = Pick<Entry, 'noun' | 'id'>

export interface Kept extends Named {
  record: Defined & Partial<Pick<ClientRecord, 'secrets' | 'proposals'>>
}

/** What is to be written. */
export interface Written extends Named {
  definition: Definition
  secrets: string[]
}

export interface Changed extends Written {
  version: number
  changes: FieldChange[]
}

export interface Plan {
  created: Written[]
  changed: Changed[]
  disabled: Array<Named & { version: number }>
  /** Of protected applications: applying the file asks for them, and a second person decides (proposal.ts). */
  waiting: Array<Changed & { approval?: { id: string; state: ProposalState; asked?: true } }>
  /** An administrator disabled it by hand, and the file does not enable it: whoever does, does so by hand. */
  byHand: Array<Named & { at: number; actor: string }>
  untouched: Named[]
  digest: string
}

export interface PlanFault extends Named {
  code: 'owned-by-store' | 'deleted' | 'too-many-secrets'
  line: number
  reason: string
}

export type PlanOutcome = { ok: true; plan: Plan } | { ok: false; faults: PlanFault[] }

export function plan(file: readonly Entry[], kept: readonly Kept[], now: number): PlanOutcome {
  const before = new Map(kept.map((one) => [keyOf(one), one.record]))
  const faults = file.flatMap((entry) => faultOf(entry, before.get(keyOf(entry))) ?? [])
  if (faults.length > 0) return { ok: false, faults }

  const named = new Set(file.map(keyOf))
  const steps: Omit<Plan, 'digest'> = {
    created: [],
    changed: [],
    disabled: [],
    waiting: [],
    byHand: kept.flatMap((one) => (named.has(keyOf(one)) ? (disabledByHand(one) ?? []) : [])),
    untouched: [],
  }
  for (const entry of file) {
    const { noun, id, definition, secrets } = entry
    const there = before.get(keyOf(entry))
    const changes = there ? changesOf(there, entry) : []
    const written = { noun, id, definition, secrets }
    if (!there) steps.created.push(written)
    else if (changes.length === 0) steps.untouched.push({ noun, id })
    else if (needsApproval(there, changes)) {
      const step = { ...written, version: there.version, changes }
      steps.waiting.push({ ...step, ...asked({ noun, id, record: there }, askedOf(there, step), now) })
    } else steps.changed.push({ ...written, version: there.version, changes })
  }
  for (const { noun, id, record } of kept) {
    if (named.has(keyOf({ noun, id })) || record.status === 'deleted') continue
    const owner = ownerOf(record)
    if (owner === 'file' && record.status === 'active') steps.disabled.push({ noun, id, version: record.version })
    else if (owner !== 'left') steps.untouched.push({ noun, id })
  }
  for (const step of Object.values(steps)) step.sort(byName)
  return { ok: true, plan: { ...steps, digest: digestOf(steps) } }
}

/**
 * Whose it is: of the store, or of the file; `adopted` waits for the file to name it, `left` was in the file that was
 * applied before.
 */
export function ownerOf(record: Defined): 'store' | 'file' | 'adopted' | 'left' {
  if (record.owner.kind === 'store') return 'store'
  // One that an administrator disabled is not brought back by a file.
  if (hasLeft(record)) return 'left'
  return record.owner.line === undefined ? 'adopted' : 'file'
}

/** What a file asks of a second person. */
export function askedOf(
  record: Kept['record'],
  { definition, secrets }: Pick<Written, 'definition' | 'secrets'>,
): Asked {
  const names = isSame(namesOf({ secrets: record.secrets ?? [] }), secrets) ? {} : { names: secrets }
  return { on: 'file', definition, ...names, ...(ownerOf(record) === 'left' && { status: 'active' as const }) }
}

/** What became of the same, asked before over the same version. */
function asked({ id, record }: Kept, wanted: Asked, now: number): { approval?: { id: string; state: ProposalState } } {
  const same = record.proposals?.findLast(({ over, asked }) => over === record.version && isSame(asked, wanted))
  return same ? { approval: { id: approvalId(id, same), state: stateOf(same, record, now) } } : {}
}

function disabledByHand({ noun, id, record }: Kept): Plan['byHand'][number] | undefined {
  if (record.owner.kind !== 'file' || record.status !== 'disabled' || hasLeft(record)) return undefined
  const last = record.versions.findLast(({ changes }) => changes.some(({ field }) => field === 'status'))
  return { noun, id, at: last?.at ?? record.changedAt, actor: last?.actor ?? '' }
}

export function isNothing({ created, changed, disabled }: Plan): boolean {
  return created.length + changed.length + disabled.length === 0
}

/** Nothing is left to ask either. A start does not ask again for what was declined: every restart would. */
export function isSettled(plan: Plan): boolean {
  return isNothing(plan) && plan.waiting.every(({ approval }) => approval && approval.state !== 'expired')
}

export function keyOf({ noun, id }: Named): string {
  return `${noun} ${id}`
}

function byName(one: Named, other: Named): number {
  return keyOf(one) < keyOf(other) ? -1 : 1
}

function faultOf({ noun, id, secrets, line }: Entry, there: Kept['record'] | undefined): PlanFault | undefined {
  if (!there) return undefined
  const about = { noun, id, line }
  if (there.status === 'deleted')
    return { ...about, code: 'deleted', reason: 'was deleted, and an id is never given again: choose another' }
  if (there.owner.kind === 'store')
    return {
      ...about,
      code: 'owned-by-store',
      reason: `is owned by pages, API and command line: take it out of the file, or clients:adopt --${noun} ${id}`,
    }
  const made = (there.secrets ?? []).filter(({ env }) => env === undefined).length
  if (made + secrets.length <= MOST_SECRETS) return undefined
  return {
    ...about,
    code: 'too-many-secrets',
    reason: `has ${made} secrets that we made: at most ${MOST_SECRETS} in all`,
  }
}

function changesOf(record: Kept['record'], { definition, secrets }: Entry): FieldChange[] {
  const names = namesOf({ secrets: record.secrets ?? [] })
  const status: FieldChange[] = ownerOf(record) === 'left' ? [{ field: 'status', from: 'disabled', to: 'active' }] : []
  return [
    ...fieldChanges(record.definition, definition),
    ...fieldChanges(secretsField(names), secretsField(secrets)),
    ...status,
  ]
}

function secretsField(names: string[]): Definition {
  return names.length > 0 ? { secrets: names } : {}
}

/** Whatever is untouched may change meanwhile: it is no part of what is done. */
function digestOf({ created, changed, disabled, waiting }: Omit<Plan, 'digest'>): string {
  // What became of one is told beside it, and is no part of what is done.
  const asks = waiting.map(({ approval: _approval, ...step }) => step)
  return digestText({ created, changed, disabled, ...(asks.length > 0 && { waiting: asks }) })
}

/** The same for the same content, whatever order its fields were written in. */
export function digestText(value: unknown): string {
  const text = JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  )
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
