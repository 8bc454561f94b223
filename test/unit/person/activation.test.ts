/** The rules for when a factor is turned on: all of it, or nothing. */

import { beforeEach, describe, expect, test } from 'vitest'
import type { Activation } from '../../../src/person/factor-changes.ts'
import type { Of } from '../../support/people/asked-people.ts'
import {
  activation,
  authenticator,
  backupCode,
  caseDecision,
  device,
  enroll,
  everything,
  pending,
  people,
  recoveryCase,
  temporaryCode,
} from '../../support/samples/factors.ts'
import { NOW, parcel } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const mfa = () => bench()

async function begun(given = {}) {
  const wizard = pending(given)
  await mfa().putPending(wizard, NOW)
  return wizard
}

/** An account with something to lose. */
async function equipped(accountId: string) {
  const [one, backup] = [await enroll(mfa(), { accountId }), backupCode({ accountId })]
  await mfa().replaceBackupCode(backup, [])
  const remembered = device({ accountId })
  await mfa().insertDevice(remembered, 5, [])
  return { one, backup, remembered }
}

/** Tries, and checks that nothing at all was changed. */
async function refused(wanted: Of<Activation>, now = NOW) {
  const look = async () => [
    await everything(mfa(), 'sanne', wanted.from.key),
    await everything(mfa(), 'bram', wanted.from.key),
  ]
  const before = await look()
  expect(await mfa().activate(wanted, now, [parcel()])).toBe(false)
  expect(await look()).toEqual(before)
}

describe('turning a factor on', () => {
  beforeEach(() => people(mfa(), 'sanne', 'bram'))

  const enrolledAt = async (id: string) => (await mfa().findAccount(id))?.enrolledAt
  const epoch = async () => (await mfa().findAccount('sanne'))?.epoch ?? 0

  /** The only way to lose every factor and stay enrolled: the help desk. */
  async function lost() {
    const one = recoveryCase()
    await mfa().insertCase(one, [])
    await mfa().decideCase(caseDecision(one, { code: temporaryCode() }), [])
  }

  test('keeps the authenticator and the backup code, moves the wizard on and sends the parcels', async () => {
    const wizard = await begun()
    const wanted = activation(wizard, { authenticator: authenticator({ lastStep: 12 }) })
    expect(await mfa().activate(wanted, NOW, [parcel(), parcel()])).toBe(true)
    expect(await everything(mfa(), 'sanne', wizard.key)).toMatchObject({
      account: { enrolledAt: NOW },
      authenticators: [wanted.authenticator],
      backup: wanted.backup,
      devices: [],
      pending: wanted.next,
      waiting: 2,
    })
    // The code that proved it was its first use.
    expect(await mfa().advanceStep('sanne', wanted.authenticator.id, 12, NOW)).toBe(false)
  })

  test('beside others leaves them, the remembered devices and the epoch, and replaces the backup code', async () => {
    const { one, backup, remembered } = await equipped('sanne')
    const before = await epoch()
    const added = authenticator({ createdAt: NOW + 1 })
    const wanted = activation(await begun(), { authenticator: added })
    expect(await mfa().activate(wanted, NOW, [])).toBe(true)
    expect(await mfa().listAuthenticators('sanne')).toEqual([one, added])
    expect(await mfa().listDevices('sanne', NOW)).toEqual([remembered])
    expect(await mfa().findBackupCode('sanne')).toEqual(wanted.backup)
    expect(await mfa().useBackupCode('sanne', backup.id, backupCode())).toBe(false)
    expect(await epoch()).toBe(before)
  })

  test('instead of all others removes them and the devices, and moves the epoch up, of this account only', async () => {
    await equipped('sanne')
    const { remembered } = await equipped('sanne')
    await equipped('bram')
    const [bram, before] = [await everything(mfa(), 'bram'), await epoch()]
    const wanted = activation(await begun(), { replacesAll: true })
    expect(await mfa().activate(wanted, NOW, [])).toBe(true)
    expect(await mfa().listAuthenticators('sanne')).toEqual([wanted.authenticator])
    expect(await mfa().listDevices('sanne', NOW)).toEqual([])
    expect(await mfa().findDevice(remembered.id, NOW)).toBeUndefined()
    expect(await epoch()).toBe(before + 1)
    expect(await everything(mfa(), 'bram')).toEqual(bram)
  })

  test('says when it was first done, which stays when all factors are replaced or removed', async () => {
    const first = activation(await begun())
    await mfa().activate(first, NOW + 1, [])
    expect(await enrolledAt('sanne')).toBe(NOW + 1)
    expect(await enrolledAt('bram')).toBeUndefined()
    expect(await mfa().activate(activation(await begun(), { replacesAll: true }), NOW + 2, [])).toBe(true)
    await lost()
    expect(await mfa().listAuthenticators('sanne')).toEqual([])
    expect(await enrolledAt('sanne')).toBe(NOW + 1)
  })

  test('with the password alone works for the first factor, and never again, even when that one is gone', async () => {
    const first = activation(await begun(), { firstOnly: true })
    expect(await mfa().activate(first, NOW, [])).toBe(true)
    await refused(activation(await begun(), { firstOnly: true, replacesAll: true }))
    await lost()
    const wizard = await begun()
    await refused(activation(wizard, { epoch: await epoch(), firstOnly: true, replacesAll: true }))
    expect(await mfa().activate(activation(wizard, { epoch: await epoch() }), NOW, [])).toBe(true)
  })

  test('for an account that is not there changes nothing', async () => {
    const wizard = await begun({ accountId: 'nobody' })
    expect(await mfa().activate(activation(wizard), NOW, [parcel()])).toBe(false)
    expect(await everything(mfa(), 'nobody', wizard.key)).toMatchObject({
      authenticators: [],
      pending: wizard,
      waiting: 0,
    })
    expect(await mfa().findBackupCode('nobody')).toBeUndefined()
  })

  test('from an older version of the wizard, or one that is not there yet, changes nothing', async () => {
    await equipped('sanne')
    const first = await begun()
    const second = { ...first, version: 2 }
    await mfa().putPending(second, NOW)
    await refused(activation(first, { replacesAll: true, next: { ...first, version: 3 } }))
    await refused(activation({ ...first, version: 3 }, { replacesAll: true }))
    expect(await mfa().activate(activation(second), NOW, [])).toBe(true)
  })

  test('twice from one version changes nothing the second time', async () => {
    const wizard = await begun()
    expect(await mfa().activate(activation(wizard), NOW, [])).toBe(true)
    await refused(activation(wizard, { replacesAll: true }))
  })

  test('to a version that is not higher changes nothing: it could be done again', async () => {
    const wizard = await begun()
    await refused(activation(wizard, { next: wizard }))
  })

  test('changes nothing from the moment the wizard expires, and works until then', async () => {
    await equipped('sanne')
    const wizard = await begun()
    await refused(activation(wizard, { replacesAll: true }), wizard.expiresAt)
    await refused(activation(wizard, { replacesAll: true }), wizard.expiresAt + 1)
    expect(await mfa().activate(activation(wizard), wizard.expiresAt - 1, [])).toBe(true)
  })

  test('from a wizard that was never begun, or was given up, changes nothing', async () => {
    await refused(activation(pending()))
    const wizard = await begun()
    await mfa().removePending(wizard.accountId, wizard.key)
    await refused(activation(wizard))
  })

  test("from another account's wizard, or for two accounts together, changes nothing", async () => {
    await equipped('sanne')
    await equipped('bram')
    const wizard = await begun()
    const replacesAll = true
    await refused(activation({ ...wizard, accountId: 'bram' }, { replacesAll }))
    await refused(activation(wizard, { replacesAll, accountId: 'bram' }))
    const bram = { accountId: 'bram', authenticator: authenticator({ accountId: 'bram' }) }
    await refused(activation(wizard, { replacesAll, ...bram, backup: backupCode({ accountId: 'bram' }) }))
    await refused(activation(wizard, { replacesAll, authenticator: authenticator({ accountId: 'bram' }) }))
    await refused(activation(wizard, { replacesAll, backup: backupCode({ accountId: 'bram' }) }))
    await refused(activation(wizard, { replacesAll, next: { ...wizard, version: 2, accountId: 'bram' } }))
  })
})
