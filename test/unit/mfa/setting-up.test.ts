/** What is typed to set something up: counted, but never closed for good; and the number that a code was sent to. */

import { beforeEach, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../src/lib/time.ts'
import { dayKey, everyKey } from '../../../src/mfa/challenge.ts'
import { enrollments } from '../../../src/mfa/enrollment.ts'
import { rememberedDevices } from '../../../src/mfa/remembered-device.ts'
import type { SmsCodes } from '../../../src/mfa/sms.ts'
import { SECOND_FACTORS } from '../../../src/person/second-factor.ts'
import { asked } from '../../support/people/asked-people.ts'
import { wrongCode } from '../../support/people/second-factor.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { detailsOf, factorBench, SOURCE } from '../../support/unit/factor-bench.ts'

/** Messages are not what is counted here. */
const RULES = { perAccountHour: 1e6, perAccountDay: 1e6, perNumberDay: 1e6, perNetworkHour: 1e6, waits: [1] }

let sms: SmsCodes
let sent: () => string

const bench = forEachTest(factorBench)
beforeEach(async () => {
  const texting = bench.texting(RULES)
  sms = texting.sms
  sent = texting.sent
})

async function send(account: Parameters<SmsCodes['add']>[0], number: string): Promise<void> {
  expect(await sms.sendToNew(account, 'settings', number, 'NL', SOURCE)).toMatchObject({ ok: true })
  bench.pass(MINUTE)
}

test('SMS-08: another number takes the place of the one before, and ends what was signed in and remembered', async () => {
  const { account } = await bench.enrolled()
  await send(account, '06 4444 0001')
  await sms.add(account, 'settings', sent(), SOURCE)
  const before = await bench.again(account)
  await rememberedDevices(bench.common).remember(account, { method: 'totp', agent: 'Firefox', source: SOURCE })
  await send(account, '06 4444 0002')
  await bench.told()
  bench.events.length = 0
  expect(await sms.add(account, 'settings', sent(), SOURCE, { raisesEpoch: true })).toEqual({ ok: true })
  const numbers = (await asked(bench.store.people).listAuthenticators(account.id)).filter(({ kind }) => kind === 'sms')
  expect(numbers.map(({ label }) => label)).toEqual(['02'])
  expect(await asked(bench.store.people).listDevices(account.id, bench.now())).toEqual([])
  expect((await bench.again(account)).epoch).toBeGreaterThan(before.epoch)
  expect(await bench.told()).toMatchObject([{ to: account.email, name: 'sms-added', data: { hint: '02' } }])
  expect(detailsOf(bench.events, 'factor.enrolled')).toEqual([{ method: 'sms' }])
})

test('in the wizard a number ends nothing: it is part of signing in', async () => {
  const { account } = await bench.enrolled()
  await send(account, '06 4444 0001')
  expect(await sms.add(account, 'settings', sent(), SOURCE)).toEqual({ ok: true })
  expect((await bench.again(account)).epoch).toBe(account.epoch)
})

test('a phone in the place of all that was lost: the wizard goes on in the epoch that this begins, and in no other', async () => {
  const { account } = await bench.enrolled()
  const wizard = enrollments(bench.common)
  const requester = { account, session: 's', proven: true, holding: {}, source: SOURCE }
  await wizard.go(requester, { stage: 'app', replacesAll: true })
  const { secret = '' } = await wizard.choose(requester, 'other')
  const code = bench.code(secret)
  const twice = await Promise.all([wizard.confirm(requester, code), wizard.confirm(requester, code)])
  expect(twice).toMatchObject([{ ok: true }, { ok: true }])
  const after = { ...requester, account: await bench.again(account) }
  expect(after.account.epoch).toBe(account.epoch + 1)
  expect(await wizard.find(after)).toMatchObject({ stage: 'sms' })
  expect(await wizard.find(requester)).toBeUndefined()
  expect(await asked(bench.store.people).listAuthenticators(account.id)).toHaveLength(1)
})

test('SMS-01: in the settings a number stands beside an app, never alone', async () => {
  const account = await bench.person()
  await send(account, '06 4444 0001')
  expect(await sms.add(account, 'settings', sent(), SOURCE, { raisesEpoch: true })).toMatchObject({ ok: false })
  expect(await asked(bench.store.people).listAuthenticators(account.id)).toEqual([])
})

test('a number’s code can be mistyped for two days, and the right one is taken in the end', async () => {
  const { account } = await bench.enrolled()
  let looked = 0
  for (let tenths = 0; tenths < 480; tenths += 1) {
    if (tenths % 12 === 0) await send(account, '06 4444 0001')
    const wrong = sent() === '111111' ? '222222' : '111111'
    const answer = await sms.add(account, 'settings', wrong, SOURCE, { raisesEpoch: true })
    if (!answer.ok && answer.reason === 'wrong-code') looked += 1
    expect(answer).not.toMatchObject({ reason: 'closed' })
    bench.pass(DAY / 240)
  }
  expect(looked).toBeLessThan(100)
  bench.pass(HOUR)
  await send(account, '06 4444 0001')
  expect(await sms.add(account, 'settings', sent(), SOURCE, { raisesEpoch: true })).toEqual({ ok: true })
})

test('a first app can be mistyped for a week, and the right code is taken in the end', async () => {
  const wizard = enrollments(bench.common)
  const requester = { account: await bench.person(), session: 's', proven: false, holding: {}, source: SOURCE }
  let looked = 0
  for (let each = 0; each < 7 * 24 * 4; each += 1) {
    const { secret = '' } = await wizard.choose(requester, 'other')
    const answer = await wizard.confirm(requester, wrongCode(secret, bench.now()))
    if (!answer.ok && answer.reason === 'wrong-code') looked += 1
    expect(answer).not.toMatchObject({ reason: 'not-allowed' })
    bench.pass(15 * MINUTE)
  }
  expect(looked).toBeGreaterThan(100)
  bench.pass(HOUR)
  const { secret = '' } = await wizard.choose(requester, 'other')
  expect(await wizard.confirm(requester, bench.code(secret))).toMatchObject({ ok: true })
})

test('a new password opens the day that wrong codes had closed, and the factor’s own count stays', async () => {
  const { account, key } = await bench.enrolled()
  const answer = { account, method: 'totp' as const, sitting: 's', session: 's', source: SOURCE }
  await bench.challenges.answer({ ...answer, code: wrongCode(key, bench.now()) }, ['totp'])
  for (let tries = 0; tries < 100; tries += 1) await bench.store.spendWindow(dayKey(account.id), bench.now(), 100, DAY)
  expect(await bench.challenges.answer({ ...answer, code: bench.code(key) }, ['totp'])).toMatchObject({
    reason: 'wait',
  })
  await bench.common.throttle.reset(dayKey(account.id))
  expect(await bench.store.count(`second-factor/totp/${account.id}`)).toBe(1)
  expect(await bench.challenges.answer({ ...answer, code: bench.code(key) }, ['totp'])).toMatchObject({ ok: true })
})

test('every counter of one account is among its keys, and none of another', () => {
  const keys = everyKey('sanne')
  // One for a day, one for each factor, and three for what is being set up.
  expect(new Set(keys).size).toBe(1 + SECOND_FACTORS.length + 3)
  expect(keys.every((key) => key.endsWith('/sanne'))).toBe(true)
})
