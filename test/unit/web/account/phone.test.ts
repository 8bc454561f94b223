/** The pages about one's own phone number: what they do with refusals, and with what another tab changed meanwhile. */
import { expect, test } from 'vitest'
import { Person } from '../../../support/people/person.ts'
import { forEachTest } from '../../../support/runner/made.ts'
import { type Desk, factorDesk, NOW } from '../../../support/unit/factor-desk.ts'

const desk = forEachTest(factorDesk)
const sanne = forEachTest(() => new Person())

const open = (path: string) => sanne.visit(`${desk.origin}${path}`)
const left = () => sanne.page.html.replace('notice ', '')
const path = () => new URL(sanne.page.url).pathname

const number = { country: 'NL', number: '06 12345634' }

test('the way through, with another message, a correction and the code', async () => {
  await open('/account/phone')
  await sanne.submit({ ...number, number: '06 12345699', step: 'send' })
  expect(path()).toBe('/account/phone/code')
  await sanne.submit({ step: 'resend' })
  await open('/account/phone')
  expect(sanne.forms()[0]?.fields.number).toBe('06 12345699')
  await sanne.submit({ ...number, step: 'send' })
  expect(sanne.page.html).toContain('ending in <strong>34</strong>')
  expect(sanne.page.html).not.toContain('12345634')
  await sanne.submit({ step: 'code', code: '123456' })
  expect(left()).toBe('phone-changed')
  expect(desk.acts).toEqual([
    'send NL 06 12345699',
    'send NL 06 12345699',
    'send NL 06 12345634',
    'add 123456',
    'end others',
  ])
})

test('the first number is added, not changed', async () => {
  desk.overview.phone = undefined
  await open('/account/phone')
  expect(sanne.page.html).toContain('<h1>Add a phone number</h1>')
  await sanne.submit({ ...number, step: 'send' })
  await sanne.submit({ step: 'code', code: '123456' })
  expect(left()).toBe('phone-added')
})

test('SMS-01: never without an app beside it', async () => {
  await open('/account/phone')
  const code = sanne.copy()
  await code.submit({ ...number, step: 'send' })
  desk.overview.apps = []
  await sanne.submit({ ...number, step: 'send' })
  expect(left()).toBe('two-step-first')
  await code.submit({ step: 'code', code: '123456' })
  expect(code.page.html).toBe('notice two-step-first')
  await open('/account/phone')
  expect(left()).toBe('two-step-first')
  expect(desk.acts).toEqual(['send NL 06 12345634'])
})

test.each<[Desk['answers']['sent'], number, string]>([
  [{ ok: false, reason: 'missing' }, 400, 'Enter your phone number.'],
  [{ ok: false, reason: 'country-not-allowed' }, 400, 'We cannot send messages to this country.'],
  [{ ok: false, reason: 'unavailable' }, 400, 'The message could not be sent. Try again in a few minutes.<'],
  [{ ok: false, reason: 'too-many', retryAt: NOW + 3_600_000 }, 429, 'as may be'],
  [{ ok: false, reason: 'closed-for-country', retryAt: NOW + 60_000 }, 429, 'The message could not be sent.'],
  [{ ok: false, reason: 'wait', retryAt: NOW + 30_000 }, 429, 'Wait 30 seconds before we send another code.'],
])('SMS-05: a message that may not leave: %j', async (sent, status, says) => {
  desk.answers.sent = sent
  await open('/account/phone')
  await sanne.submit({ ...number, country: 'BE', step: 'send' })
  expect(sanne.page.status).toBe(status)
  expect(sanne.page.html).toContain(says.replace('as may be', 'as many codes as we may for now'))
  expect(sanne.page.html).not.toContain('value="skip"')
  expect(sanne.forms()[0]?.fields.number).toBe(number.number)
  expect(sanne.page.html).toContain('<option value="BE" selected>')
})

test('another message has to wait: the code that was sent still counts', async () => {
  await open('/account/phone')
  await sanne.submit({ ...number, step: 'send' })
  desk.answers.sent = { ok: false, reason: 'wait', retryAt: NOW + 30_000 }
  await sanne.submit({ step: 'resend' })
  expect(sanne.page.status).toBe(429)
  expect(sanne.page.html).toContain('Wait 30 seconds before we send another code.')
  await sanne.submit({ step: 'code', code: '123456' })
  expect(left()).toBe('phone-changed')
})

test.each<[Desk['answers']['added'], number, string]>([
  [{ ok: false, reason: 'wrong-code' }, 400, 'This code is not right.'],
  [{ ok: false, reason: 'expired' }, 400, 'This code has expired. Ask for a new one.'],
  [{ ok: false, reason: 'wait', retryAt: NOW + 60_000 }, 429, 'Wait 60 seconds'],
])('a code that is refused: %j', async (added, status, says) => {
  desk.answers.added = added
  await open('/account/phone')
  await sanne.submit({ ...number, step: 'send' })
  await sanne.submit({ step: 'code', code: '000000' })
  expect([sanne.page.status, sanne.page.html.includes(says)]).toEqual([status, true])
  expect(desk.acts).not.toContain('end others')
})

test('F-01, two tabs: a page that shows one number never confirms another', async () => {
  await open('/account/phone')
  await sanne.submit({ ...number, step: 'send' })
  const stale = sanne.copy()
  desk.answers.sent = { ok: true, hint: '55', resendAt: NOW }
  await open('/account/phone')
  await sanne.submit({ country: 'NL', number: '06 12345655', step: 'send' })
  await stale.submit({ step: 'code', code: '123456' })
  expect(stale.page.html).toContain('This page is about that number now.')
  expect(stale.page.html).toContain('ending in <strong>55</strong>')
  expect(desk.acts).not.toContain('add 123456')
})

test('what waited too long begins again; Cancel forgets the number', async () => {
  await open('/account/phone/code')
  expect(path()).toBe('/account/phone')
  expect(sanne.page.html).toContain('Enter the number to get a new code.')
  await sanne.submit({ ...number, step: 'send' })
  await sanne.submit({ action: 'cancel' })
  expect(path()).toBe('/account')
  expect(desk.waitingNumber).toBeUndefined()
})

test('it is removed', async () => {
  await open('/account/phone/remove')
  await sanne.submit()
  expect(left()).toBe('phone-removed')
  expect(desk.acts).toEqual(['remove phone', 'end others'])
})

test('two tabs: only the number that the page asked about is removed', async () => {
  await open('/account/phone/remove')
  desk.overview.phone = { id: 'p2', hint: '55', createdAt: NOW }
  await sanne.submit()
  expect(left()).toBe('phone-unknown')
  desk.overview.phone = undefined
  await open('/account/phone/remove')
  expect(left()).toBe('phone-unknown')
  expect(desk.acts).toEqual([])
})
