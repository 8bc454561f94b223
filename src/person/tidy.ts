/**
 * What is dropped of a person when its time is over. Cleaning only: whoever looks at a thing looks at the time as well. A
 * record says from when there is something to drop, so only those are read.
 */
import { DAY } from '../lib/time.ts'
import { endOf } from './held-code.ts'
import type { PersonRecord } from './person.ts'

/** How long a page can still say that a link has expired. */
const AFTERLIFE = 30 * DAY
/** How long a case can be looked up after it was closed, or ran out. */
const CASE_AFTERLIFE = 90 * DAY

type Lists = Omit<
  PersonRecord,
  'erasedAt' | 'forgets' | 'trialUntil' | 'account' | 'invitation' | 'backup' | 'authenticators'
>

/** From when each thing may be dropped. */
const KEPT_UNTIL: { [list in keyof Lists]: (thing: Lists[list][number]) => number } = {
  links: ({ expiresAt }) => expiresAt + AFTERLIFE + 1,
  undos: ({ expiresAt }) => expiresAt + AFTERLIFE + 1,
  cases: ({ closedAt, expiresAt }) => (closedAt ?? expiresAt) + CASE_AFTERLIFE + 1,
  browsers: ({ expiresAt }) => expiresAt,
  addressCodes: ({ expiresAt }) => expiresAt,
  temporaryCodes: endOf,
  sentCodes: ({ expiresAt }) => expiresAt,
  wizards: ({ expiresAt }) => expiresAt,
  devices: ({ expiresAt }) => expiresAt,
}
const LISTS = Object.keys(KEPT_UNTIL) as Array<keyof Lists>

/** From when something may be dropped; undefined while there is nothing that passes. */
export function tidyAt(person: PersonRecord): number | undefined {
  // At every change of a person.
  let first = Number.POSITIVE_INFINITY
  for (const list of LISTS) for (const moment of momentsOf(person, list)) first = Math.min(first, moment)
  return Number.isFinite(first) ? first : undefined
}

/** Returns how many things were dropped. */
export function tidy(person: PersonRecord, now: number): number {
  return LISTS.reduce((sum, list) => sum + drop(person, list, now), 0)
}

function momentsOf<L extends keyof Lists>(person: PersonRecord, list: L): number[] {
  return (person[list] as Array<Lists[L][number]>).map(KEPT_UNTIL[list])
}

function drop<L extends keyof Lists>(person: PersonRecord, list: L, now: number): number {
  const moments = momentsOf(person, list)
  const kept = (person[list] as Array<Lists[L][number]>).filter((_, index) => (moments[index] ?? 0) > now)
  const dropped = moments.length - kept.length
  Object.assign(person, { [list]: kept })
  return dropped
}
