/**
 * Apps that were brought from elsewhere: each is good until one that was set up here has answered, and goes in the write
 * that this one comes in. What became of what was brought is written down with it (imported.ts).
 */
import { type Authenticator, listApps } from './authenticator.ts'
import type { PersonRecord } from './person.ts'
import { forgetDevices } from './remembered-device.ts'

export function oldApps(person: PersonRecord): Authenticator[] {
  return listApps(person).filter(({ imported }) => imported)
}

/** An app that was set up here has answered. True if there were old ones: they are gone, and what they were remembered for. */
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
