/**
 * Tries at the help desk's temporary code. Whoever knows the password only must not keep the person out by guessing, who
 * has no other way in: there are no delays, and the day is not closed by it.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Account } from '../../src/accounts/account.ts'
import { DAY, HOUR } from '../../src/lib/time.ts'
import type { SecondFactor } from '../../src/mfa/assurance.ts'
import { dayKey, streakKey } from '../../src/mfa/challenge.ts'
import { type Recovery, recovery } from '../../src/mfa/recovery.ts'
import { detailsOf, type FactorBench, factorBench, SOURCE } from '../support/factor-bench.ts'

let bench: FactorBench
let cases: Recovery
let sanne: Account
let number: string
let code: string

beforeEach(async () => {
  bench = await factorBench()
  cases = recovery({ ...bench.common, issuer: 'https://id.example' })
  sanne = (await bench.enrolled()).account
  const requested = await cases.request(sanne, 'desk 12', SOURCE)
  number = requested.ok ? requested.number : ''
  code = await decided('issued')
  await bench.told()
  bench.events.length = 0
})
afterEach(() => bench.close())

async function decided(to: 'issued' | 'declined'): Promise<string> {
  const outcome = await cases.decide({ number, to, check: 'call-back', note: '', actor: 'helper', source: SOURCE })
  if (!outcome.ok) throw new Error(outcome.reason)
  return outcome.code ?? ''
}

function answer(typed: string, method: SecondFactor = 'temporary', account = sanne) {
  return bench.challenges.answer({ account, method, code: typed, sitting: 's', source: SOURCE }, [method])
}

/** Wrong answers, one after the other without waiting; the reasons that were given. */
async function guess(times: number, method: SecondFactor = 'temporary', account = sanne): Promise<Set<string>> {
  const reasons = new Set<string>()
  for (let tries = 0; tries < times; tries += 1) {
    const answered = await answer(`guess-${tries}`, method, account)
    reasons.add(answered.ok ? 'ok' : answered.reason)
  }
  return reasons
}

test('a thief’s ninety-nine guesses without a pause do not keep the right code out', async () => {
  expect(await guess(99)).toEqual(new Set(['wrong-code']))
  expect(await answer(code)).toEqual({ ok: true, method: 'temporary' })
  expect(await bench.store.count(streakKey('temporary', sanne.id))).toBe(0)
})

test('after a hundred nothing is looked at any more, which is told once and recorded', async () => {
  await guess(100)
  expect(await answer(code)).toEqual({ ok: false, reason: 'closed' })
  expect(await guess(5)).toEqual(new Set(['closed']))
  bench.pass(3 * HOUR)
  expect(await answer(code)).toEqual({ ok: false, reason: 'closed' })
  expect((await bench.told()).filter(({ name }) => name === 'factor-closed')).toHaveLength(1)
  expect(detailsOf(bench.events, 'factor.closed')).toEqual([{ method: 'temporary' }])
})

test('two hundred at once: a hundred are looked at', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, (_, guess) => answer(`guess-${guess}`)))
  const looked = answers.filter((answered) => !answered.ok && answered.reason === 'wrong-code')
  expect(looked).toHaveLength(100)
})

test('a new code of the help desk opens it again', async () => {
  await guess(100)
  const requested = await cases.request(sanne, 'desk 12', SOURCE)
  number = requested.ok ? requested.number : ''
  code = await decided('issued')
  expect(await answer(code)).toMatchObject({ ok: true })
})

test('guesses at it are not counted for the day, and the day that others closed does not close it', async () => {
  await guess(100)
  expect(await bench.store.count(dayKey(sanne.id))).toBe(0)
  const daan = (await bench.enrolled()).account
  for (let tries = 0; tries < 100; tries += 1) await bench.store.spendWindow(dayKey(daan.id), bench.now(), 100, DAY)
  expect(await guess(3, 'totp', daan)).toEqual(new Set(['wait']))
  expect(await guess(3, 'temporary', daan)).toEqual(new Set(['wrong-code']))
  expect(await bench.store.count(dayKey(daan.id))).toBe(100)
})

test('a right one gives no try of the day back', async () => {
  for (let tries = 0; tries < 3; tries += 1) await bench.store.spendWindow(dayKey(sanne.id), bench.now(), 100, DAY)
  expect(await answer(code)).toMatchObject({ ok: true })
  expect(await bench.store.count(dayKey(sanne.id))).toBe(3)
})

test.each<[SecondFactor, number]>([
  ['totp', 5],
  ['backup', 5],
])('%s: waits after five as before, and counts for the day', async (method, free) => {
  const daan = (await bench.enrolled()).account
  expect(await guess(free, method, daan)).toEqual(new Set(['wrong-code']))
  expect(await guess(1, method, daan)).toEqual(new Set(['wait']))
  expect(await bench.store.count(dayKey(daan.id))).toBe(free)
})

test('a request that is declined makes the code that was read out before worth nothing', async () => {
  const requested = await cases.request(sanne, 'desk 12', SOURCE)
  number = requested.ok ? requested.number : ''
  await decided('declined')
  expect(await answer(code)).toEqual({ ok: false, reason: 'wrong-code' })
})
