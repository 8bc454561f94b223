/** The rules about enrolled authenticators. */
import { beforeEach, describe, expect, test } from 'vitest'
import { enroll, people } from '../../support/samples/factors.ts'
import { AWKWARD, NOW, parcel } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const mfa = () => bench()
const list = (accountId = 'sanne') => mfa().listAuthenticators(accountId)
const waiting = async () => (await mfa().backlog()).waiting

const somebody = () => people(mfa(), 'sanne', 'bram', 'joost')

describe('authenticators', () => {
  beforeEach(somebody)

  test('are listed oldest first, exactly as they were put in, and no one else’s', async () => {
    const full = { label: AWKWARD, sealed: AWKWARD, numberKey: AWKWARD, lastStep: 59_000_000, lastUsedAt: NOW + 1 }
    const second = await enroll(mfa(), { ...full, kind: 'sms', createdAt: NOW + 2 })
    const first = await enroll(mfa(), { createdAt: NOW + 1 })
    const third = await enroll(mfa(), { createdAt: NOW + 3 })
    await enroll(mfa(), { accountId: 'bram' })
    expect(await list()).toEqual([first, second, third])
    expect(await list('nobody')).toEqual([])
    expect(await list('SANNE')).toEqual([])
  })

  test('are renamed by their own account only, with the parcels that tell of it', async () => {
    const [one, other] = [await enroll(mfa()), await enroll(mfa(), { createdAt: NOW + 1 })]
    expect(await mfa().renameAuthenticator('bram', one.id, 'Stolen', [parcel()])).toBe(false)
    expect(await mfa().renameAuthenticator('sanne', 'unknown', 'Stolen', [parcel()])).toBe(false)
    expect(await list()).toEqual([one, other])
    expect(await waiting()).toBe(0)
    expect(await mfa().renameAuthenticator('sanne', one.id, AWKWARD, [parcel(), parcel()])).toBe(true)
    expect(await list()).toEqual([{ ...one, label: AWKWARD, entry: one.label }, other])
    expect(await waiting()).toBe(2)
  })

  test('with one number are counted by account', async () => {
    const sms = { kind: 'sms', numberKey: 'number' } as const
    expect(await mfa().countNumber('number')).toBe(0)
    await enroll(mfa(), sms)
    await enroll(mfa(), { ...sms, numberKey: 'other', accountId: 'joost' })
    await enroll(mfa())
    expect(await mfa().countNumber('number')).toBe(1)
    const { id } = await enroll(mfa(), { ...sms, accountId: 'bram' })
    expect(await mfa().countNumber('number')).toBe(2)
    await mfa().removeAuthenticator('bram', id, [])
    expect(await mfa().countNumber('number')).toBe(1)
  })
})

describe('a time step', () => {
  beforeEach(somebody)

  const advance = (id: string, step: number, accountId = 'sanne', now = NOW) =>
    mfa().advanceStep(accountId, id, step, now)

  test('moves forward only, and says when the authenticator was used', async () => {
    const [one, other] = [await enroll(mfa(), { lastStep: 7 }), await enroll(mfa(), { createdAt: NOW + 1 })]
    for (const used of [0, 6, 7]) expect(await advance(one.id, used)).toBe(false)
    expect(await list()).toEqual([one, other])
    expect(await advance(one.id, 8, 'sanne', NOW + 5)).toBe(true)
    expect(await advance(one.id, 8, 'sanne', NOW + 6)).toBe(false)
    expect(await list()).toEqual([{ ...one, lastStep: 8, lastUsedAt: NOW + 5 }, other])
  })

  test("of another account's authenticator does not move, nor does one that is not there", async () => {
    const one = await enroll(mfa())
    await enroll(mfa(), { accountId: 'bram' })
    expect(await advance(one.id, 8, 'bram')).toBe(false)
    expect(await advance('unknown', 8)).toBe(false)
    expect(await list()).toEqual([one])
  })
})
