/** SECURITY C: guessing. Tries are counted per person and factor, and nothing but the right code takes them back. */
import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { sql } from '../../support/attack/attack.ts'
import { asked } from '../../support/people/asked-people.ts'
import { Person } from '../../support/people/person.ts'
import { activated, codeOf, PASSWORD, press, scanned, text, wrongCode } from '../../support/people/second-factor.ts'
import {
  authorize,
  codesOf,
  halfSignedIn,
  international,
  partsOf,
  smsCode,
  someVictim,
  startTwoStep,
  tries,
  type Victim,
} from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const app = forAllTests(startTwoStep)

async function somebody(number?: string): Promise<Victim> {
  const made = await someVictim(app, number)
  pass(MINUTE)
  return made
}

/** Never what the app shows about now. */
function wrong(sanne: Victim, each = 0): string {
  const right = [-1, 0, 1, 2].map((step) => codeOf(sanne.key, Date.now() + step * 30 * SECOND))
  for (let code = 100_000 + each; ; code += 1) if (!right.includes(String(code))) return String(code)
}

async function mails(email: string, subject: RegExp): Promise<number> {
  return (await app.inbox()).filter((mail) => mail.to === email && subject.test(mail.subject ?? '')).length
}

test('C-01: one sitting: free tries, growing delays, the end at 50, and mail about it', async () => {
  const sanne = await somebody()
  const thief = await halfSignedIn(app, sanne.email)
  const waits: number[] = []
  for (let looked = 0; looked < 50; ) {
    await press(thief, 'verify', { code: wrong(sanne) })
    if (thief.page.status === 400) {
      looked += 1
      expect(text(thief.page)).toContain('This code is not right')
      continue
    }
    expect(thief.page.status).toBe(429)
    const before = Date.now()
    // Until the day's limit or the delay is over, whichever it is.
    const { until } = await blockedUntil(sanne)
    waits.push(until - before)
    pass(until - before)
    // The sitting itself ends after twenty minutes; the count does not.
    if (Date.now() - before > 10 * MINUTE) await halfSignedIn(app, sanne.email, 'payroll', thief)
  }
  expect(waits.slice(0, 8)).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600].map((wait) => wait * SECOND))
  expect(new Set(waits.slice(8))).toEqual(new Set([HOUR]))
  pass(DAY)
  await halfSignedIn(app, sanne.email, 'payroll', thief)
  await press(thief, 'verify', { code: codeOf(sanne.key, Date.now()) })
  expect(text(thief.page)).toContain('no longer works')
  expect(codesOf(thief)).toEqual([])
  await thief.visit(`/interaction/${/interaction.([^/]+)/.exec(thief.page.url)?.[1]}/challenge/methods`)
  expect(text(thief.page)).toContain('Backup code')
  expect(await mails(sanne.email, /was closed/)).toBe(1)
})

async function blockedUntil(sanne: Victim): Promise<{ until: number }> {
  const { DatabaseSync } = await import('node:sqlite')
  const db = new DatabaseSync(`${app.folder}/sigma-id.db`)
  const row = db.prepare('SELECT until FROM counter WHERE key = ?').get(`second-factor/totp/${sanne.id}`)
  db.close()
  return row as { until: number }
}

test('C-02: 1,000 guesses over 100 sessions: 50 are looked at, and then the right code is refused', async () => {
  const sanne = await somebody()
  const thieves: Person[] = []
  for (let each = 0; each < 100; each += 1) thieves.push(await halfSignedIn(app, sanne.email))
  let looked = 0
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(thieves.map((thief, each) => press(thief, 'verify', { code: wrong(sanne, round * 100 + each) })))
    looked += thieves.filter(({ page }) => page.status === 400 && page.html.includes('This code is not right')).length
    // As if every delay had been waited out: what is left is the cap.
    sql(app, 'UPDATE counter SET until = 0 WHERE key = ?', `second-factor/totp/${sanne.id}`)
    expect(thieves.filter(({ page }) => page.status >= 500)).toEqual([])
  }
  expect(looked).toBeGreaterThanOrEqual(14)
  expect(looked).toBe(await tries(app, 'totp', sanne.id))
  const { challenges } = partsOf(app)
  const account = await asked(app.core.store.durable.people).findAccount(sanne.id)
  if (!account) throw new Error('nobody')
  const answer = {
    account,
    method: 'totp' as const,
    sitting: 's',
    session: 's',
    source: { ip: '192.0.2.1', correlation: 'c' },
  }
  for (let each = 0; each < 100; each += 1) {
    await challenges.answer({ ...answer, code: wrong(sanne) }, ['totp'])
    sql(app, 'UPDATE counter SET until = 0 WHERE key = ?', `second-factor/totp/${sanne.id}`)
  }
  expect(await tries(app, 'totp', sanne.id)).toBe(50)
  expect(await challenges.answer({ ...answer, code: codeOf(sanne.key, Date.now()) }, ['totp'])).toMatchObject({
    reason: 'closed',
  })
  const [thief] = thieves as [Person]
  await press(thief, 'verify', { code: codeOf(sanne.key, Date.now()) })
  expect(codesOf(thief)).toEqual([])
})

test('C-04, C-06: a new sitting, password, application, spelling or prompt=login resets nothing', async () => {
  const sanne = await somebody()
  const ways = [
    () => halfSignedIn(app, sanne.email),
    () => halfSignedIn(app, sanne.email.toUpperCase(), 'leave'),
    () => halfSignedIn(app, ` ${sanne.email} `, 'strict'),
    async () => {
      const thief = await halfSignedIn(app, sanne.email)
      await thief.visit(authorize(app, 'payroll', { prompt: 'login' }))
      await thief.submit({ email: sanne.email, password: PASSWORD })
      return thief
    },
  ]
  for (const [each, way] of ways.entries()) {
    const thief = await way()
    await press(thief, 'verify', { code: wrong(sanne) })
    expect(await tries(app, 'totp', sanne.id)).toBe(each + 1)
  }
  const fifth = await halfSignedIn(app, sanne.email)
  await press(fifth, 'verify', { code: wrong(sanne) })
  await press(await halfSignedIn(app, sanne.email, 'leave', fifth), 'verify', { code: codeOf(sanne.key, Date.now()) })
  expect(fifth.page.status).toBe(429)
  expect(await mails(sanne.email, /./)).toBeGreaterThan(2)
})

test('C-05: another text message takes no failure back', async () => {
  const sanne = await somebody('06 5555 0001')
  const thief = await halfSignedIn(app, sanne.email)
  await thief.visit(`${thief.page.url}/challenge/sms`)
  await press(thief, 'send')
  const first = await smsCode(app, international('06 5555 0001'))
  for (let each = 0; each < 4; each += 1)
    await press(thief, 'verify', { code: first === '000000' ? '000001' : '000000' })
  pass(MINUTE)
  await press(thief, 'resend')
  expect(await tries(app, 'sms', sanne.id)).toBe(4)
  const second = await smsCode(app, international('06 5555 0001'))
  await press(thief, 'verify', { code: first === second ? `${first}0` : first })
  expect(thief.page.status).toBe(400)
  expect(await tries(app, 'sms', sanne.id)).toBe(5)
  await press(thief, 'verify', { code: second })
  expect(thief.page.status).toBe(429)
  expect(codesOf(thief)).toEqual([])
})

test('C-07: guessing in the wizard is counted too, for the app and for the number', async () => {
  const email = `guessed${Date.now()}@sigma.example`
  const sanne = new Person()
  await activated(app, email, sanne)
  await halfSignedIn(app, email, 'payroll', sanne)
  const key = await scanned(sanne)
  for (let each = 0; each < 10; each += 1) await press(sanne, 'code', { code: wrongCode(key, Date.now()) })
  await press(sanne, 'code', { code: codeOf(key, Date.now()) })
  expect(sanne.page.status).toBe(429)
  pass(31 * SECOND)
  await press(sanne, 'code', { code: codeOf(key, Date.now()) })
  await press(sanne, 'send', { number: '06 5555 0002', country: 'NL' })
  const sent = await smsCode(app, international('06 5555 0002'))
  const other = sent === '000000' ? '000001' : '000000'
  for (let each = 0; each < 5; each += 1) await press(sanne, 'sms-code', { code: other })
  await press(sanne, 'sms-code', { code: sent })
  expect(sanne.page.status).toBe(429)
})

test('100 failures of one person in a day, over the factors that can be guessed, end the day', async () => {
  const sanne = await somebody('06 5555 0003')
  const { challenges } = partsOf(app)
  const account = await asked(app.core.store.durable.people).findAccount(sanne.id)
  if (!account) throw new Error('nobody')
  const answer = { account, sitting: 's', session: 's', source: { ip: '192.0.2.1', correlation: 'c' } }
  const methods = ['totp', 'sms'] as const
  let looked = 0
  for (let each = 0; each < 130; each += 1)
    for (const method of methods) {
      const answered = await challenges.answer({ ...answer, method, code: 'x' }, methods)
      if (!answered.ok && ['wrong-code', 'expired'].includes(answered.reason)) looked += 1
      sql(app, `UPDATE counter SET until = 0, count = 0 WHERE key = ?`, `second-factor/${method}/${sanne.id}`)
      if (looked === 100) break
    }
  expect(looked).toBe(100)
  const right = { ...answer, method: 'totp' as const, code: codeOf(sanne.key, Date.now()) }
  expect(await challenges.answer(right, methods)).toMatchObject({ ok: false, reason: 'wait' })
  pass(DAY)
  expect(await challenges.answer({ ...right, code: codeOf(sanne.key, Date.now()) }, methods)).toMatchObject({
    ok: true,
  })
})
