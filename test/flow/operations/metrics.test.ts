/** What a scrape of a real server tells, before and after people came. */
import { beforeAll, describe, expect, test } from 'vitest'
import { SECOND } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { promtool, scraped, valuesOf } from '../../support/monitoring/exposition.ts'
import { invite } from '../../support/people/organizations.ts'
import { Person } from '../../support/people/person.ts'
import { codeOf, press } from '../../support/people/second-factor.ts'
import { authorize, halfSignedIn, someVictim, startTwoStep } from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { describeWith } from '../../support/services/services.ts'

const EMAIL = 'sanne@sigma.example'
const PASSWORD = 'vier losse woorden samen'

let at = Date.now()
const app = forAllTests(() => startApp({ now: () => at }))
const fresh = forAllTests(() => scraped(app))

beforeAll(async () => {
  await invite(app, { email: EMAIL, name: 'Sanne de Vries', locale: 'nl', organization: 'Bakkerij' })
  const sanne = new Person()
  await sanne.visit(await app.linkFor(EMAIL))
  await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
  await sanne.submit({ email: EMAIL, password: 'not the one' })
  await sanne.submit({ email: EMAIL, password: PASSWORD })
  expect(sanne.page.url).toBe(`${app.portalOrigin}/`)
})

test('a sign-in is counted by what it was, and makes no series that a fresh server does not have', async () => {
  const after = await scraped(app)
  const grown = (name: string) => {
    const before = valuesOf(fresh, name)
    return Object.fromEntries(
      Object.entries(valuesOf(after, name)).filter(([labels, value]) => value !== before[labels]),
    )
  }
  expect(grown('sigma_audit_events_total')).toMatchObject({
    'account.activated ok': 1,
    'sign-in.password ok': 1,
    'sign-in.password refused': 1,
    'sign-in.completed ok': 1,
    'token.issued ok': 1,
  })
  expect(grown('sigma_proofs_total')).toEqual({ password: 1 })
  expect(grown('sigma_deliveries_total')).toEqual({ 'email 1 delivered': 1 })
  const kinds = ['audit_events', 'proofs', 'sign_ins', 'deliveries', 'store_errors']
  const names = kinds.map((kind) => `sigma_${kind}_total`)
  for (const name of names) expect(Object.keys(valuesOf(after, name))).toEqual(Object.keys(valuesOf(fresh, name)))
})

test('each store that is in use tells how long its calls took', async () => {
  const calls = valuesOf(await scraped(app), 'sigma_store_seconds_count')
  const { durable, expiring } = app.core.store.names
  for (const name of [durable, expiring]) expect(calls[`${name} read`]).toBeGreaterThan(0)
  for (const name of [durable, expiring]) expect(calls[`${name} write`]).toBeGreaterThan(0)
  if (durable === 'sqlite') expect(calls['sqlite commit']).toBeGreaterThan(0)
})

test('the age of the oldest mail that waits is that of the scrape', async () => {
  await invite(app, { email: 'joris@sigma.example', name: 'Joris', locale: 'nl', organization: 'Bakkerij' })
  await app.core.counters.refresh()
  at += 300 * SECOND
  const [told, again] = [await scraped(app), await scraped(app)]
  expect(valuesOf(told, 'sigma_queue_waiting')).toEqual({ '': 1 })
  for (const each of [told, again]) expect(valuesOf(each, 'sigma_queue_oldest_seconds')['']).toBeCloseTo(300, -1)
  expect(valuesOf(told, 'sigma_signing_key_age_seconds')['']).toBeGreaterThanOrEqual(300)
})

test('readiness is in the metrics as it was found last', async () => {
  expect(await (await fetch(`${app.operationsOrigin}/readyz`)).text()).toBe('ready\n')
  expect(valuesOf(await scraped(app), 'sigma_ready')).toEqual({ '': 1 })
})

describe('ways of a sign-in', () => {
  clockOfAllTests()
  const twoStep = forAllTests(startTwoStep)

  test('with a code, on a device that was remembered with it, and by the session alone', async () => {
    const { email, key } = await someVictim(twoStep)
    const before = valuesOf(await scraped(twoStep), 'sigma_sign_ins_total')
    const known = await halfSignedIn(twoStep, email)
    await press(known, 'verify', { code: codeOf(key, Date.now()), remember: 'yes' })
    known.cookies = known.cookies.filter(({ name }) => !name.startsWith('sigma-session'))
    await halfSignedIn(twoStep, email, 'payroll', known)
    await known.visit(authorize(twoStep))
    const ways = Object.entries(valuesOf(await scraped(twoStep), 'sigma_sign_ins_total'))
    expect(ways.map(([way, count]) => [way, count - (before[way] ?? 0)])).toEqual([
      ['asked', 1],
      ['device', 1],
      ['silent', 1],
    ])
  })
})

describe('counters', () => {
  test('are all there on a fresh server', () => {
    const counters = [...fresh.metrics].filter(([name, { type }]) => type === 'counter' && name.startsWith('sigma_'))
    expect(counters.length).toBeGreaterThan(4)
    for (const [name] of counters) expect(Object.keys(valuesOf(fresh, name))).not.toEqual([])
  })
})

describeWith(['promtool'], 'promtool', () => {
  test('has nothing to say against the metrics, of a fresh server or of one that people came to', async () => {
    expect(promtool(['check', 'metrics'], fresh.text)).toBe('')
    expect(promtool(['check', 'metrics'], (await scraped(app)).text)).toBe('')
  })
})
