/** The rules about the code that proves a new address, and the address for notices. */
import { describe, expect, test } from 'vitest'
import type { AddressCode } from '../../../src/person/address.ts'
import { AWKWARD, account, addressCode, link, NOW, parcel, winners } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const durable = () => bench()
const waiting = async () => (await durable().backlog()).waiting
const find = (one: AddressCode, now = NOW) => durable().findAddressCode(one.accountId, one.key, now)

async function person() {
  const one = account()
  await durable().insertAccount(one, link(one.id), [])
  return one
}

async function coded(accountId: string, given: Partial<AddressCode> = {}) {
  const one = addressCode(accountId, given)
  await durable().putAddressCode(one, [])
  return one
}

describe('a code that was mailed to a new address', () => {
  test('is found by its key until it expires, exactly as it was put in', async () => {
    const code = await coded(AWKWARD, { key: AWKWARD, digest: AWKWARD, sealed: AWKWARD })
    expect(await find(code, code.expiresAt - 1)).toEqual(code)
    expect(await find(code, code.expiresAt)).toBeUndefined()
    for (const unknown of ['', '%', 'unknown'])
      expect(await durable().findAddressCode('sanne', unknown, NOW)).toBeUndefined()
  })

  test('comes with its parcels, and replaces the one before for the same', async () => {
    const { id } = await person()
    const [old, other] = [await coded(id), await coded(id)]
    const code = addressCode(id, { key: old.key, sealed: 'new', createdAt: NOW + 1, expiresAt: old.expiresAt + 1 })
    await durable().putAddressCode(code, [parcel()])
    expect(await find(code, old.expiresAt)).toEqual(code)
    expect(await find(other)).toEqual(other)
    expect(await durable().setNoticeEmail(id, old, 'x@sigma.example', NOW, [parcel()])).toBe(false)
    expect(await waiting()).toBe(1)
  })

  test('is swept once it has expired', async () => {
    const code = await coded('sanne')
    expect(await durable().tidy(code.expiresAt - 1)).toBe(0)
    expect(await durable().tidy(code.expiresAt)).toBe(1)
    expect(await find(code)).toBeUndefined()
  })
})

describe('the address for notices', () => {
  const set = (accountId: string, code: { key: string; digest: string }, at = NOW) =>
    durable().setNoticeEmail(accountId, code, 'Second@sigma.example', at, [parcel()])

  test('is set by its code, which is used up, with parcels; nobody is signed out', async () => {
    const [sanne, bram] = [await person(), await person()]
    const [code, other] = [await coded(sanne.id), await coded(sanne.id)]
    expect(await set(sanne.id, code, code.expiresAt - 1)).toBe(true)
    expect(await durable().findAccount(sanne.id)).toEqual({ ...sanne, noticeEmail: 'Second@sigma.example' })
    expect(await durable().findAccount(bram.id)).toEqual(bram)
    expect(await find(code)).toBeUndefined()
    expect(await find(other)).toEqual(other)
    expect(await set(sanne.id, code)).toBe(false)
    expect(await waiting()).toBe(1)
  })

  test('is not set by a wrong code, another one, an expired one or another account’s; the code stays', async () => {
    const [sanne, bram] = [await person(), await person()]
    const [code, other] = [await coded(sanne.id), await coded(sanne.id)]
    expect(await set(sanne.id, { key: code.key, digest: 'wrong' })).toBe(false)
    expect(await set(sanne.id, { key: other.key, digest: code.digest })).toBe(false)
    expect(await set(sanne.id, { key: 'unknown', digest: code.digest })).toBe(false)
    expect(await set(bram.id, code)).toBe(false)
    expect(await set(sanne.id, code, code.expiresAt)).toBe(false)
    expect(await durable().findAccount(sanne.id)).toEqual(sanne)
    expect(await durable().findAccount(bram.id)).toEqual(bram)
    expect(await find(code)).toEqual(code)
    expect(await waiting()).toBe(0)
  })

  test('is removed once, with parcels; where there is none, nobody is told', async () => {
    const [sanne, bram] = [await person(), await person()]
    for (const { id } of [sanne, bram]) await set(id, await coded(id))
    const before = await durable().findAccount(bram.id)
    expect(await winners(20, () => durable().removeNoticeEmail(sanne.id, [parcel()]))).toBe(1)
    expect(await durable().removeNoticeEmail('unknown', [parcel()])).toBe(false)
    expect(await durable().findAccount(sanne.id)).toEqual(sanne)
    expect(await durable().findAccount(bram.id)).toEqual(before)
    expect(await waiting()).toBe(3)
  })
})
