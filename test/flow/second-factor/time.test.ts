/** OTP-02, OTP-03, OTP-06, OTP-07: codes and time, and names that try to be more than names. The clock is moved, never waited for. */

import { beforeEach, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { keyUri, newSecret } from '../../../src/mfa/app-code.ts'
import type { Answered } from '../../../src/mfa/challenge.ts'
import { entryName } from '../../../src/mfa/entry-name.ts'
import type { Account } from '../../../src/person/account.ts'
import { clockOfAllTests, pass, setClock } from '../../support/app/clock.ts'
import { asked } from '../../support/people/asked-people.ts'
import { codeOf } from '../../support/people/second-factor.ts'
import { partsOf, someVictim, startTwoStep, type Victim } from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'

let sanne: Victim
let account: Account

clockOfAllTests()

const app = forAllTests(startTwoStep)
const parts = forAllTests(() => partsOf(app))
beforeEach(async () => {
  sanne = await someVictim(app)
  const found = await asked(app.core.store.durable.people).findAccount(sanne.id)
  if (!found) throw new Error('nobody')
  account = found
  // The beginning of a step, well after the set-up.
  setClock(Math.ceil((Date.now() + HOUR) / (30 * SECOND)) * 30 * SECOND)
})

function answer(code: string): Promise<Answered> {
  const source = { ip: '192.0.2.1', correlation: 'time' }
  return parts.challenges.answer({ account, method: 'totp', code, sitting: 's', session: 's', source }, ['totp'])
}

const WRONG = { ok: false, reason: 'wrong-code' }

test.each([
  ['now', 0, true],
  ['just gone from the screen', -1 * SECOND, true],
  ['30 seconds ago', -30 * SECOND, true],
  ['31 seconds ago', -31 * SECOND, false],
  ['a minute and a second ago', -61 * SECOND, false],
  ['31 seconds from now', 31 * SECOND, false],
  ['an hour ago', -HOUR, false],
])('a code that the app showed %s', async (_when, offset, right) => {
  // Of another moment it may be the same by chance: then the moment is put off.
  const shown = () => codeOf(sanne.key, Date.now() + offset)
  const counts = (code: string) => [0, -30 * SECOND].some((step) => codeOf(sanne.key, Date.now() + step) === code)
  while (!right && counts(shown())) pass(30 * SECOND)
  expect((await answer(shown())).ok).toBe(right)
})

test('after a newer code an older one that was never used is too late', async () => {
  const before = codeOf(sanne.key, Date.now() - 30 * SECOND)
  expect(await answer(codeOf(sanne.key, Date.now()))).toMatchObject({ ok: true })
  expect(await answer(before)).toEqual({ ok: false, reason: 'used-code' })
})

test('a clock that went back behind the last code is a used code, not a fault, and heals by itself', async () => {
  expect(await answer(codeOf(sanne.key, Date.now()))).toMatchObject({ ok: true })
  pass(-10 * MINUTE)
  expect(await answer(codeOf(sanne.key, Date.now()))).toEqual({ ok: false, reason: 'used-code' })
  pass(DAY)
  expect(await answer(codeOf(sanne.key, Date.now()))).toMatchObject({ ok: true })
})

test.each([
  '12345',
  '1234567',
  'abcdef',
  '',
  ' ',
  '12345a',
  '1e5',
  '-12345',
  '0x1234',
  '\u202e12345',
  '9'.repeat(10_000),
])('what is no code is a wrong code: %j', async (typed) => expect(await answer(typed)).toEqual(WRONG))

test('spaces do not matter, wherever they are', async () => {
  const [a = '', b = '', ...rest] = codeOf(sanne.key, Date.now())
  expect(await answer(`\t${a} ${b}\u00a0${rest.join(' ')}\n`)).toMatchObject({ ok: true })
})

test.each([
  'x:y?secret=AAAA&issuer=Evil%0d%0a',
  'x:y?secret=AAAA&issuer=Evil\r\n',
  '😀'.repeat(50),
  'a'.repeat(10_000),
  '\u202egnp.exe@sigma.example',
  'a/b#c;d,e=f@g+h',
  '\u0000@sigma.example',
])('E-09: the name %j stays a name of 40 characters at most, and the key and issuer stay ours', (hostile) => {
  const secret = newSecret()
  const entry = entryName(hostile, [])
  expect([...entry].length).toBeLessThanOrEqual(40)
  expect(entry).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  const uri = new URL(keyUri('Pay&roll: a', entry, secret))
  expect([uri.protocol, uri.host, uri.hash]).toEqual(['otpauth:', 'totp', ''])
  expect([...uri.searchParams.keys()]).toEqual(['secret', 'issuer', 'algorithm', 'digits', 'period'])
  expect([uri.searchParams.get('secret'), uri.searchParams.get('issuer')]).toEqual([secret, 'Pay&roll: a'])
  const [issuer = '', name = '', ...more] = uri.pathname.slice(1).split(':')
  expect([decodeURIComponent(issuer), decodeURIComponent(name), more]).toEqual(['Pay&roll: a', entry, []])
})
