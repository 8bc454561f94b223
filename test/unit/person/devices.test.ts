/** The rules about remembered devices. */
import { describe, expect, test } from 'vitest'
import { SECOND } from '../../../src/lib/time.ts'
import type { RememberedDevice } from '../../../src/person/remembered-device.ts'
import { device } from '../../support/samples/factors.ts'
import { AWKWARD, NOW, parcel } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const MOST = 3

const mfa = () => bench()
const waiting = async () => (await mfa().backlog()).waiting
const list = (accountId = 'sanne', now = NOW) => mfa().listDevices(accountId, now)

async function remembered(given: Partial<RememberedDevice> = {}) {
  const one = device(given)
  await mfa().insertDevice(one, MOST, [])
  return one
}

describe('a remembered device', () => {
  test('is found by its id until it expires, exactly as it was put in', async () => {
    const plain = await remembered()
    const previous = { previousDigest: `${AWKWARD}-before`, previousUntil: NOW + 1 }
    const full = await remembered({
      ...previous,
      digest: AWKWARD,
      agent: AWKWARD,
      method: 'sms',
      lastUsedAt: NOW + 2,
    })
    expect(await mfa().findDevice(plain.id, plain.expiresAt - 1)).toEqual(plain)
    expect(await mfa().findDevice(full.id, NOW)).toEqual(full)
    expect(await mfa().findDevice(plain.id, plain.expiresAt)).toBeUndefined()
    for (const unknown of ['', plain.digest, `${plain.id}x`]) {
      expect(await mfa().findDevice(unknown, NOW)).toBeUndefined()
    }
  })

  test('is listed newest first until it expires, and no one else’s', async () => {
    const second = await remembered({ createdAt: NOW + 2, expiresAt: NOW + 20 })
    const first = await remembered({ createdAt: NOW + 1 })
    const third = await remembered({ createdAt: NOW + 3, expiresAt: NOW + 30 })
    await remembered({ accountId: 'bram' })
    expect(await list('sanne', NOW + 19)).toEqual([third, second, first])
    expect(await list('sanne', NOW + 20)).toEqual([third, first])
    expect(await list('nobody')).toEqual([])
  })

  test('comes with its parcels', async () => {
    await mfa().insertDevice(device(), MOST, [parcel(), parcel()])
    expect(await waiting()).toBe(2)
  })

  test('pushes out the oldest of its own account when there are too many', async () => {
    const bram = await remembered({ accountId: 'bram', createdAt: NOW - 1 })
    const oldest = await remembered({ createdAt: NOW + 1 })
    const kept: RememberedDevice[] = []
    for (const age of [2, 3, 4]) kept.unshift(await remembered({ createdAt: NOW + age }))
    expect(await list()).toEqual(kept)
    expect(await mfa().findDevice(oldest.id, NOW)).toBeUndefined()
    expect(await list('bram')).toEqual([bram])
  })

  test('is removed by its own account only, with parcels, and once', async () => {
    const [one, other] = [await remembered(), await remembered({ createdAt: NOW - 1 })]
    await remembered({ accountId: 'bram' })
    expect(await mfa().removeDevice('bram', one.id, [parcel()])).toBe(false)
    expect(await mfa().removeDevice('sanne', 'unknown', [parcel()])).toBe(false)
    expect(await list()).toEqual([one, other])
    expect(await waiting()).toBe(0)
    expect(await mfa().removeDevice('sanne', one.id, [parcel()])).toBe(true)
    expect(await mfa().removeDevice('sanne', one.id, [parcel()])).toBe(false)
    expect(await mfa().findDevice(one.id, NOW)).toBeUndefined()
    expect(await list()).toEqual([other])
    expect(await waiting()).toBe(1)
  })

  test('goes with all others of its account, and no one else’s; nobody is told of none', async () => {
    await remembered()
    await remembered()
    const bram = await remembered({ accountId: 'bram' })
    expect(await mfa().removeDevices('sanne', [parcel(), parcel()])).toBe(2)
    expect(await mfa().removeDevices('sanne', [parcel()])).toBe(0)
    expect(await list()).toEqual([])
    expect(await list('bram')).toEqual([bram])
    expect(await waiting()).toBe(2)
    expect(await mfa().removeDevices('bram')).toBe(1)
    expect(await waiting()).toBe(2)
  })
})

describe("a device's token", () => {
  const rotate = (one: RememberedDevice, to: string, from = one.digest, now = NOW) =>
    mfa().rotateDevice(one.id, from, to, now + 30 * SECOND, now)

  test('is exchanged for a new one; its expiry does not move', async () => {
    const [one, other] = [await remembered(), await remembered({ createdAt: NOW - 1 })]
    expect(await rotate(one, 'second', one.digest, NOW + 5)).toBe(true)
    const tokens = { digest: 'second', previousDigest: one.digest, previousUntil: NOW + 5 + 30 * SECOND }
    const rotated = { ...one, ...tokens, lastUsedAt: NOW + 5 }
    expect(await mfa().findDevice(one.id, NOW)).toEqual(rotated)
    expect(await list()).toEqual([rotated, other])
  })

  test('of before is kept beside it, and until when it counts; the one before that is forgotten', async () => {
    const one = await remembered()
    await rotate(one, 'second')
    const found = await mfa().findDevice(one.id, NOW)
    expect(found).toMatchObject({ digest: 'second', previousDigest: one.digest, previousUntil: NOW + 30 * SECOND })
    await rotate(one, 'third', 'second')
    expect(await mfa().findDevice(one.id, NOW)).toMatchObject({ digest: 'third', previousDigest: 'second' })
  })

  test('is not exchanged for the one before, an unknown one, another device’s, or once it expired', async () => {
    const [one, other] = [await remembered(), await remembered({ createdAt: NOW - 1 })]
    await rotate(one, 'second')
    const before = await list()
    expect(await rotate(one, 'third')).toBe(false)
    expect(await rotate(one, 'third', 'unknown')).toBe(false)
    expect(await rotate(one, 'third', other.digest)).toBe(false)
    expect(await rotate(one, 'third', 'second', one.expiresAt)).toBe(false)
    expect(await list()).toEqual(before)
    expect(await rotate(one, 'third', 'second', one.expiresAt - 1)).toBe(true)
  })
})
