/** For operators, on a listener of its own: is it alive, may it get requests, what does it count. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { SECOND } from '../lib/time.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Trouble } from '../metrics/readiness.ts'
import { pipelining, readNoMoreOfClosed } from './pipelining.ts'
import { scrapePlaces, type Timing } from './scrape-places.ts'

export interface OperationsParts {
  /** Why this node should not be sent requests; none if it should. Liveness never depends on it. */
  troubles: () => Promise<Trouble[]>
  metrics: Pick<Metrics, 'expose'>
  timing?: Timing
}

interface Answer {
  status: number
  text: string | Buffer
  type: string
  headers?: Record<string, string>
}

/** Of a connection on which nothing moves. */
const SILENCE = 30 * SECOND
const PLAIN = 'text/plain; charset=utf-8'
const TOO_MANY: Answer = {
  status: 503,
  text: 'too many scrapes at once\n',
  type: PLAIN,
  headers: { 'retry-after': '1' },
}

export function operations({ troubles, metrics, timing }: OperationsParts): Server {
  const scrape = scrapes(metrics)
  const hasPlace = scrapePlaces(timing)
  const isTooMany = pipelining()

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<Answer> {
    const path = (request.url ?? '/').split('?', 1)[0]
    if (path === '/healthz') return { status: 200, text: 'ok\n', type: PLAIN }
    if (path === '/readyz') {
      const found = await troubles()
      if (found.length === 0) return { status: 200, text: 'ready\n', type: PLAIN }
      return { status: 503, text: `not ready\n${found.map(({ text }) => `${text}\n`).join('')}`, type: PLAIN }
    }
    if (path === '/metrics') return hasPlace(request, response) ? scrape() : TOO_MANY
    return { status: 404, text: 'not found\n', type: PLAIN }
  }

  const server = createServer({ maxHeaderSize: 8 * 1024, requestTimeout: 10 * SECOND }, (request, response) => {
    if (isTooMany(request, response)) return
    answer(request, response)
      .catch((): Answer => ({ status: 503, text: 'not available\n', type: 'text/plain' }))
      .then(({ status, text, type, headers }) =>
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers }).end(text),
      )
  })
  server.setTimeout(SILENCE)
  readNoMoreOfClosed(server)
  return server
}

/**
 * A rendering is some hundred kilobytes, and its making some megabytes: those who ask in one turn of the event loop, or while one
 * is being made, get the same, as the same bytes.
 */
function scrapes(metrics: OperationsParts['metrics']): () => Promise<Answer> {
  let rendering: Promise<Answer> | undefined

  async function render(): Promise<Answer> {
    try {
      await new Promise(setImmediate)
      const { text, type } = await metrics.expose()
      return { status: 200, text: Buffer.from(text), type }
    } finally {
      rendering = undefined
    }
  }

  return () => {
    rendering ??= render()
    return rendering
  }
}
