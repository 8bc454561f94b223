/** Turns over several nodes, as Redis keeps them (lib/turns.ts), and what time it is there. */
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { MINUTE, SECOND } from '../../src/lib/time.ts'
import { ROUNDS, winners } from '../support/samples/records.ts'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, redisServer } from '../support/services/services.ts'
import { openedRedis } from './redis-opened.ts'

describeWith(['redis'], 'leases on Redis', () => {
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

  test('one holds it until it gives it back; another key is another lease', async () => {
    const { leases } = await openedRedis(server.uri)
    expect(await leases.acquire('key', 'one', MINUTE)).toBe(true)
    expect(await leases.acquire('key', 'two', MINUTE)).toBe(false)
    expect(await leases.acquire('other key', 'two', MINUTE)).toBe(true)
    // Asked again because the answer was lost.
    expect(await leases.acquire('key', 'one', MINUTE)).toBe(true)
    await leases.release('key', 'two')
    expect(await leases.acquire('key', 'two', MINUTE)).toBe(false)
    await leases.release('key', 'one')
    expect(await leases.acquire('key', 'two', MINUTE)).toBe(true)
  })

  test(`${ROUNDS} rounds of 20 on two nodes: one gets it in each`, async () => {
    const prefix = randomUUID()
    const [one, two] = [await openedRedis(server.uri, { prefix }), await openedRedis(server.uri, { prefix })]
    for (let round = 0; round < ROUNDS; round += 1) {
      const acquire = (racer: number) => (racer % 2 === 0 ? one : two).leases.acquire(`${round}`, `${racer}`, MINUTE)
      expect(await winners(20, acquire)).toBe(1)
    }
  })

  test('one that nobody gives back runs out by the clock of Redis, and is not given back by who had it', async () => {
    const { leases } = await openedRedis(server.uri)
    expect(await leases.acquire('key', 'one', 50)).toBe(true)
    await vi.waitFor(async () => expect(await leases.acquire('key', 'two', MINUTE)).toBe(true))
    await leases.release('key', 'one')
    expect(await leases.acquire('key', 'three', MINUTE)).toBe(false)
  })

  test('what a turn is about may be a secret: it is not in the name of a key', async () => {
    const prefix = randomUUID()
    const { leases } = await openedRedis(server.uri, { prefix })
    await leases.acquire('secret-cookie', 'one', MINUTE)
    const keys = await redis.keys(`*${prefix}*`)
    expect(keys).toHaveLength(1)
    expect(keys[0]).not.toContain('secret')
  })

  test('the time is that of Redis', async () => {
    const { time } = await openedRedis(server.uri)
    const [whole] = await redis.time()
    expect(Math.abs((await time()) - Number(whole) * SECOND)).toBeLessThan(2 * SECOND)
  })
})
