/** Guessing passwords: what a stranger can try, and what that does to the person whose password it is (SECURITY C). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { HOUR, SECOND } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import {
  activate,
  atSignIn,
  laneOf,
  PASSWORD,
  signedIn,
  signIn,
  spendLane,
  WRONG,
} from '../../support/attack/attack.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

let victim: string
let number = 0

// Looked up at every call: the fake clock replaces Date.
const app = forAllTests(startApp)
clockOfEachTest()
beforeEach(async () => {
  number += 1
  victim = `victim${number}@sigma.example`
  await activate(app, victim)
})

/** Status and seconds to wait, after one wrong password. */
async function guess(stranger: Person, email: string): Promise<[status: number, seconds: string | null]> {
  const { status, headers } = await stranger.submit({ email, password: WRONG })
  return [status, headers.get('retry-after')]
}

async function guesses(email: string, times: number): Promise<void> {
  const stranger = await atSignIn(app)
  for (let count = 0; count < times; count += 1) await guess(stranger, email)
}

test.each([
  ['a known address', () => victim],
  ['H-04: an unknown address', () => `nobody${number}@sigma.example`],
])('THR-02: after five wrong passwords for %s the wait is 30 s, and doubles to one hour', async (_who, address) => {
  let stranger = await atSignIn(app)
  for (let count = 0; count < 5; count += 1) expect(await guess(stranger, address())).toEqual([400, null])
  for (const seconds of [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]) {
    expect(await guess(stranger, address())).toEqual([429, String(seconds)])
    pass(seconds * SECOND - 1)
    // The sitting itself ends after 20 minutes; the count goes on.
    stranger = await atSignIn(app)
    expect((await guess(stranger, address()))[0]).toBe(429)
    pass(1)
    expect(await guess(stranger, address())).toEqual([400, null])
  }
})

test('the right password opens nothing while the address has to wait', async () => {
  await guesses(victim, 5)
  const stranger = await signIn(app, victim)
  expect(stranger.page.status).toBe(429)
})

test('C-04, C-06: another browser, another sitting and another spelling of the address count together', async () => {
  const spellings = [
    victim,
    victim.toUpperCase(),
    `  ${victim} `,
    victim.replace('v', 'ｖ'),
    victim.replace('@', '＠'),
    victim,
  ]
  const statuses: number[] = []
  for (const email of spellings) statuses.push((await guess(await atSignIn(app), email))[0])
  expect(statuses).toEqual([400, 400, 400, 400, 400, 429])
})

test('C-02: twenty guesses at once get five checks, and at the limit one', async () => {
  const burst = async () => {
    const stranger = await atSignIn(app)
    const answers = await Promise.all(Array.from({ length: 20 }, () => guess(stranger.copy(), victim)))
    return answers.filter(([status]) => status === 400).length
  }
  expect(await burst()).toBe(5)
  pass(30 * SECOND)
  expect(await burst()).toBe(1)
  expect(await app.core.attempts.count(await laneOf(app, victim))).toBe(6)
})

test('C-08: a hundred wrong passwords in a row close it for strangers, not for a browser that proved it before', async () => {
  const own = await signIn(app, victim)
  expect(signedIn(app, own)).toBe(true)
  await spendLane(app, victim, 99)
  expect(await guess(await atSignIn(app), victim)).toEqual([400, null])
  const told = (await app.inbox()).filter(({ to, subject }) => to === victim && /guess/.test(subject ?? ''))
  expect(told).toHaveLength(1)
  pass(100 * HOUR)
  const stranger = await signIn(app, victim)
  expect(stranger.page.status).toBe(429)
  expect(stranger.page.html).toContain('so this password no longer works')
  expect(signedIn(app, await signInWithCookieOf(own))).toBe(true)
  // What the known browser proved says nothing of the strangers' guesses.
  expect((await signIn(app, victim)).page.status).toBe(429)
})

/** A browser at the sign-in page that has kept of another only what it is known by. */
async function knownAs({ cookies }: Person): Promise<Person> {
  const again = await atSignIn(app)
  again.cookies.push(...cookies.filter(({ name }) => name === 'sigma-browser'))
  return again
}

/** Tries the right password with the known-browser cookie of someone. */
async function signInWithCookieOf(browser: Person, password = PASSWORD): Promise<Person> {
  const again = await knownAs(browser)
  await again.submit({ email: victim, password })
  return again
}

test('THR-06: a browser that is known and fails makes only itself wait; with the right password it goes as a stranger', async () => {
  const [shared, own] = [await signIn(app, victim), await signIn(app, victim)]
  const thief = await knownAs(shared)
  // Five in a row of its own, and then those of strangers, which it would be without its cookie.
  for (let count = 0; count < 5; count += 1) expect(await guess(thief, victim)).toEqual([400, null])
  expect(signedIn(app, await signInWithCookieOf(shared))).toBe(true)
  for (let count = 0; count < 10; count += 1) expect(await guess(await knownAs(shared), victim)).toEqual([400, null])
  expect((await signInWithCookieOf(shared)).page.status).toBe(429)
  expect((await signIn(app, victim)).page.status).toBe(429)
  expect(signedIn(app, await signInWithCookieOf(own))).toBe(true)
  pass(30 * SECOND)
  expect(signedIn(app, await signInWithCookieOf(shared))).toBe(true)
})

const NEXT = `${PASSWORD} nieuw`

/** Sets a new password with a mailed link, in a browser that nobody knows. */
async function recovered(): Promise<Person> {
  await app.core.links.request(victim, { ip: '192.0.2.1', correlation: 'TEST' })
  const own = await atSignIn(app)
  await own.visit(await app.linkFor(victim))
  await own.submit({ password: NEXT, repeat: NEXT })
  return own
}

test('THR-06: whoever once knew the password is no known browser any more when there is another', async () => {
  const thief = await signIn(app, victim)
  const own = await recovered()
  // Where they could count apart, they would keep the owner out for hours; now they are strangers like all others.
  for (let count = 0; count < 5; count += 1) expect(await guess(await knownAs(thief), victim)).toEqual([400, null])
  expect((await guess(await knownAs(thief), victim))[0]).toBe(429)
  expect((await signIn(app, victim, NEXT)).page.status).toBe(429)
  expect(signedIn(app, await signInWithCookieOf(own, NEXT))).toBe(true)
})

test('THR-06: an owner without a known browser gets in by a mailed link, though strangers go on at once', async () => {
  await spendLane(app, victim, 100)
  const own = await recovered()
  await spendLane(app, victim, 100)
  expect((await signIn(app, victim, NEXT)).page.status).toBe(429)
  expect(signedIn(app, await signInWithCookieOf(own, NEXT))).toBe(true)
})

test('C-08: a browser in which two accounts were signed in to is known for both', async () => {
  const second = `second-${victim}`
  await activate(app, second)
  const own = await signIn(app, victim)
  const later = await atSignIn(app)
  later.cookies.push(...own.cookies.filter(({ name }) => name === 'sigma-browser'))
  await later.submit({ email: second, password: PASSWORD })
  expect(signedIn(app, later)).toBe(true)
  await spendLane(app, victim, 100)
  expect(signedIn(app, await signInWithCookieOf(later))).toBe(true)
})

test('a token that was planted in a browser does not become known by what is signed in to there', async () => {
  const planted = { name: 'sigma-browser', value: 'A'.repeat(43), host: 'localhost', path: '/' }
  const own = await atSignIn(app)
  own.cookies.push({ ...planted })
  await own.submit({ email: victim, password: PASSWORD })
  expect(signedIn(app, own)).toBe(true)
  await spendLane(app, victim, 100)
  const attacker = new Person()
  attacker.cookies.push(planted)
  expect((await signInWithCookieOf(attacker)).page.status).toBe(429)
})

test('THR-06: a browser that is known for another account is a stranger here', async () => {
  await activate(app, `other-${victim}`)
  const attacker = await signIn(app, `other-${victim}`)
  await spendLane(app, victim, 100)
  expect((await signInWithCookieOf(attacker)).page.status).toBe(429)
  const inventor = new Person()
  inventor.cookies.push({ name: 'sigma-browser', value: 'A'.repeat(43), host: 'localhost', path: '/' })
  expect((await signInWithCookieOf(inventor)).page.status).toBe(429)
})

test('a closed password is opened by setting a new one with a link that was mailed', async () => {
  await spendLane(app, victim, 100)
  await recovered()
  expect(signedIn(app, await signIn(app, victim, NEXT))).toBe(true)
})

test('the count survives a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-restart-'))
  const first = await startApp({ folder })
  await activate(first, victim)
  const stranger = await atSignIn(first)
  for (let count = 0; count < 5; count += 1) await guess(stranger, victim)
  await first.stop()
  const second = await startApp({ folder })
  expect((await signIn(second, victim)).page.status).toBe(429)
  await second.stop()
  rmSync(folder, { recursive: true })
})
