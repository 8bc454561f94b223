/** The rules for when somebody changes a password, a language or a status; person-passwords.test.ts has links. */

import { describe, expect, test } from 'vitest'
import { HOUR } from '../../../src/lib/time.ts'
import type { Account, StatusChange } from '../../../src/person/account.ts'
import type { OwnPasswordChange } from '../../../src/person/password.ts'
import type { Of } from '../../support/people/asked-people.ts'
import { temporaryCode } from '../../support/samples/factors.ts'
import { account, link, NOW, parcel, passwordChange, winners } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const accounts = () => bench()
const waiting = async () => (await accounts().backlog()).waiting
const find = (one: Account) => accounts().findAccount(one.id)

/** An account with an open link. */
async function kept(given: Partial<Account> = {}) {
  const one = account({ status: 'active', passwordHash: 'hash-1', passwordChangedAt: NOW, ...given })
  const open = link(one.id, { purpose: one.status === 'invited' ? 'activation' : 'reset' })
  await accounts().insertAccount(one, open, [])
  return { one, open }
}

/** Looks before and after, and checks that nothing was changed. */
async function unchanged({ one, open }: Awaited<ReturnType<typeof kept>>, attempt: () => Promise<boolean>) {
  const look = async () => [await find(one), await accounts().findLink(open.digest), await waiting()]
  const before = await look()
  expect(await attempt()).toBe(false)
  expect(await look()).toEqual(before)
}

describe('a password that its owner changes', () => {
  const change = (one: Account, given: Partial<Of<OwnPasswordChange>> = {}) =>
    accounts().changePassword({ accountId: one.id, from: 'hash-1', passwordHash: 'hash-2', at: NOW + 9, ...given }, [
      parcel(),
    ])

  test('comes with its time, an epoch, parcels, and the end of every open link and known browser', async () => {
    const [{ one, open }, bram] = [await kept(), await kept()]
    for (const { id } of [one, bram.one]) await accounts().rememberBrowser('browser', id, 'hash-1', NOW + HOUR)
    expect(await change(one)).toBe(true)
    expect(await accounts().isKnownBrowser('browser', one.id, NOW)).toBe(false)
    expect(await accounts().isKnownBrowser('browser', bram.one.id, NOW)).toBe(true)
    const changed = { passwordHash: 'hash-2', passwordChangedAt: NOW + 9, epoch: one.epoch + 1 }
    expect(await find(one)).toEqual({ ...one, ...changed })
    expect(await accounts().findLink(open.digest)).toEqual({ ...open, usedAt: NOW + 9 })
    expect(await accounts().setPassword(passwordChange(open), [])).toBe(false)
    expect(await waiting()).toBe(1)
    expect(await find(bram.one)).toEqual(bram.one)
    expect(await accounts().findLink(bram.open.digest)).toEqual(bram.open)
  })

  test('is refused from another hash than the kept one, and for nobody', async () => {
    const both = await kept()
    for (const from of ['', 'hash-2', 'HASH-1']) await unchanged(both, () => change(both.one, { from }))
    await unchanged(both, () => change({ ...both.one, id: 'unknown' }))
    await change(both.one)
    await unchanged(both, () => change(both.one))
  })

  test.each(['invited', 'disabled'] as const)('is refused when the account is %s', async (status) => {
    const both = await kept({ status })
    await unchanged(both, () => change(both.one))
  })
})

describe('a language', () => {
  test('is changed with parcels, and nothing else is but the version', async () => {
    const [{ one, open }, bram] = [await kept(), await kept()]
    expect(await accounts().setLocale(one.id, 'en', [parcel()])).toBe(true)
    expect(await find(one)).toEqual({ ...one, locale: 'en', version: 1 })
    expect(await find(bram.one)).toEqual(bram.one)
    expect(await accounts().findLink(open.digest)).toEqual(open)
    expect(await accounts().setLocale('unknown', 'en', [parcel()])).toBe(false)
    expect(await waiting()).toBe(1)
  })
})

describe('a status', () => {
  const set = (one: Account, from: StatusChange['from'], to: StatusChange['to']) =>
    accounts().setStatus({ accountId: one.id, from, to }, [parcel()])

  test.each([
    ['active', ['active', 'invited'], 'disabled'],
    ['invited', ['active', 'invited'], 'disabled'],
    ['disabled', ['disabled'], 'active'],
    ['disabled', ['active', 'disabled'], 'disabled'],
  ] as const)('that is %s, from %j, becomes %s: epoch, parcels, and every open link ends', async (status, from, to) => {
    const [{ one, open }, bram] = [await kept({ status }), await kept({ status })]
    expect(await set(one, [...from], to)).toBe(true)
    expect(await find(one)).toEqual({ ...one, status: to, epoch: one.epoch + 1 })
    expect((await accounts().findLink(open.digest))?.usedAt).toBeDefined()
    expect(await accounts().setPassword(passwordChange(open), [])).toBe(false)
    expect(await find(bram.one)).toEqual(bram.one)
    expect(await accounts().findLink(bram.open.digest)).toEqual(bram.open)
    expect(await waiting()).toBe(1)
  })

  test('that becomes invited leaves the links', async () => {
    const { one, open } = await kept({ status: 'disabled' })
    expect(await set(one, ['disabled'], 'invited')).toBe(true)
    expect(await find(one)).toEqual({ ...one, status: 'invited', epoch: one.epoch + 1 })
    expect(await accounts().findLink(open.digest)).toEqual(open)
  })

  test.each([
    ['disabled', false],
    ['active', true],
  ] as const)('that becomes %s: a code of the help desk still works: %j', async (to, works) => {
    const [{ one }, bram] = [await kept(), await kept()]
    const [code, brams] = [temporaryCode({ accountId: one.id }), temporaryCode({ accountId: bram.one.id })]
    for (const each of [code, brams]) await accounts().insertTemporaryCode(each)
    expect(await set(one, ['invited'], to)).toBe(false)
    expect(await set(one, ['active'], to)).toBe(true)
    expect(await accounts().useTemporaryCode(one.id, code.digest, NOW)).toBe(works)
    expect(await accounts().useTemporaryCode(bram.one.id, brams.digest, NOW)).toBe(true)
  })

  test('that is not one of those it may come from stays, and nobody is told', async () => {
    const both = await kept()
    await unchanged(both, () => set(both.one, ['disabled'], 'active'))
    await unchanged(both, () => set(both.one, ['disabled', 'invited'], 'disabled'))
    await unchanged(both, () => set(both.one, [], 'disabled'))
    await unchanged(both, () => set({ ...both.one, id: 'unknown' }, ['active'], 'disabled'))
  })

  test('disabled while a link sets a password: however it ends, nobody is in', async () => {
    for (let round = 0; round < 50; round += 1) {
      const { one, open } = await kept({ status: 'invited' })
      const acts = [
        () => set(one, ['active', 'invited'], 'disabled'),
        () => accounts().setPassword(passwordChange(open), []),
      ]
      await winners(2, (racer) => acts[(racer + round) % 2]?.() ?? Promise.resolve(false))
      expect((await find(one))?.status).toBe('disabled')
    }
  })
})
