/**
 * The file of applications as what owns some of them: plan and apply it, write it anew, give one to it and take one from
 * it. What a file may say is in file.ts, what a plan is in plan.ts.
 */
import { randomUUID } from 'node:crypto'
import { AppError, type Fault, InputError } from '../lib/errors.ts'
import { type Clock, MINUTE } from '../lib/time.ts'
import type { Who } from './administration.ts'
import { APPLIED, type AppliedRecords, applied, begin, end, isReplaced } from './applied.ts'
import { carryOut, change, everything, type Shelves } from './apply.ts'
import { asWritten, fileAsYaml, itemAsYaml } from './as-yaml.ts'
import { adopt, type Changing, release } from './changes.ts'
import type { Entry } from './file.ts'
import {
  digestText,
  isSettled,
  type Kept,
  keyOf,
  type Named,
  ownerOf,
  type Plan,
  type PlanFault,
  plan,
} from './plan.ts'
import type { ProposalState } from './proposal.ts'

/** Longer than applying takes; whoever dies meanwhile is waited for no longer. */
const PATIENCE = MINUTE

/** Who a start is that applies the file. */
export const FILE = 'file'

export interface ClientFileParts extends Shelves {
  appliedFiles: AppliedRecords
  /** What the file is called, for whoever looks for it. */
  name: string
  /** Its text. Rejects with InputError if there is none. */
  read(): Uint8Array
  /** Throws InputError that names every fault. */
  check(text: string | Uint8Array, kept: readonly Kept[]): Entry[]
  /** Takes up what was changed. */
  follow(): Promise<unknown>
  /** Between two looks at whether it is our turn. */
  pause(): Promise<unknown>
  now: Clock
}

export interface ClientFile {
  read(): Uint8Array
  plan(text: string | Uint8Array): Promise<Plan>
  /** Rejects with `plan-changed` if the digest is that of another plan. */
  apply(text: string | Uint8Array, digest: string, who: Who): Promise<Plan>
  /** The text of a file that changes nothing; `all` is for another installation. */
  export(options: { all: boolean }): Promise<string>
  /** The lines to paste into the file. */
  adopt(named: Named, who: Who): Promise<string>
  release(named: Named, who: Who): Promise<{ id: string; owner: 'store' }>
  /** Applies the file where a start does so; what it would change where a start does not. */
  start(starting: Starting): Promise<Started>
}

export interface Starting {
  applies: boolean
  /** Other nodes may have other files. */
  cluster: boolean
}

/** `ok` where the store has what the file says. */
export type Started = { ok: boolean; plan: Plan } | { ok: false; faults: Fault[] }

interface Found {
  plan: Plan
  entries: Entry[]
  kept: Kept[]
}

export function clientFile(parts: ClientFileParts): ClientFile {
  const { clients, resources, appliedFiles, name, check, follow, pause, now } = parts
  const shelves = { clients, resources }

  async function find(text: string | Uint8Array): Promise<({ ok: true } & Found) | { ok: false; faults: Fault[] }> {
    const kept = await everything(shelves)
    const entries = check(text, kept)
    const outcome = plan(entries, kept, now())
    if (!outcome.ok) return { ok: false, faults: outcome.faults.map(faultOf) }
    return { ok: true, plan: outcome.plan, entries, kept }
  }

  async function insist(text: string | Uint8Array): Promise<Found> {
    const found = await find(text)
    if (found.ok) return found
    throw new InputError(`${name} is not usable:`, found.faults)
  }

  async function carry({ entries, ...found }: Found, { actor }: Pick<Who, 'actor'>): Promise<void> {
    await carryOut(found.plan, {
      shelves,
      file: name,
      entries,
      kept: found.kept,
      by: { actor, via: 'file', at: now() },
    })
    await appliedFiles.change(APPLIED, (draft) => applied(draft, contentsOf(entries)))
  }

  /** Two at once would be mixed: the second waits for the first, and then finds what that one changed. */
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const holder = randomUUID()
    const turn = () => ({ holder, now: now(), patience: PATIENCE })
    while (!(await appliedFiles.change(APPLIED, (draft) => begin(draft, turn())))) await pause()
    try {
      return await work()
    } finally {
      await appliedFiles.change(APPLIED, (draft) => end(draft, holder))
      await follow()
    }
  }

  /** In its turn. */
  async function startWith(text: Uint8Array, { applies, cluster }: Starting): Promise<Started> {
    const found = await find(text)
    if (!found.ok) return found
    const { kept, entries } = found
    const record = await appliedFiles.find(APPLIED)
    const late = cluster && record !== undefined && isReplaced(record, contentsOf(entries))
    if (kept.length > 0 && (!applies || late)) return { ok: isSettled(found.plan), plan: found.plan }
    // What was declined is not asked again by each start.
    const due = (state?: ProposalState) => state === undefined || state === 'expired'
    return { ok: true, plan: await carryAndAsk(text, found, due, { actor: FILE }) }
  }

  /** Answers with the names under which a second person finds what waits for them; `asked` is what was asked just now. */
  async function carryAndAsk(
    text: string | Uint8Array,
    found: Found,
    due: (state: ProposalState | undefined) => boolean,
    who: Pick<Who, 'actor'>,
  ): Promise<Plan> {
    const asking = found.plan.waiting.filter(({ approval }) => due(approval?.state))
    await carry({ ...found, plan: { ...found.plan, waiting: asking } }, who)
    if (found.plan.waiting.length === 0) return found.plan
    const { waiting } = (await insist(text)).plan
    const isAsked = (one: Named) => asking.some((other) => keyOf(other) === keyOf(one))
    return {
      ...found.plan,
      waiting: waiting.map(({ approval, ...one }) => ({
        ...one,
        ...(approval && { approval: { ...approval, ...(isAsked(one) && { asked: true as const }) } }),
      })),
    }
  }

  async function across(named: Named, rule: (draft: Parameters<typeof adopt>[0]) => Changing): Promise<void> {
    const outcome = await change(shelves, named, rule)
    if (!outcome.ok) throw refused(named, outcome)
    await follow()
  }

  return {
    read: parts.read,
    plan: async (text) => (await insist(text)).plan,

    apply: (text, digest, who) =>
      inTurn(async () => {
        const found = await insist(text)
        if (found.plan.digest !== digest) throw planChanged(found.plan)
        return carryAndAsk(text, found, (state) => state !== 'open', who)
      }),

    async export({ all }) {
      const listed = (await everything(shelves)).filter(({ record }) => {
        const owner = ownerOf(record)
        if (owner === 'store') return all && record.status === 'active'
        return owner !== 'left' && record.status !== 'deleted'
      })
      const of = (noun: string) => listed.filter((one) => one.noun === noun).map(asWritten)
      return fileAsYaml({ clients: of('client'), resources: of('resource') })
    },

    async adopt(named, { actor, via }) {
      await across(named, (draft) => adopt(draft, { owner: { kind: 'file', file: name } }, { actor, via, at: now() }))
      const kept = (await everything(shelves)).find(({ noun, id }) => noun === named.noun && id === named.id)
      return kept ? itemAsYaml(asWritten(kept)) : ''
    },

    async release(named, { actor, via }) {
      await across(named, (draft) => release(draft, {}, { actor, via, at: now() }))
      return { id: named.id, owner: 'store' }
    },

    async start(starting) {
      const text = parts.read()
      // Nearly always there is nothing to do, and nothing to write.
      const found = await find(text)
      if (found.ok && found.kept.length > 0 && isSettled(found.plan) && !isMoved(found))
        return { ok: true, plan: found.plan }
      return inTurn(() => startWith(text, starting))
    },
  }
}

/** Something is on another line than the store has. */
function isMoved({ entries, kept }: Found): boolean {
  const owners = new Map(kept.map((one) => [keyOf(one), one.record.owner]))
  return entries.some((entry) => {
    const owner = owners.get(keyOf(entry))
    return owner?.kind === 'file' && owner.line !== entry.line
  })
}

function faultOf({ noun, id, code, line, reason }: PlanFault): Fault {
  return { path: `${noun} ${id}`, code, line, reason }
}

/** What the file says, in whatever order and on whatever line. */
function contentsOf(entries: readonly Entry[]): string {
  const said = entries.map(({ line: _line, ...entry }) => entry)
  return digestText(said.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)))
}

export function planChanged(plan: Plan): AppError {
  const text = `this is not the plan any more: now it is ${inShort(plan)}, with the digest ${plan.digest}. Look at clients:plan.`
  return new AppError('plan-changed', text, { status: 409 })
}

/** For a line in a log: how many, and which, of what is done. */
export function inShort({ created, changed, disabled, waiting }: Plan): string {
  const parts = [
    ...created.map(({ id }) => `${id} created`),
    ...changed.map(({ id, changes }) => `${id} changed (${changes.map(({ field }) => field).join(', ')})`),
    ...disabled.map(({ id }) => `${id} disabled`),
    ...waiting.map(({ id }) => `${id} to be approved`),
  ]
  const shown = parts.slice(0, MOST_TOLD).join('; ')
  if (parts.length === 0) return 'nothing to do'
  return parts.length > MOST_TOLD ? `${shown}; and ${parts.length - MOST_TOLD} more` : shown
}

const MOST_TOLD = 5

function refused({ noun, id }: Named, { reason }: { reason: string }): AppError {
  const status = reason === 'not-found' ? 404 : 409
  return new AppError(reason, `${noun} ${id}: ${WORDS[reason] ?? reason}`, { status })
}

const WORDS: Record<string, string> = {
  'not-found': 'there is none',
  deleted: 'was deleted',
}
