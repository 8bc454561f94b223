/** Codes as people type and paste them, in the fields of the app, of a text message and of a mail: none stops at the field. */
import { afterEach, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../support/app/clock.ts'
import { mailedCode } from '../support/app/settings.ts'
import { DESKTOP, launchChromium, PHONE } from '../support/browser/chromium.ts'
import { FRESH, type Owner, settle, startSettings } from '../support/browser/settings-visitor.ts'
import { codeBySms } from '../support/browser/two-step-visitor.ts'
import type { Variant } from '../support/browser/variants.ts'
import { forAllTests } from '../support/runner/made.ts'

clockOfAllTests()
const app = forAllTests(startSettings)
const browser = forAllTests(launchChromium)
let sanne: Owner

afterEach(() => sanne?.close())

/** `zero` is the zero of a script. */
const script = (zero: string) => (code: string) =>
  [...code].map((digit) => String.fromCharCode(zero.charCodeAt(0) + Number(digit))).join('')
const halves = (between: string) => (code: string) =>
  `${code.slice(0, code.length / 2)}${between}${code.slice(code.length / 2)}`
/** As a chat program or a mail carries it along. */
const unseen = (code: string) => `\u2068${[...code].join('\u200b')}\u2069`

const VARIANTS: Array<[...Variant, typed: Array<(code: string) => string>]> = [
  [
    'nl-phone',
    'nl',
    { viewport: PHONE, isMobile: true, hasTouch: true },
    [script('٠'), halves(' · '), (code) => unseen(script('０')(code))],
  ],
  [
    'en-desk-plain',
    'en',
    { viewport: DESKTOP, javaScriptEnabled: false },
    [(code) => halves('-')(script('۰')(code)), unseen, (code) => `${[...code].join('. ')}.`],
  ],
]

test.each(VARIANTS)('%s: spaces, dashes, dots, digits of other scripts, signs that nobody sees', async (...given) => {
  const [slug, locale, options, [forApp, forSms, forMail]] = given
  sanne = await settle(app, browser, [slug, locale, options], { has: 'app' })
  const { page, say, email, number } = sanne
  const next = `new-${email}`

  pass(FRESH + MINUTE)
  await sanne.follow('account.action.addPhone', say('account.factor.sms'))
  await sanne.fill('code.digits', forApp?.(sanne.digits()) ?? '')
  await sanne.press('challenge.verify')
  await sanne.fill('enroll.sms.number', number)
  await sanne.press('code.send')
  await sanne.fill('code.fromSms', forSms?.(await codeBySms(app)) ?? '')
  await sanne.press('action.next')
  await sanne.notice('phone-added')

  await sanne.follow('account.email.change')
  await sanne.fill('account.email.label', next)
  await sanne.press('code.send')
  await page.getByLabel(say('account.address.code')).waitFor()
  await sanne.fill('account.address.code', forMail?.(await mailedCode(app, next)) ?? '')
  await sanne.press('account.email.submit')
  await sanne.notice('email-changed')
})

test('a message is pasted whole, and a code of eight digits too', async () => {
  sanne = await settle(app, browser, ['en-desk', 'en', { viewport: DESKTOP }], { has: 'app' })
  const { page, context, say, email } = sanne
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  pass(31 * SECOND)
  await sanne.follow('account.email.change')
  await sanne.fill('account.email.label', `new-${email}`)
  await sanne.press('code.send')
  const field = page.getByLabel(say('account.address.code'))
  await field.waitFor()
  for (const [copied, code] of [
    ['Your code of 14:05 is 1234-5678. It is valid for 10 minutes.', '12345678'],
    ['الرمز \u200f١٢٣٤٥٦٧٨', '١٢٣٤٥٦٧٨'],
    ['Call 06 12 34 56', 'Call 06 12 34 56'],
  ] as const) {
    await field.fill('')
    await page.evaluate((text) => navigator.clipboard.writeText(text), copied)
    await field.press('ControlOrMeta+V')
    expect(await field.inputValue()).toBe(code)
  }
})
