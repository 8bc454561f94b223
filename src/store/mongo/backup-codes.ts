/** The backup code of each account (mfa/authenticator.ts). A document has room for one. */
import type { MfaStore } from '../../mfa/authenticator.ts'
import { forgetDevices } from './devices.ts'
import { enqueue } from './outbox.ts'
import type { People } from './people.ts'
import { isIn, raiseEpoch } from './person.ts'

type BackupCodes = Pick<
  MfaStore,
  'findBackupCode' | 'replaceBackupCode' | 'renewBackupCode' | 'confirmBackupCode' | 'spendBackupCode'
>

export function backupCodes({ find, change }: People): BackupCodes {
  return {
    findBackupCode: async (accountId) => (await find(accountId, 'backup'))?.backup,
    replaceBackupCode: (code, parcels, epoch) =>
      change(code.accountId, (draft) => {
        if (draft.erasedAt !== undefined || !isIn(draft, epoch)) return false
        draft.backup = code
        enqueue(draft, parcels)
        return true
      }),
    renewBackupCode: (code, before, parcels, epoch) =>
      change(code.accountId, (draft) => {
        if (draft.erasedAt !== undefined || !isIn(draft, epoch) || draft.backup?.id !== before) return false
        draft.backup = code
        forgetDevices(draft)
        raiseEpoch(draft)
        enqueue(draft, parcels)
        return true
      }),
    confirmBackupCode: (accountId, id, at) =>
      change(accountId, ({ backup }) => {
        if (backup?.id !== id) return false
        // Said twice, it counts from the first time.
        backup.savedAt ??= at
        return true
      }),
    spendBackupCode: (accountId, id, parcels) =>
      change(accountId, (draft) => {
        if (draft.backup?.id !== id) return false
        draft.backup = undefined
        enqueue(draft, parcels)
        return true
      }),
  }
}
