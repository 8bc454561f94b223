/** What store:restored leaves of a store, in both forms; test/flow/stores/backup.test.ts tries the doors. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { clientKind } from '../../src/client/record.ts'
import { personKind } from '../../src/person/kind.ts'
import { afterRestore } from '../../src/store/after-restore.ts'
import { openCluster } from '../../src/store/cluster.ts'
import { openClusterPortable } from '../../src/store/cluster-portable.ts'
import type { PortableStore, Records } from '../../src/store/portable.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { openSqlitePortable } from '../../src/store/sqlite/portable.ts'
import { authenticator } from '../support/samples/factors.ts'
import { NOW } from '../support/samples/records.ts'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, mongoServer, redisServer } from '../support/services/services.ts'
import { contents, failingAt, inhabit } from './inhabited.ts'
import { newDatabase } from './mongo-opened.ts'
import { testFile } from './temporary.ts'

const LATER = NOW + 60_000
const now = () => LATER
/** RFC 6238: of half a minute each. */
const STEP = LATER / 30_000

function suite(inhabited: (people: number) => Promise<PortableStore>): void {
  async function opened(people = 2): Promise<PortableStore> {
    const store = await inhabited(people)
    onTestFinished(() => store.close())
    return store
  }

  test('what may have been used or ended since the back-up is gone, and what people know and have is not', async () => {
    const store = await opened()
    const before = await contents(store)
    const restored = await afterRestore(store, now)
    const after = await contents(store)
    expect(after.artifacts).toEqual({})
    for (const name of ['audit', 'keys', 'counters'] as const) expect(after[name]).toEqual(before[name])
    expect(channels(after.parcels)).toEqual(channels(before.parcels).filter((channel) => channel === 'logout'))
    // Of `nobody` there was a remembered device only.
    const left = people(before).filter(([id]) => id !== 'nobody')
    expect(after.people).toEqual(Object.fromEntries(left.map(([id, person]) => [id, remains(person)])))
    const all = people(before).map(([, person]) => person)
    const sum = (count: (person: Records['people']) => number) => all.reduce((total, one) => total + count(one), 0)
    expect(restored).toEqual({
      people: sum(({ account }) => (account ? 1 : 0)),
      devices: sum(({ devices }) => devices.length),
      backupCodes: sum(({ backup }) => (backup ? 1 : 0)),
      links: sum(({ links }) => links.filter(({ usedAt }) => usedAt === undefined).length),
      cases: sum(({ cases }) => cases.filter(({ state }) => state === 'open').length),
      approvals: 0,
      parcels: channels(before.parcels).filter((channel) => channel !== 'logout').length,
      artifacts: Object.keys(before.artifacts).length,
    })
    const { approvals: _none, ...rest } = restored
    expect(Object.values(rest).every((count) => count > 0)).toBe(true)
    expect(await store.marks.find()).toBeUndefined()
    expect(await store.trail.verifyAudit()).toBeUndefined()
  })

  test('what waited for a second person may have been declined since: it waits no more', async () => {
    const store = await opened(1)
    const proposal = { id: 'one', at: NOW, actor: 'chris', via: 'pages', over: 1, changes: [] }
    const waits = { ...proposal, asked: { on: 'store' as const, status: 'deleted' as const } }
    const declined = {
      ...waits,
      id: 'two',
      decided: { state: 'declined' as const, actor: 'olga', via: 'pages', at: NOW },
    }
    await store.sections.clients.put('guarded', { ...clientKind.empty(), version: 1, proposals: [waits, declined] })
    expect(await afterRestore(store, now)).toMatchObject({ approvals: 1 })
    const found: Array<Records['clients']> = []
    for await (const page of store.sections.clients.pages())
      found.push(...page.filter(({ key }) => key === 'guarded').map(({ record }) => record))
    const decided = { state: 'withdrawn', actor: 'system', via: 'command-line', at: LATER }
    expect(found.map(({ proposals }) => proposals)).toEqual([[{ ...waits, decided }, declined]])
  })

  test('a step that was used later than now stays used', async () => {
    const store = await opened(1)
    await afterRestore(store, () => LATER + 90_000)
    await afterRestore(store, now)
    const apps = people(await contents(store)).flatMap(([, { authenticators }]) => authenticators)
    expect(apps.filter(({ kind }) => kind === 'totp').map(({ lastStep }) => lastStep)).toEqual([STEP + 3])
  })

  test.each([
    ['of an app whose codes last longer, steps are counted by its own', { period: 60, lastUsedAt: LATER }, 60],
    ['one that was brought along may still answer the usual way, and is not used up for years', { period: 15 }, 30],
  ])('%s', async (_which, given, seconds) => {
    const store = await opened(1)
    const app = authenticator({ accountId: 'slow', imported: true, ...given })
    await store.sections.people.put('slow', { ...personKind.empty(), authenticators: [app] })
    await afterRestore(store, now)
    const found = people(await contents(store)).find(([id]) => id === 'slow')?.[1]
    expect(found?.authenticators).toEqual([{ ...app, lastStep: Math.floor(LATER / (1000 * seconds)) }])
  })

  test('interrupted anywhere, it may not be served from, and is run again', async () => {
    const store = await opened(4)
    for (const writes of [0, 1, 3]) {
      await expect(afterRestore(failingAt(store, writes), now)).rejects.toThrow('power cut')
      expect(await store.marks.find()).toEqual({ kind: 'restore', at: LATER })
    }
    await afterRestore(store, now)
    const { artifacts, people } = await contents(store)
    expect(artifacts).toEqual({})
    expect(Object.values(people).filter((person) => (person as Records['people']).devices.length > 0)).toEqual([])
    expect(await store.marks.find()).toBeUndefined()
  })

  test('a copy that was not finished is not taken for a back-up', async () => {
    const store = await opened(1)
    const before = await contents(store)
    await store.marks.put({ kind: 'copy', at: NOW })
    await expect(afterRestore(store, now)).rejects.toMatchObject({ code: 'store-not-servable' })
    expect(await contents(store)).toEqual(before)
  })
}

function remains({ backup: _backup, ...person }: Records['people']): object {
  const { account, authenticators, links, cases } = person
  return {
    ...person,
    // Higher than it can have become since.
    ...(account && { account: { ...account, epoch: account.epoch + 1000 } }),
    ...{ addressCodes: [], temporaryCodes: [], sentCodes: [], wizards: [], devices: [] },
    authenticators: authenticators.map((one) => (one.kind === 'totp' ? { ...one, lastStep: STEP } : one)),
    links: links.map((link) => ({ ...link, usedAt: link.usedAt ?? LATER })),
    cases: cases.map((one) => (one.state === 'open' ? { ...one, state: 'canceled', closedAt: LATER } : one)),
  }
}

function people(all: Awaited<ReturnType<typeof contents>>): Array<[id: string, person: Records['people']]> {
  return Object.entries(all.people) as Array<[string, Records['people']]>
}

function channels(parcels: Record<string, object>): string[] {
  return Object.values(parcels as Record<string, Records['parcels']>)
    .map(({ channel }) => channel)
    .sort()
}

describe('SQLite', () => {
  suite(async (people) => {
    const path = testFile()
    const store = openSqliteStore(path)
    await inhabit(store, people)
    await store.close()
    return openSqlitePortable(path)
  })
})

describeWith(['mongo', 'redis'], 'MongoDB and Redis', () => {
  let mongo: Service
  let redis: Service
  let number = 0

  beforeAll(async () => {
    ;[mongo, redis] = await Promise.all([mongoServer(), redisServer()])
  })
  afterAll(() => Promise.all([mongo.remove(), redis.remove()]))

  suite(async (people) => {
    number += 1
    const address = { mongodb: newDatabase(mongo), redis: `${redis.uri}/${number}`, now, onWarning: () => undefined }
    const store = await openCluster(address)
    await inhabit(store, people)
    await store.close()
    return openClusterPortable(address)
  })
})
