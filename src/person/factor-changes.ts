/** Turning factors on and off, with all that goes with it. Everything is looked at before anything is changed. */

import type { Parcel } from '../delivery/queue.ts'
import type { Authenticator } from './authenticator.ts'
import { findAuthenticator, listApps, listStrong } from './authenticator.ts'
import { type BackupCode, successor } from './backup-code.ts'
import { isIn, raiseEpoch } from './epoch.ts'
import { type Holder, holdsAll, spendTemporary } from './held-code.ts'
import { oldApps, switchOver } from './old-factor.ts'
import type { Draft, PersonRecord } from './person.ts'
import { forgetDevices } from './remembered-device.ts'
import { NUMBER, PASSKEY } from './second-factor.ts'
import { spendSentCode } from './sent-code.ts'
import { provedSecondStep } from './signed-in.ts'
import type { PendingEnrollment } from './wizard.ts'
import { endWizard, replaceWizard } from './wizard.ts'

/** Turning a factor on: all of it happens, or nothing. */
export interface Activation {
  /** Refused in any other: everything was ended meanwhile, and this with it. */
  epoch: number
  /** The wizard it comes from, and what the wizard becomes. */
  from: { key: string; version: number }
  next: PendingEnrollment
  authenticator: Authenticator
  /** Replaces the backup code of before. */
  backup: BackupCode
  /** Every other authenticator and remembered device of the account goes: the old phone is lost. */
  replacesAll: boolean
  /** It takes the place of apps that were brought from elsewhere (old-factor.ts). Refused if there are none any more. */
  switches: boolean
  /** Refused if the account was ever enrolled: whoever knows the password only must not add a factor. */
  firstOnly: boolean
  /** What this session holds is spent with it. Refused if another one has taken it over. */
  holder: Holder
}

/** An app that was set up in the security settings: beside the others, or in the place of one. */
export interface AppChange {
  /** Refused in any other. */
  epoch: number
  /** The wizard that ends with it. */
  from: { key: string; version: number }
  authenticator: Authenticator
  /** The app that it takes the place of. */
  replaces: string | undefined
  /** Apps that one account may have. */
  most: number
}

/** A number that was proven with the code that was sent to it. It takes the place of the one before. */
export interface NumberChange {
  authenticator: Authenticator
  /** Refused in any other. */
  epoch: number
  sent: { key: string; digest: string }
  /** Everything else that was signed in ends: the number was changed, not set up in the wizard. */
  raisesEpoch: boolean
}

/**
 * If the account is in this epoch and the wizard still at `from.version` and not expired at `now` (and with `firstOnly`
 * the account has no `enrolledAt`): replaces it by `next`, inserts the authenticator, replaces the backup code, removes
 * what `replacesAll` and `switches` say (and then moves the epoch up), sets `enrolledAt` if there is none. Otherwise
 * nothing, and false.
 */
export function activate(person: Draft, activation: Activation, now: number, parcels: Parcel[]): boolean {
  const { epoch, from, next, authenticator, backup, replacesAll, switches, firstOnly, holder } = activation
  const { account } = person
  if (!account || !isIn(person, epoch) || (firstOnly && account.enrolledAt !== undefined)) return false
  if ([next, authenticator, backup].some(({ accountId }) => accountId !== account.id)) return false
  if (switches && oldApps(person).length === 0) return false
  if (!holdsAll(person, holder, now) || !replaceWizard(person, from, next, now)) return false
  spendTemporary(person, holder, now)
  if (replacesAll || switches) raiseEpoch(person)
  switchOver(person, now)
  if (replacesAll) {
    person.authenticators = []
    forgetDevices(person)
  }
  person.authenticators.push(authenticator)
  person.backup = successor(person, backup, holder.holding.backup !== undefined)
  account.enrolledAt ??= now
  provedSecondStep(person, now)
  person.parcels.push(...parcels)
  return true
}

/**
 * If the account is in this epoch, the wizard still at `from.version` and not expired at `now`, the app that it replaces
 * is still there, and there is room for one more where it replaces none: inserts the app, removes the replaced one and
 * every remembered device, removes the wizard, moves the epoch up. Apps that were brought from elsewhere go too. Otherwise
 * nothing, and false.
 */
export function changeApp(
  person: Draft,
  { epoch, from, authenticator, replaces, most }: AppChange,
  now: number,
  parcels: Parcel[],
): boolean {
  if (!person.account || !isIn(person, epoch) || authenticator.accountId !== person.account.id) return false
  const apps = listApps(person)
  const fits = replaces === undefined ? apps.length < most : apps.some(({ id }) => id === replaces)
  if (!fits || !endWizard(person, from, now)) return false
  switchOver(person, now)
  person.authenticators = [...person.authenticators.filter(({ id }) => id !== replaces), authenticator]
  forgetDevices(person)
  raiseEpoch(person)
  person.parcels.push(...parcels)
  return true
}

/**
 * If the account is in this epoch and the sent code is there with this digest and unexpired: uses it up, inserts the
 * number, removes the other numbers and the remembered devices, moves the epoch up where that is asked for. Otherwise
 * nothing, and false.
 */
export function addNumber(
  person: Draft,
  { authenticator, epoch, sent, raisesEpoch }: NumberChange,
  now: number,
  parcels: Parcel[],
): boolean {
  if (!person.account || !isIn(person, epoch) || authenticator.accountId !== person.account.id) return false
  if (!spendSentCode(person, sent.key, sent.digest, now)) return false
  person.authenticators = [...person.authenticators.filter(({ kind }) => kind !== NUMBER), authenticator]
  forgetDevices(person)
  if (raisesEpoch) raiseEpoch(person)
  person.parcels.push(...parcels)
  return true
}

export interface Removal {
  id: string
  /** The present RP id: passkeys of another one open nothing, and are no reason to let the last app go. */
  rpId: string | undefined
}

/**
 * Removes a number, or an app or a passkey that is not the only one, and every remembered device, and moves the epoch up.
 * `last`, and nothing changed, for the only one: of two that are removed at once, the second is the only one. `unsaved`,
 * and nothing changed, where only passkeys would be left and no backup code is saved: a device that is lost would be the
 * only way in.
 */
export function removeAuthenticator(
  person: Draft,
  { id, rpId }: Removal,
  parcels: Parcel[],
): 'removed' | 'last' | 'unsaved' | 'unknown' {
  if (!findAuthenticator(person, id)) return 'unknown'
  if (isOnlyStrong(person, { id, rpId })) return 'last'
  const left = person.authenticators.filter((other) => other.id !== id)
  const passkeysOnly = left.length > 0 && left.every(({ kind }) => kind === PASSKEY)
  if (passkeysOnly && person.backup?.savedAt === undefined) return 'unsaved'
  person.authenticators = left
  forgetDevices(person)
  raiseEpoch(person)
  person.parcels.push(...parcels)
  return 'removed'
}

/**
 * Turns two-step verification off: if it is the only app or passkey, all second factors go, `enrolledAt` is forgotten and the
 * epoch moves up. Otherwise nothing, and false.
 */
export function turnOff(person: Draft, removal: Removal, parcels: Parcel[]): boolean {
  if (!isOnlyStrong(person, removal)) return false
  removeFactors(person)
  if (person.account) person.account.enrolledAt = undefined
  raiseEpoch(person)
  person.parcels.push(...parcels)
  return true
}

/**
 * All of it: wizards and sent codes too, because a request that was under way could make a factor of one after the
 * others are gone, and whoever holds the lost phone would be back in.
 */
export function removeFactors(person: PersonRecord): void {
  const none = { authenticators: [], temporaryCodes: [], sentCodes: [], wizards: [], devices: [] }
  Object.assign(person, none, { backup: undefined })
}

function isOnlyStrong(person: PersonRecord, { id, rpId }: Removal): boolean {
  const strong = listStrong(person).filter(({ passkey }) => passkey === undefined || passkey.rpId === rpId)
  return strong.length === 1 && strong[0]?.id === id
}
