/**
 * What the methods of every port mean, for every store alike, races included. A store's test file calls this with a way
 * to open an empty one; nothing here knows how a store keeps anything.
 *
 * Expiry is a matter of the query: no test sweeps before it expects something to be gone.
 */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { asked } from '../support/people/asked-people.ts'
import { activation, device, pending, recoveryCase } from '../support/samples/factors.ts'
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
} from '../support/samples/records.ts'
import { rewriteConformance } from './conformance/artifact-rewrites.ts'
import { artifactConformance } from './conformance/artifacts.ts'
import { auditConformance } from './conformance/audit.ts'
import { auditPruningConformance } from './conformance/audit-pruning.ts'
import { counterConformance } from './conformance/counters.ts'
import { knownTimeConformance } from './conformance/known-time.ts'
import { queueConformance } from './conformance/queue.ts'
import { resealConformance } from './conformance/resealing.ts'
import { signingKeyConformance } from './conformance/signing-keys.ts'

export function conformance(name: string, open: () => Promise<Opened>): void {
  describe(name, () => {
    let opened: Opened

    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.destroy())

    const store = () => opened.store
    artifactConformance(store)
    rewriteConformance(store)
    auditConformance(store, () => opened.tamper)
    auditPruningConformance(store)
    counterConformance(store)
    knownTimeConformance(store)
    queueConformance(store)
    resealConformance(store)
    signingKeyConformance(store)

    test('a store that is open answers, one that was closed refuses everything', async () => {
      const pings = Object.values(store().pings)
      for (const ping of pings) await expect(ping()).resolves.toBeUndefined()
      await store().close()
      const unavailable = { code: 'store-unavailable', status: 503, retryAfter: 5 }
      for (const ping of pings) await expect(ping()).rejects.toMatchObject(unavailable)
      await expect(asked(store().durable.people).findAccount('sanne')).rejects.toMatchObject(unavailable)
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
      await asked(durable.people).insertAccount(sanne, link(sanne.id), [parcel()])
      await durable.appendAudit(record)
      await durable.replaceKeys((await durable.loadKeys()).version, [key])
      await durable.spendStreak('key', NOW, 1, [])
      const wizard = pending({ accountId: sanne.id })
      const { authenticator, backup, next, ...rest } = activation(wizard)
      await asked(durable.people).putPending(wizard, NOW)
      await asked(durable.people).activate({ authenticator, backup, next, ...rest }, NOW, [])
      await asked(durable.people).advanceStep(authenticator.accountId, authenticator.id, 7, NOW)
      const [remembered, recovery, code] = [device(), recoveryCase(), addressCode(sanne.id)]
      const gone = account()
      await asked(durable.people).insertAccount(gone, link(gone.id), [])
      await asked(durable.people).eraseAccount(gone.id, NOW, [])
      await asked(durable.people).insertCase(recovery, [])
      await asked(durable.people).putAddressCode(code, [])
      await asked(durable.people).insertDevice(remembered, 5, [])
      await expiring.putArtifact(kept)
      await expiring.consumeArtifact(kept.model, kept.key, NOW)

      const again = await opened.reopen()
      expect(await asked(again.durable.people).findAccount(sanne.id)).toEqual({
        ...sanne,
        enrolledAt: NOW,
        lastSignInAt: NOW,
      })
      expect(await again.durable.listAudit({ limit: 10 })).toEqual([record])
      await again.durable.appendAudit(auditRecord())
      expect(await again.durable.verifyAudit()).toBeUndefined()
      expect((await again.durable.loadKeys()).keys).toEqual([key])
      expect(await again.durable.spendStreak('key', NOW, 1, [])).toEqual({ ok: false, reason: 'closed' })
      expect((await again.durable.backlog()).waiting).toBe(1)
      expect(await asked(again.durable.people).findPending(wizard.key, wizard.accountId, NOW)).toEqual(next)
      expect(await asked(again.durable.people).findBackupCode(backup.accountId)).toEqual(backup)
      expect(await asked(again.durable.people).findDevice(remembered.id, NOW)).toEqual(remembered)
      expect(await asked(again.durable.people).findCase(recovery.number)).toEqual(recovery)
      expect(await asked(again.durable.people).findAddressCode(code.accountId, code.key, NOW)).toEqual(code)
      expect(await asked(again.durable.people).erasedAt(gone.id)).toBe(NOW)
      expect(await asked(again.durable.people).insertAccount(gone, link(gone.id), [])).toBe(false)
      expect(await asked(again.durable.people).advanceStep(authenticator.accountId, authenticator.id, 7, NOW)).toBe(
        false,
      )
      // A code that was used before the restart is not fresh after it.
      expect(await again.expiring.consumeArtifact(kept.model, kept.key, NOW)).toBe(false)
      return undefined
    })
  })
}
