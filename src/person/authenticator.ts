/** Enrolled authenticators, one by one; factor-changes.ts has what changes more than one thing. */

import type { Parcel } from '../delivery/queue.ts'
import { isSame } from '../record/copy.ts'
import { byAge } from './age.ts'
import type { Draft, PersonRecord } from './person.ts'
import { APP, type EnrolledFactor, NUMBER, PASSKEY } from './second-factor.ts'
import { provedSecondStep } from './signed-in.ts'

export const ALGORITHMS = ['SHA1', 'SHA256', 'SHA512'] as const

/** How the codes of an app are made (RFC 6238 section 4). */
export interface CodeParameters {
  algorithm: (typeof ALGORITHMS)[number]
  digits: number
  /** Seconds that a code is shown. */
  period: number
}

/** What every app does, and many do whatever they are told. */
export const USUAL: CodeParameters = { algorithm: 'SHA1', digits: 6, period: 30 }

/** What is known of a passkey beside its sealed credential. */
export interface PasskeyState {
  /** Keyed by nothing, for ids of credentials are random: the digest that its person is found by. */
  key: string
  /** It answers for this RP id and for no other (WebAuthn Level 3 section 5.1.3). */
  rpId: string
  /** What made it says so of itself, and nothing vouches for it: a label, never a rule. */
  aaguid: string
  /** How browsers reach it: a hint to them. */
  transports: string[]
  /** It may be copied to other devices; stays as it is for as long as it lives (section 6.1.3). */
  backupEligible: boolean
  /** It has been. */
  backedUp: boolean
  /** As it last counted its signatures; 0 for those that do not count. */
  signCount: number
  /** Browser and system in which it was last used. */
  agent: string
}

/** An enrolled factor of one account. How its codes are made is said where that is not the usual way. */
export interface Authenticator extends Partial<CodeParameters> {
  id: string
  accountId: string
  kind: EnrolledFactor
  /** What tells it apart for its person: the entry's name, or the last two digits of the number. */
  label: string
  /** The entry's name in the app, where `label` is a name that its person chose. */
  entry?: string
  /** The secret (base32), the number (E.164) or the passkey's credential, sealed for `authenticator/<account>/<id>`. */
  sealed: string
  /** Keyed digest of the number, to count accounts by number; undefined for an app. */
  numberKey: string | undefined
  /** The last time step that was used (RFC 6238 section 5.2); 0 for none. */
  lastStep: number
  createdAt: number
  lastUsedAt: number | undefined
  /** Brought from elsewhere: good until an app that was set up here has answered. */
  imported?: true
  /** Of a passkey, and of nothing else. */
  passkey?: PasskeyState
}

export function listAuthenticators({ authenticators }: PersonRecord): Authenticator[] {
  return byAge(authenticators)
}

export function listApps(person: PersonRecord): Authenticator[] {
  return listAuthenticators(person).filter(({ kind }) => kind === APP)
}

/** Two-step verification is on with one of these: a number alone is for whoever has nothing better at hand. */
export function isStrong({ kind }: Pick<Authenticator, 'kind'>): boolean {
  return kind === APP || kind === PASSKEY
}

export function listStrong(person: PersonRecord): Authenticator[] {
  return listAuthenticators(person).filter(isStrong)
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
  // Its entry keeps the name that it was made with.
  authenticator.entry ??= authenticator.label
  authenticator.label = label
  person.parcels.push(...parcels)
  return true
}

/**
 * How its codes may be made. Some systems declare another way than the phones of their people compute, so of an app that
 * was brought from elsewhere the usual way is right as well, until it has answered.
 */
export function waysOf({ imported, lastUsedAt, ...declared }: Authenticator): CodeParameters[] {
  const { algorithm, digits, period } = { ...USUAL, ...declared }
  const way = { algorithm, digits, period }
  return imported && lastUsedAt === undefined && !isSame(way, USUAL) ? [way, USUAL] : [way]
}

/**
 * Moves the last used time step forward, and keeps the way. False if this step, or a later one, was used already (RFC 6238
 * section 5.2), or the app has answered in another way meanwhile: its steps are counted differently.
 */
export function advanceStep(person: PersonRecord, id: string, step: number, now: number, way = USUAL): boolean {
  const authenticator = findAuthenticator(person, id)
  if (!authenticator || authenticator.lastStep >= step) return false
  const ways = waysOf(authenticator)
  if (!ways.some((one) => isSame(one, way))) return false
  Object.assign(authenticator, { lastStep: step, lastUsedAt: now }, ways.length > 1 && way)
  provedSecondStep(person, now)
  const imported = authenticator.imported && person.account?.imported
  if (imported) imported.codeProvenAt ??= now
  return true
}
