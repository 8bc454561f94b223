/** Which servers are let in, by whichever kind of address: alone, behind Sentinels, in a Cluster. */
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { InputError } from '../../src/lib/errors.ts'
import { openRedisStore, type RedisStore } from '../../src/store/redis/open.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { Store } from '../../src/store/store.ts'
import { artifact, NOW } from '../support/samples/records.ts'
import type { Service } from '../support/services/service-process.ts'
import { startService } from '../support/services/service-process.ts'
import { describeWith, redisServer } from '../support/services/services.ts'
import { artifactConformance } from './conformance/artifacts.ts'
import { onlooker, openedRedis, UNAVAILABLE } from './redis-opened.ts'

const CODE = 'AuthorizationCode'

async function server(...overrides: string[]): Promise<Service> {
  const started = await redisServer(...overrides)
  onTestFinished(() => started.remove())
  return started
}

const open = (url: string) => openRedisStore(url, { now: () => NOW })

describeWith(['redis'], 'the settings of a server', () => {
  test.each(['allkeys-lru', 'volatile-ttl'])('one that evicts (%s) is refused at the start', async (policy) => {
    const { uri } = await server('--maxmemory-policy', policy)
    await expect(open(uri)).rejects.toThrow(InputError)
    await expect(open(uri)).rejects.toThrow(`maxmemory-policy: is ${policy}; it must be noeviction`)
  })

  test('one that evicts and lets nobody ask is refused as well', async () => {
    const { uri } = await server('--maxmemory-policy', 'allkeys-lru', '--rename-command', 'CONFIG', '')
    await expect(open(uri)).rejects.toThrow('is allkeys-lru')
  })

  test('one that lets nobody ask for its settings is let in by what it tells of itself', async () => {
    const { uri } = await server('--rename-command', 'CONFIG', '')
    const { expiring } = await openedRedis(uri)
    expect(await expiring.insertArtifact(artifact(), NOW)).toBe(true)
  })

  test('one that takes the place of another and evicts is refused, until it is put right', async () => {
    const { uri } = await server()
    const { expiring } = await openedRedis(uri)
    const other = onlooker(uri)
    await other.config('SET', 'maxmemory-policy', 'allkeys-lru')
    await other.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await vi.waitFor(async () => {
      const fault = await expiring.findArtifact(CODE, 'key', NOW).catch((caught: unknown) => caught)
      expect(fault).toMatchObject({ ...UNAVAILABLE, cause: expect.any(InputError) })
    })
    await other.config('SET', 'maxmemory-policy', 'noeviction')
    expect(await expiring.findArtifact(CODE, 'key', NOW)).toBeUndefined()
  })

  test('one that begins to evict while it is in use is refused from the next look on', async () => {
    const { uri } = await server()
    const { expiring, ping } = await openedRedis(uri)
    await onlooker(uri).config('SET', 'maxmemory-policy', 'volatile-lru')
    await expect(ping()).rejects.toMatchObject(UNAVAILABLE)
    await expect(expiring.findArtifact(CODE, 'key', NOW)).rejects.toMatchObject(UNAVAILABLE)
  })

  test('one without an append-only file is let in with one warning', async () => {
    const { uri } = await server('--appendonly', 'no')
    const warnings: string[] = []
    const { ping } = await openedRedis(uri, { onWarning: (warning) => warnings.push(warning) })
    await ping()
    expect(warnings).toEqual([expect.stringContaining('appendonly is off')])
  })

  test('user and password are used; others are refused as a mistake in the address, without repeating them', async () => {
    const { port } = await server('--user', 'sigma', 'on', '>hunter2', '~{*', '+@all', '--requirepass', 'hunter3')
    const { expiring } = await openedRedis(`redis://sigma:hunter2@127.0.0.1:${port}`)
    expect(await expiring.insertArtifact(artifact(), NOW)).toBe(true)
    await openedRedis(`redis://:hunter3@127.0.0.1:${port}`)
    for (const wrong of ['sigma:hunter4@', ':hunter4@', '']) {
      const fault = await open(`redis://${wrong}127.0.0.1:${port}`).catch((caught: unknown) => caught)
      expect(fault).toBeInstanceOf(InputError)
      expect(fault).toMatchObject({ message: expect.not.stringContaining('hunter') })
    }
  })

  test('a database other than the first is used', async () => {
    const { uri } = await server()
    const { expiring } = await openedRedis(`${uri}/3`)
    await expiring.putArtifact(artifact())
    expect(await onlooker(uri).dbsize()).toBe(0)
    expect(await onlooker(`${uri}/3`).dbsize()).toBeGreaterThan(0)
  })

  test('a replica is not asked: what it says may be old', async () => {
    const [master, replica] = [await server(), await server()]
    await onlooker(replica.uri).replicaof('127.0.0.1', master.port)
    await expect(open(replica.uri)).rejects.toMatchObject(UNAVAILABLE)
  })

  test('a master that was demoted while in use is left, and asked again when it is the master', async () => {
    const [one, two] = [await server(), await server()]
    const { expiring } = await openedRedis(one.uri)
    const other = onlooker(one.uri)
    await other.replicaof('127.0.0.1', two.port)
    await expect(expiring.putArtifact(artifact())).rejects.toMatchObject(UNAVAILABLE)
    await vi.waitFor(() => expect(expiring.findArtifact(CODE, 'key', NOW)).rejects.toMatchObject(UNAVAILABLE))
    await other.replicaof('NO', 'ONE')
    await vi.waitFor(() => expiring.putArtifact(artifact()), { timeout: 5000 })
  })
})

describeWith(['redis'], 'a master that Sentinels know', () => {
  test('is found, and the one that takes its place as well', async () => {
    const [master, replica] = [await server(), await server()]
    await onlooker(replica.uri).replicaof('127.0.0.1', master.port)
    const sentinel = await startService({
      name: 'sentinel',
      scheme: 'redis+sentinel',
      command: (port, folder) => {
        const file = join(folder, 'sentinel.conf')
        writeFileSync(
          file,
          [
            `port ${port}`,
            'bind 127.0.0.1',
            `dir ${folder}`,
            `sentinel monitor ours 127.0.0.1 ${master.port} 1`,
            'sentinel down-after-milliseconds ours 500',
            'sentinel failover-timeout ours 3000',
          ].join('\n'),
        )
        return ['redis-server', file, '--sentinel']
      },
      hello: { send: 'PING\r\n', expect: /^\+PONG/ },
    })
    onTestFinished(() => sentinel.remove())
    const { expiring, ping } = await openedRedis(`${sentinel.uri}/ours`)
    const one = artifact()
    await expiring.putArtifact(one)
    expect(await expiring.consumeArtifact(CODE, one.key, NOW)).toBe(true)
    const watch = new Redis(sentinel.port)
    onTestFinished(() => watch.disconnect())
    await vi.waitFor(
      async () => {
        expect(await watch.call('SENTINEL', 'REPLICAS', 'ours')).toHaveLength(1)
        expect(await onlooker(replica.uri).info('replication')).toContain('master_link_status:up')
      },
      { timeout: 20_000, interval: 100 },
    )
    // Until the replica has this, it may lack what was written before.
    const last = onlooker(master.uri)
    await last.set('last', 'word')
    expect(await last.wait(1, 20_000)).toBe(1)

    await master.kill()
    await expect(expiring.findArtifact(CODE, one.key, NOW)).rejects.toMatchObject(UNAVAILABLE)
    await vi.waitFor(() => expect(onlooker(replica.uri).info('replication')).resolves.toContain('role:master'), {
      timeout: 20_000,
      interval: 100,
    })
    await vi.waitFor(() => ping(), { timeout: 20_000, interval: 50 })
    expect(await expiring.consumeArtifact(CODE, one.key, NOW)).toBe(false)
  }, 60_000)

  test('that no Sentinel tells of is waited for no longer than a start may', async () => {
    const down = await server()
    await down.stop()
    await expect(open(`redis+sentinel://127.0.0.1:${down.port}/ours`)).rejects.toMatchObject(UNAVAILABLE)
  })
})

describeWith(['redis'], 'a Cluster', () => {
  const nodes: Service[] = []
  let url = ''

  beforeAll(async () => {
    for (let count = 0; count < 3; count += 1) nodes.push(await redisServer('--cluster-enabled', 'yes'))
    url = `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`
    const clients = nodes.map(({ uri }) => new Redis(uri))
    const ranges = [
      [0, 5460],
      [5461, 10922],
      [10923, 16383],
    ]
    for (const [at, client] of clients.entries()) {
      await client.call('CLUSTER', 'ADDSLOTSRANGE', ...(ranges[at] ?? []))
      await client.call('CLUSTER', 'MEET', '127.0.0.1', nodes[0]?.port ?? 0)
    }
    for (const client of clients) {
      await vi.waitFor(async () => expect(await client.call('CLUSTER', 'INFO')).toContain('cluster_state:ok'), {
        timeout: 20_000,
        interval: 100,
      })
      client.disconnect()
    }
  })
  afterAll(() => Promise.all(nodes.map((node) => node.remove())))

  describe('conformance', () => {
    const sqlite = openSqliteStore(':memory:')
    let opened: RedisStore

    beforeEach(async () => {
      opened = await openRedisStore(url, { now: () => NOW, prefix: randomUUID() })
    })
    afterEach(() => opened.close())

    artifactConformance((): Store => ({ ...sqlite, ...opened, sealed: sqlite.sealed }))
  })

  test('that has a node which evicts is refused', async () => {
    const other = onlooker(nodes[1]?.uri ?? '')
    await other.config('SET', 'maxmemory-policy', 'allkeys-lru')
    onTestFinished(async () => void (await other.config('SET', 'maxmemory-policy', 'noeviction')))
    await expect(open(url)).rejects.toThrow('is allkeys-lru')
  })

  test('that was restarted is used again within seconds', async () => {
    const { expiring } = await openedRedis(url)
    const one = artifact()
    await expiring.putArtifact(one)
    expect(await expiring.consumeArtifact(CODE, one.key, NOW)).toBe(true)
    await Promise.all(nodes.map((node) => node.kill()))
    await expect(expiring.findArtifact(CODE, one.key, NOW)).rejects.toMatchObject(UNAVAILABLE)
    await Promise.all(nodes.map((node) => node.start()))
    await vi.waitFor(async () => expect(await expiring.consumeArtifact(CODE, one.key, NOW)).toBe(false), {
      timeout: 20_000,
      interval: 50,
    })
  }, 60_000)
})
