/** A recovery case as it is kept, and how it may end. */
import type { Parcel } from '../delivery/queue.ts'
import { DAY } from '../lib/time.ts'
import type { Account } from './account.ts'
import { newestFirst } from './age.ts'
import { raiseEpoch } from './epoch.ts'
import { removeFactors } from './factor-changes.ts'
import { fallBack, oldApps } from './old-factor.ts'
import type { Draft, PersonRecord } from './person.ts'

import type { TemporaryCode } from './temporary-code.ts'

/** How a representative made sure who is on the phone. */
export const CHECKS = ['call-back', 'in-person', 'video', 'colleague'] as const
export type Check = (typeof CHECKS)[number]

export type CaseState = 'open' | 'canceled' | 'issued' | 'declined'

export interface RecoveryCase {
  /** Eight digits, unique: what is read out on the phone. */
  number: string
  accountId: string
  state: CaseState
  /** How the person wants to be reached, sealed for `recovery-case/<number>`. */
  sealed: string
  /** SHA-256 of the token in the link that cancels it. */
  cancelDigest: string
  createdAt: number
  /** An open one counts as not there from then on. */
  expiresAt: number
  closedAt: number | undefined
  /** Account id of the representative; undefined for whoever worked at the machine itself. */
  closedBy: string | undefined
  check: Check | undefined
  /** What the representative wrote down, sealed for `recovery-case/<number>/note`. */
  sealedNote: string | undefined
}

/** How a case ends; issuing a code takes the lost factors away in the same write. */
export interface CaseDecision {
  number: string
  to: 'issued' | 'declined'
  at: number
  by: string | undefined
  check: Check
  sealedNote: string | undefined
  /** With `issued`. */
  code: TemporaryCode | undefined
}

/** An address that was changed within this before is not yet known to be the person's own. */
const FRESH_EMAIL = 7 * DAY

export function isOpen({ state, expiresAt }: RecoveryCase, now: number): boolean {
  return state === 'open' && now < expiresAt
}

/** Newest first. */
export function listCases({ cases }: PersonRecord): RecoveryCase[] {
  return newestFirst(cases)
}

export function findOpenCase(person: PersonRecord, now: number): RecoveryCase | undefined {
  return listCases(person).find((one) => isOpen(one, now))
}

export function findCase({ cases }: PersonRecord, number: string): RecoveryCase | undefined {
  return cases.find((one) => one.number === number)
}

export function findCaseByCancel({ cases }: PersonRecord, cancelDigest: string): RecoveryCase | undefined {
  return cases.find((one) => one.cancelDigest === cancelDigest)
}

/**
 * From when a code may be issued. Somebody who took over the address a moment ago must not talk the help desk into the
 * rest: first its owner gets the time to read the mails about both.
 */
export function decidableFrom({ createdAt }: RecoveryCase, account: Account | undefined): number {
  const changedAt = account?.emailChangedAt
  if (changedAt === undefined || changedAt < createdAt - FRESH_EMAIL) return createdAt
  // An address that was changed after the case was filed makes it wait too.
  return Math.max(createdAt, changedAt) + DAY
}

/** False, and nothing changed, if one is open at `createdAt`, or the number was given before. */
export function insertCase(person: Draft, one: RecoveryCase, parcels: Parcel[]): boolean {
  if (person.erasedAt !== undefined || findOpenCase(person, one.createdAt) || findCase(person, one.number)) return false
  person.cases.push(one)
  person.parcels.push(...parcels)
  return true
}

/** Replaces what is sealed in an open case, if it still is `from`. */
export function setContact(person: PersonRecord, number: string, from: string, sealed: string): boolean {
  const found = findCase(person, number)
  if (found?.state !== 'open' || found.sealed !== from) return false
  found.sealed = sealed
  return true
}

/** Open and unexpired → canceled. Otherwise nothing, and false. */
export function cancelCase(person: Draft, cancelDigest: string, at: number, parcels: Parcel[]): boolean {
  const found = findCaseByCancel(person, cancelDigest)
  if (!found || !isOpen(found, at)) return false
  Object.assign(found, { state: 'canceled', closedAt: at })
  person.parcels.push(...parcels)
  return true
}

/**
 * If the case is open and unexpired at `at`: closes it. With `issued` all second factors go, the new temporary code comes
 * and the epoch moves up; with `declined` temporary codes that were issued before go. Otherwise nothing, and false.
 */
export function decideCase(person: Draft, decision: CaseDecision, parcels: Parcel[]): boolean {
  const { number, to, at, by, check, sealedNote, code } = decision
  const found = findCase(person, number)
  if (!found || !isOpen(found, at)) return false
  // A code comes with `issued`, for this account, and with nothing else.
  if ((to === 'issued') !== (code?.accountId === found.accountId)) return false
  if (to === 'issued' && at < decidableFrom(found, person.account)) return false
  Object.assign(found, { state: to, closedAt: at, closedBy: by, check, sealedNote })
  if (to === 'declined') person.temporaryCodes = []
  if (code) {
    if (oldApps(person).length > 0) fallBack(person, at)
    removeFactors(person)
    person.temporaryCodes.push(code)
    raiseEpoch(person)
  }
  person.parcels.push(...parcels)
  return true
}
