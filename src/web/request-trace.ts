/** A request within its trace: a span of it, where somebody keeps spans, and otherwise the trace of a proxy of ours. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { inUpstream, requestSpan } from '../lib/tracing.ts'
import { factsOf } from './request.ts'

type Come = (request: IncomingMessage, response: ServerResponse) => unknown

/** `receive` has taken the request in, and has left a header of a trace only where a proxy is trusted. */
export function inTrace(request: IncomingMessage, response: ServerResponse, come: Come): void {
  const source = factsOf(request)
  const { traceparent } = request.headers
  const from = typeof traceparent === 'string' ? traceparent : undefined
  const span = requestSpan(from)
  if (!span) {
    if (source.trace === undefined) come(request, response)
    else inUpstream(from, () => come(request, response))
    return
  }
  source.trace = span.trace
  response.once('close', () => {
    const { correlation, signIn, client, route } = source
    const about = { 'sigma.correlation': correlation, 'sigma.sign_in': signIn, 'sigma.client': client }
    span.end({ method: request.method ?? '', route: route?.() ?? 'other', status: response.statusCode }, about)
  })
  span.run(() => come(request, response))
}
