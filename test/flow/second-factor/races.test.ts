/** SECURITY B: many at once. What works once works once, whoever else tries it in the same moment. */

import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { keepCode, newCode, newTemporaryCode, temporaryDigest } from '../../../src/mfa/backup-code.ts'
import type { RunningApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { race, tally } from '../../support/attack/race.ts'
import { asked } from '../../support/people/asked-people.ts'
import { Person } from '../../support/people/person.ts'
import { activated, backupCodeOn, codeOf, keyOn, press, wrongCode } from '../../support/people/second-factor.ts'
import {
  codesOf,
  halfSignedIn,
  type Parts,
  partsOf,
  smsCode,
  startTwoStep,
  tries,
  type Victim,
  victim,
} from '../../support/people/second-factor-attack.ts'

const MANY = 50
/** Within one process; between nodes the stores' own suites run the rounds. */
const ROUNDS = process.env.SIGMA_TEST_MONGODB ? 5 : 100
/** A wizard for each of ten: 200 of them ran once on each store. */
const WIZARDS = ROUNDS / 5
const SOURCE = { ip: '192.0.2.1', correlation: 'race' }
let app: RunningApp
let parts: Parts
let sanne: Victim
let count = 0

clockOfAllTests()

beforeAll(async () => {
  app = await startTwoStep()
  parts = partsOf(app)
})
afterAll(() => app.stop())
beforeEach(async () => {
  count += 1
  sanne = await victim(app, `sanne${count}@sigma.example`, `06 1234 ${1000 + count}`)
  pass(2 * MINUTE)
})

/** Opens the way for all of them: a delay after five tries would hide who else might have got through. */
function withoutDelays(): void {
  const { attempts } = app.core
  const streak = attempts.streak.bind(attempts)
  vi.spyOn(attempts, 'streak').mockImplementation((key, rule) => streak(key, { ...rule, free: 1e4, cap: 1e4 }))
  const window = attempts.window.bind(attempts)
  vi.spyOn(attempts, 'window').mockImplementation((key, rule) => window(key, { ...rule, most: 1e6 }))
}
afterEach(() => void vi.restoreAllMocks())

async function sittings(many: number, clients: string[] = ['payroll']): Promise<Person[]> {
  const open: Person[] = []
  for (let each = 0; each < many; each += 1)
    open.push(await halfSignedIn(app, sanne.email, clients[each % clients.length]))
  return open
}

const through = (people: Person[]) => people.filter((person) => codesOf(person).length > 0).length

test.each(['free', 'unthrottled'])('B-01: one code, fifty times at once in one sitting (%s): once', async (how) => {
  if (how === 'unthrottled') withoutDelays()
  const [sitting] = await sittings(1)
  const copies = Array.from({ length: MANY }, () => sitting?.copy() as Person)
  const code = codeOf(sanne.key, Date.now())
  await Promise.all(copies.map((copy) => press(copy, 'verify', { code })))
  expect(copies.filter(({ page }) => page.status >= 500)).toEqual([])
  expect(through(copies)).toBe(1)
})

test('B-01: one code in ten sittings of four applications at once: once', async () => {
  withoutDelays()
  const people = await sittings(10, ['payroll', 'leave', 'strict', 'portal'])
  const code = codeOf(sanne.key, Date.now())
  await Promise.all(people.map((person) => press(person, 'verify', { code })))
  expect(through(people)).toBe(1)
  const [app1] = await asked(app.core.store.durable.people).listAuthenticators(sanne.id)
  expect(app1?.lastStep).toBe(Math.floor(Date.now() / 30_000))
})

test('B-02: one backup code, fifty times at once: one gets in, with one new one', async () => {
  withoutDelays()
  const people = await sittings(5)
  const browsers = people.map((person) => Array.from({ length: MANY / 5 }, () => person.copy()))
  const copies = browsers.flat()
  for (const copy of copies) await copy.visit(`${copy.page.url}/challenge/backup`)
  await Promise.all(copies.map((copy) => press(copy, 'verify', { code: sanne.backupCode })))
  // Each browser may try: the last one holds the code.
  await goOnIn(browsers)
  // A tab may have taken it over after its sitting had gone on in another: nothing is lost, it is asked for once more.
  const asking = copies.find(({ page }) => page.html.includes('You went on with this code in another browser'))
  if (through(copies) === 0) await press(asking as Person, 'verify', { code: sanne.backupCode })
  await goOnIn(browsers)
  expect(copies.filter(({ page }) => page.status >= 500)).toEqual([])
  expect(through(copies)).toBe(1)
  const kept = await asked(app.core.store.durable.people).findBackupCode(sanne.id)
  expect(kept).toMatchObject({ savedAt: expect.any(Number), spent: [{ digest: expect.any(String) }] })
})

/** Goes on in a tab of each that came so far. */
async function goOnIn(browsers: Person[][]): Promise<void> {
  for (const step of ['kept', 'saved'])
    await Promise.all(
      browsers.map(async (tabs) => {
        const tab = tabs.find(({ page }) => page.html.includes(`value="${step}"`))
        if (tab) await press(tab, step, { saved: 'yes' })
      }),
    )
}

test('B-03: one text message, fifty times at once: once', async () => {
  withoutDelays()
  const [person] = (await sittings(1)) as [Person]
  await person.visit(`${person.page.url}/challenge/sms`)
  await press(person, 'send')
  const code = await smsCode(app)
  const copies = Array.from({ length: MANY }, () => person.copy())
  await Promise.all(copies.map((copy) => press(copy, 'verify', { code })))
  expect(through(copies)).toBe(1)
})

test('B-07: fifty wrong codes at once, one before the limit: one is looked at', async () => {
  const people = await sittings(1)
  const key = `second-factor/totp/${sanne.id}`
  for (let tried = 0; tried < 49; tried += 1) await app.core.store.durable.spendStreak(key, Date.now(), 50, [])
  const copies = Array.from({ length: MANY }, () => people[0]?.copy() as Person)
  const code = wrongCode(sanne.key, Date.now())
  await Promise.all(copies.map((copy) => press(copy, 'verify', { code })))
  expect(copies.filter(({ page }) => page.html.includes('This code is not right'))).toHaveLength(1)
  expect(await tries(app, 'totp', sanne.id)).toBe(50)
  expect(
    (await app.inbox()).filter(({ to, subject }) => to === sanne.email && /closed/i.test(subject ?? '')),
  ).toHaveLength(1)
  pass(2 * HOUR)
  await press(people[0] as Person, 'verify', { code: codeOf(sanne.key, Date.now()) })
  expect(through(people)).toBe(0)
})

test('B-09: fifty times «send» at once: one message', async () => {
  const [person] = (await sittings(1)) as [Person]
  await person.visit(`${person.page.url}/challenge/sms`)
  const before = (await app.inbox()).filter(({ channel }) => channel === 'sms').length
  const copies = Array.from({ length: MANY }, () => person.copy())
  await Promise.all(copies.map((copy) => press(copy, 'send')))
  expect((await app.inbox()).filter(({ channel }) => channel === 'sms').length - before).toBe(1)
  expect(copies.every(({ page }) => page.status === 200 || page.status === 429)).toBe(true)
})

test(`${ROUNDS} rounds of 50: a code of an app or a message is good for exactly one answer`, async () => {
  withoutDelays()
  const { durable } = app.core.store
  const account = await asked(durable.people).findAccount(sanne.id)
  if (!account) throw new Error('nobody')
  const rounds = ROUNDS
  const codes: Record<'totp' | 'sms', () => Promise<string>> = {
    totp: async () => codeOf(sanne.key, Date.now()),
    async sms() {
      const sent = await parts.sms.sendToOwn(account, 'sitting', SOURCE)
      return sent.ok ? parts.sent() : 'none'
    },
  }
  for (const method of ['totp', 'sms'] as const) {
    const outcomes = await race({ rounds, contenders: 50 }, async () => {
      pass(30 * SECOND)
      const code = await codes[method]()
      return () =>
        parts.challenges.answer({ account, method, code, sitting: 'sitting', session: 's', source: SOURCE }, [
          'totp',
          'sms',
          'backup',
        ])
    })
    expect(
      tally(outcomes, (answered) => answered.ok),
      method,
    ).toEqual({ 1: rounds })
  }
})

test(`${ROUNDS} rounds of 50 tabs that confirm at once: one factor and one backup code, the same in every tab`, async () => {
  withoutDelays()
  const outcomes = await race({ rounds: ROUNDS, contenders: 50 }, async (round) => {
    // Each round moves the epoch up.
    const account = await asked(app.core.store.durable.people).findAccount(sanne.id)
    if (!account) throw new Error('nobody')
    const requester = { account, session: `session ${round}`, proven: true, holding: {}, source: SOURCE }
    await parts.enrollments.go(requester, { stage: 'app', replacesAll: true })
    const wizards = await Promise.all([1, 2, 3].map(() => parts.enrollments.choose(requester, 'other')))
    expect(new Set(wizards.map(({ secret }) => secret)).size).toBe(1)
    const code = codeOf(wizards[0]?.secret ?? '', Date.now())
    return () => parts.enrollments.confirm(requester, code)
  })
  for (const round of outcomes)
    expect(new Set(round.map((confirmed) => (confirmed.ok ? confirmed.wizard.backup?.code : 'refused'))).size).toBe(1)
  expect(await asked(app.core.store.durable.people).listAuthenticators(sanne.id)).toHaveLength(1)
  expect((await asked(app.core.store.durable.people).findBackupCode(sanne.id))?.id).toBe(
    outcomes.at(-1)?.map((confirmed) => (confirmed.ok ? confirmed.wizard.backup?.id : undefined))[0],
  )
})

test.each(['backup', 'temporary'] as const)(
  `${WIZARDS} rounds of 10 sessions that prove one %s code and set up with it at once: one factor, and the code is used`,
  async (method) => {
    withoutDelays()
    const people = asked(app.core.store.durable.people)
    const accountOf = async () => (await people.findAccount(sanne.id)) ?? Promise.reject(new Error('nobody'))
    const prove = async (session: string, code: string) => {
      const given = { account: await accountOf(), method, code, sitting: session, session, source: SOURCE }
      return parts.challenges.answer(given, [method])
    }
    let code = sanne.backupCode
    const outcomes = await race({ rounds: WIZARDS, contenders: 10 }, async (round) => {
      pass(30 * SECOND)
      if (method === 'temporary') code = await temporaryCode()
      else if (round > 0) code = await renewed()
      return async (contender) => {
        const session = `${method} ${round} ${contender}`
        const proven = await prove(session, code)
        if (!proven.ok) return proven
        const holding = { [method]: proven.holds }
        const requester = async () => ({ account: await accountOf(), session, proven: true, holding, source: SOURCE })
        await parts.enrollments.go(await requester(), { stage: 'app', replacesAll: true })
        const { secret = '' } = await parts.enrollments.choose(await requester(), 'other')
        return parts.enrollments.confirm(await requester(), codeOf(secret, Date.now()))
      }
    })
    expect(tally(outcomes, ({ ok }) => ok)).toEqual({ 1: WIZARDS })
    expect(await prove('later', code)).toMatchObject({ ok: false, reason: 'used-code' })
    expect(await people.listAuthenticators(sanne.id)).toHaveLength(1)

    async function temporaryCode(): Promise<string> {
      const made = newTemporaryCode()
      const digest = temporaryDigest(app.core.ring.derive('temporary-codes'), sanne.id, made) ?? ''
      const [createdAt, expiresAt] = [Date.now(), Date.now() + HOUR]
      await people.insertTemporaryCode({ id: randomUUID(), accountId: sanne.id, digest, createdAt, expiresAt })
      return made
    }

    async function renewed(): Promise<string> {
      const made = newCode()
      await people.replaceBackupCode(keepCode(sanne.id, made, Date.now()), [])
      return made
    }
  },
)

test('two tabs confirm the same code over HTTP: both go on to the same backup code', async () => {
  const email = 'tabs@sigma.example'
  const first = new Person()
  await activated(app, email, first)
  await halfSignedIn(app, email, 'payroll', first)
  await press(first, 'enable')
  const second = first.copy()
  await Promise.all([press(first, 'app:other'), press(second, 'app:company')])
  const code = codeOf(keyOn(first.page), Date.now())
  expect(keyOn(second.page)).toBe(keyOn(first.page))
  const tabs = [first, second]
  for (const tab of tabs) await press(tab, 'scanned')
  await Promise.all(tabs.map((tab) => press(tab, 'code', { code })))
  // Tabs of one browser share their cookies: the first answer gave it the session's new id.
  const winner = tabs.find(({ page }) => page.html.includes('value="skip"'))
  if (!winner) throw new Error('neither tab went on')
  for (const tab of tabs) {
    tab.cookies = winner.cookies
    await tab.visit(winner.page.url)
  }
  for (const tab of tabs) await press(tab, 'skip')
  expect(new Set(tabs.map(({ page }) => backupCodeOn(page))).size).toBe(1)
})
