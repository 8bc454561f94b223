/** The embedded store: the conformance suite, and what only a file can go through. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { DurableStore, Store } from '../../src/store/store.ts'
import {
  activation,
  backupCode,
  caseDecision,
  device,
  enroll,
  numberChange,
  pending,
  people,
  recoveryCase,
  sentCode,
  temporaryCode,
} from './conformance/mfa-samples.ts'
import {
  account,
  addressCode,
  artifact,
  auditRecord,
  emailUndo,
  link,
  NOW,
  parcel,
  signingKey,
  winners,
} from './conformance/samples.ts'
import { conformance } from './conformance.ts'
import { stranger, temporaryFile, testFile } from './temporary.ts'

conformance('SQLite in a file', async () => {
  const { path, remove } = temporaryFile()
  let store = openSqliteStore(path)
  return {
    store,
    async reopen() {
      await store.close()
      store = openSqliteStore(path)
      return store
    },
    async tamper(id) {
      const db = new DatabaseSync(path)
      db.exec('DROP TRIGGER audit_is_final')
      db.prepare(`UPDATE audit SET outcome = 'refused' WHERE id = :id`).run({ id })
      db.close()
    },
    async destroy() {
      await store.close()
      remove()
    },
  }
})

test('a new password kills every other link of the account', async () => {
  const store = openSqliteStore(':memory:')
  const sanne = account()
  const [activation, stray] = [link(sanne.id), link(sanne.id)]
  await store.durable.insertAccount(sanne, activation, [])
  // No method gives an account a second open link; this is how one could be there all the same.
  await store.durable.insertAccount(account(), stray, [])
  const change = { accountId: sanne.id, link: activation, passwordHash: 'hash', at: NOW + 9 }
  expect(await store.durable.setPassword(change, [])).toBe(true)
  expect(await store.durable.findLink(stray.digest)).toEqual({ ...stray, usedAt: NOW + 9 })
  await store.close()
})

test('a store in memory needs no file', async () => {
  const store = openSqliteStore(':memory:')
  expect(await winners(20, () => store.expiring.insertArtifact(artifact({ key: 'jti' }), NOW))).toBe(1)
  await store.close()
})

function opened(path: string): Store {
  const store = openSqliteStore(path)
  onTestFinished(() => store.close())
  return store
}

describe('two stores on one file', () => {
  function pair() {
    const path = testFile()
    const [one, other] = [opened(path), opened(path)]
    return { one, other, either: (racer: number) => (racer % 2 === 0 ? one : other) }
  }

  test('what one was told is kept, the other finds at once', async () => {
    const { one, other } = pair()
    const kept = artifact()
    await one.expiring.putArtifact(kept)
    expect(await other.expiring.findArtifact(kept.model, kept.key, NOW)).toBeDefined()
  })

  test('50 rounds of 20 at once with one code over both: one consumes it in each', async () => {
    const { one, either } = pair()
    for (let round = 0; round < 50; round += 1) {
      const code = artifact()
      await one.expiring.putArtifact(code)
      const consume = (racer: number) => either(racer).expiring.consumeArtifact(code.model, code.key, NOW)
      expect(await winners(20, consume)).toBe(1)
    }
  })

  test('of 100 at once over both, as many as may succeed do: link, streak, rotation, parcel, address', async () => {
    const { one, either } = pair()
    const sanne = account()
    const activation = link(sanne.id)
    await one.durable.insertAccount(sanne, activation, [parcel()])
    const change = { accountId: sanne.id, link: activation, passwordHash: 'hash', at: NOW }
    const races: Array<[number, (racer: number) => Promise<boolean>]> = [
      [1, (racer) => either(racer).durable.setPassword(change, [])],
      [5, async (racer) => (await either(racer).durable.spendStreak('key', NOW, 5, [])).ok],
      [1, (racer) => either(racer).durable.replaceKeys(0, [signingKey()])],
      [1, async (racer) => (await either(racer).durable.claim(NOW, NOW + 1, 10)).length > 0],
      [1, (racer) => either(racer).expiring.insertArtifact(artifact({ key: 'jti' }), NOW)],
    ]
    const won = await Promise.all(races.map(([, run]) => winners(100, run)))
    expect(won).toEqual(races.map(([expected]) => expected))
  })

  test('of 100 at once over both, one uses a code, turns a factor on or exchanges a token', async () => {
    const { one, either } = pair()
    await people(one.durable, 'sanne', 'bram', 'joost')
    const { id } = await enroll(one.durable)
    const [backup, temporary, sent, code] = [
      backupCode(),
      temporaryCode(),
      sentCode(),
      sentCode({ accountId: 'joost' }),
    ]
    const [wizard, remembered] = [pending({ accountId: 'bram' }), device()]
    await one.durable.replaceBackupCode(backup, [])
    await one.durable.insertTemporaryCode(temporary)
    for (const each of [sent, code]) await one.durable.putSentCode(each, [])
    await one.durable.putPending(wizard, NOW)
    await one.durable.insertDevice(remembered, 5, [])
    const races: Array<(durable: DurableStore, racer: number) => Promise<boolean>> = [
      (durable) => durable.advanceStep('sanne', id, 7, NOW),
      (durable) => durable.spendBackupCode('sanne', backup.id, [parcel()]),
      (durable) => durable.spendTemporaryCode('sanne', temporary.digest, NOW),
      (durable) => durable.spendSentCode('sanne', sent.key, sent.digest, NOW),
      (durable) => durable.addNumber(numberChange(code), NOW, [parcel()]),
      (durable) => durable.activate(activation(wizard), NOW, [parcel()]),
      (durable, racer) => durable.rotateDevice(remembered.id, remembered.digest, `to-${racer}`, NOW, NOW),
    ]
    const won = await Promise.all(races.map((run) => winners(100, (racer) => run(either(racer).durable, racer))))
    expect(won).toEqual(races.map(() => 1))
    expect((await one.durable.backlog()).waiting).toBe(3)
  })

  test('of 100 at once over both, one changes a password, an address or a status, closes a case, erases', async () => {
    const { one, either } = pair()
    const sanne = account({ status: 'active', passwordHash: 'hash' })
    // Nothing but her new address ends Anna's epoch, or it would be refused.
    const [anna, bram, leaver] = [account(), account(), account()]
    for (const each of [sanne, anna, bram, leaver]) await one.durable.insertAccount(each, link(each.id), [])
    const [code, recovery] = [addressCode(anna.id), recoveryCase()]
    await one.durable.putAddressCode(code, [])
    await one.durable.insertCase(recovery, [])
    const undo = emailUndo(anna)
    const email = { accountId: anna.id, epoch: anna.epoch, code, email: 'new', emailKey: 'new', at: NOW, undo }
    const races: Array<(durable: DurableStore, racer: number) => Promise<boolean>> = [
      (durable) =>
        durable.changePassword({ accountId: sanne.id, from: 'hash', passwordHash: 'h', at: NOW }, [parcel()]),
      async (durable) => (await durable.changeEmail(email, [parcel()])) === 'changed',
      (durable) => durable.setStatus({ accountId: bram.id, from: ['invited'], to: 'disabled' }, [parcel()]),
      (durable) => durable.decideCase(caseDecision(recovery, { code: temporaryCode() }), [parcel()]),
      (durable) => durable.insertCase(recoveryCase({ accountId: bram.id }), [parcel()]),
      (durable) => durable.eraseAccount(leaver.id, NOW, [parcel()]),
      (durable) => durable.renewBackupCode(backupCode({ accountId: bram.id }), undefined, [parcel()]),
    ]
    const won = await Promise.all(races.map((run) => winners(100, (racer) => run(either(racer).durable, racer))))
    expect(won).toEqual(races.map(() => 1))
    expect((await one.durable.backlog()).waiting).toBe(races.length)
  })

  test('50 rounds of both apps removed at once, one by each: one stays', async () => {
    const { one, other } = pair()
    for (let round = 0; round < 50; round += 1) {
      const accountId = `${round}`
      await people(one.durable, accountId)
      const [first, second] = [await enroll(one.durable, { accountId }), await enroll(one.durable, { accountId })]
      await Promise.all([
        one.durable.removeAuthenticator(accountId, first.id, []),
        other.durable.removeAuthenticator(accountId, second.id, []),
      ])
      expect(await one.durable.listAuthenticators(accountId)).toHaveLength(1)
    }
  })

  test('records appended through both make one chain', async () => {
    const { one, either } = pair()
    await Promise.all(Array.from({ length: 100 }, (_, i) => either(i).durable.appendAudit(auditRecord())))
    expect(await one.durable.listAudit({ limit: 1000 })).toHaveLength(100)
    expect(await one.durable.verifyAudit()).toBeUndefined()
  })
})

describe('processes that are killed while they write', () => {
  const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url))

  /** Kills the writer after so many acknowledged writes, and returns those it told of. */
  async function killedAfter(path: string, writes: number): Promise<string[]> {
    const child: ChildProcess = spawn(process.execPath, [WRITER, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.split('\n').length > writes) child.kill('SIGKILL')
    })
    await once(child, 'close')
    return said.split('\n').slice(0, -1)
  }

  test('have kept all that they told of, and left the file whole', async () => {
    const path = testFile()
    const told: string[] = []
    for (const writes of [1, 40, 333, 1500]) {
      const ids = await killedAfter(path, writes)
      expect(ids.length).toBeGreaterThanOrEqual(writes)
      told.push(...ids)
      const store = openSqliteStore(path)
      expect((await store.durable.backlog()).waiting).toBeGreaterThanOrEqual(told.length)
      await store.close()
    }
    const db = stranger(path)
    expect(db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
    const kept = new Set(
      db
        .prepare('SELECT id FROM parcel')
        .all()
        .map((row) => row.id),
    )
    expect(told.filter((id) => !kept.has(id))).toEqual([])
  })

  test('four that start on a fresh file at once all come up', async () => {
    const path = testFile()
    const told = await Promise.all([1, 2, 3, 4].map(() => killedAfter(path, 1)))
    for (const ids of told) expect(ids.length).toBeGreaterThan(0)
  })

  test('another process goes on writing meanwhile, and both keep all that they told of', async () => {
    const path = testFile()
    const [mine, told] = [Array.from({ length: 100 }, () => parcel()), killedAfter(path, 500)]
    const store = opened(path)
    for (const one of mine) await store.durable.enqueue([one])
    const ids = [...mine.map((one) => one.id), ...(await told)]
    const kept = new Set(
      stranger(path)
        .prepare('SELECT id FROM parcel')
        .all()
        .map((row) => row.id),
    )
    expect(ids.filter((id) => !kept.has(id))).toEqual([])
  })
})
