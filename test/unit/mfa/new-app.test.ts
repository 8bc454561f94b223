/** One more app, or a new phone in the place of an old one, on a real store. */

import { beforeEach, expect, test } from 'vitest'
import type { Requester } from '../../../src/accounts/requester.ts'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { newApps, type WaitingApp } from '../../../src/mfa/new-app.ts'
import { ownFactors } from '../../../src/mfa/own-factors.ts'
import { race, tally } from '../../support/attack/race.ts'
import { asked } from '../../support/people/asked-people.ts'
import { codeOf, wrongCode } from '../../support/people/second-factor.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { passkey } from '../../support/samples/factors.ts'
import { detailsOf, factorBench, SOURCE } from '../../support/unit/factor-bench.ts'

let requester: Requester

const bench = forEachTest(factorBench)
const apps = forEachTest(() => newApps(bench.common))
const sanne = forEachTest(() => bench.enrolled())
beforeEach(async () => {
  requester = { account: sanne.account, session: 'settings', source: SOURCE }
})

async function begun(who: Requester, replaces?: string): Promise<WaitingApp> {
  const answer = await apps.begin(who, replaces)
  if (!answer.ok) throw new Error(answer.reason)
  return answer.app
}

function labels(): Promise<string[]> {
  return asked(bench.store.people)
    .listAuthenticators(sanne.account.id)
    .then((all) => all.map(({ label }) => label))
}

function own() {
  return ownFactors({ ...bench.common, campaign: { organizations: new Map(), roles: new Map(), exempt: [] } })
}

/** A second step at sign-in. */
function signIn(code: string) {
  return bench.challenges.answer(
    { account: sanne.account, method: 'totp', code, sitting: 's', session: 's', source: SOURCE },
    ['totp'],
  )
}

test('the secret has 160 bits, and is sealed where it waits', async () => {
  const { secret } = await begun(requester)
  expect(secret).toMatch(/^[A-Z2-7]{32}$/)
  expect(JSON.stringify(await asked(bench.store.people).listAuthenticators(sanne.account.id))).not.toContain(secret)
})

test('a new phone: the old app works until the new one has answered, and not after', async () => {
  const { secret, entry, replaces } = await begun(requester, sanne.app)
  expect({ entry, replaces }).toEqual({
    entry: `${sanne.account.email} (2)`,
    replaces: { id: sanne.app, label: sanne.account.email },
  })
  expect(await signIn(bench.code(sanne.key))).toMatchObject({ ok: true })
  const before = await bench.again(sanne.account)
  expect(await apps.confirm(requester, bench.code(secret))).toEqual({ ok: true })
  expect(await signIn(bench.code(sanne.key, secret))).toEqual({ ok: false, reason: 'wrong-code' })
  expect(await signIn(bench.code(secret))).toMatchObject({ ok: true })
  expect(await labels()).toEqual([entry])
  const data = { from: sanne.account.email, to: entry }
  expect(await bench.told()).toMatchObject([{ to: sanne.account.email, name: 'app-moved', data }])
  expect(detailsOf(bench.events, 'factor.enrolled')).toEqual([{ method: 'totp', replaces: true }])
  expect((await bench.again(sanne.account)).epoch).toBeGreaterThan(before.epoch)
  expect(await apps.find(requester)).toBeUndefined()
})

test('one more app: both work, and the remembered devices are gone', async () => {
  const { secret, entry } = await begun(requester)
  expect(await apps.confirm(requester, bench.code(secret))).toEqual({ ok: true })
  expect(await signIn(bench.code(sanne.key))).toMatchObject({ ok: true })
  expect(await signIn(bench.code(secret))).toMatchObject({ ok: true })
  expect(await bench.told()).toMatchObject([{ name: 'app-added', data: { label: entry } }])
  expect(detailsOf(bench.events, 'factor.enrolled')).toEqual([{ method: 'totp', replaces: false }])
})

test('OTP-03: the code that proved a new app does not sign in', async () => {
  const { secret } = await begun(requester)
  const code = bench.code(secret)
  await apps.confirm(requester, code)
  expect(await signIn(code)).toEqual({ ok: false, reason: 'used-code' })
})

test('a reload shows the same secret; another errand, another session or ten minutes later another', async () => {
  const { secret } = await begun(requester)
  expect((await begun(requester)).secret).toBe(secret)
  expect((await apps.find(requester))?.secret).toBe(secret)
  expect(await apps.find({ ...requester, session: 'other' })).toBeUndefined()
  expect((await begun({ ...requester, session: 'other' })).secret).not.toBe(secret)
  const moved = await begun(requester, sanne.app)
  expect(moved.secret).not.toBe(secret)
  expect(await apps.confirm(requester, bench.code(secret, moved.secret))).toEqual({ ok: false, reason: 'wrong-code' })
  bench.pass(10 * MINUTE)
  expect(await apps.find(requester)).toBeUndefined()
  expect(await apps.confirm(requester, bench.code(moved.secret))).toEqual({ ok: false, reason: 'expired' })
  expect((await begun(requester, sanne.app)).secret).not.toBe(moved.secret)
})

test('a secret that waits for one person is found by no other', async () => {
  await begun(requester)
  const daan = await bench.enrolled()
  expect(await apps.find({ ...requester, account: daan.account })).toBeUndefined()
  expect(await apps.begin({ ...requester, account: daan.account }, sanne.app)).toEqual({ ok: false, reason: 'unknown' })
})

test('what a copy of the session saw before everything ended is not offered again, nor taken', async () => {
  const { secret } = await begun(requester)
  await bench.signOut(sanne.account)
  const now = { ...requester, account: await bench.again(sanne.account) }
  expect(await apps.find(now)).toBeUndefined()
  expect(await apps.confirm(now, bench.code(secret))).toEqual({ ok: false, reason: 'expired' })
  const fresh = await begun(now)
  expect(fresh.secret).not.toBe(secret)
  expect(await apps.confirm(now, bench.code(secret, fresh.secret))).toEqual({ ok: false, reason: 'wrong-code' })
  expect(await apps.confirm(now, bench.code(fresh.secret))).toEqual({ ok: true })
})

test('canceled: nothing waits, nothing changed', async () => {
  const { secret } = await begun(requester)
  await apps.cancel(requester)
  expect(await apps.confirm(requester, bench.code(secret))).toEqual({ ok: false, reason: 'expired' })
  expect(await labels()).toEqual([sanne.account.email])
})

test('E-10: whoever has no app gets none here, where no backup code is made with it', async () => {
  const bare = { ...requester, account: await bench.person() }
  expect(await apps.begin(bare, undefined)).toEqual({ ok: false, reason: 'unknown' })
})

test('an app alone does not come back after everything was turned off', async () => {
  const { secret } = await begun(requester)
  await asked(bench.store.people).turnOff(sanne.account.id, sanne.app, [])
  expect((await apps.confirm(requester, bench.code(secret))).ok).toBe(false)
  expect(await labels()).toEqual([])
})

test('an app comes beside passkeys, where there are no other apps', async () => {
  const { secret } = await begun(requester)
  await bench.store.people.change(sanne.account.id, (draft) => {
    draft.authenticators = [passkey({ accountId: sanne.account.id })]
  })
  expect(await apps.confirm(requester, bench.code(secret))).toEqual({ ok: true })
  expect(await labels()).toEqual(['iPhone', expect.any(String)])
})

test('the app that was to be replaced is gone: nothing happens', async () => {
  const other = await begun({ ...requester, session: 'other' })
  const { secret } = await begun(requester, sanne.app)
  await apps.confirm({ ...requester, session: 'other' }, bench.code(other.secret))
  await own().remove(sanne.account, sanne.app, { off: false }, SOURCE)
  expect(await apps.confirm(requester, bench.code(secret))).toEqual({ ok: false, reason: 'gone' })
  expect(await labels()).toEqual([other.entry])
})

test('OTP-09: five apps and no more, also for five tabs that began with room for one', async () => {
  for (let made = 1; made < 4; made += 1) await bench.anotherApp(sanne.account)
  requester = { ...requester, account: await bench.again(sanne.account) }
  const tabs = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map(async (session) => {
      const tab = { ...requester, session }
      return { tab, secret: (await begun(tab)).secret }
    }),
  )
  bench.pass(MINUTE)
  const answers = await Promise.all(tabs.map(({ tab, secret }) => apps.confirm(tab, codeOf(secret, bench.now()))))
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
  expect(await labels()).toHaveLength(5)
  requester = { ...requester, account: await bench.again(sanne.account) }
  expect(await apps.begin(requester, undefined)).toEqual({ ok: false, reason: 'too-many' })
  expect(await apps.begin(requester, sanne.app)).toMatchObject({ ok: true })
})

test('twenty confirmations at once: one new app, one mail, one line in the audit trail', async () => {
  const outcomes = await race({ rounds: 5, contenders: 20 }, async () => {
    const daan = await bench.enrolled()
    const tab = { account: daan.account, session: 'settings', source: SOURCE }
    const { secret } = await begun(tab, daan.app)
    const code = bench.code(secret)
    return async () => {
      const { ok } = await apps.confirm(tab, code)
      return { ok, kept: (await asked(bench.store.people).listAuthenticators(daan.account.id)).length }
    }
  })
  expect(tally(outcomes, ({ ok }) => ok)).toEqual({ 1: 5 })
  expect(outcomes.flat().every(({ kept }) => kept === 1)).toBe(true)
  expect(await bench.told()).toHaveLength(1)
  expect(detailsOf(bench.events, 'factor.enrolled')).toHaveLength(1)
})

test('every entry has a name that none had before, also where its person gave them other names', async () => {
  const entries = [sanne.account.email]
  for (let made = 0; made < 5; made += 1) {
    const [old] = await asked(bench.store.people).listAuthenticators(sanne.account.id)
    await own().rename(sanne.account, old?.id ?? '', `Phone ${made}`, SOURCE)
    const now = { ...requester, account: await bench.again(sanne.account) }
    const { secret, entry } = await begun(now, made % 2 === 0 ? old?.id : undefined)
    expect(entries).not.toContain(entry)
    entries.push(entry)
    expect(await apps.confirm(now, bench.code(secret))).toEqual({ ok: true })
  }
})

test('guessing waits longer and longer, but a right code is taken in the end', async () => {
  let looked = 0
  for (let minutes = 0; minutes < 48 * 60; minutes += 1) {
    const { secret } = await begun(requester)
    const answer = await apps.confirm(requester, wrongCode(secret, bench.now()))
    if (!answer.ok && answer.reason === 'wrong-code') looked += 1
    expect(answer).not.toMatchObject({ reason: 'closed' })
    bench.pass(MINUTE)
  }
  expect(looked).toBeGreaterThan(50)
  expect(looked).toBeLessThan(100)
  bench.pass(HOUR)
  expect(await apps.confirm(requester, bench.code((await begun(requester)).secret))).toEqual({ ok: true })
  expect(await bench.store.count(`new-app/${sanne.account.id}`)).toBe(0)
})

test('a new app opens what wrong codes had closed', async () => {
  for (let tries = 0; tries < 9; tries += 1) {
    bench.pass(HOUR)
    await signIn(wrongCode(sanne.key, bench.now()))
  }
  expect(await signIn(bench.code(sanne.key))).toMatchObject({ ok: false, reason: 'wait' })
  const { secret } = await begun(requester)
  await apps.confirm(requester, bench.code(secret))
  expect(await signIn(bench.code(secret))).toMatchObject({ ok: true })
})

test.each(['', '12345', '1234567', 'abcdef', '１２３４５６', undefined])('OTP-07: %j is a wrong code', async (code) => {
  const { secret } = await begun(requester)
  expect(await apps.confirm(requester, code ?? wrongCode(secret, bench.now()))).toEqual({
    ok: false,
    reason: 'wrong-code',
  })
  expect(await labels()).toEqual([sanne.account.email])
})
