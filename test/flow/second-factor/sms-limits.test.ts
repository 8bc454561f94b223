/** SECURITY F: how many text messages leave, where to, and for whom: what a thief or a prankster could cost. */

import { expect, test } from 'vitest'
import { DAY, HOUR, SECOND } from '../../../src/lib/time.ts'
import type { Account } from '../../../src/person/account.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { asked } from '../../support/people/asked-people.ts'
import { Person } from '../../support/people/person.ts'
import { press } from '../../support/people/second-factor.ts'
import { partsOf, startTwoStep } from '../../support/people/second-factor-attack.ts'
import { atNumber, atSms, messages, withNumber } from '../../support/people/text-messages.ts'
import { forAllTests, forEachTest } from '../../support/runner/made.ts'

const SOURCE = { ip: '192.0.2.1', correlation: 'sms' }

clockOfAllTests()

const app = forAllTests(startTwoStep)
const parts = forAllTests(() => partsOf(app))
const sanne = forEachTest(() => withNumber(app))

async function invited(email: string): Promise<Account> {
  await app.core.links.invite({ email, name: 'Sanne de Vries', locale: 'en' })
  const account = await asked(app.core.store.durable.people).findAccountByEmail(email)
  if (!account) throw new Error('nobody')
  return account
}

test('F-06: numbers abroad, of satellites, of premium services and of landlines are sent nothing', async () => {
  const person = await atNumber(app, `adds-${sanne.email}`)
  const before = await messages(app)
  const numbers = [
    '+881612345678',
    '+882161234567',
    '+979123456789',
    '+447012345678',
    '+32470123456',
    '0900 1234',
    '020 1234567',
    '112',
    '+1 900 555 0100',
    '',
  ]
  for (const typed of numbers)
    for (const country of ['NL', 'GB', '', 'XX']) {
      await press(person, 'send', { number: typed, country })
      expect(person.page.status, `${typed} ${country}`).toBe(400)
    }
  expect(await messages(app)).toBe(before)
})

test('F-06, F-08: one number is sent ten messages a day over all accounts, and belongs to five at most', async () => {
  const outcomes: string[] = []
  for (let each = 0; each < 12; each += 1) {
    const account = await invited(`pump-${each}-${sanne.email}`)
    const sent = await parts.sms.sendToNew(account, 'session', '06 4444 0005', 'NL', {
      ...SOURCE,
      ip: `198.51.100.${each}`,
    })
    if (sent.ok) expect(await parts.sms.add(account, 'session', parts.sent(), SOURCE)).toEqual({ ok: true })
    outcomes.push(sent.ok ? 'sent' : sent.reason)
  }
  expect(outcomes).toEqual([...Array(5).fill('sent'), ...Array(7).fill('number-in-use')])
  let sent = 0
  for (let each = 0; each < 12; each += 1) {
    const account = await invited(`flood-${each}-${sanne.email}`)
    const answer = await parts.sms.sendToNew(account, 's', '06 4444 0006', 'NL', { ...SOURCE, ip: `203.0.113.${each}` })
    if (answer.ok) sent += 1
  }
  expect(sent).toBe(10)
})

test('F-07: no message without the password', async () => {
  const stranger = new Person()
  await stranger.visit(`${app.portalOrigin}/login`)
  const before = await messages(app)
  const csrf = stranger.forms()[0]?.fields.csrf ?? ''
  const uid = /interaction\/([^/?]+)/.exec(stranger.page.url)?.[1]
  for (const path of ['challenge', 'challenge/sms', 'enroll', 'enroll/sms', 'login'])
    for (const step of ['send', 'resend']) {
      const fields = { csrf, step, email: sanne.email, number: sanne.number, country: 'NL' }
      await stranger.post(`${app.origin}/interaction/${uid}/${path}`, fields)
      expect(stranger.page.status, path).toBeLessThan(500)
    }
  expect(await messages(app)).toBe(before)
})

test('F-09: a person is sent five messages an hour and ten a day, however often «resend» is pressed', async () => {
  const before = await messages(app)
  // The message that set the number up is of the same day.
  for (const [most, rest] of [
    [5, 0],
    [5, 3 * HOUR],
    [9, 3 * HOUR],
    [9, 0],
  ] as const) {
    const person = await atSms(app, sanne.email)
    for (let times = 0; times < 8; times += 1) {
      await press(person, person.page.html.includes('value="resend"') ? 'resend' : 'send')
      pass(130 * SECOND)
    }
    expect((await messages(app)) - before).toBe(most)
    pass(rest)
  }
  pass(DAY)
  await press(await atSms(app, sanne.email), 'send')
  expect((await messages(app)) - before).toBe(10)
})
