/** Wizards under way. Each change says from which version it comes; of two from one, one counts. */
import type { PersonRecord } from './person.ts'

/** Of so many sessions at once, the newest; whoever signs in again and again must not make the record grow. */
const MOST_WIZARDS = 20

type From = Pick<PendingEnrollment, 'key' | 'version'>

/** A wizard under way, one of a kind per account and session. Its content is sealed for `<kind>/<key>`. */
export interface PendingEnrollment {
  key: string
  accountId: string
  sealed: string
  /** Moves up with every change; a change says from which version it comes. */
  version: number
  expiresAt: number
}

export function findWizard({ wizards }: PersonRecord, key: string, now: number): PendingEnrollment | undefined {
  return wizards.find((wizard) => wizard.key === key && wizard.expiresAt > now)
}

/**
 * Begins it (version 1), or replaces the one at `version - 1`. False if someone else was first. An expired one counts as
 * not there.
 */
export function putWizard(person: PersonRecord, next: PendingEnrollment, now: number): boolean {
  const { key, version } = next
  if (version !== 1) return replaceWizard(person, { key, version: version - 1 }, next, now)
  if (person.erasedAt !== undefined || findWizard(person, key, now)) return false
  removeWizard(person, key)
  person.wizards = [...person.wizards, next].slice(-MOST_WIZARDS)
  return true
}

/** Ends a wizard that is still at this version. */
export function endWizard(person: PersonRecord, { key, version }: From, now: number): boolean {
  const live = findWizard(person, key, now)?.version === version
  if (live) removeWizard(person, key)
  return live
}

/** Replaces a wizard by what it becomes. One that did not move up could be changed from twice. */
export function replaceWizard(person: PersonRecord, from: From, next: PendingEnrollment, now: number): boolean {
  if (from.version >= next.version || !endWizard(person, from, now)) return false
  person.wizards = [...person.wizards, next].slice(-MOST_WIZARDS)
  return true
}

export function removeWizard(person: PersonRecord, key: string): void {
  person.wizards = person.wizards.filter((wizard) => wizard.key !== key)
}
