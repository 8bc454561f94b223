/** The rules about a case until it is decided; person-case-decisions.test.ts has that. */
import { beforeEach, describe, expect, test } from 'vitest'
import { DAY } from '../../../src/lib/time.ts'
import type { RecoveryCase } from '../../../src/person/recovery-case.ts'
import { caseDecision, equip, everything, people, recoveryCase } from '../../support/samples/factors.ts'
import { AWKWARD, NOW, parcel } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const cases = () => bench()
const waiting = async () => (await cases().backlog()).waiting
const find = (one: RecoveryCase) => cases().findCase(one.number)

async function filed(given: Partial<RecoveryCase> = {}) {
  const one = recoveryCase(given)
  expect(await cases().insertCase(one, [])).toBe(true)
  return one
}

describe('a recovery case', () => {
  test('is found by number and by what cancels it, exactly as it was put in, expired or not', async () => {
    const plain = await filed()
    const closed = { closedAt: NOW + 1, closedBy: AWKWARD, check: 'video', sealedNote: AWKWARD } as const
    const texts = { accountId: AWKWARD, sealed: AWKWARD, cancelDigest: AWKWARD }
    const full = await filed({ ...texts, ...closed, state: 'issued', expiresAt: NOW - 1 })
    for (const one of [plain, full]) {
      expect(await cases().findCase(one.number)).toEqual(one)
      expect(await cases().findCaseByCancel(one.cancelDigest)).toEqual(one)
    }
    for (const unknown of ['', '%', plain.cancelDigest]) expect(await cases().findCase(unknown)).toBeUndefined()
    for (const unknown of ['', '%', plain.number]) expect(await cases().findCaseByCancel(unknown)).toBeUndefined()
  })

  test('comes with its parcels; an account has one open, and each account its own', async () => {
    const one = recoveryCase()
    expect(await cases().insertCase(one, [parcel(), parcel()])).toBe(true)
    const second = recoveryCase({ createdAt: one.expiresAt - 1 })
    expect(await cases().insertCase(second, [parcel()])).toBe(false)
    expect(await find(second)).toBeUndefined()
    await filed({ accountId: 'bram' })
    expect(await waiting()).toBe(2)
  })

  test('can follow one that was closed, or ran out', async () => {
    const first = await filed()
    await cases().cancelCase(first.cancelDigest, NOW, [])
    const second = await filed()
    const third = await filed({ createdAt: second.expiresAt, expiresAt: second.expiresAt + DAY })
    expect(await find(third)).toEqual(third)
  })

  test('is not put in under a number that was given before, whoever has it', async () => {
    const one = await filed({ accountId: 'bram' })
    expect(await cases().insertCase(recoveryCase({ number: one.number }), [parcel()])).toBe(false)
    expect(await find(one)).toEqual(one)
    expect(await cases().listCasesByAccount('sanne')).toEqual([])
    expect(await waiting()).toBe(0)
  })

  test('is the open one of its person while it waits; all of one person are listed, newest first', async () => {
    const closed = await filed({ createdAt: NOW + 4, accountId: 'first', state: 'declined', closedAt: NOW + 5 })
    const open = await filed({ createdAt: NOW + 1, accountId: 'first', expiresAt: NOW + 20 })
    expect(await cases().findOpenCase('first', NOW + 19)).toEqual(open)
    expect(await cases().findOpenCase('first', NOW + 20)).toBeUndefined()
    expect(await cases().listCasesByAccount('first')).toEqual([closed, open])
    expect(await cases().listCasesByAccount('nobody')).toEqual([])
  })

  test('is dropped 90 days after it was closed, or ran out', async () => {
    const closed = await filed({ accountId: 'a', state: 'canceled', closedAt: NOW, expiresAt: NOW + DAY })
    const expired = await filed({ accountId: 'b', expiresAt: NOW })
    const open = await filed({ accountId: 'c', createdAt: NOW - DAY, expiresAt: NOW + 1 })
    expect(await cases().tidy(NOW + 90 * DAY)).toBe(0)
    expect(await cases().tidy(NOW + 90 * DAY + 1)).toBe(2)
    expect(await cases().tidy(NOW + 90 * DAY + 1)).toBe(0)
    for (const one of [closed, expired]) expect(await find(one)).toBeUndefined()
    expect(await find(open)).toEqual(open)
  })
})

describe('canceling a case', () => {
  beforeEach(() => people(cases(), 'sanne', 'bram'))

  test('closes it once, with parcels, and touches nothing else', async () => {
    const { app } = await equip(cases())
    const [one, other] = [await filed(), await filed({ accountId: 'bram' })]
    const before = await everything(cases(), 'sanne')
    expect(await cases().cancelCase(one.cancelDigest, one.expiresAt - 1, [parcel()])).toBe(true)
    expect(await find(one)).toEqual({ ...one, state: 'canceled', closedAt: one.expiresAt - 1 })
    expect(await cases().cancelCase(one.cancelDigest, NOW, [parcel()])).toBe(false)
    expect(await everything(cases(), 'sanne')).toEqual({ ...before, waiting: 1 })
    expect(before.authenticators).toContainEqual(app)
    expect(await find(other)).toEqual(other)
  })

  test('that ran out, was decided, or never was, changes nothing', async () => {
    const [one, other] = [await filed(), await filed({ accountId: 'bram' })]
    await cases().decideCase(caseDecision(other), [])
    const decided = await find(other)
    for (const digest of ['', 'unknown', one.number, other.cancelDigest]) {
      expect(await cases().cancelCase(digest, NOW, [parcel()])).toBe(false)
    }
    expect(await cases().cancelCase(one.cancelDigest, one.expiresAt, [parcel()])).toBe(false)
    expect(await find(one)).toEqual(one)
    expect(await find(other)).toEqual(decided)
    expect(await waiting()).toBe(0)
  })
})

describe('how to be reached', () => {
  test('is replaced where it still is what it was, and nothing else of the case is', async () => {
    const [one, other] = [await filed({ sealed: 'k1.same' }), await filed({ sealed: 'k1.same', accountId: 'bram' })]
    expect(await cases().setContact(one.number, 'k1.same', AWKWARD)).toBe(true)
    expect(await find(one)).toEqual({ ...one, sealed: AWKWARD })
    expect(await find(other)).toEqual(other)
    expect(await cases().setContact(one.number, 'k1.same', 'k1.late')).toBe(false)
    for (const from of ['', '%', AWKWARD.trim()]) expect(await cases().setContact(one.number, from, 'x')).toBe(false)
    for (const number of ['', '%', 'unknown']) expect(await cases().setContact(number, AWKWARD, 'x')).toBe(false)
    expect(await find(one)).toEqual({ ...one, sealed: AWKWARD })
  })

  test.each(['canceled', 'issued', 'declined'] as const)('stays as it was in a case that is %s', async (state) => {
    const one = await filed({ state, closedAt: NOW })
    expect(await cases().setContact(one.number, one.sealed, 'k1.late')).toBe(false)
    expect(await find(one)).toEqual(one)
  })
})
