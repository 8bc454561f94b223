/** Moving to several nodes and back: from the file to MongoDB and Redis, and from there into a file again. */

import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { finishErasures } from '../../src/accounts/erasure.ts'
import { openCluster } from '../../src/store/cluster.ts'
import { openClusterPortable } from '../../src/store/cluster-portable.ts'
import { copyStore } from '../../src/store/copy.ts'
import { type PortableStore, type Records, SECTIONS } from '../../src/store/portable.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { openSqlitePortable } from '../../src/store/sqlite/portable.ts'
import { asked } from '../support/people/asked-people.ts'
import { device } from '../support/samples/factors.ts'
import { account, artifact, auditRecord, link, NOW } from '../support/samples/records.ts'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, mongoServer, redisServer } from '../support/services/services.ts'
import { answers, contents, failingAt, inhabit } from './inhabited.ts'
import { dropDatabase, newDatabase, onlooker } from './mongo-opened.ts'
import { testFile } from './temporary.ts'

const now = () => NOW

describeWith(['mongo', 'redis'], 'a cluster', () => {
  let mongo: Service
  let redis: Service
  let mongodb: string
  /** One of the sixteen databases of Redis for each test. */
  let number = 0

  beforeAll(async () => {
    ;[mongo, redis] = await Promise.all([mongoServer(), redisServer()])
  })
  afterAll(() => Promise.all([mongo.remove(), redis.remove()]))
  beforeEach(() => {
    mongodb = newDatabase(mongo)
    number += 1
    return () => dropDatabase(mongodb)
  })

  const address = () => ({ mongodb, redis: `${redis.uri}/${number}`, now, onWarning: () => undefined })

  async function closedAtTheEnd<T extends { close(): Promise<void> }>(opening: T | Promise<T>): Promise<T> {
    const opened = await opening
    onTestFinished(() => opened.close())
    return opened
  }

  const clusterPortable = () => closedAtTheEnd(openClusterPortable(address()))
  const cluster = () => closedAtTheEnd(openCluster(address()))
  const file = (path = testFile()): Promise<PortableStore> => closedAtTheEnd(openSqlitePortable(path))

  async function inhabited(people: number): Promise<string> {
    const path = testFile()
    const store = openSqliteStore(path)
    await inhabit(store, people)
    await store.close()
    return path
  }

  test('has all that was in the file, record by record, and a file that is filled from it too', async () => {
    const from = await file(await inhabited(4))
    const all = await contents(from)
    const to = await clusterPortable()
    const copied = await copyStore(from, to, { now })
    for (const name of SECTIONS) expect(copied[name]).toEqual({ records: Object.keys(all[name]).length, skipped: 0 })
    expect(await contents(to)).toEqual(all)
    expect(await to.trail.verifyAudit()).toBeUndefined()

    const back = await file()
    await copyStore(to, back, { now })
    expect(await contents(back)).toEqual(all)
    expect(await back.trail.verifyAudit()).toBeUndefined()
  })

  test('works with what was copied to it', async () => {
    const path = await inhabited(1)
    const embedded = openSqliteStore(path)
    const before = await answers(embedded)
    await embedded.close()
    const [from, to] = [await file(path), await clusterPortable()]
    await copyStore(from, to, { now })
    await to.close()

    const store = await cluster()
    expect(await answers(store)).toEqual(before)
    await store.close()
    const back = testFile()
    const [source, target] = [await clusterPortable(), await file(back)]
    await copyStore(source, target, { now })
    await target.close()
    expect(await answers(await closedAtTheEnd(openSqliteStore(back)))).toEqual(before)
  })

  test('that was lived in becomes a file with the same in it', async () => {
    const store = await cluster()
    await inhabit(store, 1)
    await asked(store.durable.people).insertDevice(device({ accountId: 'another' }), 5, [])
    await asked(store.durable.people).removeDevices('another')
    const before = await answers(store)
    await store.close()
    const path = testFile()
    const [from, to] = [await clusterPortable(), await file(path)]
    await copyStore(from, to, { now })
    expect(await contents(to)).toEqual(await contents(from))
    await to.close()
    const embedded = await closedAtTheEnd(openSqliteStore(path))
    expect(await answers(embedded)).toEqual(before)
    expect(await embedded.durable.claim(NOW + 5000, NOW + 6000, 100)).toHaveLength(before.backlog.waiting - 1)
  })

  test('has one record where another was put in its place', async () => {
    const store = await cluster()
    await inhabit(store, 1)
    await store.close()
    const { sections } = await clusterPortable()
    const before = await contents({ sections })
    for (const [key, record] of Object.entries(before.parcels)) {
      await sections.parcels.put(key, { ...(record as Records['parcels']), dueAt: NOW + 7 })
    }
    const after = await contents({ sections })
    expect(after).toEqual({
      ...before,
      parcels: Object.fromEntries(
        Object.entries(before.parcels).map(([key, record]) => [key, { ...record, dueAt: NOW + 7 }]),
      ),
    })
  })

  test('that died in the middle of an erasure has it finished where it was copied to', async () => {
    const store = await cluster()
    await inhabit(store, 1)
    await store.close()
    const again = await cluster()
    const leaver = account()
    await asked(again.durable.people).insertAccount(leaver, link(leaver.id), [])
    const source = { ip: '192.0.2.77', correlation: 'c' }
    await again.durable.appendAudit(auditRecord({ subject: leaver.id, source }))
    await asked(again.durable.people).eraseAccount(leaver.id, NOW, [])
    await again.close()
    const path = testFile()
    const [from, to] = [await clusterPortable(), await file(path)]
    await copyStore(from, to, { now })
    await to.close()
    const { durable, close } = openSqliteStore(path)
    onTestFinished(() => close())
    const [before] = await durable.listAudit({ subject: leaver.id, limit: 1 })
    await finishErasures({ people: durable.people, trail: durable })
    const [after] = await durable.listAudit({ subject: leaver.id, limit: 1 })
    expect([before?.source?.ip, after?.source?.ip]).toEqual(['192.0.2.77', '192.0.2.0/24'])
    expect(await durable.verifyAudit()).toBeUndefined()
    expect(await durable.people.list({ by: 'forgets', limit: 1 })).toEqual([])
  })

  test('goes on where the file ended', async () => {
    const path = await inhabited(1)
    const embedded = openSqliteStore(path)
    const before = await answers(embedded)
    const sanne = before.found
    await embedded.close()
    const [from, to] = [await file(path), await clusterPortable()]
    await copyStore(from, to, { now })
    await to.close()
    const store = await cluster()
    // What was used up stays used up, and what is unique stays unique.
    expect(await asked(store.durable.people).advanceStep(sanne.id, before.app.id, 5, NOW)).toBe(false)
    expect(await asked(store.durable.people).advanceStep(sanne.id, before.app.id, 6, NOW)).toBe(true)
    expect(
      await asked(store.durable.people).insertAccount(
        { ...sanne, id: 'other' },
        { ...before.link, accountId: 'other' },
        [],
      ),
    ).toBe(false)
    expect(await asked(store.durable.people).insertDevice(device({ ...before.device, id: 'another' }), 5, [])).toBe(
      true,
    )
    await store.durable.appendAudit(auditRecord())
    expect(await store.durable.verifyAudit()).toBeUndefined()
    const claimed = await store.durable.claim(NOW + 5000, NOW + 6000, 100)
    expect(claimed).toHaveLength(before.backlog.waiting - 1)
    for (const { id, attempt } of claimed) expect(await store.durable.settle(id, attempt)).toBe(true)
  })

  test('that was filled half-way is filled to the end, wherever it stopped', async () => {
    const from = await file(await inhabited(1))
    const all = await contents(from)
    const to = await clusterPortable()
    const writes = SECTIONS.reduce((sum, name) => sum + Object.keys(all[name]).length, 0)
    for (let left = writes; left > 4; left -= 4) {
      await expect(copyStore(from, failingAt(to, 4), { now })).rejects.toThrow('power cut')
    }
    await expect(openCluster(address())).rejects.toMatchObject({ code: 'store-not-servable' })
    await copyStore(from, to, { now })
    expect(await to.marks.find()).toBeUndefined()
    expect(await contents(to)).toEqual(all)
  })

  test('has more artifacts than Redis lists at once', async () => {
    const store = await cluster()
    const many = Array.from({ length: 2500 }, () => artifact({ accountId: 'sanne' }))
    await Promise.all(many.map((one) => store.expiring.putArtifact(one)))
    await store.close()
    const [from, to] = [await clusterPortable(), await file()]
    expect(await copyStore(from, to, { now })).toMatchObject({ artifacts: { records: 2500, skipped: 0 } })
    expect(Object.keys((await contents(to)).artifacts).sort()).toEqual(
      many.map(({ model, key }) => `${model}:${key}`).sort(),
    )
  })

  test('is not filled when it holds something, be it in one half only', async () => {
    const from = await file(await inhabited(1))
    const store = await cluster()
    await store.expiring.putArtifact(artifact())
    await store.close()
    const to = await clusterPortable()
    await expect(copyStore(from, to, { now })).rejects.toMatchObject({ code: 'store-not-empty' })
    expect(await to.marks.find()).toBeUndefined()
  })

  test('is not copied while a node is connected', async () => {
    const node = await openCluster(address())
    await expect(openClusterPortable(address())).rejects.toMatchObject({ code: 'store-in-use' })
    await node.close()
    await clusterPortable()
  })

  test('with what this release does not know of a person is copied with it', async () => {
    const [from, to] = [await file(await inhabited(1)), await clusterPortable()]
    await copyStore(from, to, { now })
    const documents = (await onlooker(mongodb)).collection('people')
    const unknown = { 'record.passkeys': ['of a later release'], 'record.account.nickname': 'of a later release' }
    await documents.updateOne({ 'record.account': { $exists: true } }, { $set: unknown })
    const copy = await file()
    await copyStore(to, copy, { now })
    const texts = []
    for await (const page of copy.sections.people.pages()) texts.push(JSON.stringify(page))
    expect(texts.join().match(/of a later release/g)).toHaveLength(2)
  })
})
