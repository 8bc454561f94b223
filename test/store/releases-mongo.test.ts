/** SECURITY R-15: two releases at once on MongoDB. What only the later one knows is in nobody's way, and is not lost. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Service } from '../support/service-process.ts'
import { describeWith, mongoServer } from '../support/services.ts'
import { equip } from './conformance/mfa-samples.ts'
import { account, link, NOW, parcel } from './conformance/samples.ts'
import { newDatabase, onlooker, openedMongo } from './mongo-opened.ts'

describeWith(['mongo'], 'a field that a later release wrote', () => {
  let server: Service

  beforeAll(async () => {
    server = await mongoServer()
  })
  afterAll(() => server.remove())

  test.each([
    ['of a person', 'people', 'passkeys'],
    ['of an account', 'people', 'account.nickname'],
    ['of an authenticator', 'people', 'authenticators.0.color'],
    ['of a parcel that came with a person', 'people', 'outbox.0.priority'],
    ['of a parcel that came alone', 'batches', 'outbox.0.priority'],
  ])('%s stays, and what this release knows can be changed', async (_whose, collection, field) => {
    const uri = newDatabase(server)
    const { durable } = await openedMongo(uri)
    const sanne = account({ status: 'active' })
    await durable.insertAccount(sanne, link(sanne.id), [parcel(), parcel()])
    await equip(durable, sanne.id)
    await durable.enqueue([parcel(), parcel()])
    const documents = (await onlooker(uri)).collection(collection)
    await documents.updateOne({}, { $set: { [field]: 'of a later release' } })

    expect(await durable.findAccount(sanne.id)).toMatchObject({ id: sanne.id })
    expect(await durable.setLocale(sanne.id, 'en', [])).toBe(true)
    const [app] = await durable.listAuthenticators(sanne.id)
    expect(await durable.advanceStep(sanne.id, app?.id ?? '', 5, NOW)).toBe(true)
    expect(await durable.removeDevices(sanne.id)).toBe(1)
    expect(await durable.claim(NOW, NOW + 1, 10)).toHaveLength(4)
    const [kept] = await documents.find({}).toArray()
    expect(JSON.stringify(kept)).toContain('of a later release')
  })
})
