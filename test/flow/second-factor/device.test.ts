/** SECURITY D: remembered devices. They save a code after the right password, for 30 days, and nothing else. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Koa from 'koa'
import { beforeEach, expect, test } from 'vitest'
import { randomToken } from '../../../src/lib/crypto.ts'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import { cookieJar } from '../../../src/web/cookies.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { asked as askedOf } from '../../support/people/asked-people.ts'
import { Person } from '../../support/people/person.ts'
import { codeOf, enroll, PASSWORD, press, text, wrongCode } from '../../support/people/second-factor.ts'
import {
  authorize,
  codesOf,
  halfSignedIn,
  partsOf,
  someVictim,
  startTwoStep,
  type Victim,
} from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'

let sanne: Victim
/** The browser that is remembered. */
let known: Person

clockOfAllTests()

const app = forAllTests(startTwoStep)
beforeEach(async () => {
  sanne = await someVictim(app)
  known = await halfSignedIn(app, sanne.email)
  await press(known, 'verify', { code: codeOf(sanne.key, Date.now()), remember: 'yes' })
  signOut(known)
  pass(MINUTE)
})

function signOut(person: Person): void {
  person.cookies = person.cookies.filter(({ name }) => !name.startsWith('sigma-session'))
  person.trail.length = 0
}

/** A browser with nothing but a cookie of that kind. */
function thiefWith(value: string): Person {
  const thief = new Person()
  thief.cookies = [{ name: 'sigma-device', value, host: 'localhost', path: '/' }]
  return thief
}

const asked = (person: Person) => text(person.page).includes('6-digit code')
const devices = (id = sanne.id) => askedOf(app.core.store.durable.people).listDevices(id, Date.now())

/** With the password; whether a code was not asked for. */
async function passes(person: Person, email = sanne.email): Promise<boolean> {
  signOut(person)
  await halfSignedIn(app, email, 'payroll', person)
  expect(codesOf(person).length > 0).toBe(!asked(person))
  return !asked(person)
}

test('D-01: a made-up, changed or signed-looking cookie is nothing', async () => {
  const token = known.cookie('sigma-device') ?? ''
  const flipped = (token[0] === 'A' ? 'B' : 'A') + token.slice(1)
  const none = `${btoa('{"alg":"none"}')}.${btoa(`{"sub":"${sanne.id}"}`)}.`
  const [device] = await devices()
  for (const value of [
    flipped,
    token.slice(1),
    `${token}A`,
    none,
    device?.id ?? '',
    device?.digest ?? '',
    'null',
    '.'.repeat(50),
    '',
  ])
    expect(await passes(thiefWith(value)), value).toBe(false)
  expect(await passes(known)).toBe(true)
})

test('D-01: five hundred tokens in one cookie are not looked at', async () => {
  const token = known.cookie('sigma-device') ?? ''
  const many = [...Array.from({ length: 60 }, () => randomToken() + randomToken()), token].join('.')
  expect(await passes(thiefWith(many))).toBe(false)
})

test('D-02: a copied cookie that comes back after its owner’s is the end of the device, and is told', async () => {
  const stolen = known.cookie('sigma-device') ?? ''
  expect(await passes(known)).toBe(true)
  expect(known.cookie('sigma-device')).not.toBe(stolen)
  pass(MINUTE)
  expect(await passes(thiefWith(stolen))).toBe(false)
  expect(await devices()).toEqual([])
  expect(await passes(known)).toBe(false)
  const told = (await app.inbox()).find(
    ({ to, subject }) => to === sanne.email && /no longer trust/.test(subject ?? ''),
  )
  expect(told).toBeDefined()
})

test('D-02: the same when the thief was first', async () => {
  const thief = thiefWith(known.cookie('sigma-device') ?? '')
  expect(await passes(thief)).toBe(true)
  pass(MINUTE)
  expect(await passes(known)).toBe(false)
  expect(await passes(thief)).toBe(false)
})

test('D-02: and when the thief used his copy more than once', async () => {
  const thief = thiefWith(known.cookie('sigma-device') ?? '')
  expect(await passes(thief)).toBe(true)
  pass(MINUTE)
  expect(await passes(thief)).toBe(true)
  pass(MINUTE)
  expect(await passes(known)).toBe(false)
  expect(await devices()).toEqual([])
  expect(await passes(thief)).toBe(false)
})

test('two tabs that send the same token at once are both known', async () => {
  const tab = known.copy()
  expect(await passes(known)).toBe(true)
  expect(await passes(tab)).toBe(true)
})

test('D-03: a remembered device answers no request for more, and none for something fresh', async () => {
  const requests: Array<[string, Record<string, string>]> = [
    ['strict', {}],
    ['payroll', { acr_values: 'urn:sigma:acr:mfa' }],
    ['payroll', { prompt: 'login' }],
    ['payroll', { max_age: '0' }],
    ['payroll', { max_age: '3600' }],
  ]
  for (const [client, more] of requests) {
    const device = known.copy()
    device.trail.length = 0
    await device.visit(authorize(app, client, more))
    await device.submit({ email: sanne.email, password: PASSWORD })
    expect(asked(device), JSON.stringify(more)).toBe(true)
    expect(codesOf(device), JSON.stringify(more)).toEqual([])
    // The overlap of two tabs ends, so that the next copy has the token of now.
    known.cookies = device.cookies.filter(({ name }) => name === 'sigma-device' || name === 'sigma-form')
  }
  expect(await passes(known)).toBe(true)
})

test('D-04: no device without a code of this very sitting, whatever the form says', async () => {
  const before = (await devices()).length
  const thief = await halfSignedIn(app, sanne.email)
  await press(thief, 'verify', { code: wrongCode(sanne.key, Date.now()), remember: 'yes' })
  await thief.visit(authorize(app))
  await thief.visit(`${thief.page.url}/challenge/backup`)
  await press(thief, 'verify', { code: sanne.backupCode, remember: 'yes' })
  await press(thief, 'kept', { remember: 'yes' })
  await press(thief, 'saved', { saved: 'yes', remember: 'yes' })
  expect(codesOf(thief)).toHaveLength(1)
  const fresh = new Person()
  await fresh.visit(authorize(app))
  await fresh.submit({ email: sanne.email, password: PASSWORD, remember: 'yes' })
  expect((await devices()).length).toBe(before)
  expect(thief.cookie('sigma-device')).toBeUndefined()
})

test('D-05: the cookie without the password opens nothing', async () => {
  signOut(known)
  await known.visit(authorize(app, 'payroll', { prompt: 'none' }))
  await known.visit(authorize(app))
  expect(known.page.html).toContain('name="password"')
  expect(codesOf(known)).toEqual([])
})

test('D-06: a device of one account is none of another’s', async () => {
  const other = await someVictim(app)
  expect(await passes(thiefWith(known.cookie('sigma-device') ?? ''), other.email)).toBe(false)
  expect(await passes(known)).toBe(true)
})

test('D-07: a new password forgets it, and so does a new app', async () => {
  const again = await halfSignedIn(app, sanne.email)
  await again.visit(`${again.page.url}/challenge/backup`)
  await press(again, 'verify', { code: sanne.backupCode })
  await press(again, 'lost')
  const { key } = await enroll(again, Date.now)
  expect(await devices()).toEqual([])
  expect(await passes(known)).toBe(false)

  pass(MINUTE)
  await press(known, 'verify', { code: codeOf(key, Date.now()), remember: 'yes' })
  expect(await passes(known)).toBe(true)
  const owner = new Person()
  await owner.visit(`${app.origin}/recover`)
  await owner.submit({ email: sanne.email })
  await owner.visit(await app.linkFor(sanne.email))
  await owner.submit({ password: PASSWORD, repeat: PASSWORD })
  expect(await devices()).toEqual([])
  expect(await passes(known)).toBe(false)
})

test('D-08: dead after 30 days by the server’s clock, however often it was used and whatever the cookie says', async () => {
  for (let week = 0; week < 4; week += 1) {
    pass(7 * DAY)
    expect(await passes(known)).toBe(true)
  }
  const kept = known.cookie('sigma-device') ?? ''
  pass(2 * DAY)
  expect(await passes(thiefWith(kept))).toBe(false)
})

test('D-09: with https the cookie is bound to this host, away from scripts, and ends after 30 days', async () => {
  const koa = new Koa()
  koa.proxy = true
  koa.use((ctx) => cookieJar(true).set(ctx, 'device', randomToken()))
  const server = createServer(koa.callback()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    headers: { 'x-forwarded-proto': 'https' },
  })
  server.close()
  const [cookie = ''] = answer.headers.getSetCookie()
  expect(cookie).toMatch(/^__Host-sigma-device=[\w-]{43}; path=\/; expires=[^;]+; samesite=lax; secure; httponly$/i)
  expect(cookie.toLowerCase()).not.toContain('domain')
  expect(Date.parse(/expires=([^;]+)/.exec(cookie)?.[1] ?? '') - Date.now()).toBeLessThanOrEqual(30 * DAY)
})

/** Within one process a thousand; what two nodes add shows in a hundred. */
const MANY = process.env.SIGMA_TEST_MONGODB ? 100 : 1000

test(`D-10: of ${MANY} devices ten stay, the newest`, async () => {
  const account = await askedOf(app.core.store.durable.people).findAccount(sanne.id)
  if (!account) throw new Error('nobody')
  const { devices: remembered } = partsOf(app)
  const source = { ip: '192.0.2.1', correlation: 'd' }
  for (let each = 0; each < MANY / 10; each += 1) {
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        remembered.remember(account, { method: 'totp', agent: `${each * 10 + n}`, source }),
      ),
    )
    // Each is told by mail.
    await app.drain()
  }
  expect((await devices()).map(({ agent }) => agent)).toEqual(
    Array.from({ length: 10 }, (_, n) => String(MANY - 1 - n)),
  )
  expect(await passes(known)).toBe(false)
})
