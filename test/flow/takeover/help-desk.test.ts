/**
 * A thief who knows the password, or finds a session open, works on the way back in: guesses until the right code is
 * refused too, files the request for help first, keeps a code of before; or works at the help desk and makes accounts.
 */
import { describe, expect, test } from 'vitest'
import { ROLES } from '../../../src/admin/role.ts'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { open } from '../../support/app/settings.ts'
import { asked } from '../../support/people/asked-people.ts'
import { atHelp, atTemporary, issueCode } from '../../support/people/desk.ts'
import { askForHelp, colleague, send, sitting, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { codeOf, PASSWORD, press, text, wrongCode } from '../../support/people/second-factor.ts'
import {
  authorize,
  codesOf,
  halfSignedIn,
  owner,
  someVictim,
  startTwoStep,
  type Victim,
} from '../../support/people/second-factor-attack.ts'
import { changePassword, NEXT_PASSWORD } from '../../support/people/settings-changes.ts'
import { due, type Someone } from '../../support/people/step-up.ts'
import { resetByMail } from '../../support/people/takeover.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const app = forAllTests(startTwoStep)
const hanna = forAllTests(() => colleague(app, 'help-desk'))

const someone = () => someVictim(app)

const WRONG = '0000-0000-0000'

test('7 twenty guesses at the temporary access code by whoever knows the password: the right one works at once', async () => {
  const sanne = await someone()
  const code = await issueCode(app, hanna, sanne.email)
  const thief = await atTemporary(app, sanne)
  for (let guess = 0; guess < 20; guess += 1) {
    await press(thief, 'verify', { code: WRONG })
    // From the sixth on that sitting has to wait, and no other.
    expect([thief.page.status, codesOf(thief)]).toEqual([guess < 5 ? 400 : 429, []])
  }
  const browser = await atTemporary(app, sanne)
  await press(browser, 'verify', { code })
  expect(due(browser)).toBe('enroll')
})

test('8 a hundred guesses at a temporary access code keep nobody’s app out', async () => {
  const sanne = await someone()
  const thief = await atTemporary(app, sanne)
  for (let guess = 0; guess < 100; guess += 1) await press(thief, 'verify', { code: WRONG })
  const browser = await halfSignedIn(app, sanne.email)
  await press(browser, 'verify', { code: codeOf(sanne.key, Date.now()) })
  expect(codesOf(browser)).toHaveLength(1)
})

describe('8 a hundred wrong codes in a day', () => {
  /** Few enough at a time for no waiting, because the owner keeps signing in. */
  async function exhausted(): Promise<Victim> {
    const sanne = await someone()
    const thief = await halfSignedIn(app, sanne.email)
    for (let round = 0; round < 25; round += 1) {
      const code = wrongCode(sanne.key, Date.now())
      for (let guess = 0; guess < 4; guess += 1) await press(thief, 'verify', { code })
      if (round === 24) break
      pass(30 * SECOND)
      await sanne.browser.visit(authorize(app, 'payroll', { mfa_max_age: '1' }))
      await press(sanne.browser, 'verify', { code: codeOf(sanne.key, Date.now()) })
    }
    pass(MINUTE)
    return sanne
  }

  async function tryRight(sanne: Victim, password: string): Promise<Person> {
    const browser = new Person()
    await browser.visit(authorize(app))
    await browser.submit({ email: sanne.email, password })
    await press(browser, 'verify', { code: codeOf(sanne.key, Date.now()) })
    return browser
  }

  test('keep the owner out until there is a new password by mail: then the right code works at once', async () => {
    const sanne = await exhausted()
    const refused = await tryRight(sanne, PASSWORD)
    expect([refused.page.status, codesOf(refused)]).toEqual([429, []])
    await resetByMail(app, owner(sanne))
    expect(codesOf(await tryRight(sanne, NEXT_PASSWORD))).toHaveLength(1)
  })

  test('or a change of it in the settings', async () => {
    const sanne = await exhausted()
    await open(app, owner(sanne), '/account')
    await changePassword(app, owner(sanne))
    expect(codesOf(await tryRight(sanne, NEXT_PASSWORD))).toHaveLength(1)
  })
})

test('9 a thief who files the request first: the representative sees how the owner wants to be reached as well', async () => {
  const { email } = await someone()
  const browser = await atHelp(app, email)
  const number = await askForHelp(await atHelp(app, email), '06 6666 6666, any time')
  // The owner is told the same number, and sees nothing of the thief's words.
  expect(await askForHelp(browser, '06 1234 5678, in the afternoon')).toBe(number)
  expect(text(browser.page)).not.toMatch(/6666 6666|any time/)
  await visit(app, hanna, `/admin/cases/${number}`)
  expect(text(hanna.browser.page)).toContain('06 6666 6666, any time')
  expect(text(hanna.browser.page)).toContain('06 1234 5678, in the afternoon')
})

describe('10 from a session that somebody found open', () => {
  async function atStepUp(minutes: number): Promise<{ sanne: Victim; browser: Person }> {
    const sanne = await someone()
    const { browser } = sanne
    pass(minutes * MINUTE)
    await browser.visit(authorize(app, 'payroll', { mfa_max_age: '1' }))
    expect(due(browser)).toBe('code')
    await browser.visit(sitting(browser, 'challenge/none'))
    return { sanne, browser }
  }

  async function cases({ id }: Victim): Promise<number> {
    return (await app.core.recovery.listByAccount(id)).length
  }

  test('no help can be asked for: the page says to sign in again, and takes no form', async () => {
    const { sanne, browser } = await atStepUp(10)
    expect(text(browser.page)).toContain('first sign out and sign in with your password again')
    expect(browser.page.html).not.toContain('name="contact"')
    // Another page of the sitting has a form, and its token is good for this address too.
    await browser.visit(sitting(browser, 'challenge/totp'))
    const { csrf = '' } = browser.forms()[0]?.fields ?? {}
    expect(csrf).not.toBe('')
    const address = sitting(browser, 'challenge/none')
    await browser.post(address, { step: 'request', contact: '06 6666 6666', csrf })
    expect([browser.page.url, browser.page.status, await cases(sanne)]).toEqual([address, 200, 0])
  })

  test('while the password is young it can', async () => {
    const { sanne, browser } = await atStepUp(8)
    await askForHelp(browser)
    expect(await cases(sanne)).toBe(1)
  })
})

test('13 a code that was issued on one call is dead when a later request is declined', async () => {
  const sanne = await someone()
  const code = await issueCode(app, hanna, sanne.email)
  const number = await askForHelp(await atHelp(app, sanne.email))
  await visit(app, hanna, `/admin/cases/${number}`)
  await send(hanna, { step: 'decline', check: 'call-back', note: '' })
  expect(text(hanna.browser.page)).toContain('The request is declined.')
  const thief = await atTemporary(app, sanne)
  await press(thief, 'verify', { code })
  expect([thief.page.status, due(thief), codesOf(thief)]).toEqual([400, 'other', []])
})

describe('14 somebody of the help desk who invites', () => {
  const fields = (email: string) => ({ email, name: 'A second self', organization: '', locale: 'en' })

  async function invite(who: Someone, email: string, roles: readonly string[]): Promise<number> {
    await visit(app, who, '/admin/people/invite')
    await send(who, { ...fields(email), ...Object.fromEntries(roles.map((role) => [`role-${role}`, 'yes'])) })
    return who.browser.page.status
  }

  async function rolesOf(email: string): Promise<string[] | undefined> {
    return (await asked(app.core.store.durable.people).findAccountByEmail(email))?.roles
  }

  test.each([...ROLES.map((role) => [role]), ['help-desk', 'auditor']])('gives nobody a role: %s', async (...roles) => {
    const email = `${roles.join('-')}@sigma.example`
    await visit(app, hanna, '/admin/people/invite')
    expect(hanna.browser.page.html).not.toContain('name="role-')
    expect([await invite(hanna, email, roles), await rolesOf(email)]).toEqual([403, undefined])
  })

  test('without a role they can; an owner gives any', async () => {
    await invite(hanna, 'plain@sigma.example', [])
    expect(await rolesOf('plain@sigma.example')).toEqual([])
    await invite(await colleague(app, 'owner'), 'second@sigma.example', ['help-desk'])
    expect(await rolesOf('second@sigma.example')).toEqual(['help-desk'])
  })
})
