/** The rules for when a case is decided: all of it, or nothing. */

import { beforeEach, describe, expect, test } from 'vitest'
import { DAY } from '../../../src/lib/time.ts'
import type { CaseDecision, RecoveryCase } from '../../../src/person/recovery-case.ts'
import type { Of } from '../../support/people/asked-people.ts'
import {
  activation,
  appChange,
  caseDecision,
  equip,
  everything,
  numberChange,
  people,
  recoveryCase,
  temporaryCode,
} from '../../support/samples/factors.ts'
import { AWKWARD, account, link, NOW, parcel, winners } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const cases = () => bench()
const find = (one: RecoveryCase) => cases().findCase(one.number)

async function filed(given: Partial<RecoveryCase> = {}) {
  const one = recoveryCase(given)
  expect(await cases().insertCase(one, [])).toBe(true)
  return one
}

describe('deciding a case', () => {
  beforeEach(() => people(cases(), 'sanne', 'bram'))

  const issue = (one: RecoveryCase, given: Partial<Of<CaseDecision>> = {}) =>
    caseDecision(one, { code: temporaryCode({ accountId: one.accountId }), ...given })

  /** Tries, and checks that nothing at all was changed. */
  async function refused(one: RecoveryCase, decision: Of<CaseDecision>) {
    const look = async () => [await find(one), await everything(cases(), 'sanne'), await everything(cases(), 'bram')]
    const before = await look()
    expect(await cases().decideCase(decision, [parcel()])).toBe(false)
    expect(await look()).toEqual(before)
  }

  test('by issuing a code takes the lost factors away and moves the epoch up, of this account only', async () => {
    const { temporary, sent, wizard } = await equip(cases())
    await equip(cases(), 'bram')
    const [before, bram] = [await everything(cases(), 'sanne'), await everything(cases(), 'bram')]
    const one = await filed()
    const decision = issue(one, { at: one.expiresAt - 1, check: 'in-person', sealedNote: AWKWARD })
    expect(await cases().decideCase(decision, [parcel(), parcel()])).toBe(true)
    const closed = { closedAt: decision.at, closedBy: 'helen', check: 'in-person', sealedNote: AWKWARD }
    expect(await find(one)).toEqual({ ...one, ...closed, state: 'issued' })
    expect(await everything(cases(), 'sanne', wizard.key)).toEqual({
      account: { ...before.account, epoch: (before.account?.epoch ?? 0) + 1 },
      authenticators: [],
      backup: undefined,
      devices: [],
      pending: undefined,
      waiting: 2,
    })
    expect(await everything(cases(), 'bram')).toEqual({ ...bram, waiting: 2 })
    // What whoever has the lost phone began is worth nothing any more.
    const given = { epoch: (before.account?.epoch ?? 0) + 1 }
    expect(await cases().addNumber(numberChange(sent, given), NOW, [])).toBe(false)
    expect(await cases().changeApp(appChange(wizard, given), NOW, [])).toBe(false)
    expect(await cases().activate(activation(wizard, { ...given, replacesAll: true }), NOW, [])).toBe(false)
    expect(await cases().useTemporaryCode('sanne', temporary.digest, NOW)).toBe(false)
    expect(await winners(20, () => cases().useTemporaryCode('sanne', decision.code?.digest ?? '', NOW))).toBe(1)
  })

  test('by declining takes away the codes that were issued before, of this account only, and no factor', async () => {
    const [{ temporary, sent, wizard }, bram] = [await equip(cases()), await equip(cases(), 'bram')]
    const second = temporaryCode()
    await cases().insertTemporaryCode(second)
    const one = await filed()
    const before = await everything(cases(), 'sanne', wizard.key)
    expect(await cases().decideCase(caseDecision(one, { by: undefined }), [parcel()])).toBe(true)
    expect(await find(one)).toEqual({ ...one, state: 'declined', closedAt: NOW, check: 'call-back' })
    expect(await everything(cases(), 'sanne', wizard.key)).toEqual({ ...before, waiting: 1 })
    expect(await cases().findSentCode(sent.accountId, sent.key, NOW)).toEqual(sent)
    for (const { digest } of [temporary, second])
      expect(await cases().useTemporaryCode('sanne', digest, NOW)).toBe(false)
    expect(await cases().useTemporaryCode('bram', bram.temporary.digest, NOW)).toBe(true)
  })

  test('that is refused takes no code away', async () => {
    const { temporary } = await equip(cases())
    const one = await filed()
    await refused(one, caseDecision(one, { at: one.expiresAt }))
    await cases().cancelCase(one.cancelDigest, NOW, [])
    await refused(one, caseDecision(one))
    expect(await cases().useTemporaryCode('sanne', temporary.digest, NOW)).toBe(true)
  })

  test('that ran out, was closed, is another account’s or never was, changes nothing', async () => {
    await equip(cases())
    await equip(cases(), 'bram')
    const one = await filed()
    await refused(one, issue(one, { at: one.expiresAt }))
    await refused(one, issue(one, { number: 'unknown' }))
    await refused(one, issue({ ...one, accountId: 'bram' }))
    await cases().cancelCase(one.cancelDigest, NOW, [])
    await refused(one, issue(one))
    await refused(one, caseDecision(one))
  })

  test('with a code for another account, without the code, or with one too many, changes nothing', async () => {
    await equip(cases())
    const one = await filed()
    await refused(one, issue(one, { code: temporaryCode({ accountId: 'bram' }) }))
    await refused(one, caseDecision(one, { to: 'issued' }))
    await refused(one, issue(one, { to: 'declined' }))
    expect(await cases().decideCase(issue(one), [])).toBe(true)
  })

  test('that fails half-way leaves everything as it was', async () => {
    await equip(cases())
    const [one, twice] = [await filed(), parcel()]
    const before = await everything(cases(), 'sanne')
    await expect(cases().decideCase(issue(one), [twice, twice])).rejects.toThrow()
    expect(await find(one)).toEqual(one)
    expect(await everything(cases(), 'sanne')).toEqual(before)
  })

  test.each<[string, emailChangedAt: number | undefined, issuedAt: number, boolean]>([
    ['at once where the address was never changed', undefined, NOW, true],
    ['at once where it was changed more than a week before', NOW - 7 * DAY - 1, NOW, true],
    ['not at once where it was changed in the week before', NOW - 7 * DAY, NOW + DAY - 1, false],
    ['a day after it was filed then', NOW - 7 * DAY, NOW + DAY, true],
    ['not within a day of a change that came later', NOW + DAY, NOW + 2 * DAY - 1, false],
  ])('a code is issued %s', async (_when, emailChangedAt, at, done) => {
    const accountId = 'joost'
    await cases().insertAccount(account({ id: accountId, emailChangedAt }), link(accountId), [])
    const one = await filed({ accountId })
    expect(await cases().decideCase(issue(one, { at }), [])).toBe(done)
    expect((await find(one))?.state).toBe(done ? 'issued' : 'open')
  })
})
