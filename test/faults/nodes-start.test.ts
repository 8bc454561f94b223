/** Two nodes come up: at the same moment, before their stores, on a store that must not be used, with a wrong clock. */
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { crowd, nth } from '../support/nodes/crowd.ts'
import { faultTable } from '../support/nodes/faulty.ts'
import { clockAhead } from '../support/nodes/node-process.ts'
import {
  bothInRow,
  CLIENT,
  type NodesOptions,
  readiness,
  type Stores,
  startStores,
  twoNodes,
  until,
} from '../support/nodes/nodes.ts'
import { Visit } from '../support/nodes/visit.ts'
import { describeWith } from '../support/services/services.ts'

const ROUNDS = 3
/** What a node that waits for its stores may need after they are back: a pause between two looks, and its own start. */
const UP = 20_000

describeWith(['mongo', 'redis'], 'two nodes', () => {
  let stores: Stores
  const table = faultTable()

  beforeAll(async () => {
    stores = await startStores()
  })
  afterAll(async () => {
    await Promise.all([stores.mongo.remove(), stores.redis.remove()])
  })

  async function nodes(options: Partial<NodesOptions> = {}) {
    const both = await twoNodes({ stores, ...options })
    onTestFinished(() => both.stop())
    return both
  }

  test('started at the same moment on empty stores, they sign with one set of keys', async () => {
    let seconds = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const both = await nodes()
      const { a, b, proxy } = both
      const began = performance.now()
      await Promise.all([a.start(), b.start()])
      seconds = Math.max(seconds, (performance.now() - began) / 1000)
      const published = async ({ origin }: { origin: string }) =>
        (await (await fetch(`${origin}/jwks`)).json()) as JSONWebKeySet
      const [ofA, ofB] = await Promise.all([published(a), published(b)])
      expect(ofA).toEqual(ofB)
      expect(ofA.keys).toHaveLength(4)

      const core = await both.core()
      expect(await core.keys.list()).toHaveLength(4)
      const member = nth(await crowd(core, 1, { app: false }), 0)
      proxy.only('a')
      const { id_token, access_token } = await new Visit(both.origin).signIn(member)
      const { payload } = await jwtVerify(id_token, createLocalJWKSet(ofB), {
        issuer: both.origin,
        audience: CLIENT.id,
      })
      expect(payload.sub).toBe(member.id)
      const me = await fetch(`${b.origin}/me`, { headers: { authorization: `Bearer ${access_token}` } })
      expect(await me.json()).toEqual({ sub: member.id })
      await both.stop()
    }
    table({ fault: 'both start at once on empty stores', saw: 'nothing', lost: 'nothing', recovery: seconds })
    // Six starts, and on a busy machine each takes long.
  }, 300_000)

  test('started before MongoDB and Redis are there, they wait for them and come up', async () => {
    await Promise.all([stores.mongo.stop(), stores.redis.stop()])
    const { a, b } = await nodes()
    const [first, second] = [a.launch(), b.launch()]
    for (const node of [first, second])
      await until('it says what it waits for', () => node.logged().includes('the store does not answer yet'))
    await stores.redis.start()
    // One of the two is not enough.
    const said = first.logged().length
    await until('it has looked again', () => first.logged().length > said)
    expect((await readiness(a)).status).toBe(0)
    await stores.mongo.start()
    const took = await until(
      'both are ready',
      async () => (await readiness(a)).status + (await readiness(b)).status === 400,
    )
    expect(took).toBeLessThan(UP)
    for (const node of [first, second]) expect(node.logged()).not.toMatch(/^\s+at /m)
    table({ fault: 'nodes start before their stores', saw: 'away, then well', lost: 'nothing', recovery: took / 1000 })
  })

  test('on a Redis that may evict, a node refuses to start and says why in one sentence', async () => {
    const evicting = await startStores('--maxmemory-policy', 'allkeys-lru')
    onTestFinished(async () => void (await Promise.all([evicting.mongo.remove(), evicting.redis.remove()])))
    const { a } = await nodes({ stores: evicting })
    const { code, logged } = await a.launch().ended
    expect(code).toBe(1)
    expect(logged).toBe(
      'redis\n  maxmemory-policy: is allkeys-lru; it must be noeviction, or codes that were used would count as unused\n',
    )
    table({ fault: 'Redis evicts', saw: 'the start is refused', lost: 'nothing' })
  })

  test('with a clock that is a minute off a node gets no requests, and is alive; within ten seconds it does', async () => {
    const both = await nodes()
    const { a, b, proxy } = both
    b.launch(clockAhead(7000))
    for (const [by, word] of [
      [60_000, 'ahead of'],
      [-60_000, 'behind'],
    ] as const) {
      const wrong = a.launch(clockAhead(by))
      await until('it answers', async () => (await readiness(a)).status !== 0)
      const { status, text } = await readiness(a)
      expect(status).toBe(503)
      expect(text).toMatch(new RegExp(`^not ready\nthe clock of this machine is (59|60|61) s ${word} the store’s\n$`))
      expect((await fetch(`${a.operationsOrigin}/healthz`)).status).toBe(200)
      wrong.signal('SIGKILL')
      await wrong.ended
    }
    a.launch(clockAhead(60_000))
    await until('a answers', async () => (await readiness(a)).status === 503)
    await until('b is in the row', () => proxy.row().length > 0)
    expect(await readiness(b)).toMatchObject({ status: 200 })
    expect(proxy.row()).toEqual(['b'])
    const member = nth(await crowd(await both.core(), 1, { app: true }), 0)
    await new Visit(both.origin).signIn(member)

    // The clock is put right.
    a.running.signal('SIGKILL')
    await a.running.ended
    await a.start(clockAhead(-7000))
    const took = await until('both in the row', () => proxy.row().length === 2)
    await bothInRow(both)
    table({
      fault: 'clock of a node 60 s off',
      saw: 'nothing: the other node answers',
      lost: 'nothing',
      recovery: took / 1000,
    })
  })
})
