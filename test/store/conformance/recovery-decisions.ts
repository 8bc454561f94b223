/** What every RecoveryStore does when a case is decided: all of it, or nothing. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { CaseDecision, RecoveryCase } from '../../../src/person/recovery-case.ts'
import type { Store } from '../../../src/store/store.ts'
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
} from './mfa-samples.ts'
import { AWKWARD, NOW, parcel, RACERS, ROUNDS, winners } from './samples.ts'

export function recoveryDecisionConformance(store: () => Store): void {
  const cases = () => store().durable
  const waiting = async () => (await cases().backlog()).waiting
  const find = (one: RecoveryCase) => cases().findCase(one.number)

  async function filed(given: Partial<RecoveryCase> = {}) {
    const one = recoveryCase(given)
    expect(await cases().insertCase(one, [])).toBe(true)
    return one
  }

  describe('deciding a case', () => {
    beforeEach(() => people(cases(), 'sanne', 'bram'))

    const issue = (one: RecoveryCase, given: Partial<CaseDecision> = {}) =>
      caseDecision(one, { code: temporaryCode({ accountId: one.accountId }), ...given })

    /** Tries, and checks that nothing at all was changed. */
    async function refused(one: RecoveryCase, decision: CaseDecision) {
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
      expect(await cases().spendTemporaryCode('sanne', temporary.digest, NOW)).toBe(false)
      expect(await winners(20, () => cases().spendTemporaryCode('sanne', decision.code?.digest ?? '', NOW))).toBe(1)
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
      expect(await cases().findSentCode(sent.key, NOW)).toEqual(sent)
      for (const { digest } of [temporary, second])
        expect(await cases().spendTemporaryCode('sanne', digest, NOW)).toBe(false)
      expect(await cases().spendTemporaryCode('bram', bram.temporary.digest, NOW)).toBe(true)
    })

    test('that is refused takes no code away', async () => {
      const { temporary } = await equip(cases())
      const one = await filed()
      await refused(one, caseDecision(one, { at: one.expiresAt }))
      await cases().cancelCase(one.cancelDigest, NOW, [])
      await refused(one, caseDecision(one))
      expect(await cases().spendTemporaryCode('sanne', temporary.digest, NOW)).toBe(true)
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

    test.each(RACERS)('%i at once: one decides, and its code is the only one', async (racers) => {
      const one = await filed()
      const before = (await cases().findAccount('sanne'))?.epoch ?? 0
      const decisions = Array.from({ length: racers }, () => issue(one))
      const outcomes = await Promise.all(decisions.map((each) => cases().decideCase(each, [parcel()])))
      const working = await Promise.all(
        decisions.map(({ code }) => cases().spendTemporaryCode('sanne', code?.digest ?? '', NOW)),
      )
      expect(working).toEqual(outcomes)
      expect(outcomes.filter(Boolean)).toHaveLength(1)
      expect((await cases().findAccount('sanne'))?.epoch).toBe(before + 1)
      expect(await waiting()).toBe(1)
    })

    test(`${ROUNDS} rounds of ten that issue, ten that decline and ten that cancel: one of all is done`, async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const one = await filed({ accountId: `${round}` })
        const acts = [
          () => cases().decideCase(issue(one), []),
          () => cases().decideCase(caseDecision(one), []),
          () => cases().cancelCase(one.cancelDigest, NOW, []),
        ]
        expect(await winners(30, (racer) => acts[racer % 3]?.() ?? Promise.resolve(false))).toBe(1)
      }
    })
  })
}
