/** SECURITY R-15: two releases at once on MongoDB. What only the later one knows is in nobody's way, and is not lost. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { setLocale } from '../../src/person/account.ts'
import { keyOf } from '../../src/person/kind.ts'
import { records } from '../../src/store/mongo/records.ts'
import { asked, withAsked } from '../support/people/asked-people.ts'
import { equip, passkey } from '../support/samples/factors.ts'
import { account, link, NOW, parcel } from '../support/samples/records.ts'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, mongoServer } from '../support/services/services.ts'
import { newDatabase, onlooker, openedMongo } from './mongo-opened.ts'
import { PEOPLE_BEFORE } from './people-before.ts'

const NO_MOVER = { move: async () => undefined, moveAll: async () => undefined }

describeWith(['mongo'], 'a field that a later release wrote', () => {
  let server: Service

  beforeAll(async () => {
    server = await mongoServer()
  })
  afterAll(() => server.remove())

  test.each([
    ['of a document', 'people', 'archived'],
    ['of a person', 'people', 'record.passkeys'],
    ['of an account', 'people', 'record.account.nickname'],
    ['of an authenticator', 'people', 'record.authenticators.0.color'],
    ['of a parcel', 'parcels', 'priority'],
  ])('%s stays, and what this release knows can be changed', async (_whose, collection, field) => {
    const uri = newDatabase(server)
    const { durable } = await openedMongo(uri)
    const sanne = account({ status: 'active' })
    await asked(durable.people).insertAccount(sanne, link(sanne.id), [parcel(), parcel()])
    await equip(withAsked(durable), sanne.id)
    await durable.enqueue([parcel(), parcel()])
    const documents = (await onlooker(uri)).collection(collection)
    await documents.updateOne({}, { $set: { [field]: 'of a later release' } })

    expect(await asked(durable.people).findAccount(sanne.id)).toMatchObject({ id: sanne.id })
    expect(await asked(durable.people).setLocale(sanne.id, 'en', [])).toBe(true)
    const [app] = await asked(durable.people).listAuthenticators(sanne.id)
    expect(await asked(durable.people).advanceStep(sanne.id, app?.id ?? '', 5, NOW)).toBe(true)
    expect(await asked(durable.people).removeDevices(sanne.id)).toBe(1)
    expect(await durable.claim(NOW, NOW + 1, 10)).toHaveLength(4)
    const [kept] = await documents.find({}).toArray()
    expect(JSON.stringify(kept)).toContain('of a later release')
  })

  test('a passkey that a node of a release before wrote over stays, is found again, and stays one’s', async () => {
    const uri = newDatabase(server)
    const next = (await openedMongo(uri)).durable
    const older = records(await onlooker(uri), PEOPLE_BEFORE, NO_MOVER, { patience: 1000 }).records
    const [sanne, bram] = ['sanne', 'bram'].map((id) =>
      account({ id, emailKey: id, enrolledAt: NOW, status: 'active' }),
    )
    if (!sanne || !bram) return expect.fail('nobody')
    const key = passkey({ accountId: 'sanne' }, { key: 'credential' })
    for (const one of [sanne, bram]) await asked(next.people).insertAccount(one, link(one.id), [])
    await next.people.change('sanne', (draft) => void draft.authenticators.push(key))

    expect(await older.change('sanne', (draft) => setLocale(draft, 'en', []))).toBe(true)
    expect((await next.people.find('sanne'))?.authenticators).toEqual([key])
    expect(await next.people.findBy(keyOf.passkey('credential'))).toBeUndefined()
    expect(await next.deriveAnew()).toBe(1)
    expect((await next.people.findBy(keyOf.passkey('credential')))?.id).toBe('sanne')
    expect(await next.people.counts('passkeyGroup')).toHaveLength(1)
    const steal = next.people.change('bram', (draft) => void draft.authenticators.push({ ...key, accountId: 'bram' }))
    await expect(steal).rejects.toMatchObject({ name: 'KeyTaken' })

    // Where somebody else has registered it in between, it stays theirs, and nobody is kept from starting.
    await older.change('sanne', (draft) => setLocale(draft, 'nl', []))
    await next.people.change('bram', (draft) => void draft.authenticators.push({ ...key, accountId: 'bram' }))
    expect(await next.deriveAnew()).toBe(1)
    expect((await next.people.findBy(keyOf.passkey('credential')))?.id).toBe('bram')
    expect(await next.deriveAnew()).toBe(0)
  })

  test('what a release before wrote is found by what this one finds people by, as a node starts and again later', async () => {
    const uri = newDatabase(server)
    const { durable } = await openedMongo(uri)
    const people = ['one', 'two'].map((id) => account({ id, organizationId: 'a', roles: ['owner'] }))
    for (const each of people) await asked(durable.people).insertAccount(each, link(each.id), [])
    const documents = (await onlooker(uri)).collection<{ _id: string }>('people')
    const asBefore = (_id: string) => documents.updateOne({ _id }, { $set: { finders: { organization: 'a' } } })
    await asBefore('one')
    await asBefore('two')
    expect(await durable.people.count('staffOf', 'a')).toBe(0)

    const told: unknown[] = []
    const next = await openedMongo(uri, { onDerived: (each) => told.push(each) })
    expect(told).toEqual([{ kind: 'people', records: 2 }])
    expect(await next.durable.people.count('staffOf', 'a')).toBe(2)
    await asBefore('one')
    expect([await next.durable.deriveAnew(), await next.durable.deriveAnew()]).toEqual([1, 0])
    expect(await durable.people.count('staffOf', 'a')).toBe(2)
  })
})
