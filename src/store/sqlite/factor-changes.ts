/**
 * Turning factors on and off, with all that goes with it (mfa/authenticator.ts). Each method is one write, in which
 * everything is looked at before anything is changed.
 */
import type { MfaStore } from '../../mfa/authenticator.ts'
import { authenticatorKeeper } from './authenticators.ts'
import { backupCodeKeeper } from './backup-codes.ts'
import type { Database } from './database.ts'
import { deviceForgetter } from './devices.ts'
import { enrollmentEnder, enrollmentReplacer } from './enrollments.ts'
import { epochChecker, epochRaiser } from './epoch.ts'
import { factorRemover } from './factor-removal.ts'
import { parcels } from './queue.ts'
import { sentCodeSpender } from './sent-codes.ts'

type FactorChanges = Pick<MfaStore, 'activate' | 'changeApp' | 'addNumber' | 'removeAuthenticator' | 'turnOff'>

type Owned = { accountId: string; id: string }

const OTHER_APP = `EXISTS (
  SELECT 1 FROM authenticator AS other WHERE other.account_id = :accountId AND other.kind = 'totp' AND other.id <> :id
)`

export function factorChanges(db: Database): FactorChanges {
  const enqueue = parcels(db)
  const replaceEnrollment = enrollmentReplacer(db)
  const endEnrollment = enrollmentEnder(db)
  const keepAuthenticator = authenticatorKeeper(db)
  const keepBackupCode = backupCodeKeeper(db)
  const forgetDevices = deviceForgetter(db)
  const removeFactors = factorRemover(db)
  const spendSentCode = sentCodeSpender(db)
  const raiseEpoch = epochRaiser(db)
  const isIn = epochChecker(db)
  const findAccount = db.prepare<{ accountId: string }, { enrolled_at: number | null }>(`
    SELECT enrolled_at FROM account WHERE id = :accountId`)
  const markEnrolled = db.prepare<{ accountId: string; now: number }>(`
    UPDATE account SET enrolled_at = :now WHERE id = :accountId AND enrolled_at IS NULL`)
  const forgetEnrolled = db.prepare<{ accountId: string }>(`
    UPDATE account SET enrolled_at = NULL WHERE id = :accountId`)
  const listApps = db.prepare<{ accountId: string }, { id: string }>(`
    SELECT id FROM authenticator WHERE account_id = :accountId AND kind = 'totp'`)
  const find = db.prepare<Owned, { id: string }>(`
    SELECT id FROM authenticator WHERE id = :id AND account_id = :accountId`)
  const findOnlyApp = db.prepare<Owned, { id: string }>(`
    SELECT id FROM authenticator
    WHERE id = :id AND account_id = :accountId AND kind = 'totp' AND NOT ${OTHER_APP}`)
  // The statement, not the caller, leaves one app: of two that are removed at once, the second is the only one.
  const remove = db.prepare<Owned>(`
    DELETE FROM authenticator WHERE id = :id AND account_id = :accountId AND (kind <> 'totp' OR ${OTHER_APP})`)
  const removeApp = db.prepare<Owned>('DELETE FROM authenticator WHERE id = :id AND account_id = :accountId')
  const removeNumbers = db.prepare<{ accountId: string }>(`
    DELETE FROM authenticator WHERE account_id = :accountId AND kind = 'sms'`)
  const removeAll = db.prepare<{ accountId: string }>('DELETE FROM authenticator WHERE account_id = :accountId')

  return {
    activate: ({ accountId, epoch, from, next, authenticator, backup, replacesAll, firstOnly }, now, parcels) =>
      db.write(() => {
        if ([next, authenticator, backup].some((part) => part.accountId !== accountId)) return false
        const account = findAccount.get({ accountId })
        if (!account || !isIn(accountId, epoch) || (firstOnly && account.enrolled_at !== null)) return false
        if (!replaceEnrollment(from, next, now)) return false
        if (replacesAll) {
          removeAll.run({ accountId })
          forgetDevices(accountId)
          raiseEpoch(accountId)
        }
        keepAuthenticator(authenticator)
        keepBackupCode(backup)
        markEnrolled.run({ accountId, now })
        enqueue(parcels)
        return true
      }),
    changeApp: ({ accountId, epoch, from, authenticator, replaces, most }, now, parcels) =>
      db.write(() => {
        if (authenticator.accountId !== accountId || !isIn(accountId, epoch)) return false
        const apps = listApps.all({ accountId })
        const fits = replaces === undefined ? apps.length < most : apps.some(({ id }) => id === replaces)
        if (!fits || !endEnrollment(accountId, from, now)) return false
        if (replaces !== undefined) removeApp.run({ accountId, id: replaces })
        keepAuthenticator(authenticator)
        forgetDevices(accountId)
        raiseEpoch(accountId)
        enqueue(parcels)
        return true
      }),
    addNumber: ({ authenticator, epoch, sent, raisesEpoch }, now, parcels) =>
      db.write(() => {
        const { accountId } = authenticator
        if (!isIn(accountId, epoch) || !spendSentCode(accountId, sent.key, sent.digest, now)) return false
        removeNumbers.run({ accountId })
        keepAuthenticator(authenticator)
        forgetDevices(accountId)
        if (raisesEpoch) raiseEpoch(accountId)
        enqueue(parcels)
        return true
      }),
    removeAuthenticator: (accountId, id, parcels) =>
      db.write(() => {
        if (remove.run({ accountId, id }) === 0) return find.get({ accountId, id }) ? 'last' : 'unknown'
        forgetDevices(accountId)
        raiseEpoch(accountId)
        enqueue(parcels)
        return 'removed'
      }),
    turnOff: (accountId, id, parcels) =>
      db.write(() => {
        if (!findOnlyApp.get({ accountId, id })) return false
        removeFactors(accountId)
        forgetEnrolled.run({ accountId })
        raiseEpoch(accountId)
        enqueue(parcels)
        return true
      }),
  }
}
