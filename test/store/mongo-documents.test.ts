/** What is in the documents, and what may not get into them. */
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { DAY } from '../../src/lib/time.ts'
import { connect } from '../../src/store/mongo/connection.ts'
import { erasure } from '../../src/store/mongo/erasure.ts'
import type { MongoStore } from '../../src/store/mongo/open.ts'
import { people } from '../../src/store/mongo/people.ts'
import { unavailable } from '../../src/store/unavailable.ts'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, mongoServer } from '../support/services/services.ts'
import { authenticator, equip, people as insertPeople, sentCode } from './conformance/mfa-samples.ts'
import { account, addressCode, auditRecord, link, NOW, parcel } from './conformance/samples.ts'
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
    await durable.insertAccount(one, link(one.id), [])
    return one
  }

  describe('an injection', () => {
    const anything = { $ne: 'x' } as never

    test.each<[string, () => Promise<unknown>]>([
      ['finding by address', () => durable.findAccountByEmail(anything)],
      ['finding by id', () => durable.findAccount(anything)],
      ['changing by id', () => durable.advanceStep(anything, 'id', 1, NOW)],
      ['a record', () => inserted(account({ name: anything }))],
      ['a value', () => durable.rememberBrowser('browser', 'first', 'hash-1', anything)],
      ['a list', () => inserted(account({ roles: [anything] }))],
      ['counting', () => durable.countNumber(anything)],
      ['spending', () => durable.spendStreak(anything, NOW, 5, [])],
    ])('by an object in the place of a text is refused: %s', async (_where, inject) => {
      await inserted(account({ id: 'first', passwordHash: 'hash-1' }))
      await expect(inject()).rejects.toThrow()
      expect(await durable.searchAccounts('', 10)).toHaveLength(1)
    })

    test.each(['[', '(', '\\', '\\x{', '\ud800', '\u{1F600}(', 'a'.repeat(40_000), '('.repeat(900)])(
      'into a pattern finds nobody and breaks nothing (%#)',
      async (text) => {
        await inserted()
        expect(await durable.searchAccounts(text, 10)).toEqual([])
      },
    )
  })

  test('a record with a field of another kind than the schema has is not kept, and its fault tells nothing of it', async () => {
    const one = account({ locale: { en: true } as never, organization: 'secret' })
    const fault = await durable.insertAccount(one, link(one.id), []).catch((error: Error) => error)
    expect(`${fault}`).toMatch(/not as the schema says: account/)
    expect(JSON.stringify([fault, (fault as Error).cause])).not.toContain('secret')
    expect(await durable.findAccount(one.id)).toBeUndefined()
  })

  test('a tombstone tells of nothing but the erasure', async () => {
    const one = await inserted(account({ status: 'active', enrolledAt: NOW }))
    await equip(durable, one.id)
    await durable.eraseAccount(one.id, NOW, [])
    const [kept] = await (await raw('people')).find().toArray()
    const lists = Object.entries(kept ?? {}).filter(([, value]) => !Array.isArray(value) || value.length > 0)
    expect(Object.fromEntries(lists)).toEqual({ _id: one.id, rev: expect.any(Number), erasedAt: NOW })
  })

  test('a document that only held parcels goes with the last of them', async () => {
    const [first, second] = [parcel(), parcel()]
    await durable.enqueue([first, second])
    await durable.claim(NOW, NOW + 1, 2)
    await durable.settle(first.id, 1)
    expect(await (await raw('batches')).countDocuments()).toBe(1)
    await durable.settle(second.id, 1)
    expect(await (await raw('batches')).countDocuments()).toBe(0)
  })

  test('the fault about what is taken does not tell what it is', async () => {
    await insertPeople(durable, 'sanne', 'bram')
    const { app } = await equip(durable)
    const sent = sentCode({ accountId: 'bram' })
    await durable.putSentCode(sent, [])
    const taken = authenticator({ id: app.id, accountId: 'bram', kind: 'sms' })
    const change = { authenticator: taken, epoch: 1, sent, raisesEpoch: false }
    const fault = await durable.addNumber(change, NOW, []).catch((error: Error) => error)
    expect(fault).toBeInstanceOf(Error)
    expect(JSON.stringify([fault, `${fault}`, (fault as Error).cause])).not.toContain(app.id)
  })

  test('a code under the key of another account’s takes its place', async () => {
    await insertPeople(durable, 'sanne', 'bram')
    const [sent, mailed] = [sentCode(), addressCode('sanne')]
    await durable.putSentCode(sent, [])
    await durable.putAddressCode(mailed, [])
    const [nextSent, nextMailed] = [sent, mailed].map((code) => ({ ...code, accountId: 'bram' }))
    if (!nextSent || !nextMailed) throw new Error('two codes were made')
    await durable.putSentCode(nextSent, [parcel()])
    await durable.putAddressCode(nextMailed, [parcel()])
    expect(await durable.findSentCode(sent.key, NOW)).toEqual(nextSent)
    expect(await durable.findAddressCode(mailed.key, NOW)).toEqual(nextMailed)
    expect((await durable.backlog()).waiting).toBe(2)
  })

  test('a person’s document does not grow with every browser', async () => {
    const { id } = await inserted(account({ passwordHash: 'hash-1' }))
    for (let i = 0; i < 120; i += 1) await durable.rememberBrowser(`browser-${i}`, id, 'hash-1', NOW + DAY)
    expect(await durable.isKnownBrowser('browser-119', id, NOW)).toBe(true)
    expect(await durable.isKnownBrowser('browser-20', id, NOW)).toBe(true)
    expect(await durable.isKnownBrowser('browser-19', id, NOW)).toBe(false)
  })

  test('what expired is swept in more than one bite', async () => {
    for (let i = 0; i < 450; i += 1) await durable.putSentCode(sentCode({ accountId: `${i}`, expiresAt: NOW }), [])
    expect(await durable.sweepMfa(NOW - 1)).toBe(0)
    expect(await durable.sweepMfa(NOW)).toBe(450)
    expect(await durable.sweepMfa(NOW)).toBe(0)
  })

  describe('an erasure that is not finished', () => {
    const source = { ip: '192.0.2.77', correlation: 'c-1' }
    const addresses = async () => (await durable.listAudit({ limit: 10 })).map((record) => record.source?.ip)

    async function erasing(forgetAddresses: () => Promise<void>) {
      const connection = await connect(uri)
      onTestFinished(() => connection.close())
      const one = await inserted()
      await durable.appendAudit(auditRecord({ subject: one.id, source }))
      const { eraseAccount } = erasure(people(connection, { patience: 5000 }), forgetAddresses)
      return { one, erase: () => eraseAccount(one.id, NOW, [parcel()]) }
    }

    test('because MongoDB went away, or the process, is finished by the next sweep', async () => {
      const { one, erase } = await erasing(() => Promise.reject(unavailable('gone')))
      expect(await erase()).toBe(true)
      expect(await durable.erasedAt(one.id)).toBe(NOW)
      expect(await addresses()).toEqual([source.ip])
      await durable.sweepAccounts(NOW)
      expect(await addresses()).toEqual(['192.0.2.0/24'])
      expect(await (await raw('people')).countDocuments({ forgets: true })).toBe(0)
      expect(await erase()).toBe(false)
      expect((await durable.backlog()).waiting).toBe(1)
    })

    test('because of a mistake says so', async () => {
      const { one, erase } = await erasing(() => Promise.reject(new Error('a mistake')))
      await expect(erase()).rejects.toThrow('a mistake')
      expect(await durable.erasedAt(one.id)).toBe(NOW)
    })
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
      await (await raw('people')).dropIndex('emailKey')
      const two = ['a', 'b'].map((_id) => ({ _id, emailKey: 'secret@sigma.example' }))
      await (await raw('people')).insertMany(two)
      const fault = await start().catch((error: Error) => error)
      expect(fault).toMatchObject({ code: 'invalid-input', faults: [{ path: 'people.emailKey' }] })
      expect(String(fault)).not.toContain('secret')
    })
  })
})
