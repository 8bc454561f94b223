/** Where no SDK is there: nothing is made, and what a proxy calls the trace still reaches those whom we call. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { unwrap, wrapper } from '../../../src/delivery/queue.ts'
import { keyring, sealer } from '../../../src/lib/crypto.ts'
import { readTraceparent, traceparentOf } from '../../../src/lib/trace-context.ts'
import {
  activeTrace,
  continued,
  currentTraceparent,
  detectTracing,
  inSpan,
  inUpstream,
  requestSpan,
} from '../../../src/lib/tracing.ts'
import { storeSpans } from '../../../src/store/observed.ts'

const root = resolve(import.meta.dirname, '../../..')
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const HEADER = traceparentOf({ trace: TRACE, parent: '00f067aa0ba902b7', sampled: true })

beforeAll(() => void detectTracing())

test('there is none unless somebody registered one, and then work is the work itself', async () => {
  expect(detectTracing()).toBe(false)
  const work = Promise.resolve(5)
  expect(inSpan('password.hash', () => work)).toBe(work)
  expect(continued('mail.send', undefined, () => work)).toBe(work)
  expect([requestSpan(HEADER), storeSpans(), activeTrace(), currentTraceparent()]).toEqual([
    undefined,
    [],
    {},
    undefined,
  ])
})

describe('the trace of a proxy', () => {
  test('goes on in each call, with a number of its own', async () => {
    const [first, second] = await inUpstream(HEADER, async () => {
      await nextTurn()
      return [readTraceparent(currentTraceparent()), readTraceparent(currentTraceparent())]
    })
    expect([first, second]).toMatchObject([
      { trace: TRACE, sampled: true },
      { trace: TRACE, sampled: true },
    ])
    expect(new Set([first?.parent, second?.parent, '00f067aa0ba902b7']).size).toBe(3)
    expect(currentTraceparent()).toBeUndefined()
  })

  test('of many at once: each its own', async () => {
    const traces = Array.from({ length: 50 }, (_, n) => String(n + 1).padStart(32, '0'))
    const seen = await Promise.all(
      traces.map((trace) =>
        inUpstream(traceparentOf({ trace, sampled: false }), async () => {
          for (let turn = 0; turn < 3; turn += 1) await nextTurn()
          return readTraceparent(currentTraceparent())?.trace
        }),
      ),
    )
    expect(seen).toEqual(traces)
  })

  test('is in the parcel that is put in the queue, and on when it is delivered; without one nothing is added', async () => {
    const seal = sealer(keyring([{ id: 'k', key: Buffer.alloc(32, 7) }]), 'records')
    const wrap = wrapper(seal, () => 5)
    const content = { to: '+31612345678', text: 'hello' }
    const traced = inUpstream(HEADER, () => unwrap(seal, { ...wrap('sms', content), channel: 'sms' }))
    expect(readTraceparent(traced.traceparent)?.trace).toBe(TRACE)
    expect(unwrap(seal, { ...wrap('sms', content), channel: 'sms' })).toEqual(content)
    const sent = await continued('sms.send', traced.traceparent, async () => readTraceparent(currentTraceparent()))
    expect(sent?.trace).toBe(TRACE)
  })
})

test('no SDK comes along: the API is known to one file, and all else of it is for development', () => {
  const importers = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[jt]s$/.test(name))
    .filter((name) => readFileSync(join(root, 'src', name), 'utf8').includes("'@opentelemetry/"))
  expect(importers).toEqual(['lib/tracing.ts'])
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>
  }
  const inProduction = Object.entries(packages).filter(([name, { dev }]) => name.includes('@opentelemetry/') && !dev)
  expect(inProduction.map(([name]) => name)).toEqual(['node_modules/@opentelemetry/api'])
})
