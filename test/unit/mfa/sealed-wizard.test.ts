/** What waits while something is set up: for one account, session, epoch and kind, and for as long as was said. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Requester } from '../../../src/accounts/requester.ts'
import { MINUTE } from '../../../src/lib/time.ts'
import { type SealedWizards, sealedWizards } from '../../../src/mfa/sealed-wizard.ts'
import type { Account } from '../../../src/person/account.ts'
import { type FactorBench, factorBench, SOURCE } from '../../support/unit/factor-bench.ts'

let bench: FactorBench
let wizards: SealedWizards<string>
let sanne: Account

beforeEach(async () => {
  bench = await factorBench()
  wizards = sealedWizards('new-app', bench.common)
  sanne = (await bench.enrolled()).account
})
afterEach(() => bench.close())

const requester = (account = sanne, session = 's1'): Requester => ({ account, session, source: SOURCE })
const soon = () => bench.now() + MINUTE

test('what waits is found by whoever put it there, and by no other account, session, epoch or kind of wizard', async () => {
  expect(await wizards.put(requester(), 'a secret', undefined, soon())).toBe(true)
  expect(await wizards.find(requester())).toMatchObject({ held: 'a secret', pending: { version: 1 } })
  expect(await wizards.find(requester((await bench.enrolled()).account))).toBeUndefined()
  expect(await wizards.find(requester(sanne, 's2'))).toBeUndefined()
  expect(await wizards.find(requester({ ...sanne, epoch: sanne.epoch + 1 }))).toBeUndefined()
  expect(await sealedWizards('new-number', bench.common).find(requester())).toBeUndefined()
})

test('what waits is not readable where it is kept', async () => {
  await wizards.put(requester(), 'a secret', undefined, soon())
  expect(JSON.stringify(await bench.store.people.find(sanne.id))).not.toContain('a secret')
})

test('of two tabs that go on from the same page, the first one counts', async () => {
  await wizards.put(requester(), 'begun', undefined, soon())
  const before = (await wizards.find(requester()))?.pending
  expect(await wizards.put(requester(), 'one', before, soon())).toBe(true)
  expect(await wizards.put(requester(), 'other', before, soon())).toBe(false)
  expect(await wizards.put(requester(), 'anew', undefined, soon())).toBe(false)
  expect((await wizards.find(requester()))?.held).toBe('one')
})

test('when its time is over, or it was removed, nothing waits', async () => {
  await wizards.put(requester(), 'late', undefined, soon())
  bench.pass(MINUTE)
  expect(await wizards.find(requester())).toBeUndefined()
  await wizards.put(requester(), 'anew', undefined, soon())
  await wizards.remove(requester())
  expect(await wizards.find(requester())).toBeUndefined()
})
