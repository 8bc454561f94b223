/** How many text messages may leave. The counters are those of a real store. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { networks } from '../../../src/lib/network.ts'
import { throttle } from '../../../src/lib/throttle.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { type SmsLimits, type SmsRules, type SmsSpent, type SmsToSend, smsLimits } from '../../../src/mfa/sms-limits.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import type { Store } from '../../../src/store/store.ts'

const START = Date.UTC(2026, 0, 5, 9)

let store: Store
let now: number
let limits: SmsLimits

beforeEach(() => {
  now = START
  store = openSqliteStore(':memory:')
  limits = withRules()
})
afterEach(() => store.close())

function withRules(rules?: Partial<SmsRules>): SmsLimits {
  return smsLimits({ throttle: throttle(store.durable, () => now), now: () => now, networks, rules })
}

function spend(send: Partial<SmsToSend> = {}): Promise<SmsSpent> {
  return limits.spend({
    accountId: 'sanne',
    purpose: 'sign-in',
    numberKey: 'n1',
    country: 'NL',
    ip: '192.0.2.1',
    ...send,
  })
}

/** Somebody else altogether, each time. */
let strangers = 0
function stranger(send: Partial<SmsToSend> = {}): Promise<SmsSpent> {
  strangers += 1
  const [a, b] = [strangers >> 8, strangers & 255]
  return spend({ accountId: `a${strangers}`, numberKey: `n-${strangers}`, ip: `10.${a}.${b}.1`, ...send })
}

async function accepted(tries: Promise<SmsSpent>[]): Promise<number> {
  return (await Promise.all(tries)).filter(({ ok }) => ok).length
}

test('another may be asked for after 30 s, then 60 s, then 120 s each', async () => {
  for (const wait of [30, 60, 120, 120]) {
    expect(await spend()).toEqual({ ok: true, resendAt: now + wait * SECOND })
    now += wait * SECOND - 1
    expect(await spend()).toEqual({ ok: false, reason: 'wait', retryAt: now + 1 })
    now += 1
  }
})

test('the waits are short again when the hour is over', async () => {
  for (let sent = 0; sent < 3; sent += 1) {
    await spend()
    now += 2 * MINUTE
  }
  now = START + HOUR
  expect(await spend()).toEqual({ ok: true, resendAt: now + 30 * SECOND })
})

test('the wait holds for one purpose of one account', async () => {
  await spend()
  expect(await spend({ purpose: 'enrollment' })).toMatchObject({ ok: true })
  expect(await spend({ accountId: 'daan' })).toMatchObject({ ok: true })
  expect(await spend({ purpose: 'enrollment' })).toMatchObject({ reason: 'wait' })
})

test('a button pressed twenty times at once sends one message', async () => {
  expect(await accepted(Array.from({ length: 20 }, () => spend()))).toBe(1)
})

test('an account gets five an hour, for all purposes together', async () => {
  for (let sent = 0; sent < 5; sent += 1)
    expect(await spend({ purpose: `sitting-${sent}` })).toMatchObject({ ok: true })
  expect(await spend({ purpose: 'another' })).toEqual({ ok: false, reason: 'too-many', retryAt: START + HOUR })
})

test('flooding a phone: an account gets ten a day, however patient it is', async () => {
  let sent = 0
  for (; now < START + DAY; now += MINUTE) if ((await spend()).ok) sent += 1
  expect(sent).toBe(10)
  expect(await spend()).toMatchObject({ ok: true })
})

test('flooding a phone: a number gets ten a day over all accounts', async () => {
  const tries = Array.from({ length: 50 }, () => stranger({ numberKey: 'victim' }))
  expect(await accepted(tries)).toBe(10)
  expect(await stranger({ numberKey: 'victim' })).toEqual({ ok: false, reason: 'too-many', retryAt: START + DAY })
  expect(await stranger()).toMatchObject({ ok: true })
})

test.each([
  ['an IPv4 /24', (host: number) => `192.0.2.${host}`, '192.0.3.1'],
  ['an IPv6 /64', (host: number) => `2001:db8:1:2::${host.toString(16)}`, '2001:db8:1:3::1'],
  ['an IPv4 /24 seen through IPv6', (host: number) => `::ffff:192.0.2.${host}`, '::ffff:192.0.3.1'],
])('%s gets twenty an hour', async (_what, ip, elsewhere) => {
  expect(await accepted(Array.from({ length: 60 }, (_, host) => stranger({ ip: ip(host) })))).toBe(20)
  expect(await stranger({ ip: ip(200) })).toEqual({ ok: false, reason: 'too-many', retryAt: START + HOUR })
  expect(await stranger({ ip: elsewhere })).toMatchObject({ ok: true })
})

test('pumping: a country closes for the rest of the hour when its budget is gone, and no other with it', async () => {
  const tries = Array.from({ length: 600 }, () => stranger())
  expect(await accepted(tries)).toBe(500)
  now += MINUTE
  expect(await stranger()).toEqual({ ok: false, reason: 'closed-for-country', retryAt: START + HOUR })
  expect(await stranger({ country: 'BE' })).toMatchObject({ ok: true })
  now = START + HOUR
  expect(await stranger()).toMatchObject({ ok: true })
})

test.each<[string, Partial<SmsRules>, Partial<SmsToSend>]>([
  ['the country', { perCountryHour: 1 }, { country: 'NL' }],
  ['the number', { perNumberDay: 1 }, { numberKey: 'full' }],
  ['the network', { perNetworkHour: 1 }, { ip: '198.51.100.1' }],
])('who is refused because of %s has lost nothing of his own', async (_what, rules, full) => {
  limits = withRules(rules)
  await stranger(full)
  for (let tries = 0; tries < 20; tries += 1) expect(await spend({ ...full })).toMatchObject({ ok: false })
  // Elsewhere than what is full, all five of the hour are left, and the first waits no longer than a first does.
  const free = { country: 'BE', numberKey: 'other', ip: '203.0.113.1' }
  limits = withRules()
  now += 29 * SECOND
  expect(await spend(free)).toEqual({ ok: true, resendAt: now + 30 * SECOND })
  now += 29 * SECOND
  expect(await spend(free)).toMatchObject({ reason: 'wait' })
  for (let sent = 1; sent < 5; sent += 1) {
    now += 2 * MINUTE
    expect(await spend(free)).toMatchObject({ ok: true })
  }
})

test('an attacker over his own limits costs a victim’s number, the network and the country nothing', async () => {
  const reach = throttle(store.durable, () => now)
  for (let tries = 0; tries < 50; tries += 1) await spend({ numberKey: 'victim', purpose: `p${tries}` })
  expect(await reach.count('sms/number/victim')).toBe(5)
  expect(await reach.count('sms/network/192.0.2.0/24')).toBe(5)
  expect(await reach.count('sms/country/NL')).toBe(5)
})
