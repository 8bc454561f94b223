/** The rules for when a backup code is made anew in the security settings. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { BackupCode } from '../../../src/person/backup-code.ts'
import { backupCode, equip, everything, people } from '../../support/samples/factors.ts'
import { parcel } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const mfa = () => bench()
const renew = (code: BackupCode, before: string | undefined) => mfa().renewBackupCode(code, before, [parcel()])
const look = () => Promise.all(['sanne', 'bram'].map((accountId) => everything(mfa(), accountId)))

describe('a new backup code', () => {
  beforeEach(() => people(mfa(), 'sanne', 'bram'))

  test('takes the place of the one that the page was about, forgets the devices and moves the epoch up', async () => {
    const { backup } = await equip(mfa())
    await equip(mfa(), 'bram')
    const [before, bram] = await look()
    const code = backupCode()
    expect(await mfa().renewBackupCode(code, backup.id, [parcel(), parcel()])).toBe(true)
    const changed = { account: { ...before?.account, epoch: (before?.account?.epoch ?? 0) + 1 }, waiting: 2 }
    expect(await look()).toEqual([
      { ...before, ...changed, backup: code, devices: [] },
      { ...bram, waiting: 2 },
    ])
    expect(await mfa().useBackupCode('sanne', backup.id, backupCode())).toBe(false)
  })

  test('comes where there was none, if the page was about none', async () => {
    const { backup: brams } = await equip(mfa(), 'bram')
    const code = backupCode()
    expect(await renew(backupCode(), 'unknown')).toBe(false)
    expect(await renew(code, undefined)).toBe(true)
    expect(await mfa().findBackupCode('sanne')).toEqual(code)
    expect(await mfa().findBackupCode('bram')).toEqual(brams)
  })

  test('changes nothing when another tab was first: renewed, made, used, or another account’s', async () => {
    const { backup } = await equip(mfa())
    const { backup: brams } = await equip(mfa(), 'bram')
    const refused = async (before: string | undefined) => {
      const was = await look()
      expect(await renew(backupCode(), before)).toBe(false)
      expect(await look()).toEqual(was)
    }
    for (const before of [undefined, '', 'unknown', brams.id]) await refused(before)
    const next = backupCode()
    await renew(next, backup.id)
    await refused(backup.id)
    await mfa().useBackupCode('sanne', next.id, backupCode())
    await refused(next.id)
  })
})
