/**
 * Belonging to an organization. When that is disabled, everything that its people had signed in ends: an organization
 * counts its endings, and each account says which of them has been carried out, so that whatever is left to do can be
 * listed, by whom it was begun and however often.
 */
import type { Parcel } from '../delivery/queue.ts'
import { raiseEpoch } from './epoch.ts'
import { killLinks } from './link.ts'
import type { Draft, PersonRecord } from './person.ts'
import { forgetDevices } from './remembered-device.ts'

const DIGITS = 6

/** Where people of one organization are found: those whom the first endings have taken out come last. */
export function membershipValue(organizationId: string, ending: number): string {
  return `${organizationId} ${String(ending).padStart(DIGITS, '0')}`
}

/** What `membershipValue` was made of. */
export function parseMembership(value: string): { organizationId: string; ending: number } {
  return { organizationId: value.slice(0, -1 - DIGITS), ending: Number(value.slice(-DIGITS)) }
}

export function membershipOf({ account }: PersonRecord): string | undefined {
  if (account?.organizationId === undefined) return undefined
  return membershipValue(account.organizationId, account.endingDone ?? 0)
}

/**
 * Whatever was signed in opens nothing from here on, remembered devices and links that set a password included. An
 * activation stays possible: it is of somebody who was never in. Once for each ending.
 */
export function beginEnding(person: Draft, organizationId: string, ending: number): boolean {
  const { account } = person
  if (account?.organizationId !== organizationId || (account.endingDone ?? 0) >= ending) return false
  if ((account.endingBegun ?? 0) >= ending) return true
  account.endingBegun = ending
  raiseEpoch(person)
  forgetDevices(person)
  person.temporaryCodes = []
  if (account.status !== 'invited') killLinks(person)
  return true
}

/** Everything that was signed in has been removed, and whoever wanted to hear of it was told. */
export function finishEnding(person: Draft, organizationId: string, ending: number): void {
  const { account } = person
  if (account?.organizationId === organizationId) account.endingDone = Math.max(account.endingDone ?? 0, ending)
}

/** Of one organization the person becomes one of the other; nothing that they have signed in ends by that. */
export function moveTo(person: Draft, from: string, to: { organizationId: string; ending: number }): boolean {
  const { account } = person
  if (account?.organizationId !== from) return false
  Object.assign(account, { organizationId: to.organizationId, endingBegun: to.ending, endingDone: to.ending })
  return true
}

/**
 * The person belongs to this one from now on, or to none. Whatever was signed in opens nothing any more, remembered devices
 * included: applications were told of the one before, and may show what is that one's. False if it is so already.
 */
export function transfer(
  person: Draft,
  to: { organizationId: string; ending: number } | undefined,
  told: Parcel[],
): boolean {
  const { account } = person
  if (!account || account.organizationId === to?.organizationId) return false
  // Endings of before are none of theirs.
  Object.assign(account, { organizationId: to?.organizationId, endingBegun: to?.ending, endingDone: to?.ending })
  raiseEpoch(person)
  forgetDevices(person)
  person.parcels.push(...told)
  return true
}
