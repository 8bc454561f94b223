/** What becomes of calls while Redis is down, full, hung or slow, and after it is back. */
import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import type { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ArtifactStore } from '../../src/oidc/artifact.ts'
import { openRedisStore } from '../../src/store/redis/open.ts'
import { type SlowLine, slowLine } from '../support/nodes/slow-line.ts'
import { artifact, NOW, race } from '../support/samples/records.ts'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, redisServer } from '../support/services/services.ts'
import { onlooker, openedRedis, UNAVAILABLE } from './redis-opened.ts'

const CODE = 'AuthorizationCode'
/** A call takes no longer than this, whatever happens: its time-out and a little. */
const LONGEST = 3500
/** From the moment Redis answers again. */
const RECOVERY = 5000

async function kept(store: ArtifactStore, given: Parameters<typeof artifact>[0] = {}) {
  const one = artifact(given)
  await store.putArtifact(one)
  return one
}

const find = (store: ArtifactStore, key: string) => store.findArtifact(CODE, key, NOW)

/** Milliseconds until a call is answered again. */
async function recovery(store: ArtifactStore): Promise<number> {
  const from = performance.now()
  await vi.waitFor(() => find(store, 'any'), { timeout: 2 * RECOVERY, interval: 20 })
  return performance.now() - from
}

async function refusedWithin(milliseconds: number, call: Promise<unknown>): Promise<void> {
  const from = performance.now()
  await expect(call).rejects.toMatchObject(UNAVAILABLE)
  expect(performance.now() - from).toBeLessThan(milliseconds)
}

describeWith(['redis'], 'a Redis that fails', () => {
  let server: Service

  beforeAll(async () => {
    server = await redisServer()
  })
  afterEach(async () => {
    server.resume()
    await server.start().catch(() => undefined)
  })
  afterAll(() => server.remove())

  test.each<['stop' | 'kill']>([['stop'], ['kill']])(
    '%s: calls are refused at once, and what was used stays used when it is back',
    async (how) => {
      const { expiring, ping } = await openedRedis(server.uri)
      const [used, fresh] = [await kept(expiring), await kept(expiring)]
      expect(await expiring.consumeArtifact(CODE, used.key, NOW)).toBe(true)
      await server[how]()
      await refusedWithin(500, expiring.consumeArtifact(CODE, fresh.key, NOW))
      await refusedWithin(500, find(expiring, used.key))
      await refusedWithin(500, ping())
      await server.start()
      expect(await recovery(expiring)).toBeLessThan(RECOVERY)
      expect(await expiring.consumeArtifact(CODE, used.key, NOW)).toBe(false)
      expect(await expiring.consumeArtifact(CODE, fresh.key, NOW)).toBe(true)
      await expect(ping()).resolves.toBeUndefined()
    },
  )

  test('killed under load: what was acknowledged is there, and nothing was used twice', async () => {
    const { expiring } = await openedRedis(server.uri)
    const codes = await Promise.all(Array.from({ length: 2000 }, () => kept(expiring)))
    const outcomes = codes.map(({ key }) => expiring.consumeArtifact(CODE, key, NOW).catch(() => 'refused' as const))
    await Promise.race(outcomes)
    await server.kill()
    const told = await Promise.all(outcomes)
    await server.start()
    await recovery(expiring)
    const again = await Promise.all(codes.map(({ key }) => expiring.consumeArtifact(CODE, key, NOW)))
    expect(told.filter((outcome) => outcome === true).length).toBeGreaterThan(0)
    // One that was refused may have been used or not; one that was told of as used is never used again.
    expect(told.filter((outcome, index) => outcome === true && again[index])).toEqual([])
  })

  test('back without its data: nothing is found and nothing breaks', async () => {
    const { expiring } = await openedRedis(server.uri)
    const one = await kept(expiring, { accountId: 'sanne', uidKey: 'uid' })
    await server.kill()
    server.wipe()
    await server.start()
    expect(await recovery(expiring)).toBeLessThan(RECOVERY)
    expect(await find(expiring, one.key)).toBeUndefined()
    expect(await expiring.findArtifactByUid(CODE, 'uid', NOW)).toBeUndefined()
    expect(await expiring.listArtifactsByAccount(CODE, 'sanne', NOW)).toEqual([])
    expect(await expiring.consumeArtifact(CODE, one.key, NOW)).toBe(false)
    expect(await expiring.removeArtifactsByAccount('sanne')).toBe(0)
    await kept(expiring)
  })

  test('hung: calls are refused when their time is up, and go on when it does', async () => {
    const { expiring } = await openedRedis(server.uri)
    const one = await kept(expiring)
    server.pause()
    await refusedWithin(LONGEST, expiring.consumeArtifact(CODE, one.key, NOW))
    await refusedWithin(LONGEST, find(expiring, one.key))
    server.resume()
    expect(await recovery(expiring)).toBeLessThan(RECOVERY)
    // It may have been used in the end: the one that was refused is not told so, and nobody else is either.
    const outcomes = await race(20, () => expiring.consumeArtifact(CODE, one.key, NOW))
    expect(outcomes.filter(Boolean).length).toBeLessThanOrEqual(1)
  })

  test('down at the start: opening is refused and leaves nothing behind', async () => {
    await server.stop()
    await refusedWithin(LONGEST, openRedisStore(server.uri, { now: () => NOW }))
  })

  test('hung at the start: opening is refused in time', async () => {
    server.pause()
    await refusedWithin(2 * LONGEST, openRedisStore(server.uri, { now: () => NOW }))
  })

  test('its scripts forgotten: they are loaded again', async () => {
    const { expiring } = await openedRedis(server.uri)
    const one = await kept(expiring)
    await onlooker(server.uri).script('FLUSH')
    expect(await expiring.consumeArtifact(CODE, one.key, NOW)).toBe(true)
  })

  test('a mistake of ours stays one, and tells nothing of what is kept', async () => {
    const prefix = randomUUID()
    const { expiring } = await openedRedis(server.uri, { prefix })
    await onlooker(server.uri).set(`{${prefix}}:artifact:${CODE}:secret-key`, 'not a hash')
    const fault = await find(expiring, 'secret-key').catch((caught: unknown) => caught)
    expect(fault).toMatchObject({ name: 'ReplyError', message: expect.stringContaining('WRONGTYPE') })
    expect(inspect(fault, { depth: 10 })).not.toContain('secret')
  })

  test('a fault on the way holds no argument of the command', async () => {
    const { expiring } = await openedRedis(server.uri)
    const calls = Array.from({ length: 50 }, () => expiring.findArtifact(CODE, 'secret-key', NOW))
    const faults = Promise.allSettled(calls)
    await server.kill()
    await server.start()
    const seen = inspect(await faults, { depth: 10 })
    expect(seen).toContain('store-unavailable')
    expect(seen).not.toContain('secret')
  })

  describe('over a slow line', () => {
    let line: SlowLine

    async function opened(): Promise<ArtifactStore> {
      line = await slowLine(server.port)
      onTestFinished(() => line.close())
      return (await openedRedis(`redis://127.0.0.1:${line.port}`)).expiring
    }

    test.each([200, 2000])('%i ms: calls are answered', async (delay) => {
      const expiring = await opened()
      const one = await kept(expiring)
      line.delay(delay)
      const outcomes = await race(20, () => expiring.consumeArtifact(CODE, one.key, NOW))
      expect(outcomes.filter(Boolean)).toHaveLength(1)
    })

    test('20 s: calls are refused when their time is up, and answered soon after it is quick again', async () => {
      const expiring = await opened()
      const one = await kept(expiring)
      line.delay(20_000)
      await refusedWithin(LONGEST, expiring.consumeArtifact(CODE, one.key, NOW))
      await refusedWithin(LONGEST, find(expiring, one.key))
      line.recover()
      expect(await recovery(expiring)).toBeLessThan(RECOVERY)
      expect(await expiring.consumeArtifact(CODE, one.key, NOW)).toBe(false)
    })

    test('silent and open: it is given up, and another one made', async () => {
      const expiring = await opened()
      line.swallow()
      await refusedWithin(LONGEST, find(expiring, 'key'))
      line.recover()
      expect(await recovery(expiring)).toBeLessThan(RECOVERY)
      expect(line.connections()).toBeGreaterThan(1)
    })
  })
})

describeWith(['redis'], 'a Redis that is full', () => {
  test('calls that need room are refused and change nothing; those that make room go on', async () => {
    const server = await redisServer()
    onTestFinished(() => server.remove())
    const { expiring, ping } = await openedRedis(server.uri)
    const client = onlooker(server.uri)
    const given = { accountId: 'sanne', grantKey: 'grant', uidKey: 'uid' }
    const [one, other] = [await kept(expiring, given), await kept(expiring, given)]
    await fill(client)

    const jti = artifact({ accountId: 'sanne' })
    await refusedWithin(LONGEST, expiring.insertArtifact(jti, NOW))
    await refusedWithin(LONGEST, expiring.consumeArtifact(CODE, one.key, NOW))
    await refusedWithin(LONGEST, expiring.putArtifact({ ...one, sealed: 'new', accountId: 'bram' }))
    await refusedWithin(LONGEST, expiring.replaceArtifact({ ...one, sealed: 'new' }, one.sealed, NOW))
    await refusedWithin(LONGEST, ping())
    expect(await find(expiring, jti.key)).toBeUndefined()
    expect(await find(expiring, one.key)).toEqual({ key: one.key, sealed: one.sealed, consumedAt: undefined })
    expect(await expiring.listArtifactsByAccount(CODE, 'sanne', NOW)).toHaveLength(2)
    expect(await expiring.listArtifactsByAccount(CODE, 'bram', NOW)).toEqual([])
    expect(await expiring.takeArtifact(CODE, other.key, NOW)).toBe(true)

    await client.config('SET', 'maxmemory', '0')
    expect(await expiring.consumeArtifact(CODE, one.key, NOW)).toBe(true)
    expect(await expiring.removeArtifactsByAccount('sanne')).toBe(1)
  })

  test('signing out everywhere works when it is full', async () => {
    const server = await redisServer()
    onTestFinished(() => server.remove())
    const { expiring } = await openedRedis(server.uri)
    await race(20, () => kept(expiring, { accountId: 'sanne' }))
    await fill(onlooker(server.uri))
    expect(await expiring.removeArtifactsByAccount('sanne')).toBe(20)
  })
})

/** Whatever is kept now is more than it may hold. */
const fill = (client: Redis) => client.config('SET', 'maxmemory', '1')
