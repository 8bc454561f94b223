/** Wizards under way (mfa/authenticator.ts). Each change says from which version it comes; of two from one, one counts. */
import type { MfaStore } from '../../mfa/authenticator.ts'
import type { PendingEnrollment } from '../../person/wizard.ts'
import { type People, unlessTaken } from './people.ts'
import { keyOf, type Person } from './person.ts'

type Enrollments = Pick<MfaStore, 'findPending' | 'putPending' | 'removePending'>
type From = Pick<PendingEnrollment, 'key' | 'version'>

/** Ends a wizard that is still at this version. */
export function endEnrollment(person: Person, { key, version }: From, now: number): boolean {
  const live = person.wizards.some(
    (wizard) => wizard.key === key && wizard.version === version && wizard.expiresAt > now,
  )
  if (live) removeWizard(person, key)
  return live
}

/** Replaces a wizard by what it becomes. One that did not move up could be changed from twice. */
export function replaceEnrollment(person: Person, from: From, next: PendingEnrollment, now: number): boolean {
  if (from.version >= next.version || !endEnrollment(person, from, now)) return false
  person.wizards.push(next)
  return true
}

export function enrollments(people: People): Enrollments {
  return {
    async findPending(key, accountId, now) {
      const found = await people.find(accountId, 'wizards')
      return found?.wizards.find((wizard) => wizard.key === key && wizard.expiresAt > now)
    },
    putPending: (pending, now) => {
      const { key, accountId, version } = pending
      if (version !== 1) {
        const from = { key, version: version - 1 }
        return people.change(accountId, (draft) => replaceEnrollment(draft, from, pending, now))
      }
      const begun = people.changeOver(
        accountId,
        keyOf.wizard(key),
        (holder) => removeExpired(holder, key, now),
        (draft) => {
          removeExpired(draft, key, now)
          if (draft.erasedAt !== undefined || draft.wizards.some((wizard) => wizard.key === key)) return false
          draft.wizards.push(pending)
          return true
        },
      )
      return unlessTaken('keys', false, begun)
    },
    removePending: (key) => people.changeByKey(keyOf.wizard(key), undefined, (draft) => removeWizard(draft, key)),
  }
}

function removeWizard(person: Person, key: string): void {
  person.wizards = person.wizards.filter((wizard) => wizard.key !== key)
}

function removeExpired(person: Person, key: string, now: number): void {
  person.wizards = person.wizards.filter((wizard) => wizard.key !== key || wizard.expiresAt > now)
}
