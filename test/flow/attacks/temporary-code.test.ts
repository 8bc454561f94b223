/** A temporary access code (JOURNEYS J7.2) in the wrong hands, at the wrong time, or for more than it is meant for. */

import { expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { asked } from '../../support/people/asked-people.ts'
import { atTemporary, issueCode } from '../../support/people/desk.ts'
import { colleague, sitting } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { codeOf, enroll, PASSWORD, press, text } from '../../support/people/second-factor.ts'
import {
  authorize,
  codesOf,
  halfSignedIn,
  someVictim,
  startTwoStep,
  tries,
} from '../../support/people/second-factor-attack.ts'
import { due } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const app = forAllTests(startTwoStep)
/** At the help desk. */
const hanna = forAllTests(() => colleague(app, 'help-desk'))

const someone = () => someVictim(app)

/** Whether this browser is past the second step. */
async function opens(browser: Person, code: string): Promise<boolean> {
  await press(browser, 'verify', { code })
  if (due(browser) === 'enroll') return true
  expect([400, 429]).toContain(browser.page.status)
  expect(codesOf(browser)).toEqual([])
  return false
}

/** Whoever finds the session open is asked for it again. */
function asksForCode({ page }: Person): boolean {
  return text(page).includes('Use a temporary access code')
}

test('J7.2 a code without the password is asked for the password, and not used up', async () => {
  const sanne = await someone()
  const code = await issueCode(app, hanna, sanne.email)
  const stranger = new Person()
  await stranger.visit(authorize(app))
  const { csrf = '' } = stranger.forms()[0]?.fields ?? {}
  for (const path of ['challenge/temporary', 'challenge', 'login']) {
    await stranger.post(sitting(stranger, path), { csrf, step: 'verify', code, email: sanne.email, password: '' })
    expect(due(stranger)).toBe('password')
  }
  expect(await opens(await atTemporary(app, sanne), code)).toBe(true)
})

test('B-02 a code sets up once: not again, and of many browsers at once in one', async () => {
  const sanne = await someone()
  const code = await issueCode(app, hanna, sanne.email)
  const browsers = await Promise.all(Array.from({ length: 8 }, () => atTemporary(app, sanne)))
  await Promise.all(browsers.map((browser) => press(browser, 'verify', { code })))
  await Promise.allSettled(browsers.map((browser) => enroll(browser, () => Date.now())))
  expect(browsers.filter((browser) => codesOf(browser).length > 0)).toHaveLength(1)
  expect(await asked(app.core.store.durable.people).listAuthenticators(sanne.id)).toHaveLength(1)
})

test('J7.2 a code is good for four hours, and not a second more', async () => {
  const [sanne, piet] = [await someone(), await someone()]
  const [ofSanne, ofPiet] = [await issueCode(app, hanna, sanne.email), await issueCode(app, hanna, piet.email)]
  pass(4 * HOUR - SECOND)
  expect(await opens(await atTemporary(app, sanne), ofSanne)).toBe(true)
  pass(SECOND)
  expect(await opens(await atTemporary(app, piet), ofPiet)).toBe(false)
})

test('J7.2 somebody else’s code opens nothing, is counted on whose sign-in it is, and still works for its owner', async () => {
  const [sanne, piet] = [await someone(), await someone()]
  const ofPiet = await issueCode(app, hanna, piet.email)
  expect(await opens(await atTemporary(app, sanne), ofPiet)).toBe(false)
  expect([await tries(app, 'temporary', sanne.id), await tries(app, 'temporary', piet.id)]).toEqual([1, 0])
  expect(await opens(await atTemporary(app, piet), ofPiet)).toBe(true)
})

test('J7.2 a newer code takes the place of the one before', async () => {
  const sanne = await someone()
  const older = await issueCode(app, hanna, sanne.email)
  const newer = await issueCode(app, hanna, sanne.email)
  expect(newer).not.toBe(older)
  const browser = await atTemporary(app, sanne)
  expect(await opens(browser, older)).toBe(false)
  expect(await opens(browser, newer)).toBe(true)
})

test.each<[string, (code: string) => string]>([
  ['in small letters, without dashes', (code) => code.toLowerCase().replaceAll('-', '')],
  [
    'as it was heard: O for 0, I for 1, with spaces',
    (code) => code.replaceAll('0', 'O').replaceAll('1', 'I').replaceAll('-', ' '),
  ],
])('J7.2 a code typed %s is right', async (_how, typed) => {
  const sanne = await someone()
  const code = await issueCode(app, hanna, sanne.email)
  expect(await opens(await atTemporary(app, sanne), typed(code))).toBe(true)
})

test('J7.2 whoever has the phone or the backup code of before is out, from the moment that the code is issued', async () => {
  const sanne = await someone()
  await issueCode(app, hanna, sanne.email)
  pass(MINUTE)
  for (const [way, code] of [
    ['totp', codeOf(sanne.key, Date.now())],
    ['backup', sanne.backupCode],
  ] as const) {
    const thief = await halfSignedIn(app, sanne.email)
    const { csrf = '' } = thief.forms()[0]?.fields ?? {}
    await thief.post(sitting(thief, `challenge/${way}`), { csrf, step: 'verify', code })
    expect([way, due(thief) === 'enroll', codesOf(thief)]).toEqual([way, false, []])
  }
})

test('D-04 a code remembers no device, whatever is ticked', async () => {
  const sanne = await someone()
  const code = await issueCode(app, hanna, sanne.email)
  const browser = await atTemporary(app, sanne)
  await press(browser, 'verify', { code, remember: 'yes' })
  expect(due(browser)).toBe('enroll')
  await press(browser, 'enable', { remember: 'yes' })
  expect(browser.cookie('sigma-device')).toBeUndefined()
  expect(await asked(app.core.store.durable.people).listDevices(sanne.id, Date.now())).toEqual([])
})

test('J7.2 a code leads to setting up anew and nowhere else: it cannot wait, and no application is let in before', async () => {
  const sanne = await someone()
  const code = await issueCode(app, hanna, sanne.email)
  const browser = await atTemporary(app, sanne)
  expect(await opens(browser, code)).toBe(true)
  for (const step of ['later', 'skip', 'saved', 'continue', 'lost', 'kept'])
    await press(browser, step, { saved: 'yes' })
  for (const client of ['payroll', 'leave', 'strict']) {
    await browser.visit(authorize(app, client))
    expect([client, asksForCode(browser)]).toEqual([client, true])
  }
  for (const path of ['', '/password', '/email', '/data', '/apps/new', '/phone']) {
    await browser.visit(`${app.origin}/account${path}`)
    expect([path, asksForCode(browser)]).toEqual([path, true])
  }
  expect(codesOf(browser)).toEqual([])
  await browser.visit(authorize(app))
  expect(await opens(browser, code)).toBe(true)
  pass(MINUTE)
  const anew = await enroll(browser, () => Date.now())
  expect([codesOf(browser).length, anew.key === sanne.key]).toEqual([1, false])
})

test('E-01 E-11 left half-way, the password alone sets nothing up in another browser', async () => {
  const sanne = await someone()
  const code = await issueCode(app, hanna, sanne.email)
  const own = await atTemporary(app, sanne)
  expect(await opens(own, code)).toBe(true)
  const thief = await halfSignedIn(app, sanne.email)
  expect(text(thief.page)).toContain('Temporary access code')
  const { csrf = '' } = thief.forms()[0]?.fields ?? {}
  for (const step of ['enable', 'app:other', 'scanned']) {
    await thief.post(sitting(thief, 'enroll'), { csrf, step })
    expect(thief.page.html).not.toContain('otpauth')
  }
  pass(MINUTE)
  await enroll(own, () => Date.now())
  expect(codesOf(own)).toHaveLength(1)
})

test('ADM-01 a code opens no administration, and is not used up there', async () => {
  const olga = await colleague(app, 'owner')
  const locked = await colleague(app, 'help-desk')
  const code = await issueCode(app, olga, locked.email)
  const browser = new Person()
  await browser.visit(`${app.origin}/admin`)
  await browser.submit({ email: locked.email, password: PASSWORD })
  await browser.visit(sitting(browser, 'challenge/temporary'))
  const { csrf = '' } = browser.forms()[0]?.fields ?? {}
  await browser.post(sitting(browser, 'challenge/temporary'), { csrf, step: 'verify', code })
  expect(browser.page.html).not.toContain('/admin/cases')
  expect(due(browser)).not.toBe('enroll')
  expect(await opens(await atTemporary(app, locked), code)).toBe(true)
})

test('C-07 C-13 THR-06 a hundred guesses at once at a code, of whoever knows the password, keep nobody out who has it', async () => {
  const sanne = await someone()
  const code = await issueCode(app, hanna, sanne.email)
  const [thief, patient] = [await atTemporary(app, sanne), await atTemporary(app, sanne)]
  const tabs = Array.from({ length: 100 }, () => thief.copy())
  await Promise.all(tabs.map((tab) => press(tab, 'verify', { code: 'GVES-SEDG-VESS-EDGV' })))
  // Looked at are as many as are free in one sitting, which has to wait then; in another one may go on.
  expect(tabs.filter(({ page }) => page.status === 400)).toHaveLength(5)
  expect(tabs.filter(({ page }) => page.status === 429)).toHaveLength(95)
  expect(await opens(patient, 'GVES-SEDG-VESS-EDGV')).toBe(false)
  expect(patient.page.status).toBe(400)
  expect(await tries(app, 'temporary', sanne.id)).toBe(6)
  expect(await opens(await atTemporary(app, sanne), code)).toBe(true)
})
