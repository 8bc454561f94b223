/** What a proxy calls a trace goes along to the applications that we call for its request. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { readTraceparent, traceparentOf } from '../../../src/lib/trace-context.ts'
import { inUpstream } from '../../../src/lib/tracing.ts'
import { egress } from '../../../src/oidc/egress.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

test('keys of an application are fetched, and it is told of a sign-out, in the trace, with the other headers as they were', async () => {
  const seen: Array<Record<string, unknown>> = []
  const server = createServer(({ headers }, response) => {
    seen.push(headers)
    response.end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const call = () => egress([origin])(`${origin}/jwks`, { headers: new Headers({ accept: 'application/json' }) })
  await inUpstream(traceparentOf({ trace: TRACE, sampled: false }), call)
  await call()
  expect(readTraceparent(seen[0]?.traceparent)).toMatchObject({ trace: TRACE, sampled: false })
  expect(seen.map(({ accept, traceparent }) => [accept, typeof traceparent])).toEqual([
    ['application/json', 'string'],
    ['application/json', 'undefined'],
  ])
})
