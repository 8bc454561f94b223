/** What a scrape tells: of now, out of memory, and whole whatever fails. */
import { expect, test } from 'vitest'
import { type AuditEvent, EVENTS } from '../../../src/audit/audit.ts'
import { SECOND } from '../../../src/lib/time.ts'
import { type Metrics, metrics } from '../../../src/metrics/metrics.ts'
import { REASONS, type Trouble } from '../../../src/metrics/readiness.ts'

const NOON = Date.UTC(2026, 10, 30, 12)

function opened() {
  let at = NOON
  const counters = metrics({ version: '1.2.3', store: 'embedded' }, () => at)
  return {
    counters,
    pass: (seconds: number) => {
      at += seconds * SECOND
    },
  }
}

/** The values of all series whose name begins so, by what stands in front of them. */
async function series(counters: Metrics, beginning: string): Promise<Record<string, number>> {
  const { text } = await counters.expose()
  const lines = text.split('\n').filter((line) => line.startsWith(beginning))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]))
}

test('which build it is', async () => {
  const { counters } = opened()
  expect(await series(counters, 'sigma_build_info')).toEqual({
    [`sigma_build_info{version="1.2.3",node_version="${process.versions.node}",store="embedded"}`]: 1,
  })
})

test('every event and every attempt to deliver is there from the start, at 0', async () => {
  const { counters } = opened()
  const events = await series(counters, 'sigma_audit_events_total')
  for (const type of EVENTS) expect(Object.keys(events).filter((name) => name.includes(`"${type}"`))).not.toEqual([])
  const all = {
    ...events,
    ...(await series(counters, 'sigma_deliveries')),
    ...(await series(counters, 'sigma_proofs')),
    ...(await series(counters, 'sigma_sign_ins')),
  }
  expect(Object.keys(all).length).toBeGreaterThan(100)
  expect(Object.entries(all).filter(([, value]) => value !== 0)).toEqual([])
})

test('an event is counted once, in the series that was there', async () => {
  const { counters } = opened()
  const before = Object.keys(await series(counters, 'sigma_'))
  counters.countEvent({ type: 'sign-in.password', outcome: 'ok' })
  counters.countEvent({ type: 'sign-in.password', outcome: 'refused' })
  counters.countEvent({ type: 'sign-in.second-factor', outcome: 'ok', details: { method: 'totp' } })
  counters.countEvent({ type: 'sign-in.second-factor', outcome: 'refused', details: { method: 'totp' } })
  const after = await series(counters, 'sigma_')
  expect(Object.keys(after)).toEqual(before)
  expect(Object.entries(after).filter(([name, value]) => value !== 0 && /events|proofs/.test(name))).toEqual([
    ['sigma_audit_events_total{type="sign-in.password",outcome="ok"}', 1],
    ['sigma_audit_events_total{type="sign-in.password",outcome="refused"}', 1],
    ['sigma_audit_events_total{type="sign-in.second-factor",outcome="ok"}', 1],
    ['sigma_audit_events_total{type="sign-in.second-factor",outcome="refused"}', 1],
    ['sigma_proofs_total{method="password"}', 1],
    ['sigma_proofs_total{method="totp"}', 1],
  ])
})

test.each<[way: string, AuditEvent['details'], AuditEvent['repeats']]>([
  ['asked', { amr: 'pwd' }, undefined],
  ['asked', { amr: 'pwd device totp mfa' }, undefined],
  ['device', { amr: 'pwd device' }, undefined],
  ['silent', { amr: 'pwd' }, { by: 'a session', rule: 'daily' }],
  ['silent', { amr: 'pwd device' }, { by: 'a session', rule: 'daily' }],
])('a sign-in is counted once, as %s: %j', async (way, details, repeats) => {
  const { counters } = opened()
  counters.countEvent({ type: 'sign-in.completed', outcome: 'ok', details, repeats })
  const ways = ['asked', 'device', 'silent'].map((each) => [
    `sigma_sign_ins_total{way="${each}"}`,
    each === way ? 1 : 0,
  ])
  expect(await series(counters, 'sigma_sign_ins_total')).toEqual(Object.fromEntries(ways))
})

test.each<[attempt: number, told: string]>([
  [1, '1'],
  [3, '3'],
  [4, '4+'],
  [40, '4+'],
])('attempt %i to deliver is counted as %s', async (attempt, told) => {
  const { counters } = opened()
  counters.countDelivery('email', attempt, 'postponed')
  const name = `sigma_deliveries_total{kind="email",attempt="${told}",outcome="postponed"}`
  expect(await series(counters, name)).toEqual({ [name]: 1 })
})

test('a duration is counted in each bucket that it is not above, up to thirty seconds', async () => {
  const { counters } = opened()
  for (const seconds of [0.005, 0.3, 29, 31]) counters.countRequest({ method: 'GET', route: '/', status: 200, seconds })
  const told = await series(counters, 'sigma_http_request_seconds')
  const of = (part: string) => Object.entries(told).flatMap(([name, value]) => (name.includes(part) ? [value] : []))
  expect(of('_bucket')).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 4])
  expect(of('_count')).toEqual([4])
  expect(of('_sum')[0]).toBeCloseTo(60.305)
})

test('a method that somebody made up gets no series of its own', async () => {
  const { counters } = opened()
  for (const method of ['BREW', 'PROPFIND']) counters.countRequest({ method, route: '/', status: 404, seconds: 0 })
  const names = Object.keys(await series(counters, 'sigma_http_request_seconds_count'))
  expect(names).toEqual(['sigma_http_request_seconds_count{method="other",route="/",status="4xx"}'])
})

test('a store’s calls are told by kind, and what it did not answer by why', async () => {
  const { counters } = opened()
  for (const call of ['people.find', 'listAudit', 'people.change', 'enqueue', 'sweepArtifacts', 'verifyAudit', 'ping'])
    counters.observeStore('mongodb', call)(20 * SECOND, 'ok')
  const tell = counters.observeStore('mongodb', 'people.find')
  for (const outcome of ['refused', 'unavailable', 'unavailable', 'failed'] as const) tell(1, outcome)
  expect(await series(counters, 'sigma_store_seconds_count')).toEqual({
    'sigma_store_seconds_count{store="mongodb",kind="read"}': 6,
    'sigma_store_seconds_count{store="mongodb",kind="write"}': 2,
    'sigma_store_seconds_count{store="mongodb",kind="bulk"}': 2,
    'sigma_store_seconds_count{store="mongodb",kind="ping"}': 1,
  })
  const above = 'sigma_store_seconds_bucket{le="10",store="mongodb",kind="write"}'
  expect(await series(counters, above)).toEqual({ [above]: 0 })
  expect(await series(counters, 'sigma_store_errors_total')).toEqual({
    'sigma_store_errors_total{store="mongodb",kind="unavailable"}': 2,
    'sigma_store_errors_total{store="mongodb",kind="failed"}': 1,
  })
})

test('readiness is told by reason, all of them, and is no before it is known', async () => {
  const { counters } = opened()
  let known: Trouble[] | undefined
  counters.tellReadiness(() => known)
  expect(await series(counters, 'sigma_ready')).toEqual({ sigma_ready: 0 })
  known = []
  expect(await series(counters, 'sigma_ready')).toEqual({ sigma_ready: 1 })
  known = [{ reason: 'redis', text: '' }]
  expect(await series(counters, 'sigma_ready')).toEqual({ sigma_ready: 0 })
  const reasons = await series(counters, 'sigma_not_ready')
  expect(Object.keys(reasons)).toEqual(REASONS.map((reason) => `sigma_not_ready{reason="${reason}"}`))
  expect(Object.entries(reasons).filter(([, value]) => value !== 0)).toEqual([['sigma_not_ready{reason="redis"}', 1]])
})

const OLDEST = {
  name: 'sigma_test_oldest_seconds',
  help: 'test',
  value: (oldest: number | undefined) => oldest,
}

test('what is watched is told as it is at the scrape, and nothing before it was read', async () => {
  const { counters, pass } = opened()
  let at = NOON
  counters.watch('test', async () => NOON - 60 * SECOND, [
    { ...OLDEST, value: (oldest) => (at - (oldest ?? 0)) / SECOND },
  ])
  expect(await series(counters, 'sigma_test')).toEqual({})
  expect(await series(counters, 'sigma_watched')).toEqual({ 'sigma_watched_timestamp_seconds{subject="test"}': 0 })
  await counters.refresh()
  expect(await series(counters, 'sigma_test')).toEqual({ sigma_test_oldest_seconds: 60 })
  at += 15 * SECOND
  pass(15)
  expect(await series(counters, 'sigma_test')).toEqual({ sigma_test_oldest_seconds: 75 })
  expect(await series(counters, 'sigma_watched')).toEqual({
    'sigma_watched_timestamp_seconds{subject="test"}': NOON / SECOND,
  })
})

test('what cannot be read any more stays what it was, and tells how old it is; what is not there is not told', async () => {
  const { counters, pass } = opened()
  const answers = [async () => 7, async () => Promise.reject(new Error('down')), async () => undefined]
  counters.watch('test', () => (answers.shift() ?? answers[0] ?? (async () => 0))(), [OLDEST])
  await counters.refresh()
  pass(10)
  await counters.refresh()
  expect(await series(counters, 'sigma_test')).toEqual({ sigma_test_oldest_seconds: 7 })
  expect(Object.values(await series(counters, 'sigma_watched'))).toEqual([NOON / SECOND])
  await counters.refresh()
  expect(await series(counters, 'sigma_test')).toEqual({})
  expect(Object.values(await series(counters, 'sigma_watched'))).toEqual([NOON / SECOND + 10])
})

test('a reading that hangs holds up neither a scrape nor the others', async () => {
  const { counters } = opened()
  counters.watch('hung', () => new Promise<number>(() => undefined), [{ ...OLDEST, name: 'sigma_hung' }])
  counters.watch('test', async () => 7, [OLDEST])
  void counters.refresh()
  await new Promise(setImmediate)
  expect(await series(counters, 'sigma_test')).toEqual({ sigma_test_oldest_seconds: 7 })
})

test('a metric that fails is left out, and the scrape is there', async () => {
  const { counters } = opened()
  counters.tell('sigma_test_broken', 'test', () => {
    throw new Error('no')
  })
  const told = await series(counters, 'sigma_')
  expect(told).toHaveProperty('sigma_busy_refused_total{door="first"}')
  expect(told).not.toHaveProperty('sigma_test_broken')
})
