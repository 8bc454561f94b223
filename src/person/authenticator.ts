/** Enrolled authenticators, one by one; factor-changes.ts has what changes more than one thing. */

import type { Parcel } from '../delivery/queue.ts'
import { byAge } from './age.ts'
import type { Draft, PersonRecord } from './person.ts'
import { APP, type EnrolledFactor, NUMBER } from './second-factor.ts'

/** An enrolled factor of one account. */
export interface Authenticator {
  id: string
  accountId: string
  kind: EnrolledFactor
  /** What tells it apart for its person: the entry's name in the app, or the last two digits of the number. */
  label: string
  /** The secret (base32) or the number (E.164), sealed for `authenticator/<account>/<id>`. */
  sealed: string
  /** Keyed digest of the number, to count accounts by number; undefined for an app. */
  numberKey: string | undefined
  /** The last time step that was used (RFC 6238 section 5.2); 0 for none. */
  lastStep: number
  createdAt: number
  /** Brought from elsewhere, and not replaced yet by one that was set up here. */
  imported?: true
  lastUsedAt: number | undefined
}

export function listAuthenticators({ authenticators }: PersonRecord): Authenticator[] {
  return byAge(authenticators)
}

export function listApps(person: PersonRecord): Authenticator[] {
  return listAuthenticators(person).filter(({ kind }) => kind === APP)
}

export function findNumber({ authenticators }: PersonRecord): Authenticator | undefined {
  return authenticators.find(({ kind }) => kind === NUMBER)
}

export function findAuthenticator({ authenticators }: PersonRecord, id: string): Authenticator | undefined {
  return authenticators.find((authenticator) => authenticator.id === id)
}

/** False if it is not there. */
export function renameAuthenticator(person: Draft, id: string, label: string, parcels: Parcel[]): boolean {
  const authenticator = findAuthenticator(person, id)
  if (!authenticator) return false
  authenticator.label = label
  person.parcels.push(...parcels)
  return true
}

/** Moves the last used time step forward. False if this step, or a later one, was used already (RFC 6238 section 5.2). */
export function advanceStep(person: PersonRecord, id: string, step: number, now: number): boolean {
  const authenticator = findAuthenticator(person, id)
  if (!authenticator || authenticator.lastStep >= step) return false
  Object.assign(authenticator, { lastStep: step, lastUsedAt: now })
  return true
}
