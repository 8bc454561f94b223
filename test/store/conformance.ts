/**
 * What the methods of every port mean, for every store alike, races included. A store's test file calls this with a way
 * to open an empty one; nothing here knows how a store keeps anything.
 *
 * Expiry is a matter of the query: no test sweeps before it expects something to be gone.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accountChangeConformance } from './conformance/account-changes.ts'
import { erasureConformance } from './conformance/account-erasure.ts'
import { accountSearchConformance } from './conformance/account-search.ts'
import { accountConformance } from './conformance/accounts.ts'
import { addressConformance } from './conformance/addresses.ts'
import { rewriteConformance } from './conformance/artifact-rewrites.ts'
import { artifactConformance } from './conformance/artifacts.ts'
import { auditConformance } from './conformance/audit.ts'
import { counterConformance } from './conformance/counters.ts'
import { emailChangeConformance } from './conformance/email-changes.ts'
import { emailUndoConformance } from './conformance/email-undos.ts'
import { epochConformance } from './conformance/epochs.ts'
import { mfaConformance } from './conformance/mfa.ts'
import { activation, device, pending, recoveryCase } from './conformance/mfa-samples.ts'
import { queueConformance } from './conformance/queue.ts'
import { recoveryConformance } from './conformance/recovery.ts'
import { recoveryDecisionConformance } from './conformance/recovery-decisions.ts'
import {
  account,
  addressCode,
  artifact,
  auditRecord,
  link,
  NOW,
  type Opened,
  parcel,
  signingKey,
} from './conformance/samples.ts'
import { setPasswordConformance } from './conformance/set-password.ts'
import { signingKeyConformance } from './conformance/signing-keys.ts'

export function conformance(name: string, open: () => Promise<Opened>): void {
  describe(name, () => {
    let opened: Opened

    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.destroy())

    const store = () => opened.store
    accountConformance(store)
    setPasswordConformance(store)
    accountChangeConformance(store)
    accountSearchConformance(store)
    addressConformance(store)
    emailChangeConformance(store)
    emailUndoConformance(store)
    erasureConformance(store)
    artifactConformance(store)
    rewriteConformance(store)
    auditConformance(store, () => opened.tamper)
    counterConformance(store)
    queueConformance(store)
    signingKeyConformance(store)
    mfaConformance(store)
    recoveryConformance(store)
    recoveryDecisionConformance(store)
    epochConformance(store)

    test('a store that is open answers, one that was closed refuses everything', async () => {
      await expect(store().ping()).resolves.toBeUndefined()
      await store().close()
      const unavailable = { code: 'store-unavailable', status: 503, retryAfter: 5 }
      await expect(store().ping()).rejects.toMatchObject(unavailable)
      await expect(store().durable.findAccount('sanne')).rejects.toMatchObject(unavailable)
      await expect(store().durable.enqueue([parcel()])).rejects.toMatchObject(unavailable)
      await expect(store().expiring.consumeArtifact('Session', 'key', NOW)).rejects.toMatchObject(unavailable)
      await expect(store().close()).resolves.toBeUndefined()
    })

    test('closing finishes the writes that were begun', async ({ skip }) => {
      if (!opened.reopen) return skip()
      const writes = Array.from({ length: 20 }, () => store().durable.enqueue([parcel()]))
      const again = await opened.reopen()
      await Promise.all(writes)
      expect((await again.durable.backlog()).waiting).toBe(20)
      return undefined
    })

    test('what was kept is there when the store is opened again', async ({ skip }) => {
      if (!opened.reopen) return skip()
      const { durable, expiring } = store()
      const sanne = account()
      const [kept, record, key] = [artifact(), auditRecord(), signingKey()]
      await durable.insertAccount(sanne, link(sanne.id), [parcel()])
      await durable.appendAudit(record)
      await durable.replaceKeys((await durable.loadKeys()).version, [key])
      await durable.spendStreak('key', NOW, 1, [])
      const wizard = pending({ accountId: sanne.id })
      const { authenticator, backup, next, ...rest } = activation(wizard)
      await durable.putPending(wizard, NOW)
      await durable.activate({ authenticator, backup, next, ...rest }, NOW, [])
      await durable.advanceStep(authenticator.accountId, authenticator.id, 7, NOW)
      const [remembered, recovery, code] = [device(), recoveryCase(), addressCode(sanne.id)]
      const gone = account()
      await durable.insertAccount(gone, link(gone.id), [])
      await durable.eraseAccount(gone.id, NOW, [])
      await durable.insertCase(recovery, [])
      await durable.putAddressCode(code, [])
      await durable.insertDevice(remembered, 5, [])
      await expiring.putArtifact(kept)
      await expiring.consumeArtifact(kept.model, kept.key, NOW)

      const again = await opened.reopen()
      expect(await again.durable.findAccount(sanne.id)).toEqual({ ...sanne, enrolledAt: NOW })
      expect(await again.durable.listAudit({ limit: 10 })).toEqual([record])
      await again.durable.appendAudit(auditRecord())
      expect(await again.durable.verifyAudit()).toBeUndefined()
      expect((await again.durable.loadKeys()).keys).toEqual([key])
      expect(await again.durable.spendStreak('key', NOW, 1, [])).toEqual({ ok: false, reason: 'closed' })
      expect((await again.durable.backlog()).waiting).toBe(1)
      expect(await again.durable.findPending(wizard.key, wizard.accountId, NOW)).toEqual(next)
      expect(await again.durable.findBackupCode(backup.accountId)).toEqual(backup)
      expect(await again.durable.findDevice(remembered.id, NOW)).toEqual(remembered)
      expect(await again.durable.findCase(recovery.number)).toEqual(recovery)
      expect(await again.durable.findAddressCode(code.key, NOW)).toEqual(code)
      expect(await again.durable.erasedAt(gone.id)).toBe(NOW)
      expect(await again.durable.insertAccount(gone, link(gone.id), [])).toBe(false)
      expect(await again.durable.advanceStep(authenticator.accountId, authenticator.id, 7, NOW)).toBe(false)
      // A code that was used before the restart is not fresh after it.
      expect(await again.expiring.consumeArtifact(kept.model, kept.key, NOW)).toBe(false)
      return undefined
    })
  })
}
