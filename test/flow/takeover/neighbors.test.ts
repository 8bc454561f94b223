/** The same takeovers at the doors beside: what a copy of the cookies has seen, or has under way, is worth nothing later. */
import { describe, expect, test } from 'vitest'
import { SECOND } from '../../../src/lib/time.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { elsewhere, open, send, settled } from '../../support/app/settings.ts'
import { asked } from '../../support/people/asked-people.ts'
import { atHelp, issueCode } from '../../support/people/desk.ts'
import { askForHelp, colleague, send as sendDesk, sitting, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { backupCodeOn, codeOf, keyOn, PASSWORD, press, scanned } from '../../support/people/second-factor.ts'
import { authorize, halfSignedIn, someVictim, startTwoStep } from '../../support/people/second-factor-attack.ts'
import { changePassword, NEXT_PASSWORD, replaceLost } from '../../support/people/settings-changes.ts'
import { due, nextCode, reopen, somebody } from '../../support/people/step-up.ts'
import { disturbance, during, factorsOf, gotSession, resetByMail } from '../../support/people/takeover.ts'
import { forAllTests } from '../../support/runner/made.ts'

const store = disturbance()
clockOfAllTests()

const app = forAllTests(() => startTwoStep({ instrument: store.instrument }))
const now = () => Date.now()
const accountOf = async ({ email }: { email: string }) => {
  const account = await asked(app.core.store.durable.people).findAccountByEmail(email)
  if (!account) throw new Error(email)
  return account
}

test('the key that a copy saw in the wizard of the first app is not what the owner is shown after a change of password', async () => {
  const owner = await somebody(app)
  await open(app, owner, '/account')
  const thief = owner.browser.copy()
  await thief.visit(`${app.origin}/account/two-step`)
  const seen = await scanned(thief)
  await changePassword(app, owner)
  await owner.browser.visit(`${app.origin}/account/two-step`)
  if (owner.browser.page.html.includes('value="back"')) await press(owner.browser, 'back')
  if (owner.browser.page.html.includes('value="enable"')) await press(owner.browser, 'enable')
  if (owner.browser.page.html.includes('app:other')) await press(owner.browser, 'app:other')
  expect(keyOn(owner.browser.page)).not.toBe(seen)
})

test('a right code of a copy that is under way while the owner’s app proves itself gives the copy no session', async () => {
  const owner = await somebody(app)
  await open(app, owner, '/account')
  await owner.browser.visit(`${app.origin}/account/two-step`)
  const key = await scanned(owner.browser)
  const thief = owner.browser.copy()
  const since = thief.trail.length
  const held = store.hold('activate')
  const acting = press(thief, 'code', { code: codeOf(key, now()) })
  await held.arrived
  await press(owner.browser, 'code', { code: codeOf(key, now()) })
  held.release()
  await acting
  const got = gotSession(thief, since)
  await thief.visit(`${app.origin}/account`)
  expect(got).toBe(false)
})

test('a callback under way in a copy is not given the owner’s renewed session', async () => {
  const owner = await settled(app, now)
  const thief = owner.browser.copy()
  // Only the provider's session was copied.
  thief.cookies = thief.cookies.filter(({ name }) => name !== 'sigma-account')
  await open(app, owner, '/account/password')
  // The code was found; the session that it was given in is looked at next.
  const held = store.hold('findArtifacts')
  await during(
    held,
    () => thief.visit(`${app.origin}/account`),
    () => owner.browser.submit({ current: PASSWORD, password: NEXT_PASSWORD, repeat: NEXT_PASSWORD }),
  )
  await thief.visit(`${app.origin}/account/data`)
  expect(due(thief)).toBe('password')
})

test('five contacts of a thief do not keep the owner’s off the case', async () => {
  const v = await someVictim(app)
  const browser = await atHelp(app, v.email)
  const tabs = [
    await atHelp(app, v.email),
    await atHelp(app, v.email),
    await atHelp(app, v.email),
    await atHelp(app, v.email),
    await atHelp(app, v.email),
  ]
  let number = ''
  for (const [i, tab] of tabs.entries()) number = await askForHelp(tab, `06 6666 666${i}`)
  await askForHelp(browser, '06 1234 5678')
  const contact = (await app.core.recovery.find(number))?.contact ?? ''
  expect(contact).toContain('06 1234 5678')
})

test('the owner who comes after the thief has a form to say how to be reached', async () => {
  const v = await someVictim(app)
  await askForHelp(await atHelp(app, v.email), '06 6666 6666')
  const browser = await atHelp(app, v.email)
  expect(browser.page.html.split('name="contact"')).toHaveLength(2)
})

test('a hundred guesses and then a new password by mail: the temporary code works', async () => {
  const hanna = await colleague(app, 'help-desk')
  const v = await someVictim(app)
  const code = await issueCode(app, hanna, v.email)
  const thief = await halfSignedIn(app, v.email)
  await thief.visit(sitting(thief, 'challenge/temporary'))
  for (let i = 0; i < 100; i += 1) await press(thief, 'verify', { code: '0000-0000-0000' })
  await resetByMail(app, { email: v.email, browser: new Person(), enrolled: undefined })
  const again = new Person()
  await again.visit(authorize(app))
  await again.submit({ email: v.email, password: NEXT_PASSWORD })
  await again.visit(sitting(again, 'challenge/temporary'))
  await press(again, 'verify', { code })
  expect(due(again)).toBe('enroll')
})

test('a device that asks to be remembered while everything ends is not', async () => {
  const owner = await settled(app, now)
  const thief = elsewhere(owner)
  await thief.browser.visit(`${app.portalOrigin}/login`)
  await thief.browser.submit({ email: owner.email, password: PASSWORD })
  const code = nextCode(owner)
  await open(app, owner, '/account/sign-out-everywhere')
  await during(
    store.hold('insertDevice'),
    () => press(thief.browser, 'verify', { code, remember: 'yes' }),
    () => owner.browser.submit(),
  )
  reopen(thief)
  await thief.browser.visit(`${app.portalOrigin}/login`)
  await thief.browser.submit({ email: owner.email, password: PASSWORD })
  expect(due(thief.browser)).toBe('code')
})

test('a backup code that somebody was saving while the help desk took everything away is none', async () => {
  const hanna = await colleague(app, 'help-desk')
  const v = await someVictim(app)
  // the thief has the phone, and the backup code was used up
  const t0 = await halfSignedIn(app, v.email)
  await t0.visit(sitting(t0, 'challenge/backup'))
  await press(t0, 'verify', { code: v.backupCode })
  const number = await askForHelp(await atHelp(app, v.email))
  await visit(app, hanna, `/admin/cases/${number}`)
  await press(t0, 'kept')
  const code = backupCodeOn(t0.page)
  const held = store.hold('exchangeBackupCode')
  await during(
    held,
    () => press(t0, 'saved', { saved: 'yes' }),
    () => sendDesk(hanna, { step: 'issue', check: 'call-back', note: '' }),
  )
  const thief = await halfSignedIn(app, v.email)
  await thief.visit(sitting(thief, 'challenge/backup'))
  await press(thief, 'verify', { code })
  expect(await factorsOf(app, { email: v.email, browser: t0, enrolled: undefined })).toEqual([])
})

test('a session that ended by its epoch is not listed', async () => {
  const owner = await settled(app, now)
  const other = elsewhere(owner)
  await open(app, other, '/account')
  await open(app, owner, '/account/sign-out-everywhere')
  await during(
    store.hold('replaceArtifact', 'Session'),
    async () => other.browser.visit(authorize(app, 'payroll', { prompt: 'none' })),
    () => owner.browser.submit(),
  )
  expect(await app.core.ownSessions.list(await accountOf(owner), '')).toEqual([])
})
void [SECOND, describe, replaceLost, send]

test('an address that a copy was about to set does not wait for the owner after a change of password', async () => {
  const owner = await settled(app, now)
  const thief = elsewhere(owner, owner.browser.copy())
  await open(app, thief, '/account/email')
  await thief.browser.submit({ address: 'thief@sigma.example' })
  await changePassword(app, owner)
  await open(app, owner, '/account/email/code')
  expect(owner.browser.page.html).not.toContain('thief@sigma.example')
})
