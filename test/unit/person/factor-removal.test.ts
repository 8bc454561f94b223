/** The rules for when an authenticator is removed, or two-step verification turned off. */
import { beforeEach, describe, expect, test } from 'vitest'
import {
  activation,
  appChange,
  enroll,
  equip,
  everything,
  numberChange,
  pending,
} from '../../support/samples/factors.ts'
import { account, link, NOW, parcel } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const mfa = () => bench()
const list = (accountId = 'sanne') => mfa().listAuthenticators(accountId)
const epoch = async () => (await mfa().findAccount('sanne'))?.epoch ?? 0
const look = () => Promise.all(['sanne', 'bram'].map((accountId) => everything(mfa(), accountId)))

async function enrolled() {
  for (const id of ['sanne', 'bram']) {
    await mfa().insertAccount(account({ id, enrolledAt: NOW - 1 }), link(id), [])
  }
}

describe('removing an authenticator', () => {
  beforeEach(enrolled)

  const remove = (id: string, accountId = 'sanne') => mfa().removeAuthenticator(accountId, id, [parcel()])

  /** Tries, and checks that nothing at all was changed. */
  async function refused(reason: 'last' | 'unknown', id: string, accountId = 'sanne') {
    const before = await look()
    expect(await remove(id, accountId)).toBe(reason)
    expect(await look()).toEqual(before)
  }

  test('that is a number forgets the devices, moves the epoch up and sends the parcels', async () => {
    const { app, phone, backup } = await equip(mfa())
    await equip(mfa(), 'bram')
    const [before, bram] = await look()
    expect(await mfa().removeAuthenticator('sanne', phone.id, [parcel(), parcel()])).toBe('removed')
    const changed = { account: { ...before?.account, epoch: (before?.account?.epoch ?? 0) + 1 }, waiting: 2 }
    expect(await look()).toEqual([
      { ...before, ...changed, authenticators: [app], backup, devices: [] },
      { ...bram, waiting: 2 },
    ])
  })

  test('that is an app works while there is another one; the only one stays, number or not', async () => {
    const { app, phone } = await equip(mfa())
    const other = await enroll(mfa(), { createdAt: NOW + 2 })
    await enroll(mfa(), { accountId: 'bram' })
    expect(await remove(app.id)).toBe('removed')
    expect(await list()).toEqual([phone, other])
    await refused('last', other.id)
    expect(await remove(phone.id)).toBe('removed')
    await refused('last', other.id)
  })

  test('of another account, or that is gone, does nothing, and nobody is told', async () => {
    const { phone } = await equip(mfa())
    await equip(mfa(), 'bram')
    const other = await enroll(mfa())
    for (const id of [phone.id, other.id]) await refused('unknown', id, 'bram')
    for (const id of ['unknown', '', '%']) await refused('unknown', id)
    await remove(phone.id)
    await refused('unknown', phone.id)
  })
})

describe('turning two-step verification off', () => {
  beforeEach(enrolled)

  test('takes all of it away with the only app, of this account only', async () => {
    const { app, phone, temporary, sent, wizard } = await equip(mfa())
    await equip(mfa(), 'bram')
    const [before, bram] = await look()
    expect(await mfa().turnOff('sanne', app.id, [parcel(), parcel()])).toBe(true)
    const off = { ...before?.account, enrolledAt: undefined, epoch: (before?.account?.epoch ?? 0) + 1 }
    const nothing = { authenticators: [], backup: undefined, devices: [], pending: undefined }
    expect(await look()).toEqual([
      { account: off, ...nothing, waiting: 2 },
      { ...bram, waiting: 2 },
    ])
    expect(await mfa().useTemporaryCode('sanne', temporary.digest, NOW)).toBe(false)
    // What was under way could have put a factor back, and nobody would be asked for it.
    const given = { epoch: await epoch() }
    expect(await mfa().addNumber(numberChange(sent, given), NOW, [])).toBe(false)
    expect(await mfa().changeApp(appChange(wizard, given), NOW, [])).toBe(false)
    expect(await mfa().activate(activation(wizard, given), NOW, [])).toBe(false)
    expect(await list()).not.toContainEqual(phone)
  })

  test('is done for the only app: not by a number, an unknown id, another account’s, or while there are two', async () => {
    const { app, phone } = await equip(mfa())
    const { app: brams } = await equip(mfa(), 'bram')
    const refused = async (id: string, accountId = 'sanne') => {
      const before = await look()
      expect(await mfa().turnOff(accountId, id, [parcel()])).toBe(false)
      expect(await look()).toEqual(before)
    }
    for (const id of [phone.id, 'unknown', '', brams.id]) await refused(id)
    await refused(app.id, 'bram')
    const other = await enroll(mfa(), { createdAt: NOW + 2 })
    for (const { id } of [app, other]) await refused(id)
    await mfa().removeAuthenticator('sanne', app.id, [])
    await refused(app.id)
    expect(await mfa().turnOff('sanne', other.id, [])).toBe(true)
    await refused(other.id)
  })

  test('opens the door to a first factor again', async () => {
    const { app } = await equip(mfa())
    await mfa().turnOff('sanne', app.id, [])
    const wizard = pending()
    await mfa().putPending(wizard, NOW)
    const first = activation(wizard, { epoch: await epoch(), firstOnly: true })
    expect(await mfa().activate(first, NOW + 5, [])).toBe(true)
    expect((await mfa().findAccount('sanne'))?.enrolledAt).toBe(NOW + 5)
  })
})
