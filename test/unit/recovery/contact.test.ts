/**
 * How to be reached, given more than once: whoever knows the password may have filed first, with a number of their own,
 * and the representative has to see that there are several (SECURITY P-04).
 */

import { expect, test } from 'vitest'
import { recovery } from '../../../src/recovery/help-desk.ts'
import type { Recovery } from '../../../src/recovery/recovery.ts'
import { race } from '../../support/attack/race.ts'
import { asked } from '../../support/people/asked-people.ts'
import { disturbedPeople } from '../../support/people/disturbed-people.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { factorBench, SOURCE } from '../../support/unit/factor-bench.ts'

const ISSUER = 'https://id.example'
const THIEF = '06 6666 6666'

const bench = forEachTest(factorBench)
const cases = forEachTest(() => recovery({ ...bench.common, issuer: ISSUER }))
const sanne = forEachTest(() => bench.enrolled())

const ask = (contact: string) => cases.request(sanne.account, contact, SOURCE)
const contacts = async () => (await cases.open(sanne.account))?.contact.split('\n')

test('each that is asked with is added to the open case, in the order in which they came', async () => {
  const first = await ask(THIEF)
  const number = first.ok ? first.number : ''
  const given = { ok: true, number, already: true }
  expect(await ask('06 1234 5678, after six')).toMatchObject(given)
  expect(await ask('desk 12')).toMatchObject(given)
  expect(await contacts()).toEqual([THIEF, '06 1234 5678, after six', 'desk 12'])
  expect(await cases.listByAccount(sanne.account.id)).toHaveLength(1)
  expect(JSON.stringify(await asked(bench.store.people).findCase(number))).not.toMatch(
    /6666 6666|1234 5678|after six|desk 12/,
  )
})

test('nobody is told again, and nothing new is recorded: it is the same request', async () => {
  await ask(THIEF)
  await bench.told()
  bench.events.length = 0
  await ask('another')
  expect([await bench.told(), bench.events]).toEqual([[], []])
})

test('one that was given is not added again, however it is typed', async () => {
  await ask(THIEF)
  for (const again of [THIEF, ` ${THIEF}\n`, `${THIEF}\u200b`]) await ask(again)
  expect(await contacts()).toEqual([THIEF])
})

test('there are twenty at most: those that came first stay, and who is not heard is told', async () => {
  const ways = Array.from({ length: 20 }, (_, each) => `way ${each}`)
  for (const way of ways) expect(await ask(way)).toMatchObject({ ok: true })
  const { expiresAt } = (await cases.open(sanne.account)) ?? {}
  expect(await ask('one more')).toEqual({ ok: false, reason: 'too-many', retryAt: expiresAt })
  expect(await ask('way 7')).toMatchObject({ ok: true, already: true })
  expect(await contacts()).toEqual(ways)
})

test('what is typed on two lines is one way to be reached: nobody makes it look like several', async () => {
  await ask('desk 12')
  await ask(`desk 13\r\ndesk 14\u2028desk 15`)
  expect(await contacts()).toHaveLength(2)
})

test.each([
  ['', 'missing'],
  ['x'.repeat(201), 'too-long'],
  ['call 111222333', 'citizen-number'],
])('DAT-02: %j is not added either', async (contact, reason) => {
  await ask('desk 12')
  expect(await ask(contact)).toEqual({ ok: false, reason })
  expect(await contacts()).toEqual(['desk 12'])
})

test('twenty tabs that ask at once, a way each: one case, and what is kept of them are their own', async () => {
  const [answers = []] = await race({ rounds: 1, contenders: 20 }, async () => (tab) => ask(`way ${tab}`))
  expect(answers.filter((answer) => answer.ok && !answer.already)).toHaveLength(1)
  const kept = (await contacts()) ?? []
  expect(new Set(kept).size).toBe(kept.length)
  expect(kept.length).toBeGreaterThanOrEqual(1)
  expect(kept.length).toBeLessThanOrEqual(20)
  for (const one of kept) expect(one).toMatch(/^way \d+$/)
})

/** As `act` happens between the look at the case and the write. */
function meanwhile(act: () => Promise<unknown>): Recovery {
  let once = act
  const people = disturbedPeople(bench.store.people, {
    async before(rule) {
      if (rule !== 'setContact') return
      await once()
      once = async () => undefined
    },
  })
  return recovery({ ...bench.common, people, issuer: ISSUER })
}

test('two that are added at once do not take each other away', async () => {
  await ask('desk 12')
  const late = meanwhile(() => ask('first'))
  expect(await late.request(sanne.account, 'late', SOURCE)).toMatchObject({ ok: true })
  // It is lost, and typed again.
  expect(await contacts()).toEqual(['desk 12', 'first'])
  await ask('late')
  expect(await contacts()).toEqual(['desk 12', 'first', 'late'])
})

test('what is asked with is added to the case that another tab files at the same moment', async () => {
  const before = (rule: string) => (rule === 'insertCase' ? ask('first') : undefined)
  const late = recovery({
    ...bench.common,
    people: disturbedPeople(bench.store.people, { before }),
    issuer: ISSUER,
  })
  expect(await late.request(sanne.account, 'late', SOURCE)).toMatchObject({ ok: true, already: true })
  expect(await contacts()).toEqual(['first', 'late'])
})

test('a case that is decided meanwhile stays as the representative saw it', async () => {
  const filed = await ask('desk 12')
  const number = filed.ok ? filed.number : ''
  const decision = { number, to: 'declined', check: 'video', note: '', actor: 'helper', source: SOURCE } as const
  await meanwhile(() => cases.decide(decision)).request(sanne.account, 'late', SOURCE)
  expect(await cases.find(number)).toMatchObject({ state: 'declined', contact: 'desk 12' })
})

test('the next case begins with what it is asked for', async () => {
  const filed = await ask(THIEF)
  const number = filed.ok ? filed.number : ''
  await cases.decide({ number, to: 'declined', check: 'video', note: '', actor: 'helper', source: SOURCE })
  await ask('desk 12')
  expect(await contacts()).toEqual(['desk 12'])
})
