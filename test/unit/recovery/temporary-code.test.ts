/**
 * Tries at codes that nobody can guess: the help desk's temporary code, and the backup code. Whoever knows the password
 * only must not keep the person out by wrong ones, who may have no other way in.
 */

import { beforeEach, describe, expect, test } from 'vitest'
import { DAY, HOUR, SECOND } from '../../../src/lib/time.ts'
import { temporaryDigest } from '../../../src/mfa/backup-code.ts'
import { dayKey, endWaits, streakKey } from '../../../src/mfa/challenge.ts'
import type { Account } from '../../../src/person/account.ts'
import type { SecondFactor } from '../../../src/person/second-factor.ts'
import { recovery } from '../../../src/recovery/help-desk.ts'
import { asked } from '../../support/people/asked-people.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { detailsOf, factorBench, SOURCE } from '../../support/unit/factor-bench.ts'

let number: string
let code: string

const bench = forEachTest(factorBench)
const cases = forEachTest(() => recovery({ ...bench.common, issuer: 'https://id.example' }))
const sanne = forEachTest(async () => (await bench.enrolled()).account)
beforeEach(async () => {
  const requested = await cases.request(sanne, 'desk 12', SOURCE)
  number = requested.ok ? requested.number : ''
  code = await decided('issued')
  await bench.told()
  bench.events.length = 0
})

async function decided(to: 'issued' | 'declined'): Promise<string> {
  const outcome = await cases.decide({ number, to, check: 'call-back', note: '', actor: 'helper', source: SOURCE })
  if (!outcome.ok) throw new Error(outcome.reason)
  return outcome.code ?? ''
}

function answer(typed: string, method: SecondFactor = 'temporary', account = sanne, sitting = 's') {
  return bench.challenges.answer({ account, method, code: typed, sitting, session: 's', source: SOURCE }, [method])
}

/** Wrong answers, one after the other without waiting; the reasons that were given. */
async function guess(
  times: number,
  method: SecondFactor = 'temporary',
  account = sanne,
  sitting = 's',
): Promise<Set<string>> {
  const reasons = new Set<string>()
  for (let tries = 0; tries < times; tries += 1) {
    const answered = await answer(`guess-${tries}`, method, account, sitting)
    reasons.add(answered.ok ? 'ok' : answered.reason)
  }
  return reasons
}

/** Somebody with a backup code, or with a temporary one, and which. */
async function holder(method: 'temporary' | 'backup'): Promise<{ account: Account; right: string }> {
  if (method === 'temporary') return { account: sanne, right: code }
  const { account, backupCode } = await bench.enrolled()
  return { account, right: backupCode }
}

describe.each(['temporary', 'backup'] as const)('%s', (method) => {
  test('C-13: a thief’s thousand guesses over as many sittings do not keep the right code out of another', async () => {
    const { account, right } = await holder(method)
    const guesses = Array.from({ length: 1000 }, (_, n) => answer(`guess-${n}`, method, account, `thief-${n >> 2}`))
    expect(new Set((await Promise.all(guesses)).map((one) => !one.ok && one.reason))).toEqual(new Set(['wrong-code']))
    expect(await bench.store.count(streakKey(method, account.id))).toBe(1000)
    expect(await answer(right, method, account)).toEqual({ ok: true, method, holds: expect.any(String) })
    expect(await bench.store.count(streakKey(method, account.id))).toBe(0)
  })

  test('in one sitting five are free, then it waits longer and longer, and is never closed', async () => {
    const { account, right } = await holder(method)
    expect(await guess(5, method, account)).toEqual(new Set(['wrong-code']))
    const waits: number[] = []
    for (let round = 0; round < 60; round += 1) {
      const refused = await answer(right, method, account)
      const wait = !refused.ok && refused.reason === 'wait' ? refused.retryAt - bench.now() : 0
      waits.push(wait / SECOND)
      bench.pass(wait)
      await guess(1, method, account)
    }
    expect(waits.slice(0, 8)).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600])
    expect(new Set(waits.slice(8))).toEqual(new Set([3600]))
    expect(detailsOf(bench.events, 'factor.closed')).toEqual([])
  })

  test('twenty at once in one sitting: five are looked at', async () => {
    const { account } = await holder(method)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => answer(`guess-${n}`, method, account)))
    expect(answers.filter((one) => !one.ok && one.reason === 'wrong-code')).toHaveLength(5)
  })

  test('guesses are not counted for the day, which others may have closed; the owner hears of them from the third on', async () => {
    const { account } = await holder(method)
    for (let tries = 0; tries < 100; tries += 1)
      await bench.store.spendWindow(dayKey(account.id), bench.now(), 100, DAY)
    expect(await guess(2, method, account)).toEqual(new Set(['wrong-code']))
    expect(await bench.told()).toEqual([])
    expect(await guess(2, method, account, 'another')).toEqual(new Set(['wrong-code']))
    expect((await bench.told()).map(({ name }) => name)).toEqual(['factor-failed'])
    expect(await bench.store.count(dayKey(account.id))).toBe(100)
  })
})

test('a code of twelve characters, which the release before gave out, is right as long as it lives', async () => {
  const older = '0123-4567-89AB'
  const digest = temporaryDigest(bench.common.ring.derive('temporary-codes'), sanne.id, older) ?? ''
  const lives = { createdAt: bench.now(), expiresAt: bench.now() + HOUR }
  await asked(bench.store.people).insertTemporaryCode({ id: 'older', accountId: sanne.id, digest, ...lives })
  expect(await answer(older.slice(0, -1))).toMatchObject({ ok: false })
  expect(await answer(older)).toMatchObject({ ok: true })
})

test('a right one gives no try of the day back', async () => {
  for (let tries = 0; tries < 3; tries += 1) await bench.store.spendWindow(dayKey(sanne.id), bench.now(), 100, DAY)
  expect(await answer(code)).toMatchObject({ ok: true })
  expect(await bench.store.count(dayKey(sanne.id))).toBe(3)
})

test('totp: waits after five in whatever sitting, and counts for the day', async () => {
  const daan = (await bench.enrolled()).account
  for (const sitting of ['a', 'b', 'c', 'd', 'e'])
    expect(await guess(1, 'totp', daan, sitting)).toEqual(new Set(['wrong-code']))
  expect(await guess(1, 'totp', daan, 'f')).toEqual(new Set(['wait']))
  expect(await bench.store.count(dayKey(daan.id))).toBe(5)
})

test('a new password ends the waits and the day that its thief began; what was counted in a row stays', async () => {
  const { account, key } = await bench.enrolled()
  const right = bench.code(key)
  await guess(5, 'totp', account)
  for (let tries = 0; tries < 100; tries += 1) await bench.store.spendWindow(dayKey(account.id), bench.now(), 100, DAY)
  expect(await answer(right, 'totp', account)).toMatchObject({ reason: 'wait' })
  await endWaits(bench.common.throttle, account.id)
  expect(await bench.store.count(streakKey('totp', account.id))).toBe(5)
  expect(await answer(right, 'totp', account)).toMatchObject({ ok: true })
})

test('a request that is declined makes the code that was read out before worth nothing', async () => {
  const requested = await cases.request(sanne, 'desk 12', SOURCE)
  number = requested.ok ? requested.number : ''
  await decided('declined')
  expect(await answer(code)).toEqual({ ok: false, reason: 'wrong-code' })
})
