/** SECURITY F: text messages. A code is for one person, one purpose, one sitting, one number, five minutes, one use. */

import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { asked } from '../../support/people/asked-people.ts'
import type { Person } from '../../support/people/person.ts'
import { press, text } from '../../support/people/second-factor.ts'
import {
  codesOf,
  halfSignedIn,
  international,
  partsOf,
  smsCode,
  startTwoStep,
  tries,
  victim,
} from '../../support/people/second-factor-attack.ts'
import { atNumber, atSms, messages, withNumber } from '../../support/people/text-messages.ts'
import { forAllTests, forEachTest } from '../../support/runner/made.ts'

const SOURCE = { ip: '192.0.2.1', correlation: 'sms' }

clockOfAllTests()

const app = forAllTests(startTwoStep)
const parts = forAllTests(() => partsOf(app))
const sanne = forEachTest(() => withNumber(app))

/** The code in a sitting of its own. */
async function sentTo(person: Person): Promise<string> {
  await press(person, 'send')
  return smsCode(app, international(sanne.number))
}

test('F-01: a code that went to one number adds no other, and is void once another was sent', async () => {
  const person = await atNumber(app, `adds-${sanne.email}`)
  await press(person, 'send', { number: '06 4444 0001', country: 'NL' })
  const first = await smsCode(app, international('06 4444 0001'))
  pass(MINUTE)
  await press(person, 'number')
  await press(person, 'send', { number: '06 4444 0002', country: 'NL' })
  const second = await smsCode(app, international('06 4444 0002'))
  await press(person, 'sms-code', { code: first })
  if (first !== second) expect(person.page.status).toBe(400)
  await press(person, 'sms-code', { code: second })
  const account = await asked(app.core.store.durable.people).findAccountByEmail(`adds-${sanne.email}`)
  const factors = await asked(app.core.store.durable.people).listAuthenticators(account?.id ?? '')
  expect(factors.filter(({ kind }) => kind === 'sms').map(({ label }) => label)).toEqual(['02'])
})

test('F-01: a code on its way to the number of before is void when the number has changed', async () => {
  const account = await asked(app.core.store.durable.people).findAccount(sanne.id)
  if (!account) throw new Error('nobody')
  expect(await parts.sms.sendToOwn(account, 'sitting', SOURCE)).toMatchObject({ ok: true })
  const code = parts.sent()
  const { durable } = app.core.store
  const old = (await asked(durable.people).listAuthenticators(account.id)).find(({ kind }) => kind === 'sms')
  await asked(durable.people).removeAuthenticator(account.id, old?.id ?? '', [])
  expect(await parts.sms.sendToNew(account, 'session', '06 4444 0003', 'NL', SOURCE)).toMatchObject({ ok: true })
  // Removing the number moved the epoch up.
  const now = (await asked(durable.people).findAccount(account.id)) ?? account
  expect(await parts.sms.add(now, 'session', parts.sent(), SOURCE)).toEqual({ ok: true })
  const answer = { account, method: 'sms' as const, sitting: 'sitting', session: 's', code, source: SOURCE }
  expect(await parts.challenges.answer(answer, ['totp', 'sms'])).toEqual({ ok: false, reason: 'expired' })
})

test('F-03: a code of another sitting, application or person is none', async () => {
  const [first, second] = [await atSms(app, sanne.email), await atSms(app, sanne.email, 'leave')]
  const code = await sentTo(first)
  pass(MINUTE)
  await press(second, 'send')
  const own = await smsCode(app, international(sanne.number))
  if (own !== code) await press(second, 'verify', { code })
  const other = await victim(app, `other-${sanne.email}`, '06 4444 0004')
  pass(2 * MINUTE)
  const third = await halfSignedIn(app, other.email)
  await third.visit(`${third.page.url}/challenge/sms`)
  const csrf = third.forms()[0]?.fields.csrf ?? ''
  await third.post(third.page.url, { csrf, code: own, step: 'verify' })
  expect([codesOf(second), codesOf(third)]).toEqual([[], []])
  expect(await tries(app, 'sms', other.id)).toBe(1)
  await press(first, 'verify', { code })
  expect(codesOf(first)).toHaveLength(1)
})

test('F-04: a code to add a number is none to sign in with, nor the reverse, in the same sitting too', async () => {
  const account = await asked(app.core.store.durable.people).findAccount(sanne.id)
  if (!account) throw new Error('nobody')
  const answer = { account, method: 'sms' as const, sitting: 'one', session: 's', source: SOURCE }
  await parts.sms.sendToNew(account, 'one', sanne.number, 'NL', SOURCE)
  expect(await parts.challenges.answer({ ...answer, code: parts.sent() }, ['totp', 'sms'])).toMatchObject({ ok: false })
  pass(5 * MINUTE)
  await parts.sms.sendToOwn(account, 'one', SOURCE)
  expect(await parts.sms.add(account, 'one', parts.sent(), SOURCE)).toMatchObject({ ok: false, reason: 'expired' })
  expect(await parts.challenges.answer({ ...answer, code: parts.sent() }, ['totp', 'sms'])).toMatchObject({ ok: true })
})

test('F-11: a code is void after five minutes, and stays void when the clock goes back', async () => {
  const person = await atSms(app, sanne.email)
  const code = await sentTo(person)
  pass(5 * MINUTE)
  await press(person, 'verify', { code })
  expect([person.page.status, codesOf(person)]).toEqual([400, []])
  pass(-10 * MINUTE)
  // The last try is in the future too, which is not what is tried here.
  await app.core.attempts.reset(`second-factor/sms/${sanne.id}`)
  await person.visit(person.page.url)
  const csrf = person.forms()[0]?.fields.csrf ?? ''
  await person.post(person.page.url.replace(/\/interaction\/([^/]+).*/, '/interaction/$1/challenge/sms'), {
    csrf,
    code,
    step: 'verify',
  })
  expect(codesOf(person)).toEqual([])
  pass(10 * MINUTE)
})

test('SMS-01: an application that accepts no text message never shows one, sends one or takes one', async () => {
  const accepting = await atSms(app, sanne.email)
  const code = await sentTo(accepting)
  const before = await messages(app)
  const person = await halfSignedIn(app, sanne.email, 'no-sms')
  const base = person.page.url
  for (const page of ['', '/challenge/methods', '/challenge/sms', '/challenge/none']) {
    await person.visit(base + page)
    expect(text(person.page), page).not.toMatch(/Text message|SMS/)
  }
  const csrf = person.forms()[0]?.fields.csrf ?? ''
  pass(MINUTE)
  for (const fields of [
    { step: 'send', code: '' },
    { step: 'verify', code },
  ])
    await person.post(`${base}/challenge/sms`, { csrf, ...fields })
  expect([codesOf(person), await messages(app)]).toEqual([[], before])
  // Proven for one application, it is not for another.
  await press(accepting, 'verify', { code })
  expect(codesOf(accepting)).toHaveLength(1)
  await halfSignedIn(app, sanne.email, 'no-sms', accepting)
  expect(codesOf(accepting)).toHaveLength(1)
})
