/** A number that waits for its code in the security settings: for one account, one session, and half an hour. */

import { beforeEach, expect, test } from 'vitest'
import type { Requester } from '../../../src/accounts/requester.ts'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import { type NewNumbers, newNumbers } from '../../../src/mfa/new-number.ts'
import type { Account } from '../../../src/person/account.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { factorBench, SOURCE } from '../../support/unit/factor-bench.ts'

const RULES = { perCountryHour: 1e6, perNetworkHour: 1e6 }

let numbers: NewNumbers
let sanne: Account
let sent: () => string

const bench = forEachTest(factorBench)
beforeEach(async () => {
  const texting = bench.texting(RULES)
  sent = texting.sent
  numbers = newNumbers({ ...bench.common, sms: texting.sms })
  sanne = (await bench.enrolled()).account
})

const requester = (session = 's1', account = sanne): Requester => ({ account, session, source: SOURCE })
const waiting = { typed: '06 4444 0001', country: 'NL', hint: '01' }

test('what was typed waits in its own session and account only, and not where the database shows it', async () => {
  const other = (await bench.enrolled()).account
  expect(await numbers.send(requester(), '06 4444 0001', 'NL')).toMatchObject({ ok: true, hint: '01' })
  expect(await numbers.find(requester())).toEqual({ ...waiting, resendAt: bench.now() + 30 * SECOND })
  expect(await numbers.find(requester('s2'))).toBeUndefined()
  expect(await numbers.find(requester('s1', other))).toBeUndefined()
  expect(await numbers.confirm(requester('s2'), sent())).toEqual({ ok: false, reason: 'expired' })
})

test('the code makes it the number of the account, and nothing waits any more', async () => {
  const before = await bench.again(sanne)
  await numbers.send(requester(), '06 4444 0001', 'NL')
  expect(await numbers.confirm(requester(), sent())).toEqual({ ok: true })
  expect(await numbers.find(requester())).toBeUndefined()
  expect((await bench.again(sanne)).epoch).toBeGreaterThan(before.epoch)
})

test('F-01: a number that was corrected takes the place of the mistyped one, whose code is worth nothing', async () => {
  await numbers.send(requester(), '06 4444 0001', 'NL')
  const mistyped = sent()
  bench.pass(MINUTE)
  await numbers.send(requester(), '06 4444 0002', 'NL')
  expect(await numbers.find(requester())).toMatchObject({ typed: '06 4444 0002', hint: '02' })
  expect(await numbers.confirm(requester(), mistyped)).toMatchObject({ ok: false })
  expect(await numbers.confirm(requester(), sent())).toEqual({ ok: true })
})

test('what was typed before everything ended is not shown again', async () => {
  await numbers.send(requester(), '06 4444 0001', 'NL')
  await bench.signOut(sanne)
  expect(await numbers.find(requester('s1', await bench.again(sanne)))).toBeUndefined()
})

test('a message that may not leave leaves what waits as it was', async () => {
  await numbers.send(requester(), '06 4444 0001', 'NL')
  expect(await numbers.send(requester(), '06 4444 0002', 'NL')).toMatchObject({ ok: false, reason: 'wait' })
  expect(await numbers.find(requester())).toMatchObject(waiting)
})

test('it waits longer than its code lives, and not for ever', async () => {
  await numbers.send(requester(), '06 4444 0001', 'NL')
  bench.pass(6 * MINUTE)
  expect(await numbers.confirm(requester(), sent())).toEqual({ ok: false, reason: 'expired' })
  expect(await numbers.find(requester())).toMatchObject(waiting)
  bench.pass(24 * MINUTE)
  expect(await numbers.find(requester())).toBeUndefined()
})

test('it is forgotten when the person stops', async () => {
  await numbers.send(requester(), '06 4444 0001', 'NL')
  await numbers.cancel(requester())
  expect(await numbers.find(requester())).toBeUndefined()
})
