/**
 * Carrying a plan out: each step over the version that the plan saw. What a step finds changed stops the rest, which the
 * next plan shows.
 */
import { AppError } from '../lib/errors.ts'
import { isSame } from '../record/copy.ts'
import { KeyTaken } from '../record/records.ts'
import { type By, create, kept, moveLine, refusalOf } from './changes.ts'
import type { Entry } from './file.ts'
import { askedOf, type Changed, type Kept, keyOf, type Named, ownerOf, type Plan, type Written } from './plan.ts'
import { type Proposing, propose } from './proposal.ts'
import { ALL, type ClientRecord, type ClientRecords, type Defined, type Owner, type ResourceRecords } from './record.ts'
import { createClient, keptWith, namedSecrets, type SecretChanging } from './secrets.ts'

export interface Shelves {
  clients: ClientRecords
  resources: ResourceRecords
}

/** Everything that is kept, as the store has it now. */
export async function everything({ clients, resources }: Shelves): Promise<Kept[]> {
  const [found, others] = [await clients.list(ALL), await resources.list(ALL)]
  return [
    ...found.map(({ id, record }): Kept => ({ noun: 'client', id, record })),
    ...others.map(({ id, record }): Kept => ({ noun: 'resource', id, record })),
  ]
}

type Draft = Defined & Partial<Pick<ClientRecord, 'secrets' | 'proposals'>>
type Outcome = SecretChanging | Exclude<Proposing, { ok: true }>
type Rule = (draft: Draft) => Outcome

interface Step extends Named {
  rule: Rule
}

export interface Carrying {
  shelves: Shelves
  /** What the file is called. */
  file: string
  entries: readonly Entry[]
  kept: readonly Kept[]
  by: By
}

/** Rejects with `changed-meanwhile` at the first step that finds something else than the plan saw. */
export async function carryOut(plan: Plan, { shelves, file, entries, kept: before, by }: Carrying): Promise<void> {
  const lines = new Map(entries.map(({ noun, id, line }) => [keyOf({ noun, id }), line]))
  const ownerOfEntry = (one: Named): Owner => ({ kind: 'file', file, line: lines.get(keyOf(one)) ?? 1 })
  const steps: Step[] = [
    ...plan.disabled.map((one) => ({ ...one, rule: (draft: Draft) => leave(draft, one.version, file, by) })),
    ...plan.changed.map((one) => ({ ...one, rule: (draft: Draft) => rewrite(draft, one, ownerOfEntry(one), by) })),
    ...plan.waiting.map((one) => ({ ...one, rule: (draft: Draft) => ask(draft, one, ownerOfEntry(one), by) })),
    ...plan.created.map((one) => ({ ...one, rule: (draft: Draft) => make(draft, one, ownerOfEntry(one), by) })),
  ]
  // Applications name scopes of resources, so those come first.
  await inTurn(shelves, [
    ...steps.filter(({ noun }) => noun === 'resource'),
    ...steps.filter(({ noun }) => noun === 'client'),
  ])
  for (const { record, ...one } of before) {
    const owner = ownerOfEntry(one)
    if (record.owner.kind === 'file' && lines.has(keyOf(one)) && !isSame(record.owner, owner))
      await change(shelves, one, (draft) => moveLine(draft, owner, by.at))
  }
}

async function inTurn(shelves: Shelves, steps: Step[]): Promise<void> {
  const done: string[] = []
  let waiting = steps
  while (waiting.length > 0) {
    const later: Step[] = []
    for (const step of waiting) {
      const outcome = await carried(shelves, step)
      if (outcome === 'later') later.push(step)
      else if (outcome.ok) done.push(step.id)
      else throw changedMeanwhile(step, done)
    }
    if (later.length === waiting.length) throw changedMeanwhile(later[0], done)
    waiting = later
  }
}

/** `later` if another resource has one of its scopes, which it may give up in a step to come. */
async function carried(shelves: Shelves, { rule, ...step }: Step): Promise<Outcome | 'later'> {
  try {
    return await change(shelves, step, rule)
  } catch (fault) {
    if (fault instanceof KeyTaken) return 'later'
    throw fault
  }
}

export function change<T>({ clients, resources }: Shelves, { noun, id }: Named, rule: (draft: Draft) => T): Promise<T> {
  return noun === 'client' ? clients.change(id, rule) : resources.change(id, rule)
}

function changedMeanwhile(step: Named | undefined, done: string[]): AppError {
  const before = done.length > 0 ? `; done before: ${done.join(', ')}` : ''
  const text = `${step?.id} was changed meanwhile${before}. clients:plan shows what is left.`
  return new AppError('changed-meanwhile', text, { status: 409 })
}

function make(draft: Draft, { definition, secrets: names }: Written, owner: Owner, by: By): SecretChanging {
  if (hasSecrets(draft)) return createClient(draft, { definition, owner, names }, by)
  return create(draft, { definition, owner }, by)
}

/** All of it as one version. */
function rewrite(draft: Draft, { version, definition, secrets }: Changed, owner: Owner, by: By): SecretChanging {
  const refusal = refusalOf(draft, { on: 'file', read: version })
  if (refusal) return refusal
  const status = ownerOf(draft) === 'left' ? 'active' : draft.status
  const next = { definition, owner, status }
  if (!hasSecrets(draft)) return kept(draft, next, by)
  return keptWith(draft, next, namedSecrets(draft, secrets, by.at), by)
}

/** Asks a second person, who may have been asked already. */
function ask(draft: Draft, step: Changed, owner: Owner, by: By): Outcome {
  const outcome = rewrite(draft, step, owner, by)
  if (outcome.ok || outcome.reason !== 'needs-approval' || !hasSecrets(draft)) return outcome
  const proposed = propose(draft, askedOf(draft, step), outcome.changes, by)
  return proposed.ok ? { ok: true, version: draft.version, changes: [] } : proposed
}

/** It is out of the file, and disabled until it is back. */
function leave(draft: Draft, version: number, file: string, by: By): SecretChanging {
  const refusal = refusalOf(draft, { on: 'file', read: version })
  return refusal ?? kept(draft, { status: 'disabled', owner: { kind: 'file', file } }, by)
}

function hasSecrets(draft: Draft): draft is ClientRecord {
  return draft.secrets !== undefined
}
