/** The expiring half on Redis: races of two nodes, and what is left behind. */
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DAY, MINUTE } from '../../src/lib/time.ts'
import type { ArtifactStore } from '../../src/oidc/artifact.ts'
import { artifact, NOW, ROUNDS, race, winners } from '../support/samples/records.ts'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, redisServer } from '../support/services/services.ts'
import { openedRedis, UNAVAILABLE } from './redis-opened.ts'

const WEEK = 7 * DAY

describeWith(['redis'], 'artifacts on Redis', () => {
  let server: Service
  let redis: Redis

  beforeAll(async () => {
    server = await redisServer()
    redis = new Redis(server.uri)
  })
  afterAll(async () => {
    redis.disconnect()
    await server.remove()
  })

  describe('two nodes at once', () => {
    async function nodes(): Promise<[ArtifactStore, ArtifactStore]> {
      const prefix = randomUUID()
      const [one, two] = [await openedRedis(server.uri, { prefix }), await openedRedis(server.uri, { prefix })]
      return [one.expiring, two.expiring]
    }

    test.each<[string, (node: ArtifactStore, key: string, racer: number) => Promise<boolean>]>([
      ['consumes', (node, key) => node.consumeArtifact('AuthorizationCode', key, NOW)],
      ['takes', (node, key) => node.takeArtifact('AuthorizationCode', key, NOW)],
      [
        'renames',
        (node, key, n) => node.renameArtifact(artifact({ key: `${key} ${n}` }), { key, sealed: 'k1.sealed' }, NOW),
      ],
      ['replaces', (node, key, n) => node.replaceArtifact(artifact({ key, sealed: `${n}` }), 'k1.sealed', NOW)],
    ])(`${ROUNDS} rounds of 20 with one artifact: one %s it in each`, async (_what, run) => {
      const [one, two] = await nodes()
      for (let round = 0; round < ROUNDS; round += 1) {
        const { key } = await kept(one)
        expect(await winners(20, (racer) => run(racer % 2 === 0 ? one : two, key, racer))).toBe(1)
      }
    })

    test(`${ROUNDS} rounds of 20 with one new key: one inserts it in each`, async () => {
      const both = await nodes()
      for (let round = 0; round < ROUNDS; round += 1) {
        const key = randomUUID()
        const insert = (racer: number) =>
          both[racer % 2 === 0 ? 0 : 1].insertArtifact(artifact({ key, sealed: `${racer}` }), NOW)
        expect(await winners(20, insert)).toBe(1)
      }
    })
  })

  test('of two with one uid the newer is found, also when the older is written again', async () => {
    const { expiring } = await openedRedis(server.uri)
    const [older, newer] = [await kept(expiring, { uidKey: 'uid' }), await kept(expiring, { uidKey: 'uid' })]
    await expiring.putArtifact(older)
    expect((await expiring.findArtifactByUid(newer.model, 'uid', NOW))?.key).toBe(newer.key)
    await expiring.removeArtifact(newer.model, newer.key)
    expect((await expiring.findArtifactByUid(newer.model, 'uid', NOW))?.key).toBe(older.key)
  })

  describe('what is left behind', () => {
    beforeEach(() => redis.flushall())

    const everything = { grantKey: 'grant', uidKey: 'uid', accountId: 'sanne' }

    test('removing or sweeping everything leaves no key', async () => {
      const { expiring } = await openedRedis(server.uri)
      const ways: Array<(key: string) => Promise<unknown>> = [
        (key) => expiring.removeArtifact('Session', key),
        (key) => expiring.takeArtifact('Session', key, NOW),
        () => expiring.removeArtifactsByAccount('sanne'),
        () => expiring.removeArtifactsByGrant('grant'),
        () => expiring.sweepArtifacts(NOW + 2 * DAY),
      ]
      for (const remove of ways) {
        const one = await kept(expiring, { model: 'Session', ...everything })
        // Those who were in other indexes before are not forgotten there.
        await expiring.putArtifact({ ...one, grantKey: 'other', uidKey: 'other', accountId: 'other' })
        await expiring.putArtifact({ ...one, expiresAt: undefined })
        await expiring.putArtifact(one)
        expect(await redis.dbsize()).toBe(6)
        await remove(one.key)
        expect(await redis.keys('*')).toEqual([])
      }
    })

    test('sweeping goes on until all is gone, and counts it', async () => {
      const { expiring } = await openedRedis(server.uri)
      await race(1234, (n) => kept(expiring, { model: n % 2 === 0 ? 'Session' : 'Grant', accountId: 'sanne' }))
      expect(await expiring.sweepArtifacts(NOW + DAY)).toBe(1234)
      expect(await redis.dbsize()).toBe(0)
    })

    test('a session that nobody sweeps is dropped by Redis a week after its expiry, with its indexes', async () => {
      const { expiring } = await openedRedis(server.uri)
      await kept(expiring, { ...everything, model: 'Session', expiresAt: NOW + MINUTE })
      await kept(expiring, { ...everything, model: 'Session', uidKey: 'short', expiresAt: NOW + 5 })
      const lives = await Promise.all((await redis.keys('*')).map(async (key) => [key, await redis.pttl(key)] as const))
      for (const [key, life] of lives.filter(([name]) => !name.endsWith(':models'))) {
        expect(life, key).toBeGreaterThan(WEEK - MINUTE)
        expect(life, key).toBeLessThanOrEqual(WEEK + MINUTE)
      }
      // An index lives as long as the longest of what is in it.
      const indexes = lives.filter(([key]) => /:(account|grant|expiry):/.test(key))
      expect(indexes).toHaveLength(3)
      for (const [key, life] of indexes) expect(life, key).toBeGreaterThan(WEEK + MINUTE / 2)
    })

    test('anything else is dropped minutes after its expiry', async () => {
      const { expiring } = await openedRedis(server.uri)
      await kept(expiring, { expiresAt: NOW + MINUTE })
      const [key = ''] = await redis.keys('*:artifact:*')
      expect(await redis.pttl(key)).toBeGreaterThan(5 * MINUTE)
      expect(await redis.pttl(key)).toBeLessThanOrEqual(11 * MINUTE)
    })

    test('an index that held something for ever lives no longer than the rest', async () => {
      const { expiring } = await openedRedis(server.uri)
      const one = await kept(expiring, { expiresAt: undefined, ...everything })
      const [index = ''] = await redis.keys('*:account:*')
      expect(await redis.pttl(index)).toBe(-1)
      await kept(expiring, everything)
      expect(await redis.pttl(index)).toBe(-1)
      await expiring.removeArtifact(one.model, one.key)
      await kept(expiring, everything)
      expect(await redis.pttl(index)).toBeGreaterThan(WEEK)
    })

    test('what Redis dropped is not found by anything, and a new one in its place not taken for it', async () => {
      const { expiring } = await openedRedis(server.uri)
      const one = await kept(expiring, everything)
      await redis.del(await redis.keys('*:artifact:*'))
      expect(await expiring.findArtifactByUid(one.model, 'uid', NOW)).toBeUndefined()
      expect(await expiring.listArtifactsByAccount(one.model, 'sanne', NOW)).toEqual([])
      expect(await expiring.removeArtifactsByAccount('sanne')).toBe(0)
      await expiring.putArtifact({ ...one, grantKey: undefined, uidKey: undefined, accountId: 'bram' })
      expect(await expiring.removeArtifactsByAccount('sanne')).toBe(0)
      await expiring.removeArtifactsByGrant('grant')
      expect(await expiring.findArtifactByUid(one.model, 'uid', NOW)).toBeUndefined()
      expect(await expiring.findArtifact(one.model, one.key, NOW)).toBeDefined()
    })

    test('those that run out behind what Redis dropped are listed all the same', async () => {
      const { expiring } = await openedRedis(server.uri)
      for (const key of ['a', 'b', 'c']) await kept(expiring, { key, expiresAt: NOW - 9 })
      await redis.del(await redis.keys('*:artifact:*'))
      await kept(expiring, { key: 'd', expiresAt: NOW - 1 })
      expect((await expiring.listExpiredArtifacts('AuthorizationCode', NOW, 2)).map(({ key }) => key)).toEqual(['d'])
    })

    test('10,000 sessions of somebody who signs in daily leave nothing that grows', async () => {
      let day = NOW
      const { expiring } = await openedRedis(server.uri, { now: () => day })
      let most = 0
      for (let round = 0; round < 100; round += 1) {
        day += WEEK + DAY
        await race(100, () => kept(expiring, { ...everything, expiresAt: day + MINUTE }))
        // As Redis does a week after; in this test nobody ever sweeps.
        const [index = ''] = await redis.keys('*:account:*')
        most = Math.max(most, await redis.zcard(index))
        await redis.del(await redis.keys('*:artifact:*'))
      }
      expect(most).toBeLessThanOrEqual(200)
    }, 60_000)
  })

  test('a store that was closed refuses everything, and closing it again does nothing', async () => {
    const store = await openedRedis(server.uri)
    const writes = Array.from({ length: 50 }, () => kept(store.expiring, { accountId: 'sanne' }))
    const closing = store.close()
    await expect(store.expiring.findArtifact('Session', 'key', NOW)).rejects.toMatchObject(UNAVAILABLE)
    await closing
    await expect(Promise.all(writes)).resolves.toHaveLength(50)
    await expect(store.close()).resolves.toBeUndefined()
    await expect(store.ping()).rejects.toMatchObject(UNAVAILABLE)
    await expect(store.expiring.consumeArtifact('Session', 'key', NOW)).rejects.toMatchObject(UNAVAILABLE)
    await expect(store.expiring.sweepArtifacts(NOW)).rejects.toMatchObject(UNAVAILABLE)
  })
})

async function kept(store: ArtifactStore, given: Parameters<typeof artifact>[0] = {}) {
  const one = artifact(given)
  await store.putArtifact(one)
  return one
}
