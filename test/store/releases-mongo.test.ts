/** SECURITY R-15: two releases at once on MongoDB. What only the later one knows is in nobody's way, and is not lost. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, mongoServer } from '../support/services/services.ts'
import { enroll, equip } from './conformance/mfa-samples.ts'
import { account, addressCode, emailChange, emailUndo, link, NOW, parcel } from './conformance/samples.ts'
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

  test('an address change of the release before is undone by what its time says', async () => {
    const uri = newDatabase(server)
    const { durable } = await openedMongo(uri)
    const [one, code] = [account({ status: 'active', enrolledAt: NOW - 1 }), addressCode('')]
    const { id: accountId } = one
    await durable.insertAccount(one, link(accountId), [])
    await durable.putAddressCode({ ...code, accountId }, [])
    const undo = emailUndo(one)
    await durable.changeEmail(emailChange(one, code, { email: 'new@x.example', emailKey: 'new@x.example', undo }), [])
    for (const createdAt of [NOW - 1, NOW]) await enroll(durable, { accountId, createdAt })
    const documents = (await onlooker(uri)).collection('people')
    await documents.updateOne({}, { $unset: { 'undos.0.factors': 1, 'undos.0.enrolledAt': 1 } })
    // Written by somebody in between, as it is.
    await durable.setLocale(accountId, 'en', [])
    expect(await durable.findEmailUndo(undo.digest)).toMatchObject({ enrolledAt: undefined, factors: undefined })
    expect(await durable.undoEmail(undo.digest, NOW + 1, [])).toBe(true)
    expect(await durable.listAuthenticators(accountId)).toMatchObject([{ createdAt: NOW - 1 }])
    expect(await durable.findAccount(accountId)).toMatchObject({ email: one.email, enrolledAt: NOW - 1 })
  })
})
