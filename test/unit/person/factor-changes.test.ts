/** The rules for when an app or a number is set up in the security settings. */

import { beforeEach, describe, expect, test } from 'vitest'
import type { AppChange } from '../../../src/person/factor-changes.ts'
import type { SentCode } from '../../../src/person/sent-code.ts'
import type { PendingEnrollment } from '../../../src/person/wizard.ts'
import type { Of } from '../../support/people/asked-people.ts'
import {
  appChange,
  authenticator,
  backupCode,
  device,
  enroll,
  equip,
  everything,
  numberChange,
  pending,
  people,
  sentCode,
} from '../../support/samples/factors.ts'
import { NOW, parcel } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const mfa = () => bench()
const list = (accountId = 'sanne') => mfa().listAuthenticators(accountId)
const epoch = async (id = 'sanne') => (await mfa().findAccount(id))?.epoch ?? 0

const both = () => people(mfa(), 'sanne', 'bram')

async function begun(given: Partial<PendingEnrollment> = {}) {
  const wizard = pending(given)
  await mfa().putPending(wizard, NOW)
  return wizard
}

describe('one more app', () => {
  beforeEach(both)

  /** Tries, and checks that nothing at all was changed. */
  async function refused(wanted: Of<AppChange>, now = NOW) {
    const look = () => Promise.all(['sanne', 'bram'].map((accountId) => everything(mfa(), accountId, wanted.from.key)))
    const before = await look()
    expect(await mfa().changeApp(wanted, now, [parcel()])).toBe(false)
    expect(await look()).toEqual(before)
  }

  test('comes beside the others: the wizard ends, the devices are forgotten, the epoch moves up, parcels go', async () => {
    const { app, phone, backup } = await equip(mfa())
    await equip(mfa(), 'bram')
    const [bram, before] = [await everything(mfa(), 'bram'), await everything(mfa(), 'sanne')]
    const wizard = await begun()
    const wanted = appChange(wizard, { most: 2 })
    expect(await mfa().changeApp(wanted, wizard.expiresAt - 1, [parcel(), parcel()])).toBe(true)
    expect(await everything(mfa(), 'sanne', wizard.key)).toEqual({
      account: { ...before.account, epoch: (before.account?.epoch ?? 0) + 1 },
      authenticators: [app, phone, wanted.authenticator],
      backup,
      devices: [],
      pending: undefined,
      waiting: 2,
    })
    expect(await everything(mfa(), 'bram')).toEqual({ ...bram, waiting: 2 })
  })

  test('takes the place of the one that it replaces, and of no other, however many there are', async () => {
    const { app, phone } = await equip(mfa())
    const other = await enroll(mfa(), { createdAt: NOW + 2 })
    const wanted = appChange(await begun(), { replaces: app.id, most: 1 })
    expect(await mfa().changeApp(wanted, NOW, [])).toBe(true)
    expect(await list()).toEqual([phone, other, wanted.authenticator])
  })

  test('comes only while there is room; numbers do not count', async () => {
    const { app } = await equip(mfa())
    const wizard = await begun()
    await refused(appChange(wizard, { most: 1 }))
    await refused(appChange(wizard, { most: 0 }))
    expect(await mfa().changeApp(appChange(wizard, { most: 2 }), NOW, [])).toBe(true)
    await mfa().removeAuthenticator('sanne', app.id, [])
    const again = { epoch: await epoch(), most: 2 }
    expect(await mfa().changeApp(appChange(await begun(), again), NOW, [])).toBe(true)
    await refused(appChange(await begun(), { ...again, epoch: await epoch() }))
  })

  test('does not come when the one that it replaces is gone, a number, or another account’s', async () => {
    const { app, phone } = await equip(mfa())
    await enroll(mfa())
    const bram = await enroll(mfa(), { accountId: 'bram' })
    await mfa().removeAuthenticator('sanne', app.id, [])
    const [wizard, given] = [await begun(), { epoch: await epoch() }]
    for (const replaces of [app.id, phone.id, bram.id, 'unknown', ''])
      await refused(appChange(wizard, { ...given, replaces }))
  })

  test('does not come from another version of the wizard, an expired one, one that ended or another account’s', async () => {
    const wizard = await begun()
    await refused(appChange({ ...wizard, version: 2 }))
    await refused(appChange({ ...wizard, version: 0 }))
    await refused(appChange({ ...wizard, accountId: 'bram' }))
    await refused(appChange(wizard, { authenticator: authenticator({ accountId: 'bram' }) }))
    await refused(appChange(pending()))
    await refused(appChange(wizard), wizard.expiresAt)
    await mfa().putPending({ ...wizard, version: 2 }, NOW)
    await refused(appChange(wizard))
    expect(await mfa().changeApp(appChange({ ...wizard, version: 2 }), NOW, [])).toBe(true)
    await refused(appChange({ ...wizard, version: 2 }, { epoch: await epoch() }))
  })
})

describe('a number', () => {
  beforeEach(both)

  async function sent(given: Partial<SentCode> = {}) {
    const code = sentCode(given)
    await mfa().putSentCode(code, [])
    return code
  }

  test('comes with the code that was sent, which is used up, instead of the one before', async () => {
    const { app, backup, wizard } = await equip(mfa())
    await equip(mfa(), 'bram')
    const [bram, before, code] = [await everything(mfa(), 'bram'), await everything(mfa(), 'sanne'), await sent()]
    const wanted = numberChange(code)
    expect(await mfa().addNumber(wanted, code.expiresAt - 1, [parcel(), parcel()])).toBe(true)
    expect(await everything(mfa(), 'sanne', wizard.key)).toEqual({
      account: { ...before.account, epoch: (before.account?.epoch ?? 0) + 1 },
      authenticators: [app, wanted.authenticator],
      backup,
      devices: [],
      pending: wizard,
      waiting: 2,
    })
    expect(await mfa().findSentCode(code.accountId, code.key, NOW)).toBeUndefined()
    expect(await everything(mfa(), 'bram')).toEqual({ ...bram, waiting: 2 })
  })

  test('that is set up in the wizard moves no epoch, and forgets the devices all the same', async () => {
    await enroll(mfa())
    await mfa().insertDevice(device(), 5, [])
    await mfa().replaceBackupCode(backupCode(), [])
    const before = await epoch()
    expect(await mfa().addNumber(numberChange(await sent(), { raisesEpoch: false }), NOW, [])).toBe(true)
    expect(await epoch()).toBe(before)
    expect(await mfa().listDevices('sanne', NOW)).toEqual([])
  })

  test('does not come with a wrong code, another one, an expired one or another account’s; the code stays', async () => {
    await equip(mfa())
    const [code, other, bram] = [await sent(), await sent(), await sent({ accountId: 'bram' })]
    const before = await everything(mfa(), 'sanne')
    const add = (given: Parameters<typeof numberChange>[1] = {}, now = NOW) =>
      mfa().addNumber(numberChange(code, given), now, [parcel()])
    expect(await add({ sent: { key: code.key, digest: 'wrong' } })).toBe(false)
    expect(await add({ sent: { key: 'unknown', digest: code.digest } })).toBe(false)
    expect(await add({ sent: { key: other.key, digest: code.digest } })).toBe(false)
    expect(await add({ sent: bram })).toBe(false)
    expect(await add({}, code.expiresAt)).toBe(false)
    expect(await add({ authenticator: authenticator({ accountId: 'bram', kind: 'sms' }) })).toBe(false)
    expect(await everything(mfa(), 'sanne')).toEqual(before)
    expect(await list('bram')).toEqual([])
    expect(await mfa().findSentCode(code.accountId, code.key, NOW)).toEqual(code)
    expect(await add()).toBe(true)
  })
})
