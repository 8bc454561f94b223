/**
 * Turning factors on and off, with all that goes with it (mfa/authenticator.ts). Each method is one write, in which
 * everything is looked at before anything is changed.
 */
import type { MfaStore } from '../../mfa/authenticator.ts'
import { authenticatorOf } from './authenticators.ts'
import { spendSentCode } from './codes.ts'
import { forgetDevices } from './devices.ts'
import { endEnrollment, replaceEnrollment } from './enrollments.ts'
import { enqueue } from './outbox.ts'
import type { People } from './people.ts'
import { isIn, type Person, raiseEpoch } from './person.ts'

type FactorChanges = Pick<MfaStore, 'activate' | 'changeApp' | 'addNumber' | 'removeAuthenticator' | 'turnOff'>

/**
 * All of it: wizards and sent codes too, because a request that was under way could make a factor of one after the
 * others are gone, and whoever holds the lost phone would be back in.
 */
export function removeFactors(person: Person): void {
  const none = { authenticators: [], temporaryCodes: [], sentCodes: [], wizards: [], devices: [] }
  Object.assign(person, none, { backup: undefined })
}

export function factorChanges({ change }: People): FactorChanges {
  return {
    activate: ({ accountId, epoch, from, next, authenticator, backup, replacesAll, firstOnly }, now, parcels) =>
      change(accountId, (draft) => {
        const { account } = draft
        if ([next, authenticator, backup].some((part) => part.accountId !== accountId)) return false
        if (!account || !isIn(draft, epoch) || (firstOnly && account.enrolledAt !== undefined)) return false
        if (!replaceEnrollment(draft, from, next, now)) return false
        if (replacesAll) {
          draft.authenticators = []
          forgetDevices(draft)
          raiseEpoch(draft)
        }
        draft.authenticators.push(authenticator)
        draft.backup = backup
        account.enrolledAt ??= now
        enqueue(draft, parcels)
        return true
      }),
    changeApp: ({ accountId, epoch, from, authenticator, replaces, most }, now, parcels) =>
      change(accountId, (draft) => {
        if (authenticator.accountId !== accountId || !draft.account || !isIn(draft, epoch)) return false
        const apps = appsOf(draft)
        const fits = replaces === undefined ? apps.length < most : apps.some(({ id }) => id === replaces)
        if (!fits || !endEnrollment(draft, from, now)) return false
        draft.authenticators = [...draft.authenticators.filter(({ id }) => id !== replaces), authenticator]
        forgetDevices(draft)
        raiseEpoch(draft)
        enqueue(draft, parcels)
        return true
      }),
    addNumber: ({ authenticator, epoch, sent, raisesEpoch }, now, parcels) =>
      change(authenticator.accountId, (draft) => {
        if (!draft.account || !isIn(draft, epoch)) return false
        if (!spendSentCode(draft, sent.key, sent.digest, now)) return false
        draft.authenticators = [...draft.authenticators.filter(({ kind }) => kind !== 'sms'), authenticator]
        forgetDevices(draft)
        if (raisesEpoch) raiseEpoch(draft)
        enqueue(draft, parcels)
        return true
      }),
    removeAuthenticator: (accountId, id, parcels) =>
      change(accountId, (draft) => {
        if (!authenticatorOf(draft, id)) return 'unknown'
        // Of two that are removed at once, the second is the only one.
        if (isOnlyApp(draft, id)) return 'last'
        draft.authenticators = draft.authenticators.filter((other) => other.id !== id)
        forgetDevices(draft)
        raiseEpoch(draft)
        enqueue(draft, parcels)
        return 'removed'
      }),
    turnOff: (accountId, id, parcels) =>
      change(accountId, (draft) => {
        if (!isOnlyApp(draft, id)) return false
        removeFactors(draft)
        if (draft.account) draft.account.enrolledAt = undefined
        raiseEpoch(draft)
        enqueue(draft, parcels)
        return true
      }),
  }
}

function appsOf({ authenticators }: Person) {
  return authenticators.filter(({ kind }) => kind === 'totp')
}

function isOnlyApp(person: Person, id: string): boolean {
  const apps = appsOf(person)
  return apps.length === 1 && apps[0]?.id === id
}
