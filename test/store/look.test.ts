/** Stores that are only looked at: what is seen, what is said of one that cannot be used, and that nothing is made. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { lookAtMongo } from '../../src/store/mongo/look.ts'
import { lookAtRedis } from '../../src/store/redis/look.ts'
import { lookAtFile } from '../../src/store/sqlite/look.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { DurableStore } from '../../src/store/store.ts'
import { freePort } from '../support/app/ports.ts'
import { passkey } from '../support/samples/factors.ts'
import { account, signingKey } from '../support/samples/records.ts'
import { sayingOfItself } from '../support/services/said-of-itself.ts'
import { describeWith, mongoServer, redisServer } from '../support/services/services.ts'
import { openedMongo } from './mongo-opened.ts'

const CANARY = 'canary7KQ2'

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-look-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function inhabited(path: string) {
  const store = openSqliteStore(path)
  const { clients, people, rootKeys } = store.durable
  await clients.change('roster', (draft) => Object.assign(draft, { version: 1, changedAt: 1, status: 'disabled' }))
  await people.change('sanne', (draft) =>
    Object.assign(draft, { account: account({ passwordHash: 'old:$argon2id$x' }) }),
  )
  const root = { knownAt: 1, kept: [{ purpose: 'pepper', sealed: 'x' }] }
  await people.change('bea', (draft) =>
    Object.assign(draft, { account: account({ passwordHash: 'kept:$argon2id$x' }) }),
  )
  await rootKeys.change('kept', (draft) => Object.assign(draft, { ...root, clearedAt: 2 }))
  await rootKeys.change('front', (draft) => Object.assign(draft, { knownAt: 1 }))
  await store.durable.replaceKeys(
    0,
    ['front.x', 'front.y'].map((sealed) => signingKey({ kid: sealed, sealed })),
  )
  return store
}

/** One person with two for one name, and one of two names. */
async function keepPasskeys({ durable }: { durable: Pick<DurableStore, 'people'> }): Promise<void> {
  for (const [id, names] of Object.entries({ joris: ['b.example', 'b.example'], mia: ['a.example', 'b.example'] }))
    await durable.people.change(id, (draft) =>
      Object.assign(draft, {
        account: account({ id, email: `${id}@sigma.example`, emailKey: `${id}@sigma.example` }),
        authenticators: names.map((rpId) => passkey({ accountId: id }, { rpId })),
      }),
    )
}

const PASSKEYS = [
  { rpId: 'a.example', people: 1 },
  { rpId: 'b.example', people: 2 },
]

const SEEN = {
  clients: [{ id: 'roster', status: 'disabled' }],
  passwordKeys: ['old'],
  signingKeys: ['front'],
  rootKeys: ['front'],
}

test('the embedded store is seen while nobody has it, and while a server has it, and no file is made beside it', async () => {
  const folder = place()
  const path = join(folder, 'sigma-id.db')
  expect(await lookAtFile(path)).toEqual({ ok: true, looked: undefined })
  expect(readdirSync(folder)).toEqual([])
  const store = await inhabited(path)
  const beside = readdirSync(folder).sort()
  expect(await lookAtFile(path)).toEqual({ ok: true, looked: SEEN })
  expect(readdirSync(folder).sort()).toEqual(beside)
  await store.close()
  const alone = readdirSync(folder)
  expect(await lookAtFile(path)).toEqual({ ok: true, looked: SEEN })
  expect(readdirSync(folder)).toEqual(alone)
})

test('who checks sees also whose passkeys are for which name, and when the last record was made', async () => {
  const path = join(place(), 'sigma-id.db')
  const store = await inhabited(path)
  await keepPasskeys(store)
  const record = { type: 'fault', outcome: 'failed', at: 5 } as const
  for (const at of [5, 9, 7]) await store.durable.appendAudit({ ...record, id: `r${at}`, at })
  await store.close()
  expect(await lookAtFile(path, 'all')).toEqual({
    ok: true,
    looked: { ...SEEN, passkeys: PASSKEYS, lastRecordAt: 7 },
  })
})

test('what a release before had no table for is not there, and the rest is seen', async () => {
  const path = join(place(), 'sigma-id.db')
  await (await inhabited(path)).close()
  const db = new DatabaseSync(path)
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'root_keys%'").all()
  db.exec(tables.map(({ name }) => `DROP TABLE "${name}"`).join(';'))
  db.close()
  const found = await lookAtFile(path)
  expect(tables.length).toBeGreaterThan(0)
  expect(found).toEqual({ ok: true, looked: { ...SEEN, passwordKeys: ['kept', 'old'], rootKeys: [] } })
})

test('a server that is not there is told in words, and never with what is in its address', async () => {
  const port = await freePort()
  const [mongo, redis] = await Promise.all([
    lookAtMongo(`mongodb://user:${CANARY}@127.0.0.1:${port}/sigma`),
    lookAtRedis(`redis://:${CANARY}@127.0.0.1:${port}`, Date.now),
  ])
  for (const [look, name] of [
    [mongo, 'SIGMA_MONGODB_URL'],
    [redis, 'SIGMA_REDIS_URL'],
  ] as const) {
    expect(look).toMatchObject({
      ok: false,
      found: 'refused the connection: nothing listens on that port',
      remedy: expect.stringContaining(name),
    })
    expect(JSON.stringify(look)).not.toContain(CANARY)
  }
}, 60_000)

describeWith(['redis'], 'Redis', () => {
  async function looked(...overrides: string[]) {
    const { uri, remove } = await redisServer(...overrides)
    onTestFinished(() => remove())
    return { uri, look: await lookAtRedis(uri, Date.now) }
  }

  test('one in order tells its time', async () => {
    const { look } = await looked()
    expect(look).toMatchObject({ ok: true, looked: { time: expect.any(Number) } })
  })

  test('one that evicts is told with what to do', async () => {
    const { look } = await looked('--maxmemory-policy', 'allkeys-lru')
    expect(look).toMatchObject({
      ok: false,
      found: expect.stringContaining('maxmemory-policy is allkeys-lru'),
      remedy: expect.stringContaining('CONFIG SET maxmemory-policy noeviction'),
    })
  })

  test('one that wants another password is told so, without it', async () => {
    const { uri } = await looked('--requirepass', 'of-its-own')
    const look = await lookAtRedis(uri.replace('redis://', `redis://:${CANARY}@`), Date.now)
    expect(look).toMatchObject({ ok: false, remedy: expect.stringContaining('SIGMA_REDIS_URL') })
    expect(JSON.stringify(look)).not.toMatch(/canary7KQ2|refused the connection/)
  })
})

describeWith(['mongo'], 'MongoDB', () => {
  test('a server by itself is told: it is no replica set', async () => {
    const { uri, remove } = await mongoServer()
    onTestFinished(() => remove())
    expect(await lookAtMongo(`${uri}/sigma`)).toMatchObject({ ok: false, found: 'is a server by itself' })
  })

  test.each<[string, (at: string) => object]>([
    ['one of a replica set', (at) => ({ setName: 'rs0', setVersion: 1, hosts: [at], me: at, primary: at })],
    ['a router of a sharded cluster', () => ({ msg: 'isdbgrid' })],
  ])('%s is taken, with what it keeps and its time', async (_what, say) => {
    const { uri, remove } = await mongoServer()
    onTestFinished(() => remove())
    await keepPasskeys(await openedMongo(`${uri}/sigma`))
    const said = await sayingOfItself(uri, say)
    onTestFinished(() => said.close())
    const look = await lookAtMongo(`${said.uri}/sigma`)
    expect(look).toMatchObject({ ok: true, looked: { clients: [], time: expect.any(Number) } })
    expect(look.ok && look.looked?.passkeys?.toSorted((one, other) => one.people - other.people)).toEqual(PASSKEYS)
  })
})
