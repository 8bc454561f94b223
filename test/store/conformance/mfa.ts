/** What every MfaStore does. Many an account here is but a name: a store asks for it where its epoch counts, or its end. */
import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { activationConformance } from './mfa-activation.ts'
import { authenticatorConformance } from './mfa-authenticators.ts'
import { backupRenewalConformance } from './mfa-backup-renewal.ts'
import { factorChangeConformance } from './mfa-changes.ts'
import { codeConformance } from './mfa-codes.ts'
import { deviceConformance } from './mfa-devices.ts'
import { enrollmentConformance } from './mfa-enrollments.ts'
import { factorRemovalConformance } from './mfa-removal.ts'
import { backupCode, device, enroll, everything, pending, people, sentCode, temporaryCode } from './mfa-samples.ts'
import { NOW } from './samples.ts'

export function mfaConformance(store: () => Store): void {
  authenticatorConformance(store)
  activationConformance(store)
  factorChangeConformance(store)
  factorRemovalConformance(store)
  codeConformance(store)
  backupRenewalConformance(store)
  enrollmentConformance(store)
  deviceConformance(store)

  describe('sweeping second factors', () => {
    test('drops what has expired, and nothing that still counts', async () => {
      const mfa = store().durable
      await people(mfa, 'sanne')
      await enroll(mfa)
      await mfa.replaceBackupCode(backupCode({ createdAt: 0 }), [])
      const [expired, living] = [{ expiresAt: NOW }, { expiresAt: NOW + 1 }]
      const [temporary, sent, wizard, one] = [temporaryCode(living), sentCode(living), pending(living), device(living)]
      for (const code of [temporary, temporaryCode(expired)]) await mfa.insertTemporaryCode(code)
      for (const code of [sent, sentCode(expired)]) await mfa.putSentCode(code, [])
      for (const each of [wizard, pending(expired)]) await mfa.putPending(each, NOW - 1)
      for (const each of [one, device(expired)]) await mfa.insertDevice(each, 5, [])
      const before = await everything(mfa, 'sanne', wizard.key)

      expect(await mfa.sweepMfa(NOW)).toBe(4)
      expect(await mfa.sweepMfa(NOW)).toBe(0)
      expect(await everything(mfa, 'sanne', wizard.key)).toEqual(before)
      expect(before).toMatchObject({ pending: wizard, devices: [one] })
      expect(await mfa.findSentCode(sent.key, NOW)).toEqual(sent)
      expect(await mfa.spendTemporaryCode('sanne', temporary.digest, NOW)).toBe(true)
    })
  })
}
