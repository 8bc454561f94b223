/**
 * One line in the log and one count for each request: no query, cookie or token in it, and no part of a path that is an id.
 * No client address either: a log has no end after 90 days. By the correlation it is found in the trail, while it is there.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { listener } from '../lib/listener.ts'
import { knownLines, type Log } from '../lib/log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { factsOf } from './request.ts'

/** To be called as a request begins; `route` is asked when it is over. */
export type RequestLine = (request: IncomingMessage, response: ServerResponse, route: () => string) => void

export function requestLine({ metrics, log }: { metrics: Metrics; log: Log }): RequestLine {
  const write = knownLines(log)
  return (request, response, route) => {
    const started = performance.now()
    factsOf(request).route = route
    const record = () => {
      const milliseconds = Math.round(performance.now() - started)
      const { method = '' } = request
      const { correlation, signIn, trace, requestId, client } = factsOf(request)
      const line = { method, route: route(), status: response.statusCode }
      metrics.countRequest({ ...line, seconds: milliseconds / 1000 })
      write({ correlation, ...line, milliseconds, client, signIn, trace, requestId }, 'request')
    }
    response.once('close', listener(log, 'close', record))
  }
}
