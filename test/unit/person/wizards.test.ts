/** The rules about a wizard under way. */
import { describe, expect, test } from 'vitest'
import type { PendingEnrollment } from '../../../src/person/wizard.ts'
import { pending } from '../../support/samples/factors.ts'
import { AWKWARD, NOW } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const mfa = () => bench()
const put = (wizard: PendingEnrollment, now = NOW) => mfa().putPending(wizard, now)
const find = (wizard: PendingEnrollment, now = NOW) => mfa().findPending(wizard.key, wizard.accountId, now)

async function begun(given: Partial<PendingEnrollment> = {}) {
  const wizard = pending(given)
  expect(await put(wizard)).toBe(true)
  return wizard
}

describe('a wizard under way', () => {
  test('is found by key and account until it expires, exactly as it was put in', async () => {
    const wizard = await begun({ key: AWKWARD, sealed: AWKWARD })
    expect(await find(wizard, wizard.expiresAt - 1)).toEqual(wizard)
    expect(await find(wizard, wizard.expiresAt)).toBeUndefined()
    expect(await mfa().findPending(wizard.key, 'bram', NOW)).toBeUndefined()
    expect(await mfa().findPending('unknown', 'sanne', NOW)).toBeUndefined()
  })

  test('moves from version to version', async () => {
    const [wizard, other] = [await begun(), await begun()]
    const second = { ...wizard, version: 2, sealed: 'k1.second', expiresAt: wizard.expiresAt + 5 }
    expect(await put(second)).toBe(true)
    expect(await find(wizard, wizard.expiresAt)).toEqual(second)
    const third = { ...second, version: 3, sealed: 'k1.third' }
    expect(await put(third)).toBe(true)
    expect(await find(wizard)).toEqual(third)
    expect(await find(other)).toEqual(other)
  })

  test.each([0, 1, 2, 4, 5])('at version 2 does not become version %i', async (version) => {
    const wizard = await begun()
    const second = { ...wizard, version: 2 }
    await put(second)
    expect(await put({ ...wizard, version, sealed: 'k1.stale' })).toBe(false)
    expect(await find(wizard)).toEqual(second)
  })

  test.each([0, 2, 7])('does not begin at version %i', async (version) => {
    const wizard = pending({ version })
    expect(await put(wizard)).toBe(false)
    expect(await find(wizard)).toBeUndefined()
  })

  test('of one account is not moved by another', async () => {
    const wizard = await begun()
    expect(await put({ ...wizard, accountId: 'bram', version: 2 })).toBe(false)
    expect(await find(wizard)).toEqual(wizard)
    expect(await mfa().findPending(wizard.key, 'bram', NOW)).toBeUndefined()
  })

  test('that has expired is not there: it cannot be moved, and another begins in its place', async () => {
    const wizard = await begun()
    const later = wizard.expiresAt
    expect(await put({ ...wizard, version: 2, expiresAt: later + 10 }, later)).toBe(false)
    expect(await put({ ...wizard, sealed: 'k1.early' }, later - 1)).toBe(false)
    const next = { ...wizard, accountId: 'bram', sealed: 'k1.next', expiresAt: later + 10 }
    expect(await put(next, later)).toBe(true)
    expect(await find(next, later)).toEqual(next)
    expect(await find(wizard, later)).toBeUndefined()
  })

  test('that was given up is gone, and giving it up again does nothing', async () => {
    const [wizard, other] = [await begun(), await begun()]
    await mfa().removePending(wizard.accountId, wizard.key)
    await mfa().removePending(wizard.accountId, wizard.key)
    expect(await find(wizard)).toBeUndefined()
    expect(await find(other)).toEqual(other)
    expect(await put({ ...wizard, version: 2 })).toBe(false)
    expect(await put(wizard)).toBe(true)
  })
})
