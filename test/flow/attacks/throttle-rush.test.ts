/** Many at once: who is under way has not failed yet, and does not keep the next one waiting (SECURITY C, THR-03). */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { type RunningApp, startApp } from '../../support/app/app.ts'
import { activate, atSignIn, PASSWORD, signedIn, WRONG } from '../../support/attack/attack.ts'
import type { Person } from '../../support/people/person.ts'

/** Failures that one address may have, and strangers that one node has in hand. */
const [ALLOWED, IN_HAND] = [3, 32]
const NODES = process.env.SIGMA_TEST_MONGODB ? 2 : 1
const PEOPLE = 12
const email = (n: number) => `rush${n}@sigma.example`

let app: RunningApp
let passed = 0
/** Milliseconds between two readings of the clock, as between two nodes. */
let apart = 0
let reading = 0

beforeAll(async () => {
  const now = () => {
    reading += 1
    return Date.now() + passed - (reading % 2) * apart
  }
  app = await startApp({ now, settings: { throttle: { perAddress: ALLOWED } } })
  for (let n = 0; n < PEOPLE; n += 1) await activate(app, email(n))
})
afterAll(() => app.stop())
beforeEach(() => {
  // What the address used up in a test before is forgotten.
  passed += 15 * MINUTE
  apart = 0
})

async function ready(browsers: number): Promise<Person[]> {
  return Promise.all(Array.from({ length: browsers }, () => atSignIn(app)))
}

test('right passwords of everybody in an office at once: nobody is told to wait, for nobody has failed', async () => {
  const people = await ready(PEOPLE)
  await Promise.all(people.map((person, n) => person.submit({ email: email(n), password: PASSWORD })))
  // On a machine that is busy with other things one may be told so, and to come back in seconds.
  for (const { page } of people) {
    expect(page.status).not.toBe(429)
    expect([null, '5']).toContain(page.headers.get('retry-after'))
  }
  expect(people.filter((person) => signedIn(app, person)).length).toBeGreaterThan(ALLOWED)
})

test('C-11: of sixty wrong passwords at once no more are looked at than are in hand, and then none', async () => {
  const strangers = (await ready(4)).flatMap((person) => Array.from({ length: 15 }, () => person.copy()))
  const guess = (person: Person, n: number) => person.submit({ email: `nobody${n}@sigma.example`, password: WRONG })
  const pages = await Promise.all(strangers.map(guess))
  const looked = pages.filter(({ status }) => status === 400).length
  expect(looked).toBeGreaterThanOrEqual(ALLOWED)
  expect(looked).toBeLessThan(ALLOWED + NODES * IN_HAND)
  expect(pages.filter(({ status }) => ![400, 429, 503].includes(status))).toEqual([])
  const [late] = await ready(1)
  expect((await late?.submit({ email: email(0), password: PASSWORD }))?.status).toBe(429)
})

test('three right passwords for one account at once, by clocks that are apart: all are right, round after round', async () => {
  apart = 50
  for (let round = 0; round < 10; round += 1) {
    const people = await ready(3)
    await Promise.all(people.map((person) => person.submit({ email: email(0), password: PASSWORD })))
    expect([round, ...people.map((person) => signedIn(app, person))]).toEqual([round, true, true, true])
  }
})

test('ten right passwords for one account at once: one that is under way is no failure of the next', async () => {
  const people = await ready(10)
  await Promise.all(people.map((person) => person.submit({ email: email(1), password: PASSWORD })))
  expect(people.map(({ page }) => page.status)).not.toContain(429)
})
