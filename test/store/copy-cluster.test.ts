/** Moving to several nodes and back: from the file to MongoDB and Redis, and from there into a file again. */
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { openCluster } from '../../src/store/cluster.ts'
import { openClusterPortable } from '../../src/store/cluster-portable.ts'
import { copyStore } from '../../src/store/copy.ts'
import { type PortableStore, SECTIONS } from '../../src/store/portable.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { openSqlitePortable } from '../../src/store/sqlite/portable.ts'
import type { Store } from '../../src/store/store.ts'
import type { Service } from '../support/service-process.ts'
import { describeWith, mongoServer, redisServer } from '../support/services.ts'
import { device } from './conformance/mfa-samples.ts'
import { auditRecord, NOW } from './conformance/samples.ts'
import { contents, failingAt, inhabit } from './inhabited.ts'
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
    const sanne = before.found
    expect(await answers(store)).toEqual(before)
    // What was used up stays used up, and what is unique stays unique.
    expect(await store.durable.advanceStep(sanne.id, before.app.id, 5, NOW)).toBe(false)
    expect(await store.durable.advanceStep(sanne.id, before.app.id, 6, NOW)).toBe(true)
    expect(
      await store.durable.insertAccount({ ...sanne, id: 'other' }, { ...before.link, accountId: 'other' }, []),
    ).toBe(false)
    expect(await store.durable.insertDevice(device({ ...before.device, id: 'another' }), 5, [])).toBe(true)
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
    expect(await to.marks.find()).toBeDefined()
    await copyStore(from, to, { now })
    expect(await to.marks.find()).toBeUndefined()
    expect(await contents(to)).toEqual(all)
  })

  test('is not filled when it holds something, be it in one half only', async () => {
    const from = await file(await inhabited(1))
    const store = await cluster()
    await store.expiring.putArtifact({
      ...{ model: 'Session', key: 'key', sealed: 'sealed', expiresAt: NOW + 1 },
      ...{ grantKey: undefined, uidKey: undefined, accountId: undefined },
    })
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

  test('with what this release does not know is not copied, rather than a part of it', async () => {
    const [from, to] = [await file(await inhabited(1)), await clusterPortable()]
    await copyStore(from, to, { now })
    const documents = (await onlooker(mongodb)).collection('people')
    for (const unknown of ['passkeys', 'account.nickname']) {
      await documents.updateOne({ account: { $exists: true } }, { $set: { [unknown]: 'of a later release' } })
      await expect(copyStore(to, await file(), { now })).rejects.toMatchObject({
        code: 'store-differs',
        message: expect.stringMatching(/^people\//),
      })
      await documents.updateOne({ account: { $exists: true } }, { $unset: { [unknown]: 1 } })
    }
    await copyStore(to, await file(), { now })
  })
})

/** What the product asks of a store with one person in it. */
async function answers({ durable, expiring }: Store) {
  const [found] = await durable.searchAccounts('a', 10)
  if (!found) throw new Error('nobody')
  const { id } = found
  const [app] = await durable.listAuthenticators(id)
  const [device] = await durable.listDevices(id, NOW)
  const cases = await durable.listCasesByAccount(id)
  if (!app || !device) throw new Error('no factors')
  return {
    found,
    app,
    device,
    cases,
    link: {
      digest: '',
      accountId: id,
      purpose: 'activation' as const,
      createdAt: NOW,
      expiresAt: NOW,
      usedAt: undefined,
    },
    byEmail: await durable.findAccountByEmail(found.emailKey),
    authenticators: await durable.listAuthenticators(id),
    backup: await durable.findBackupCode(id),
    undos: await durable.listEmailUndos(id, NOW),
    numbers: await durable.countNumber('number'),
    browser: await durable.isKnownBrowser('browser', id, NOW),
    open: await durable.listOpenCases(NOW, 10),
    backlog: await durable.backlog(),
    hashKeys: await durable.listHashKeys(),
    keys: await durable.loadKeys(),
    count: await durable.count(`password/${id}`),
    audit: await durable.listAudit({ limit: 100 }),
    session: await expiring.findArtifactByUid('Session', `uid-${id}`, NOW),
    sessions: (await expiring.listArtifactsByAccount('Session', id, NOW)).map(({ sealed }) => sealed).sort(),
    codes: await expiring.listArtifactsByAccount('AuthorizationCode', id, NOW),
    expired: await expiring.listExpiredArtifacts('Session', NOW, 10),
  }
}
