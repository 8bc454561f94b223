/** SECURITY G: backup codes, resets and mailed links, used by somebody who should not or at a time when they should not. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HOUR } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { at, elsewhere, mailedCode, open, send } from '../../support/app/settings.ts'
import { askForHelp, cancelLink, sitting } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { backupCodeOn, codeOf, enroll, press, text } from '../../support/people/second-factor.ts'
import {
  codesOf,
  halfSignedIn,
  owner,
  someVictim,
  startTwoStep,
  tries,
  type Victim,
} from '../../support/people/second-factor-attack.ts'
import { changeEmail, changePassword, NEXT_PASSWORD } from '../../support/people/settings-changes.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const app = forAllTests(startTwoStep)

const someone = () => someVictim(app)

/** A browser that knows the password, at the page for the backup code. */
async function atBackup({ email }: Victim, client?: string): Promise<Person> {
  const browser = await halfSignedIn(app, email, client)
  await browser.visit(sitting(browser, 'challenge/backup'))
  return browser
}

async function refused(person: Victim, code: string, how: string): Promise<boolean> {
  const browser = await atBackup(person)
  await press(browser, 'verify', { code })
  return text(browser.page).includes(how) && codesOf(browser).length === 0
}

test('G-01: the backup code of before is refused once there is a new one, however that was made', async () => {
  const sanne = await someone()
  const codes = [sanne.backupCode]
  // Used, the phone is found again: a new one is made.
  const first = await atBackup(sanne)
  await press(first, 'verify', { code: sanne.backupCode })
  await press(first, 'kept')
  codes.push(backupCodeOn(first.page))
  await press(first, 'saved', { saved: 'yes' })
  expect(codesOf(first)).toHaveLength(1)
  // Used, the phone is lost: everything is set up anew.
  const second = await atBackup(sanne)
  await press(second, 'verify', { code: codes[1] ?? '' })
  await press(second, 'lost')
  const anew = await enroll(second, () => Date.now())
  codes.push(anew.backupCode)
  expect(codesOf(second)).toHaveLength(1)
  // In the settings.
  const who = { ...owner(sanne), browser: second, enrolled: anew }
  await open(app, who, '/account/backup-code')
  codes.push(backupCodeOn(await send(app, who, '/account/backup-code')))

  expect(new Set(codes).size).toBe(4)
  for (const old of codes.slice(0, 2)) expect(await refused(sanne, old, 'has been used already')).toBe(true)
  expect(await refused(sanne, codes[2] ?? '', 'This backup code is not right')).toBe(true)
  const last = await atBackup(sanne)
  await press(last, 'verify', { code: codes[3] ?? '' })
  expect(last.page.html).toContain('value="kept"')
})

test('G-02: somebody else’s backup code opens nothing, is counted on whose challenge it is, and still works for its owner', async () => {
  const [sanne, piet] = [await someone(), await someone()]
  const thief = await atBackup(sanne)
  await press(thief, 'verify', { code: piet.backupCode })
  expect([thief.page.status, codesOf(thief)]).toEqual([400, []])
  expect([await tries(app, 'backup', sanne.id), await tries(app, 'backup', piet.id)]).toEqual([1, 0])
  const own = await atBackup(piet)
  await press(own, 'verify', { code: piet.backupCode })
  expect(own.page.html).toContain('value="kept"')
})

test.each<[string, (code: string) => string]>([
  ['in small letters, without dashes', (code) => code.toLowerCase().replaceAll('-', '')],
  ['with spaces for dashes', (code) => ` ${code.replaceAll('-', ' ')} `],
  ['with O for 0, and I and l for 1', (code) => code.replaceAll('0', 'O').replace('1', 'I').replaceAll('1', 'l')],
  ['with the dashes of a word processor', (code) => code.replaceAll('-', '–')],
])('G-03: a backup code typed %s is right, once', async (_how, typed) => {
  const sanne = await someone()
  const browser = await atBackup(sanne)
  const second = await atBackup(sanne)
  await press(browser, 'verify', { code: typed(sanne.backupCode) })
  await press(browser, 'kept')
  await press(browser, 'saved', { saved: 'yes' })
  expect(codesOf(browser)).toHaveLength(1)
  for (const again of [sanne.backupCode, typed(sanne.backupCode)]) {
    await press(second, 'verify', { code: again })
    expect([second.page.html.includes('value="kept"'), codesOf(second)]).toEqual([false, []])
    expect(text(second.page)).toContain('This backup code has been used already')
  }
})

/** Asks for a link to set a new password; it works when it is returned. */
async function recoveryLink(email: string): Promise<string> {
  pass(HOUR)
  const browser = new Person()
  await browser.visit(`${app.origin}/recover`)
  await browser.submit({ email })
  const link = await app.linkFor(email)
  expect((await new Person().visit(link)).status).toBe(200)
  return link
}

test.each<[string, (who: Someone) => Promise<void>]>([
  ['a password that its owner changed', (who) => changePassword(app, who)],
  ['an e-mail address that its owner changed', (who) => changeEmail(app, who)],
  ['a sign-out everywhere', (who) => send(app, who, '/account/sign-out-everywhere').then(() => undefined)],
])('G-04: %s kills links that were mailed before', async (_what, change) => {
  const sanne = await someone()
  const who = owner(sanne)
  const link = await recoveryLink(sanne.email)
  await open(app, who, '/account/password')
  await change(who)
  const page = await new Person().visit(link)
  expect(page.status).toBe(410)
  expect(page.html).not.toContain(sanne.email)
})

test('G-06: the tokens of the links that undo and cancel stand in no page, address after the first, log, record or file', async () => {
  const sanne = await someone()
  const who = owner(sanne)
  await open(app, who, '/account/email')
  await changeEmail(app, who)
  const undo = (await app.inbox()).flatMap(({ text = '' }) => /https?:\S+\/undo\/\S+/.exec(text)?.[0] ?? [])[0] ?? ''
  const locked = await halfSignedIn(app, who.email)
  await locked.visit(sitting(locked, 'challenge/none'))
  await askForHelp(locked)
  const cancel = await cancelLink(app, who.email)
  for (const [link, done] of [
    [cancel, '/recovery/cancel'],
    [undo, '/undo/done'],
  ] as const) {
    const token = link.slice(link.lastIndexOf('/') + 1)
    expect(token).toMatch(/^[\w-]{43}$/)
    const reader = new Person()
    await reader.visit(link)
    await reader.submit({ sure: 'yes' })
    expect([at(reader), reader.page.status]).toEqual([done, 200])
    const [opened, ...after] = reader.trail
    expect(opened?.headers.get('referrer-policy')).toBe('no-referrer')
    expect(opened?.headers.get('cache-control')).toBe('no-store')
    for (const { url, headers } of after) expect(url + headers.get('location')).not.toContain(token)
    expect(opened?.headers.get('location')).not.toContain(token)
    expect(reader.page.html).not.toContain(token)
    expect(app.logged.join('')).not.toContain(token)
    const files = readdirSync(app.folder, { withFileTypes: true }).filter((entry) => entry.isFile())
    for (const { name } of files) expect(readFileSync(join(app.folder, name)).includes(token), name).toBe(false)
  }
})

test('G-08: a new password by mail is no way around the second step, and every known address hears of it', async () => {
  const sanne = await someone()
  const who = owner(sanne)
  const second = `second-${sanne.email}`
  await open(app, who, '/account/notice-address')
  await send(app, who, '/account/notice-address', { address: second })
  await press(who.browser, 'code', { code: await mailedCode(app, second) })
  const known = elsewhere(who)
  await halfSignedIn(app, sanne.email, 'payroll', known.browser)
  await press(known.browser, 'verify', { code: codeOf(sanne.key, Date.now()), remember: 'yes' })
  expect(codesOf(known.browser)).toHaveLength(1)

  const thief = new Person()
  await thief.visit(await recoveryLink(sanne.email))
  await thief.submit({ password: NEXT_PASSWORD, repeat: NEXT_PASSWORD })
  for (const browser of [thief, known.browser]) {
    await browser.visit(`${app.portalOrigin}/login`)
    await browser.submit({ email: sanne.email, password: NEXT_PASSWORD })
    expect(text(browser.page)).toContain('6-digit code')
  }
  const told = (await app.inbox()).filter(({ subject }) => subject === 'Your password for Sigma ID has been changed')
  const addresses = told.map(({ to }) => to).filter((to) => to.endsWith(sanne.email))
  expect(addresses.sort()).toEqual([second, sanne.email])
})
