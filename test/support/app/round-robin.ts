/**
 * A proxy in front of several nodes that hands each request to the next one in turn: no two requests of one sitting,
 * nor the two halves of a step, meet the same node. It adds nothing and keeps nothing.
 */
import { request as ask, createServer, type Server } from 'node:http'

export interface RoundRobin {
  server: Server
  /** Ports of the nodes that get requests; may be changed at any time. */
  nodes: number[]
  /** How many requests each port has had. */
  served: Map<number, number>
}

/** `toFirst` says which paths only the first node can answer. */
export function roundRobin(ports: number[], toFirst: (path: string) => boolean = () => false): RoundRobin {
  const served = new Map<number, number>()
  const proxy: RoundRobin = { nodes: ports, served, server: createServer() }
  let turn = 0

  function next(path: string): number | undefined {
    if (toFirst(path)) return proxy.nodes[0]
    turn += 1
    return proxy.nodes[turn % proxy.nodes.length]
  }

  proxy.server.on('request', (request, response) => {
    const port = next(request.url ?? '')
    served.set(port ?? 0, (served.get(port ?? 0) ?? 0) + 1)
    const { method, url, rawHeaders } = request
    const passed = ask({
      host: '127.0.0.1',
      port,
      method,
      path: url,
      headers: rawHeaders,
      setHost: false,
      agent: false,
    })
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
      // Cut short there, it is cut short here.
      answer.on('error', () => response.destroy())
    })
    passed.on('error', () => {
      if (response.headersSent) response.destroy()
      else response.writeHead(502, { 'content-type': 'text/plain' }).end('Bad gateway\n')
    })
    response.on('close', () => passed.destroy())
    request.pipe(passed)
  })
  return proxy
}
