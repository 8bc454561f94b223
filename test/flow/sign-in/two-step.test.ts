/** Setting up two-step verification, being asked for it, and what follows from a backup code. */
import { beforeEach, expect, test } from 'vitest'
import { DAY, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { Person } from '../../support/people/person.ts'
import {
  activated,
  appBound,
  backupCodeOn,
  codeOf,
  enroll,
  keyOn,
  PASSWORD,
  press,
  text,
  wrongCode,
} from '../../support/people/second-factor.ts'
import { nextCode } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

let number = 0
let email = ''
let sanne: Person
const now = () => Date.now()

const app = forAllTests(() =>
  startApp({
    settings: {
      throttle: { perAddress: 10000, perNetwork: 10000 },
      twoStep: { campaign: { everyone: { start: '2026-01-01', deadline: '2099-01-01' } } },
    },
  }),
)
clockOfEachTest()
beforeEach(async () => {
  number += 1
  email = `sanne${number}@sigma.example`
  sanne = new Person()
  await activated(app, email, sanne)
})

async function signIn(person = sanne): Promise<void> {
  await person.visit(`${app.portalOrigin}/login`)
  if (person.page.html.includes('name="password"')) await person.submit({ email, password: PASSWORD })
}

function atPortal(person = sanne): boolean {
  return person.page.url === `${app.portalOrigin}/` && person.page.html.includes('Sanne de Vries')
}

test('the offer can wait: for a week, and for a day in the week before the deadline', async () => {
  await signIn()
  expect(text(sanne.page)).toContain('Add an extra layer of security')
  await press(sanne, 'later')
  expect(atPortal()).toBe(true)
  expect(text(sanne.page)).toContain('urn:sigma:acr:password')
  const offered = async () => {
    const elsewhere = new Person()
    await signIn(elsewhere)
    return text(elsewhere.page).includes('Add an extra layer of security')
  }
  expect(await offered()).toBe(false)
  pass(7 * DAY - MINUTE)
  expect(await offered()).toBe(false)
  pass(2 * MINUTE)
  expect(await offered()).toBe(true)
})

test('the wizard turns an app and a backup code on, and the next sign-in asks for the code', async () => {
  await signIn()
  const { key } = await enroll(sanne, now)
  expect(atPortal()).toBe(true)
  expect(text(sanne.page)).toContain('urn:sigma:acr:mfa')
  expect(text(sanne.page)).toMatch(/pwd.*otp.*mfa/)

  pass(MINUTE)
  const again = new Person()
  await signIn(again)
  expect(text(again.page)).toContain('6-digit code')
  await press(again, 'verify', { code: wrongCode(key, now()) })
  expect(again.page.status).toBe(400)
  await press(again, 'verify', { code: ` ${codeOf(key, now()).replace(/(...)/, '$1 ')} ` })
  expect(atPortal(again)).toBe(true)
  expect((await app.inbox()).find((mail) => mail.to === email)?.subject).toMatch(/two-step/i)
})

test('a code that was used does not work again', async () => {
  await signIn()
  const { key } = await enroll(sanne, now)
  const again = new Person()
  await signIn(again)
  await press(again, 'verify', { code: codeOf(key, now()) })
  expect(again.page.status).toBe(400)
  expect(atPortal(again)).toBe(false)
  pass(31 * SECOND)
  await press(again, 'verify', { code: codeOf(key, now()) })
  expect(atPortal(again)).toBe(true)
})

test('a remembered device is not asked again for 30 days, and then is', async () => {
  await signIn()
  const { key } = await enroll(sanne, now)
  pass(MINUTE)
  const again = new Person()
  await signIn(again)
  await press(again, 'verify', { code: codeOf(key, now()), remember: 'yes' })
  pass(2 * DAY)
  await signIn(again)
  expect(atPortal(again)).toBe(true)
  expect(text(again.page)).toContain('urn:sigma:acr:known-device')
  pass(28 * DAY + MINUTE)
  await signIn(again)
  expect(text(again.page)).toContain('6-digit code')
})

test('leaving before the backup code is saved: it is shown after the next second step', async () => {
  await signIn()
  const key = await appBound(sanne)

  pass(MINUTE)
  const again = new Person()
  await signIn(again)
  await press(again, 'verify', { code: codeOf(key, now()) })
  const code = backupCodeOn(again.page)
  await again.visit(again.page.url)
  expect(backupCodeOn(again.page)).toBe(code)
  await press(again, 'saved')
  expect(again.page.status).toBe(400)
  await press(again, 'saved', { saved: 'yes' })
  expect(atPortal(again)).toBe(true)
})

test('a backup code works once; a new one is saved at once, and a mail tells', async () => {
  await signIn()
  const { backupCode } = await enroll(sanne, now)
  const again = new Person()
  await signIn(again)
  await again.visit(`${again.page.url}/challenge/backup`)
  await press(again, 'verify', { code: backupCode.toLowerCase().replaceAll('-', ' ') })
  expect(text(again.page)).toContain('lost for good')
  await press(again, 'kept')
  const next = backupCodeOn(again.page)
  expect(next).not.toBe(backupCode)
  await press(again, 'saved', { saved: 'yes' })
  expect(atPortal(again)).toBe(true)
  expect(text(again.page)).toContain('backup')
  expect(
    (await app.inbox()).filter((mail) => mail.to === email && /backup/i.test(mail.subject ?? '')).length,
  ).toBeGreaterThan(0)

  const third = new Person()
  await signIn(third)
  await third.visit(`${third.page.url}/challenge/backup`)
  await press(third, 'verify', { code: backupCode })
  expect(third.page.status).toBe(400)
})

test('a lost phone: after the backup code a new app replaces the old one', async () => {
  await signIn()
  const old = await enroll(sanne, now)
  pass(MINUTE)
  const again = new Person()
  await signIn(again)
  await again.visit(`${again.page.url}/challenge/backup`)
  await press(again, 'verify', { code: old.backupCode })
  await press(again, 'lost')
  const fresh = await enroll(again, now)
  expect(atPortal(again)).toBe(true)

  pass(MINUTE)
  const third = new Person()
  await signIn(third)
  await press(third, 'verify', { code: nextCode({ enrolled: old }, fresh.key) })
  expect(atPortal(third)).toBe(false)
  await press(third, 'verify', { code: codeOf(fresh.key, now()) })
  expect(atPortal(third)).toBe(true)
})

test('a text message as a backup: added in the wizard, and used at the next sign-in', async () => {
  await signIn()
  await press(sanne, 'enable')
  await press(sanne, 'app:company')
  const key = keyOn(sanne.page)
  await press(sanne, 'scanned')
  await press(sanne, 'code', { code: codeOf(key, now()) })
  await press(sanne, 'send', { number: '06 12 34 56 78', country: 'NL' })
  await press(sanne, 'sms-code', { code: await smsCode() })
  await press(sanne, 'saved', { saved: 'yes' })
  await press(sanne, 'continue')
  expect(atPortal()).toBe(true)

  pass(MINUTE)
  const again = new Person()
  await signIn(again)
  await again.visit(`${again.page.url}/challenge/sms`)
  expect(text(again.page)).toContain('78')
  expect(text(again.page)).not.toContain('345678')
  await press(again, 'send')
  await press(again, 'verify', { code: await smsCode() })
  expect(atPortal(again)).toBe(true)
  expect(text(again.page)).toMatch(/sms/)

  async function smsCode(): Promise<string> {
    const message = (await app.inbox()).find(({ channel }) => channel === 'sms')
    const code = /@localhost #(\d{6})$/.exec(message?.text ?? '')?.[1]
    if (!code) throw new Error(`no code in ${message?.text}`)
    return code
  }
})
