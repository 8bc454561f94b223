/**
 * Apps that were brought from elsewhere: each is good until one that was set up here has answered, and goes in the write
 * that this one comes in. A passkey stands beside it until it has signed. What became of what was brought is written down
 * with it (imported.ts).
 */
import { type Authenticator, isStrong, listApps } from './authenticator.ts'
import type { PersonRecord } from './person.ts'
import { forgetDevices } from './remembered-device.ts'

export function oldApps(person: PersonRecord): Authenticator[] {
  return listApps(person).filter(({ imported }) => imported)
}

/** All of these was brought along. A passkey is set up here, so whoever has one owes nothing in place of an old app. */
export function isOnOld(authenticators: readonly Authenticator[]): boolean {
  const strong = authenticators.filter(isStrong)
  return strong.length > 0 && strong.every(({ imported }) => imported)
}

/** An app or a passkey that was set up here has answered. True if there were old ones: they are gone, and what they were remembered for. */
export function switchOver(person: PersonRecord, at: number): boolean {
  if (oldApps(person).length === 0) return false
  person.authenticators = person.authenticators.filter(({ imported }) => !imported)
  forgetDevices(person)
  const imported = person.account?.imported
  if (imported) imported.switchedAt ??= at
  return true
}

/** What was brought did not do, and the person got on by a mailed link or the help desk. */
export function fallBack({ account }: PersonRecord, at: number): void {
  const imported = account?.imported
  if (imported && imported.switchedAt === undefined) imported.fellBackAt ??= at
}
