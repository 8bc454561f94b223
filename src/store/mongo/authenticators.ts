/** Enrolled authenticators (mfa/authenticator.ts), one by one; factor-changes.ts has what changes more than one thing. */
import type { MfaStore } from '../../mfa/authenticator.ts'
import { enqueue } from './outbox.ts'
import type { People } from './people.ts'
import { byAge, type Person } from './person.ts'

type Authenticators = Pick<MfaStore, 'listAuthenticators' | 'renameAuthenticator' | 'advanceStep' | 'countNumber'>

export function authenticators(people: People): Authenticators {
  return {
    listAuthenticators: async (accountId) =>
      byAge((await people.find(accountId, 'authenticators'))?.authenticators ?? []),
    renameAuthenticator: (accountId, id, label, parcels) =>
      people.change(accountId, (draft) => {
        const authenticator = authenticatorOf(draft, id)
        if (!authenticator) return false
        authenticator.label = label
        enqueue(draft, parcels)
        return true
      }),
    advanceStep: (accountId, id, step, now) =>
      people.change(accountId, (draft) => {
        const authenticator = authenticatorOf(draft, id)
        if (!authenticator || authenticator.lastStep >= step) return false
        Object.assign(authenticator, { lastStep: step, lastUsedAt: now })
        return true
      }),
    countNumber: (numberKey) => people.model.countDocuments({ numbers: numberKey }).exec(),
  }
}

export function authenticatorOf({ authenticators }: Person, id: string) {
  return authenticators.find((authenticator) => authenticator.id === id)
}
