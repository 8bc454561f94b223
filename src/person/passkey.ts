/** Passkeys as part of a person's record: an authenticator each, with what of it is no secret beside what is sealed. */
import type { Parcel } from '../delivery/queue.ts'
import { type Authenticator, findAuthenticator, listAuthenticators, type PasskeyState } from './authenticator.ts'
import { isIn } from './epoch.ts'
import { oldApps, switchOver } from './old-factor.ts'
import type { Draft, PersonRecord } from './person.ts'
import { PASSKEY } from './second-factor.ts'
import { provedSecondStep } from './signed-in.ts'

/** One with its state. */
export type Passkey = Authenticator & { passkey: PasskeyState }

export interface PasskeyUse {
  signCount: number
  backedUp: boolean
  agent: string
  at: number
  /** One that counted back is refused. */
  strict: boolean
  /** Tells that it took the place of an old app of this name. */
  tell: (old: string) => Parcel[]
}

export interface NewPasskey {
  /** Refused in any other. */
  epoch: number
  passkey: Passkey
  /** Passkeys that one account may have. */
  most: number
}

export function isPasskey(authenticator: Authenticator): authenticator is Passkey {
  return authenticator.kind === PASSKEY && authenticator.passkey !== undefined
}

export function listPasskeys(person: PersonRecord): Passkey[] {
  return listAuthenticators(person).filter(isPasskey)
}

/**
 * The handle that the account has from now on. It is kept on people's devices for as long as they like, so it says nothing
 * of anybody, and two accounts of one person have two: with one, a device would put the second passkey in the place of the
 * first (WebAuthn Level 3 section 5.4.3). Undefined if there is no account.
 */
export function ensureUserHandle({ account }: Draft, fresh: string): string | undefined {
  if (account) account.userHandle ??= fresh
  return account?.userHandle
}

/** One more beside others, if the account is in this epoch, has room for it, and has not got it (`known`). Otherwise nothing is changed. */
export function addPasskey(
  person: Draft,
  { epoch, passkey, most }: NewPasskey,
  parcels: Parcel[],
): 'added' | 'known' | 'too-many' | 'gone' {
  if (!person.account || !isIn(person, epoch) || passkey.accountId !== person.account.id) return 'gone'
  // The first of all comes with a backup code, and turns two-step verification on (factor-changes.ts). Beside nothing, it would
  // be there and count for nothing: who owes a factor would be led to set one up, and back, in a circle.
  if (person.account.enrolledAt === undefined) return 'gone'
  const others = listPasskeys(person)
  // What others have is refused by its key (kind.ts).
  if (others.some((other) => other.passkey.key === passkey.passkey.key)) return 'known'
  // Those for another name open nothing, and take no room.
  if (others.filter((other) => other.passkey.rpId === passkey.passkey.rpId).length >= most) return 'too-many'
  person.authenticators.push(passkey)
  person.parcels.push(...parcels)
  return 'added'
}

/**
 * It has signed. `lower`: it counts its signatures, and this was no more than the last; so there may be two of it (WebAuthn
 * Level 3 section 6.1.1). Where `strict` it is `refused` for that, and nothing is changed. Those that are copied by design
 * are not asked: each device has a number of its own, if any. `switched`: it took the place of apps that were brought
 * from elsewhere. What is signed in goes on, as when a passkey is added.
 */
export function usePasskey(
  person: Draft,
  id: string,
  use: PasskeyUse,
): 'right' | 'switched' | 'lower' | 'refused' | 'gone' {
  const passkey = findAuthenticator(person, id)
  if (!passkey || !isPasskey(passkey)) return 'gone'
  const state = passkey.passkey
  const lower = countsBack(state, use.signCount)
  if (lower && use.strict) return 'refused'
  const { backedUp, agent, at } = use
  Object.assign(state, { backedUp, agent, signCount: Math.max(state.signCount, use.signCount) })
  passkey.lastUsedAt = at
  provedSecondStep(person, at)
  if (lower) return 'lower'
  const old = oldApps(person).map(({ label }) => label)
  if (old.length === 0 || !standsWithoutOld(person)) return 'right'
  switchOver(person, at)
  person.parcels.push(...use.tell(old.join(', ')))
  return 'switched'
}

/** It counts its signatures, and this one is not after the last. */
export function countsBack({ backupEligible, signCount: last }: PasskeyState, signCount: number): boolean {
  const counts = !backupEligible && (signCount > 0 || last > 0)
  return counts && signCount <= last
}

/** With the old apps gone, a passkey would not be the only way in. */
function standsWithoutOld({ authenticators, backup }: PersonRecord): boolean {
  return backup?.savedAt !== undefined || authenticators.some(({ kind, imported }) => kind !== PASSKEY && !imported)
}
