/** Spans, for whoever runs an OpenTelemetry SDK beside the product: one tree of a sign-in, and nothing secret in it. */
import { EventEmitter } from 'node:events'
import { Server } from 'node:http'
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { traceparentOf } from '../../../src/lib/trace-context.ts'
import { detectTracing } from '../../../src/lib/tracing.ts'
import { clockOfEachTest } from '../../support/app/clock.ts'
import { EMAIL, PASSWORD, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { codeOf } from '../../support/people/second-factor.ts'
import { due, oblige, startsOf } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const exporter = new InMemorySpanExporter()

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  // The files after this one share what it has imported.
  return () => {
    trace.disable()
    context.disable()
    detectTracing()
  }
})

const all = forAllTests(() => world({ settings: { trustedProxies: 1 } }))
const house = forAllTests(() => relyingParty(all, 'house'))

clockOfEachTest()
beforeEach(async () => {
  while ((await all.app.drain()) > 0);
  exporter.reset()
})

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const named = (trace: string) => ({ traceparent: traceparentOf({ trace, parent: PARENT, sampled: true }) })

const spans = () => exporter.getFinishedSpans()
const names = () => spans().map(({ name }) => name)

/** The span of a request ends when its answer has left. */
async function untilThere(name: string): Promise<void> {
  await vi.waitFor(() => expect(names()).toContain(name))
}

test('a sign-in in the trace of a proxy is one tree, down to the store and the hash', async () => {
  const who = await startsOf(all.app, house).enrolled()
  const mine = new Person({ headers: named(TRACE) })
  exporter.reset()
  const request = await house.request()
  await mine.visit(request.url.href)
  const secrets = [
    EMAIL,
    PASSWORD,
    who.email,
    request.state,
    request.nonce,
    new URL(mine.page.url).pathname.split('/')[2],
  ]
  await mine.submit({ email: who.email, password: PASSWORD })
  expect(due(mine)).toBe('code')
  await oblige({ ...who, browser: mine })
  const code = new URL(mine.page.url).searchParams.get('code') ?? ''
  const tokens = await house.redeem(mine.page.url, request)
  await untilThere('POST /token')
  secrets.push(code, tokens.access_token, tokens.id_token, tokens.refresh_token, house.secret)
  if (who.enrolled) secrets.push(codeOf(who.enrolled.key, Date.now()))

  const its = spans().filter((span) => span.spanContext().traceId === TRACE)
  const known = new Set([PARENT, ...its.map((span) => span.spanContext().spanId)])
  for (const span of its) expect(known).toContain(span.parentSpanContext?.spanId)
  const told = its.map(({ name }) => name)
  expect(told).toEqual(expect.arrayContaining(['GET /auth', 'password.hash', 'store sqlite appendAudit']))
  expect(its.find(({ name }) => name === 'GET /auth')).toMatchObject({
    kind: 1,
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/auth',
      'http.response.status_code': 303,
      'sigma.client': 'house',
      'sigma.sign_in': expect.stringMatching(/^[A-Z2-9]{12}$/),
    },
  })
  // What the request of a page asked of the store is within it, and within no other.
  for (const span of its.filter(({ name }) => name.startsWith('store ')))
    expect(span.parentSpanContext?.spanId).not.toBe(PARENT)
  const text = JSON.stringify(spans().map(({ name, attributes, events, status }) => [name, attributes, events, status]))
  for (const secret of secrets) expect(text).not.toContain(secret ?? 'nothing')
  expect(text).not.toMatch(/127\.0\.0\.1|@/)
})

test('a mail that a request asked for is sent in its trace, however much later', async () => {
  const sanne = new Person({ headers: named(TRACE) })
  await sanne.visit(`${all.app.origin}/recover`)
  await sanne.submit({ email: EMAIL })
  await untilThere('POST /recover')
  while ((await all.app.drain()) > 0);
  const byId = new Map(spans().map((span) => [span.spanContext().spanId, span]))
  const mail = spans().find(({ name }) => name === 'mail.send')
  const link = byId.get(mail?.parentSpanContext?.spanId ?? '')
  const request = byId.get(link?.parentSpanContext?.spanId ?? '')
  expect([mail, link, request].map((span) => [span?.name, span?.spanContext().traceId])).toEqual([
    ['mail.send', TRACE],
    ['link.send', TRACE],
    ['POST /recover', TRACE],
  ])
  expect(JSON.stringify(spans().map(({ attributes }) => attributes))).not.toContain(EMAIL)
})

test('a line of the log has the trace of the span that it was written in, and so has the trail', async () => {
  const before = all.app.logged.length
  await fetch(`${all.app.origin}/token`, { method: 'POST' })
  await untilThere('POST /token')
  const own = spans()
    .find(({ name }) => name === 'POST /token')
    ?.spanContext().traceId
  const lines = all.app.logged.slice(before).map((line) => JSON.parse(line))
  expect(lines.map(({ msg, trace }) => [msg, trace])).toEqual([
    ['provider', own],
    ['request', own],
  ])
  const [last] = await all.app.core.store.durable.listAudit({ limit: 1 })
  expect(last).toMatchObject({ type: 'token.refused', details: { trace: own } })
})

test('where an instrumentation of the server of Node has begun a span, a request is a step within it', async () => {
  const begun = trace.getTracer('instrumentation').startSpan('GET')
  const emit = vi.spyOn(Server.prototype, 'emit')
  onTestFinished(() => emit.mockRestore())
  emit.mockImplementation(function (this: Server, ...given: unknown[]) {
    const go = () => EventEmitter.prototype.emit.apply(this, given as [string])
    return given[0] === 'request' ? context.with(trace.setSpan(ROOT_CONTEXT, begun), go) : go()
  })
  await fetch(`${all.app.origin}/recover`, { headers: named(TRACE) })
  await untilThere('GET /recover')
  const [span] = spans().filter(({ name }) => name === 'GET /recover')
  expect(span).toMatchObject({ kind: 0, parentSpanContext: { spanId: begun.spanContext().spanId } })
})

describe('what became of a request', () => {
  test.each([
    ['an address of no page', 'GET', '/no/such', 'GET other', 404],
    ['a method that nobody knows', 'PROPFIND', '/token', 'HTTP /token', 404],
    ['a page with an id in its path', 'GET', '/interaction/abcdefghijklmnopqrstu', 'GET /interaction/:uid', 400],
  ])('%s', async (_what, method, path, name, status) => {
    await fetch(`${all.app.origin}${path}?code=secret`, { method })
    await untilThere(name)
    const span = spans().find((one) => one.name === name)
    expect(span?.attributes['http.response.status_code']).toBe(status)
    expect(JSON.stringify(span?.attributes)).not.toMatch(/secret|abcdefghijklmnopqrstu/)
  })

  test('many at once: each has its own, and nothing of another', async () => {
    const traces = Array.from({ length: 20 }, (_, n) => `${String(n + 1).padStart(32, '0')}`)
    await Promise.all(traces.map((trace) => fetch(`${all.app.origin}/recover`, { headers: named(trace) })))
    await vi.waitFor(() => expect(names().filter((name) => name === 'GET /recover')).toHaveLength(20))
    for (const trace of traces) {
      const its = spans().filter((span) => span.spanContext().traceId === trace)
      expect(its.filter(({ name }) => name === 'GET /recover')).toHaveLength(1)
    }
  })

  test('a header that is not in order begins a trace of its own', async () => {
    await fetch(`${all.app.origin}/recover`, { headers: { traceparent: `00-${TRACE.toUpperCase()}-${PARENT}-01` } })
    await untilThere('GET /recover')
    const [span] = spans().filter(({ name }) => name === 'GET /recover')
    expect(span?.parentSpanContext).toBeUndefined()
    expect(span?.spanContext().traceId).not.toBe(TRACE)
  })
})
