/** Recovery cases from the request to the code, on a real store. */

import { beforeEach, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../src/lib/time.ts'
import { enrollments } from '../../../src/mfa/enrollment.ts'
import { ownFactors } from '../../../src/mfa/own-factors.ts'
import type { Account } from '../../../src/person/account.ts'
import { keyOf } from '../../../src/person/kind.ts'
import type { Check } from '../../../src/person/recovery-case.ts'
import { KeyTaken } from '../../../src/record/records.ts'
import { recovery } from '../../../src/recovery/help-desk.ts'
import type { Recovery } from '../../../src/recovery/recovery.ts'
import { race, tally } from '../../support/attack/race.ts'
import { asked } from '../../support/people/asked-people.ts'
import { ruleOf } from '../../support/people/disturbed-people.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { detailsOf, type FactorBench, factorBench, SOURCE } from '../../support/unit/factor-bench.ts'

const ISSUER = 'https://id.example'
const CONTACT = '06 1234 5678, after six'

let cases: Recovery
let sanne: Awaited<ReturnType<FactorBench['enrolled']>>

const bench = forEachTest(factorBench)
beforeEach(async () => {
  cases = recovery({ ...bench.common, issuer: ISSUER })
  sanne = await bench.enrolled()
})

async function filed(account: Account = sanne.account): Promise<{ number: string; token: string }> {
  const requested = await cases.request(account, CONTACT, SOURCE)
  if (!requested.ok) throw new Error(requested.reason)
  const mail = (await bench.told()).find(({ name }) => name === 'recovery-requested')
  return { number: requested.number, token: String(mail?.data.cancelHref).split('/').at(-1) ?? '' }
}

function decide(number: string, to: 'issued' | 'declined' = 'issued', more: { check?: Check; note?: string } = {}) {
  return cases.decide({ number, to, check: 'call-back', note: '', actor: 'helper', source: SOURCE, ...more })
}

async function issued(number: string): Promise<string> {
  const decided = await decide(number)
  if (!decided.ok || !decided.code) throw new Error('not issued')
  return decided.code
}

function signIn(code: string, account = sanne.account) {
  const answer = { account, method: 'temporary' as const, code, sitting: 's', session: 's', source: SOURCE }
  return bench.challenges.answer(answer, ['temporary'])
}

test('a case has a number to read out, and every known address hears of it with a link that cancels', async () => {
  const account = { ...sanne.account, noticeEmail: 'home@sanne.example' }
  const requested = await cases.request(account, `  ${CONTACT} `, SOURCE)
  expect(requested).toEqual({
    ok: true,
    number: expect.stringMatching(/^\d{8}$/),
    expiresAt: bench.now() + 72 * HOUR,
    already: false,
  })
  const mails = await bench.told()
  expect(mails.map(({ to }) => to)).toEqual([account.email, 'home@sanne.example'])
  const { name, data } = mails[0] ?? {}
  const { number } = requested as { number: string }
  const cancelHref = expect.stringMatching(/^https:\/\/id\.example\/recovery\/[\w-]{43}$/)
  expect({ name, data }).toMatchObject({ name: 'recovery-requested', data: { number, cancelHref } })
  expect(JSON.stringify(mails)).not.toContain('1234 5678')
  expect(await cases.find(number)).toMatchObject({ state: 'open', contact: CONTACT, note: undefined })
  expect(await cases.open(account)).toMatchObject({ number })
  expect(await cases.listOpen()).toMatchObject([{ number }])
  expect(detailsOf(bench.events, 'recovery.requested')).toEqual([{ case: number }])
  expect(JSON.stringify(await asked(bench.store.people).findCase(number))).not.toMatch(/1234 5678|after six/)
})

test.each([
  ['', 'missing'],
  [' \n\u200b ', 'missing'],
  ['x'.repeat(201), 'too-long'],
  ['call 111222333', 'citizen-number'],
  ['call 111\u200b222\u200b333', 'citizen-number'],
])('DAT-02: %j is no way to be reached: %s', async (contact, reason) => {
  expect(await cases.request(sanne.account, contact, SOURCE)).toEqual({ ok: false, reason })
  expect(await cases.open(sanne.account)).toBeUndefined()
})

test('what is read out on one line has no line ends and no colors', async () => {
  await cases.request(sanne.account, 'Sanne\r\n\u001b[31mred\u202e', SOURCE)
  expect((await cases.open(sanne.account))?.contact).toBe('Sanne [31mred')
})

test('who has a case open gets its number again, and nobody a second mail, from twenty tabs at once too', async () => {
  const [answers = []] = await race(
    { rounds: 1, contenders: 20 },
    async () => () => cases.request(sanne.account, CONTACT, SOURCE),
  )
  expect(answers.filter((answer) => answer.ok && !answer.already)).toHaveLength(1)
  expect(new Set(answers.map((answer) => (answer.ok ? answer.number : answer.reason))).size).toBe(1)
  expect(await bench.told()).toHaveLength(1)
  expect(await cases.request(sanne.account, 'another', SOURCE)).toMatchObject({ ok: true, already: true })
  expect(await bench.told()).toEqual([])
  expect(await cases.listByAccount(sanne.account.id)).toHaveLength(1)
})

test('three new cases in a day, and again the day after', async () => {
  for (let each = 0; each < 3; each += 1) await cases.cancel((await filed()).token, SOURCE)
  await bench.told()
  const retryAt = bench.now() + DAY
  expect(await cases.request(sanne.account, CONTACT, SOURCE)).toEqual({ ok: false, reason: 'too-many', retryAt })
  expect(detailsOf(bench.events, 'throttle.engaged')).toEqual([{ door: 'recovery' }])
  expect(await bench.told()).toEqual([])
  bench.pass(DAY)
  expect(await cases.request(sanne.account, CONTACT, SOURCE)).toMatchObject({ ok: true })
})

test('a number that is taken is drawn again', async () => {
  let draws = 0
  const people: typeof bench.store.people = {
    ...bench.store.people,
    async change(id, rule) {
      if (ruleOf(rule) === 'insertCase') draws += 1
      if (draws !== 1) return bench.store.people.change(id, rule)
      // Somebody else’s, with the number that was drawn first.
      return bench.store.people.change('another', (draft) => {
        const outcome = rule(draft)
        const [filed] = draft.cases
        if (!filed) throw new Error('no case was filed')
        throw Object.assign(new KeyTaken(keyOf.case(filed.number)), { outcome })
      })
    },
  }
  const drawing = recovery({ ...bench.common, people, issuer: ISSUER })
  expect(await drawing.request(sanne.account, CONTACT, SOURCE)).toMatchObject({ ok: true, already: false })
  expect(draws).toBe(2)
})

test('the link in the mail cancels once, is told, and opens nothing else', async () => {
  const { number, token } = await filed()
  expect(await cases.findByCancel(token)).toMatchObject({ number, state: 'open' })
  expect(await cases.findByCancel(`${token}x`)).toBeUndefined()
  expect(await cases.cancel(`${token}x`, SOURCE)).toBe(false)
  expect(await cases.cancel(token, SOURCE)).toBe(true)
  expect(await cases.cancel(token, SOURCE)).toBe(false)
  expect(await cases.find(number)).toMatchObject({ state: 'canceled', closedAt: bench.now() })
  expect(await bench.told()).toMatchObject([{ name: 'recovery-canceled', data: { number } }])
  expect(bench.events.at(-1)).toMatchObject({ type: 'recovery.canceled', details: { case: number } })
  expect(bench.events.at(-1)?.actor).toBeUndefined()
  expect(await decide(number)).toEqual({ ok: false, reason: 'closed' })
})

test('a case that nobody decided in three days is expired, and can be neither decided nor canceled', async () => {
  const { number, token } = await filed()
  bench.pass(72 * HOUR)
  expect(await cases.find(number)).toMatchObject({ state: 'expired' })
  expect([await cases.open(sanne.account), await cases.listOpen()]).toEqual([undefined, []])
  expect(await decide(number)).toEqual({ ok: false, reason: 'closed' })
  expect(await cases.cancel(token, SOURCE)).toBe(false)
  expect((await filed()).number).not.toBe(number)
  expect(await cases.listByAccount(sanne.account.id)).toMatchObject([{ state: 'open' }, { state: 'expired' }])
})

test('a code is shown once, takes every factor of before away, and is a second step', async () => {
  const { number } = await filed()
  const decided = await decide(number, 'issued', { note: 'called 020, spoke to HR' })
  expect(decided).toEqual({
    ok: true,
    code: expect.stringMatching(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/),
    expiresAt: bench.now() + 4 * HOUR,
  })
  const { code = '' } = decided.ok ? decided : {}
  const own = ownFactors({ ...bench.common, campaign: { organizations: new Map(), roles: new Map(), exempt: [] } })
  expect(await own.overview(sanne.account)).toMatchObject({
    apps: [],
    phone: undefined,
    backup: undefined,
    devices: [],
  })
  const after = await bench.again(sanne.account)
  expect(after.epoch).toBeGreaterThan(sanne.account.epoch)
  expect(await bench.told()).toMatchObject([{ name: 'recovery-issued', data: { number } }])
  const kept = { state: 'issued', closedBy: 'helper', check: 'call-back', note: 'called 020, spoke to HR' }
  expect(await cases.find(number)).toMatchObject(kept)
  const event = { type: 'recovery.issued', outcome: 'ok', actor: 'helper', subject: sanne.account.id }
  expect(bench.events.at(-1)).toMatchObject({ ...event, details: { case: number, check: 'call-back' } })
  for (const sink of [
    bench.events,
    await asked(bench.store.people).findCase(number),
    await bench.store.listAudit({ limit: 99 }),
  ])
    expect(JSON.stringify(sink)).not.toMatch(new RegExp(`${code}|${code.replaceAll('-', '')}|spoke to HR`))

  expect(await signIn(` ${code.toLowerCase()} `)).toMatchObject({ ok: true })
})

test('a code is void after hours, and nobody else’s', async () => {
  const daan = await bench.enrolled()
  const code = await issued((await filed()).number)
  expect(await signIn(code, daan.account)).toEqual({ ok: false, reason: 'wrong-code' })
  bench.pass(4 * HOUR)
  expect(await signIn(code)).toEqual({ ok: false, reason: 'wrong-code' })
})

test('E-01: a password alone sets up nothing after the factors were taken away; with the code it does', async () => {
  const code = await issued((await filed()).number)
  const wizard = enrollments(bench.common)
  const account = await bench.again(sanne.account)
  const thief = { account, session: 'thief', proven: false, holding: {}, source: SOURCE }
  const { secret: stolen = '' } = await wizard.choose(thief, 'other')
  expect(await wizard.confirm(thief, bench.code(stolen))).toEqual({ ok: false, reason: 'not-allowed' })
  expect(await signIn(code)).toMatchObject({ ok: true })
  const owner = { account, session: 'owner', proven: true, holding: {}, source: SOURCE }
  const { secret = '' } = await wizard.choose(owner, 'other')
  expect(await wizard.confirm(owner, bench.code(secret))).toMatchObject({ ok: true })
})

test('a code opens the door that a thief’s tries had closed', async () => {
  const { account } = sanne
  const closed = [
    ...['totp', 'sms', 'backup', 'temporary'].map((method) => `second-factor/${method}/${account.id}`),
    ...['enrollment', 'enrollment-sms', 'new-app'].map((what) => `${what}/${account.id}`),
  ]
  for (const key of closed)
    for (let tries = 0; tries < 50; tries += 1) {
      await bench.store.spendStreak(key, bench.now(), 50, [0])
    }
  for (let tries = 0; tries < 100; tries += 1)
    await bench.store.spendWindow(`second-factor/day/${account.id}`, bench.now(), 100, DAY)
  expect((await signIn('0000-0000-0000-0000')).ok).toBe(false)
  const code = await issued((await filed()).number)
  for (const key of [...closed, `second-factor/day/${account.id}`]) expect(await bench.store.count(key), key).toBe(0)
  expect(await signIn(code)).toMatchObject({ ok: true })
})

test('declined: told and recorded, and nothing is taken away', async () => {
  const { number } = await filed()
  expect(await decide(number, 'declined', { check: 'video' })).toEqual({ ok: true, code: undefined })
  expect(await cases.find(number)).toMatchObject({ state: 'declined', check: 'video' })
  expect(await asked(bench.store.people).listAuthenticators(sanne.account.id)).toHaveLength(1)
  expect(await bench.again(sanne.account)).toMatchObject({ epoch: sanne.account.epoch })
  expect(await bench.told()).toMatchObject([{ name: 'recovery-declined', data: { number } }])
  expect(detailsOf(bench.events, 'recovery.declined')).toEqual([{ case: number, check: 'video' }])
})

test('ADM-03: no decision without a word on how the person was checked', async () => {
  const { number } = await filed()
  for (const check of ['', 'hunch', undefined] as unknown as Check[])
    for (const to of ['issued', 'declined'] as const)
      expect(await decide(number, to, { check })).toEqual({ ok: false, reason: 'missing-check' })
  expect(await decide(number, 'issued', { note: 'BSN 111.222.333' })).toEqual({ ok: false, reason: 'citizen-number' })
  expect(await decide(number, 'issued', { note: 'x'.repeat(501) })).toEqual({ ok: false, reason: 'too-long' })
  expect(await decide('00000000')).toEqual({ ok: false, reason: 'unknown' })
  expect(await cases.find(number)).toMatchObject({ state: 'open' })
  expect(await bench.told()).toEqual([])
})

/** The same person, whose address was changed at this moment. */
function changed(emailChangedAt: number): Recovery {
  const { people } = bench.store
  const late: typeof people = {
    ...people,
    async findBy(key) {
      const found = await people.findBy(key)
      if (found?.record.account) found.record.account.emailChangedAt = emailChangedAt
      return found
    },
    change: (id, rule) =>
      people.change(id, (draft) => {
        if (draft.account) draft.account.emailChangedAt = emailChangedAt
        return rule(draft)
      }),
  }
  return recovery({ ...bench.common, people: late, issuer: ISSUER })
}

test('P-04: the address was changed an hour before the request: a code waits a day, a refusal does not', async () => {
  const { number } = await filed()
  cases = changed(bench.now() - HOUR)
  const retryAt = bench.now() + DAY
  expect(await cases.find(number)).toMatchObject({ decidableAt: retryAt })
  expect(await decide(number)).toEqual({ ok: false, reason: 'wait', retryAt })
  expect(detailsOf(bench.events, 'recovery.issued')).toEqual([{ case: number, check: 'call-back', reason: 'wait' }])
  expect(await asked(bench.store.people).listAuthenticators(sanne.account.id)).toHaveLength(1)
  bench.pass(DAY - 1)
  expect(await decide(number)).toMatchObject({ reason: 'wait' })
  bench.pass(1)
  expect(await decide(number)).toMatchObject({ ok: true })

  const again = await filed()
  cases = changed(bench.now() - HOUR)
  expect(await decide(again.number, 'declined')).toMatchObject({ ok: true })
})

test.each([
  ['a week and a moment before the request', -7 * DAY - 1, 0],
  ['a week before', -7 * DAY, DAY],
  ['after the request', HOUR, DAY + HOUR],
])('P-04: an address that was changed %s', async (_when, offset, wait) => {
  const { number } = await filed()
  const view = await changed(bench.now() + offset).find(number)
  expect(view?.decidableAt).toBe(bench.now() + wait)
})

test('two decisions at once: exactly one, and one code at most that works', async () => {
  const outcomes = await race({ rounds: 10, contenders: 4 }, async () => {
    const daan = await bench.enrolled()
    const { number } = await filed(daan.account)
    return async (contender) => {
      const decided = await decide(number, contender % 2 === 0 ? 'issued' : 'declined')
      const code = decided.ok ? decided.code : undefined
      return { ok: decided.ok, worked: code !== undefined && (await signIn(code, daan.account)).ok }
    }
  })
  expect(tally(outcomes, ({ ok }) => ok)).toEqual({ 1: 10 })
  const [winner] = await Promise.all([filed()])
  const both = await Promise.all([decide(winner.number), decide(winner.number)])
  expect(both.filter(({ ok }) => ok)).toHaveLength(1)
  expect(await bench.told()).toHaveLength(1)
})

test('a decision and the cancel link at once: one of them, never both', async () => {
  const outcomes = await race({ rounds: 10, contenders: 2 }, async () => {
    const daan = await bench.enrolled()
    const { number, token } = await filed(daan.account)
    return async (contender) => (contender === 0 ? cases.cancel(token, SOURCE) : (await decide(number)).ok)
  })
  expect(tally(outcomes, Boolean)).toEqual({ 1: 10 })
})

test('lives of cases and codes are the operator’s to choose', async () => {
  const short = recovery({ ...bench.common, issuer: ISSUER, caseLife: HOUR, codeLife: 5 * MINUTE })
  const requested = await short.request(sanne.account, CONTACT, SOURCE)
  expect(requested).toMatchObject({ ok: true, expiresAt: bench.now() + HOUR })
  expect(await decide(requested.ok ? requested.number : '')).toMatchObject({ ok: true })
})

test('the oldest case is listed first, however many end before it', async () => {
  const { number } = await filed()
  const brief = recovery({ ...bench.common, issuer: ISSUER, caseLife: HOUR })
  for (let n = 0; n < 200; n += 1) {
    bench.pass(1)
    await brief.request({ ...sanne.account, id: `colleague-${n}` }, CONTACT, SOURCE)
  }
  const open = await cases.listOpen()
  expect([open.length, open[0]?.number]).toEqual([200, number])
})
