/** Guessing from many addresses, and pretending to have one (SECURITY THR-07, C-09 to C-12). */
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { type RunningApp, startApp } from '../../support/app/app.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { activate, atSignIn, PASSWORD, raw, signedIn, WRONG } from '../../support/attack/attack.ts'
import type { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const EMAIL = 'sanne@sigma.example'
const LIMITS = { perAddress: 5, perNetwork: 12 }
let number = 0

// Each test begins with empty windows.
clockOfEachTest()
beforeEach(() => {
  number += 1
  pass(number * 60 * MINUTE)
})
const direct = forAllTests(() => startApp({ settings: { throttle: LIMITS } }))
const behindProxy = forAllTests(() => startApp({ settings: { throttle: LIMITS, trustedProxies: 1 } }))
const crowd = forAllTests(() => startApp({ settings: { throttle: { perMinute: 20 }, trustedProxies: 1 } }))
beforeAll(async () => {
  for (const app of [crowd, direct, behindProxy]) await activate(app, EMAIL)
})

/** One wrong password for an address that nobody tried before; `headers` is what the request says of its origin. */
async function spray(app: RunningApp, headers: Record<string, string>): Promise<number> {
  number += 1
  const stranger = await atSignIn(app, { headers })
  const { status } = await stranger.submit({ email: `nobody${number}@sigma.example`, password: WRONG })
  return status
}

function from(address: string): Record<string, string> {
  return { 'x-forwarded-for': address }
}

async function sprayFrom(addresses: string[]): Promise<number[]> {
  const statuses: number[] = []
  for (const address of addresses) statuses.push(await spray(behindProxy, from(address)))
  return statuses
}

const FIVE = [400, 400, 400, 400, 400]

test('C-11: many addresses that try one password on many accounts are stopped together, and a known browser is not', async () => {
  const known = await atSignIn(crowd, { headers: from('203.0.113.1') })
  await known.submit({ email: EMAIL, password: PASSWORD })
  expect(signedIn(crowd, known)).toBe(true)
  pass(MINUTE)
  const statuses: number[] = []
  for (let network = 0; network < 22; network += 1) statuses.push(await spray(crowd, from(`203.0.${network}.7`)))
  expect(statuses).toEqual([...Array(20).fill(400), 429, 429])
  const engaged = (await crowd.core.store.durable.listAudit({ limit: 1 }))[0]
  expect(engaged).toMatchObject({ type: 'throttle.engaged', outcome: 'refused' })
  expect(
    (await (await fetch(`${crowd.operationsOrigin}/metrics`)).text()).match(/throttle.engaged",outcome="refused"} 2/),
  ).not.toBeNull()
  const again = await atSignIn(crowd)
  again.cookies.push(...known.cookies.filter(({ name }) => name === 'sigma-browser'))
  await again.submit({ email: EMAIL, password: PASSWORD })
  expect(signedIn(crowd, again)).toBe(true)
  pass(MINUTE)
  expect(await spray(crowd, from('203.0.99.7'))).toBe(400)
})

test('C-11: one address that tries one password on many accounts is stopped', async () => {
  expect(await sprayFrom(Array(7).fill('198.51.100.7'))).toEqual([...FIVE, 429, 429])
  expect(await spray(behindProxy, from('198.51.100.8'))).toBe(400)
  pass(15 * MINUTE)
  expect(await spray(behindProxy, from('198.51.100.7'))).toBe(400)
})

test('C-10: all addresses of an IPv6 /64, however they are written, are one', async () => {
  const spellings = [
    '2001:db8:1:2::1',
    '2001:0DB8:1:2:ffff::9',
    '2001:db8:1:2:a:b:c:d',
    '2001:db8:1:2::',
    '2001:db8:0001:2::1',
  ]
  expect(await sprayFrom([...spellings, '2001:db8:1:2::2'])).toEqual([...FIVE, 429])
  expect(await spray(behindProxy, from('2001:db8:1:3::1'))).toBe(400)
})

test('C-10: the /64s of one /48 share a larger limit', async () => {
  const addresses = Array.from({ length: 13 }, (_, index) => `2001:db8:7:${index.toString(16)}::1`)
  expect(await sprayFrom(addresses)).toEqual([...Array(12).fill(400), 429])
})

test('an IPv4 address seen through IPv6 is the same address', async () => {
  expect(await sprayFrom([...Array(5).fill('203.0.113.9'), '::ffff:203.0.113.9', '::FFFF:203.0.113.9'])).toEqual([
    ...FIVE,
    429,
    429,
  ])
})

test.each([
  ['x-forwarded-for', (n: number) => `203.0.113.${n}`],
  ['x-real-ip', (n: number) => `203.0.113.${n}`],
  ['forwarded', (n: number) => `for=203.0.113.${n}`],
  ['x-client-ip', (n: number) => `203.0.113.${n}`],
])('C-09: without a proxy %s is believed from nobody', async (name, value) => {
  const statuses: number[] = []
  for (let count = 1; count <= 6; count += 1) statuses.push(await spray(direct, { [name]: value(count) }))
  expect(statuses).toEqual([...FIVE, 429])
})

test('C-09: behind one proxy only the address that the proxy added counts', async () => {
  const claims = Array.from({ length: 6 }, (_, index) => `203.0.113.${index}, 198.51.100.77`)
  expect(await sprayFrom(claims)).toEqual([...FIVE, 429])
})

test('C-09: what is no address counts as the proxy itself', async () => {
  const claims = ['nonsense', '', '999.1.1.1', '1.2.3.4:x', "'; DROP TABLE counter", '127.0.0.1']
  expect(await sprayFrom(claims)).toEqual([...FIVE, 429])
})

test.each([
  ['a port', '198.51.100.81:50123', '198.51.100.81:443', '198.51.101.82:50123'],
  ['brackets', '[2001:db8:81:1::1]', '[2001:db8:81:1::2]', '[2001:db8:82:1::1]'],
  ['brackets and a port', '[2001:db8:83:1::1]:50123', '[2001:db8:83:1::1]:50124', '[2001:db8:84:1::1]:50123'],
])('one client behind a proxy that writes %s is stopped, and no other with it', async (_what, one, same, other) => {
  expect(await sprayFrom([one, same, one, same, one, same, other])).toEqual([...FIVE, 429, 400])
})

test('C-09: a flood of headers does not push out the address that a proxy adds at the end', async () => {
  const filler = 'a: b\r\n'.repeat(120)
  const answer = await raw(
    behindProxy.origin,
    `GET /recover HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.1\r\n${filler}X-Forwarded-For: 198.51.100.1\r\n\r\n`,
  )
  expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  expect(answer).toContain('X-Content-Type-Options: nosniff')
})

test('C-12: an attacker who signs in to an account of his own gets one try back, not all', async () => {
  const address = from('198.51.100.50')
  expect(await sprayFrom(Array(4).fill('198.51.100.50'))).toEqual([400, 400, 400, 400])
  const own = await atSignIn(behindProxy, { headers: address })
  await own.submit({ email: EMAIL, password: PASSWORD })
  expect(signedIn(behindProxy, own)).toBe(true)
  expect(await sprayFrom(['198.51.100.50', '198.51.100.50'])).toEqual([400, 429])
})

test('C-08: a known browser is not locked out by who shares its address; a new one of that address is', async () => {
  const shared = { headers: from('198.51.100.60') }
  const own = await signInFrom(shared)
  expect(signedIn(behindProxy, own)).toBe(true)
  await sprayFrom(Array(6).fill('198.51.100.60'))
  const again = await atSignIn(behindProxy, shared)
  again.cookies.push(...own.cookies.filter(({ name }) => name === 'sigma-browser'))
  await again.submit({ email: EMAIL, password: PASSWORD })
  expect(signedIn(behindProxy, again)).toBe(true)
  expect((await signInFrom(shared)).page.status).toBe(429)
})

async function signInFrom(options: { headers: Record<string, string> }): Promise<Person> {
  const person = await atSignIn(behindProxy, options)
  await person.submit({ email: EMAIL, password: PASSWORD })
  return person
}

test('C-10: asking for links is limited per /64 too', async () => {
  const statuses: number[] = []
  for (let count = 1; count <= 31; count += 1) {
    const stranger = await atSignIn(behindProxy, { headers: from(`2001:db8:99:1::${count}`) })
    await stranger.visit(`${behindProxy.origin}/recover`)
    statuses.push((await stranger.submit({ email: 'nobody@sigma.example' })).status)
  }
  expect(statuses).toEqual([...Array(30).fill(200), 429])
})
