/** An application that lets nobody in without a passkey, and people who have none: the page that makes one, on either store. */
import { beforeEach, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { listAuthenticators } from '../../../src/person/authenticator.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { bind, creationOn, keyFor, make, registrationOn, use } from '../../support/people/passkey.ts'
import { Person } from '../../support/people/person.ts'
import { activated, backupSaved, codeOf, PASSWORD, press, text } from '../../support/people/second-factor.ts'
import {
  authorize,
  codesOf,
  errorOf,
  halfSignedIn,
  international,
  smsCode,
  someVictim,
  startTwoStep,
  type Victim,
} from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'

const PHR = { claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'phr' } } }) }

clockOfAllTests()

let sanne: Victim
const app = forAllTests(startTwoStep)
beforeEach(async () => {
  sanne = await someVictim(app)
})

async function kinds(): Promise<string[]> {
  const person = await app.core.store.durable.people.find(sanne.id)
  return person ? listAuthenticators(person).map(({ kind }) => kind) : []
}

const needed = ({ page }: Person) => text(page).includes('You need a passkey here')

/** Signed in with the app's code a moment ago, at the page that says what is needed. */
async function atNeeded(person = sanne.browser): Promise<Person> {
  await person.visit(authorize(app, 'payroll', PHR))
  if (person.page.html.includes('name="code"')) await press(person, 'verify', { code: codeOf(sanne.key, Date.now()) })
  expect(text(person.page)).toContain('You need a passkey here')
  return person
}

test('whoever has just proven the app makes a passkey beside it, uses it, and is let in by it', async () => {
  const person = await atNeeded()
  const before = codesOf(person).length
  expect(creationOn(person.page)).toMatchObject({ user: { name: sanne.email } })
  const key = keyFor(app)
  await make(person, key)
  expect((await kinds()).sort()).toEqual(['passkey', 'totp'])
  expect(text(person.page)).toContain('Confirm with your passkey')
  expect(codesOf(person)).toHaveLength(before)
  await use(person, key)
  expect(codesOf(person)).toHaveLength(before + 1)
})

test('a canceled dialog sends nothing, an answer that is wrong stays on the page, and Cancel leads back', async () => {
  const person = await atNeeded()
  for (const registration of ['', '{}', registrationOn(person, keyFor(app), { verified: false })]) {
    await person.submit({ registration })
    expect(needed(person)).toBe(true)
  }
  await person.submit({ action: 'cancel' })
  expect(errorOf(person)).toBe('access_denied')
  expect(await kinds()).toEqual(['totp'])
})

test('the password alone leads to the second step first, and a session that was found open adds nothing', async () => {
  const thief = await halfSignedIn(app, sanne.email)
  await thief.visit(authorize(app, 'payroll', PHR))
  expect(needed(thief)).toBe(false)
  pass(HOUR)
  await sanne.browser.visit(authorize(app, 'payroll', PHR))
  expect(needed(sanne.browser)).toBe(false)
  expect(await kinds()).toEqual(['totp'])
})

test('a page that was left open in a session of before asks anew', async () => {
  const person = await atNeeded()
  pass(9 * MINUTE)
  await person.visit(authorize(app, 'payroll', PHR))
  expect(needed(person)).toBe(true)
  const registration = registrationOn(person, keyFor(app))
  pass(4 * MINUTE)
  await person.submit({ registration })
  expect(await kinds()).toEqual(['totp'])
  expect(needed(person)).toBe(false)
})

test('a text message alone makes none', async () => {
  const number = '06 1299 0001'
  sanne = await someVictim(app, number)
  const thief = await halfSignedIn(app, sanne.email)
  await thief.visit(thief.page.url.replace(/\/?$/, '/challenge/sms'))
  await press(thief, 'send')
  await press(thief, 'verify', { code: await smsCode(app, international(number)) })
  await thief.visit(authorize(app, 'payroll', PHR))
  expect(needed(thief)).toBe(false)
  expect(text(thief.page)).not.toContain('Text message')
  expect((await kinds()).sort()).toEqual(['sms', 'totp'])
})

test('twenty at once: one passkey, and every browser goes on', async () => {
  const person = await atNeeded()
  const registration = registrationOn(person, keyFor(app))
  const tabs = Array.from({ length: 20 }, () => person.copy())
  await Promise.all(tabs.map((tab) => tab.submit({ registration })))
  expect(tabs.filter(({ page }) => page.status >= 500)).toEqual([])
  expect((await kinds()).sort()).toEqual(['passkey', 'totp'])
})

test('it answers in its own session only', async () => {
  const person = await atNeeded()
  const registration = registrationOn(person, keyFor(app))
  pass(MINUTE)
  const other = await halfSignedIn(app, sanne.email)
  await press(other, 'verify', { code: codeOf(sanne.key, Date.now()) })
  await other.visit(authorize(app, 'payroll', PHR))
  await other.submit({ registration })
  expect(text(other.page)).toContain('That did not work')
  expect(await kinds()).toEqual(['totp'])
})

test('who has nothing yet sets a passkey up as the first factor, with a backup code', async () => {
  const email = `first-${sanne.email}`
  await activated(app, email, new Person())
  const person = new Person()
  await person.visit(authorize(app, 'payroll', PHR))
  await person.submit({ email, password: PASSWORD })
  expect(needed(person)).toBe(true)
  const key = keyFor(app)
  await make(person, key)
  expect(text(person.page)).toContain('Confirm once that it works')
  await press(person, 'back')
  expect(needed(person)).toBe(true)
  await bind(person, key)
  await press(person, 'skip')
  await backupSaved(person)
  expect(codesOf(person).length).toBeGreaterThan(0)
  expect(errorOf(person)).toBeNull()
})
