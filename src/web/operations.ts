/** For operators, on a listener of its own: is it alive, may it get requests, what does it count. */
import { createServer, type Server } from 'node:http'
import type { Metrics } from '../metrics/metrics.ts'
import type { Trouble } from '../metrics/readiness.ts'

export interface OperationsParts {
  /** Why this node should not be sent requests; none if it should. Liveness never depends on it. */
  troubles: () => Promise<Trouble[]>
  metrics: Pick<Metrics, 'expose'>
}

export function operations({ troubles, metrics }: OperationsParts): Server {
  async function answer(target: string): Promise<{ status: number; text: string; type: string }> {
    const path = target.split('?', 1)[0]
    const plain = 'text/plain; charset=utf-8'
    if (path === '/healthz') return { status: 200, text: 'ok\n', type: plain }
    if (path === '/readyz') {
      const found = await troubles()
      if (found.length === 0) return { status: 200, text: 'ready\n', type: plain }
      return { status: 503, text: `not ready\n${found.map(({ text }) => `${text}\n`).join('')}`, type: plain }
    }
    if (path === '/metrics') return { status: 200, ...(await metrics.expose()) }
    return { status: 404, text: 'not found\n', type: plain }
  }

  return createServer({ maxHeaderSize: 8 * 1024, requestTimeout: 10_000 }, (request, response) => {
    answer(request.url ?? '/')
      .catch(() => ({ status: 503, text: 'not available\n', type: 'text/plain' }))
      .then(({ status, text, type }) =>
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text),
      )
  })
}
