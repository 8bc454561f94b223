/** What is in the documents, and what may not get into them. */

import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { DAY } from '../../src/lib/time.ts'
import { emptyPersonRecord } from '../../src/person/person.ts'
import { connect } from '../../src/store/mongo/connection.ts'
import type { MongoStore } from '../../src/store/mongo/open.ts'
import { bare } from '../../src/store/portable.ts'
import { asked, withAsked } from '../support/people/asked-people.ts'
import { equip } from '../support/samples/factors.ts'
import { account, link, NOW } from '../support/samples/records.ts'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, mongoServer } from '../support/services/services.ts'
import { dropDatabase, newDatabase, onlooker, openedMongo } from './mongo-opened.ts'

describeWith(['mongo'], 'documents', () => {
  let server: Service
  let uri: string
  let durable: MongoStore['durable']

  beforeAll(async () => {
    server = await mongoServer()
  })
  afterAll(() => server.remove())
  beforeEach(async () => {
    uri = newDatabase(server)
    durable = (await openedMongo(uri)).durable
    return () => dropDatabase(uri)
  })

  const raw = async (collection: string) =>
    (await onlooker(uri)).collection<{ _id: string; [field: string]: unknown }>(collection)
  const inserted = async (one = account()) => {
    await asked(durable.people).insertAccount(one, link(one.id), [])
    return one
  }

  describe('an injection', () => {
    const anything = { $ne: 'x' } as never

    test.each<[string, () => Promise<unknown>]>([
      ['finding by id', () => asked(durable.people).findAccount(anything)],
      ['changing by id', () => asked(durable.people).advanceStep(anything, 'id', 1, NOW)],
      ['finding by key', () => durable.people.findBy(anything)],
      ['listing', () => durable.people.list({ by: 'tidyAt', from: anything, limit: 1 })],
      ['counting', () => asked(durable.people).countNumber(anything)],
      ['spending', () => durable.spendStreak(anything, NOW, 5, [])],
    ])('by an object in the place of a text is refused: %s', async (_where, inject) => {
      await inserted(account({ id: 'first', passwordHash: 'hash-1' }))
      await expect(inject()).rejects.toThrow()
      expect(await asked(durable.people).searchAccounts('', 10)).toHaveLength(1)
    })

    test.each(['[', '(', '\\', '\\x{', '\ud800', '\u{1F600}(', 'a'.repeat(40_000), '('.repeat(900)])(
      'into a pattern finds nobody and breaks nothing (%#)',
      async (text) => {
        await inserted()
        expect(await asked(durable.people).searchAccounts(text, 10)).toEqual([])
      },
    )
  })

  test('a tombstone tells of nothing but the erasure', async () => {
    const one = await inserted(account({ status: 'active', enrolledAt: NOW }))
    await equip(withAsked(durable), one.id)
    await asked(durable.people).eraseAccount(one.id, NOW, [])
    const [kept] = await (await raw('people')).find().toArray()
    const lists = Object.entries(kept ?? {}).filter(([, value]) => !Array.isArray(value) || value.length > 0)
    expect(Object.fromEntries(lists)).toEqual({
      _id: one.id,
      rev: expect.any(Number),
      order: expect.any(String),
      record: { ...bare(emptyPersonRecord()), erasedAt: NOW, forgets: true },
      finders: { forgets: 1, derived: expect.any(String) },
    })
  })

  test('a person’s document does not grow with every browser', async () => {
    const { id } = await inserted(account({ passwordHash: 'hash-1' }))
    for (let i = 0; i < 120; i += 1)
      await asked(durable.people).rememberBrowser(`browser-${i}`, id, 'hash-1', NOW + DAY)
    expect(await asked(durable.people).isKnownBrowser('browser-119', id, NOW)).toBe(true)
    expect(await asked(durable.people).isKnownBrowser('browser-98', id, NOW)).toBe(true)
    expect(await asked(durable.people).isKnownBrowser('browser-99', id, NOW)).toBe(false)
  })

  describe('an address', () => {
    test('cannot make the store tell of writes that are not safe, or read what is not', async () => {
      const careless = 'w=1&journal=false&readConcernLevel=local&readPreference=secondary&socketTimeoutMS=0'
      const connection = await connect(`${uri}?${careless}`)
      onTestFinished(() => connection.close())
      const { writeConcern, readConcern, readPreference, socketTimeoutMS } = connection.getClient().options
      expect(writeConcern).toMatchObject({ w: 'majority', journal: true, j: true })
      expect({ level: readConcern.level, mode: readPreference.mode }).toEqual({ level: 'majority', mode: 'primary' })
      expect(socketTimeoutMS).toBe(4000)
    })

    test.each([
      'mongodb://sanne:secret@127.0.0.1',
      'mongodb://sanne:secret@127.0.0.1/',
      'mongodb://sanne:secret@127.0.0.1/?appName=x',
      'mongodb://sanne:secret@:1:2/sigma',
      'mongodb://sanne:secret@127.0.0.1/sigma?secret=1',
      'http://sanne:secret@127.0.0.1/sigma',
    ])('that makes no sense is refused, and its password told nobody (%#)', async (address) => {
      const fault = await connect(address).catch((error: Error) => error)
      expect(fault).toMatchObject({ code: 'invalid-input', faults: [{ path: 'address' }] })
      expect(String(fault)).not.toContain('secret')
    })
  })

  describe('at the start', () => {
    const start = () => openedMongo(uri)
    const indexes = async () =>
      (await (await raw('people')).listIndexes().toArray()).map(({ name }) => String(name)).toSorted()

    test('indexes that are missing are made', async () => {
      const before = await indexes()
      await (await raw('people')).dropIndex('keys')
      await start()
      expect(await indexes()).toEqual(before)
      expect(before).toContain('keys')
    })

    test.each([
      ['that lets through what is there twice', { keys: 1 }, { sparse: true }],
      ['of something else', { erasedAt: 1 }, { sparse: true, unique: true }],
      ['that throws documents away', { keys: 1 }, { sparse: true, unique: true, expireAfterSeconds: 1 }],
    ] as const)('an index %s is refused by name', async (_what, key, options) => {
      await (await raw('people')).dropIndex('keys')
      await (await raw('people')).createIndex(key, { name: 'keys', ...options })
      await expect(start()).rejects.toMatchObject({ code: 'invalid-input', faults: [{ path: 'people.keys' }] })
    })

    test('an index that cannot be made is refused by name, and tells no address', async () => {
      await (await raw('people')).dropIndex('keys')
      const two = ['a', 'b'].map((_id) => ({ _id, keys: ['email:secret@sigma.example'] }))
      await (await raw('people')).insertMany(two)
      const fault = await start().catch((error: Error) => error)
      expect(fault).toMatchObject({ code: 'invalid-input', faults: [{ path: 'people.keys' }] })
      expect(String(fault)).not.toContain('secret')
    })
  })
})
