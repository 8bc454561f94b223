/**
 * What is remembered of an application so that the doctor can say why it does not work: its last refused requests, and when
 * it last did what. Names and moments (oidc/observed.ts); no secret, code, token or person.
 *
 * Whoever knows a client_id can be refused in its name as often as they like. So a refusal that comes again is counted, not
 * kept once more, and no kind of refusal takes the room of the others.
 */
import { DAY, MINUTE } from '../lib/time.ts'
import type { SeenRefusal } from '../oidc/observed.ts'
import { isSame } from '../record/copy.ts'
import type { Kind } from '../record/kind.ts'
import type { Changed } from '../record/mirror.ts'
import type { Records } from '../record/records.ts'

export interface Refusal extends SeenRefusal {
  /** Milliseconds: the first time and the last. */
  firstAt: number
  at: number
  count: number
}

/** What an application does when it works, and things that are no refusal but tell something. */
export type Doing = 'asked' | 'authorized' | 'token' | 'refresh' | 'userinfo' | 'left' | 'untold' | 'told'

/** An authorization that was given, or one that was redeemed; `browser` tells it from others, and is no one's. */
export interface Step {
  what: 'given' | 'redeemed'
  browser: string
  at: number
}

/** One authorization that was given, and when it was redeemed. */
export interface Sitting {
  browser: string
  at: number
  redeemedAt?: number
}

/** An address that the application's requests for tokens come from, and the agent, as keyed digests. */
export interface CallerSeen {
  address: string
  agent: string
  at: number
}

/** When our files were last fetched from such an address: by the same agent, and by any. */
export interface Fetches {
  keys?: number
  discovery?: number
  keysNear?: number
  discoveryNear?: number
}

/** A fetch of the discovery document by another host than ours, or with two slashes: the issuer is spelled so there. */
export interface OddFetch {
  address: string
  agent: string
  as: 'other-host' | 'double-slash'
  at: number
}

export interface ClientMemory extends Changed {
  /** The last at the end. */
  refusals: Refusal[]
  seen: Partial<Record<Doing, number>>
  /** In the order in which they happened, whichever node tells of them first. */
  steps: Step[]
  callers: CallerSeen[]
  fetches: Fetches
  /** Scopes that were asked for last, whatever became of it. */
  scopes: string[]
  below?: { asked: string; given: string; at: number }
  skew?: { seconds: number; at: number }
  odd: OddFetch[]
  /** What the doctor found when it acted as the application. */
  live?: { at: number; results: LiveResult[] }
}

export interface LiveResult {
  check: string
  state: 'passed' | 'failed' | 'unknown'
  /** What was found, as a code, and what it says of it. */
  found?: string
  values?: Record<string, string | number>
}

/** `caller`: the addresses that it calls from. */
export type MemoryFinder = 'changedAt' | 'tidyAt' | 'caller'
export type ClientMemories = Records<ClientMemory, MemoryFinder>

/** The memory of what nobody can be told of: no client_id looks like it. */
export const OF_ALL = '.all'

export const MOST_REFUSALS = 20
/** Of one endpoint, error and parameter. */
export const MOST_OF_A_KIND = 5
const MOST_STEPS = 24
const MOST_CALLERS = 5
const MOST_ODD = 20
const REFUSAL_LIFE = 7 * DAY
const STEP_LIFE = 10 * MINUTE

export const memoryKind: Kind<ClientMemory, MemoryFinder> = {
  name: 'client_memories',
  empty: () => ({ refusals: [], seen: {}, steps: [], callers: [], fetches: {}, scopes: [], odd: [], changedAt: 0 }),
  keys: () => [],
  finders: ({ changedAt, refusals, odd, callers }) => ({
    changedAt: changedAt > 0 ? changedAt : undefined,
    caller: [...new Set(callers.map(({ address }) => address))],
    tidyAt: earliest([...refusals, ...odd].map(({ at }) => at + REFUSAL_LIFE)),
  }),
  search: () => undefined,
}

/** The same again is counted. Of the kind that there is most of, the one that came least often makes room, the oldest first. */
export function addRefusal(draft: ClientMemory, refusal: Refusal): void {
  const known = draft.refusals.find((one) => isSame(essence(one), essence(refusal)))
  if (known) {
    const count = known.count + refusal.count
    Object.assign(known, refusal, { count, firstAt: Math.min(known.firstAt, refusal.firstAt) })
  } else draft.refusals.push(refusal)
  draft.refusals.sort((one, other) => one.at - other.at)
  const alike = draft.refusals.filter((one) => kindOf(one) === kindOf(refusal))
  if (alike.length > MOST_OF_A_KIND) drop(draft, rarest(alike))
  while (draft.refusals.length > MOST_REFUSALS) drop(draft, rarest(fullest(draft.refusals)))
}

export function addStep(draft: ClientMemory, step: Step): void {
  draft.steps.push(step)
  draft.steps.sort((one, other) => one.at - other.at || RANK[one.what] - RANK[other.what])
  draft.steps.splice(0, draft.steps.length - MOST_STEPS)
}

/** Of the same moment. */
const RANK = { given: 0, redeemed: 1 }

/** What is redeemed is the last that this browser was given. */
export function sittingsOf({ steps }: Pick<ClientMemory, 'steps'>): Sitting[] {
  const sittings: Sitting[] = []
  for (const { what, browser, at } of steps) {
    if (what === 'given') sittings.push({ browser, at })
    const due = sittings.findLast((one) => one.browser === browser && one.redeemedAt === undefined)
    if (what === 'redeemed' && due) due.redeemedAt = at
  }
  return sittings
}

export function addCaller(draft: ClientMemory, caller: CallerSeen): void {
  const known = draft.callers.find(({ address, agent }) => address === caller.address && agent === caller.agent)
  if (known) known.at = Math.max(known.at, caller.at)
  else draft.callers.push(caller)
  draft.callers.sort((one, other) => one.at - other.at)
  draft.callers.splice(0, draft.callers.length - MOST_CALLERS)
}

export function addOdd(draft: ClientMemory, fetch: OddFetch): void {
  const { at: _at, ...which } = fetch
  draft.odd = [...draft.odd.filter(({ at: _when, ...one }) => !isSame(one, which)), fetch]
  draft.odd.splice(0, draft.odd.length - MOST_ODD)
}

/** Returns how many things were dropped. */
export function forgetOld(draft: ClientMemory, now: number): number {
  const before = draft.refusals.length + draft.odd.length + draft.steps.length
  draft.refusals = draft.refusals.filter(({ at }) => at + REFUSAL_LIFE > now)
  draft.odd = draft.odd.filter(({ at }) => at + REFUSAL_LIFE > now)
  draft.steps = draft.steps.filter(({ at }) => at + STEP_LIFE > now)
  return before - draft.refusals.length - draft.odd.length - draft.steps.length
}

/** What makes two the same: not when they were, nor how long after something. */
function essence({ at: _at, firstAt: _first, count: _count, after: _after, skew: _skew, ...rest }: Refusal): object {
  return rest
}

function kindOf({ endpoint, error, reason, parameter, own }: Refusal): string {
  return [endpoint, error, reason, parameter, own].join(' ')
}

/** But for the newest, which has come once so far. */
function rarest(alike: Refusal[]): Refusal | undefined {
  const [first, ...others] = alike.slice(0, -1)
  return others.reduce((least, one) => (least && one.count < least.count ? one : least), first)
}

function fullest(refusals: Refusal[]): Refusal[] {
  const kinds = Object.values(Object.groupBy(refusals, kindOf)).map((kind) => kind ?? [])
  return kinds.reduce((most, kind) => (kind.length > most.length ? kind : most), [])
}

function drop(draft: ClientMemory, gone: Refusal | undefined): void {
  draft.refusals = draft.refusals.filter((one) => one !== gone)
}

function earliest(moments: number[]): number | undefined {
  return moments.length > 0 ? Math.min(...moments) : undefined
}
