/**
 * A proxy in front of nodes that does what config/Caddyfile says: ends TLS, gives each request to the next node that is
 * ready, looks every second who is, and tries another node only where none could be reached yet. What may have arrived
 * is never sent again.
 */
import { once } from 'node:events'
import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { selfSigned } from '../app/certificate.ts'

export interface Backend {
  name: string
  port: number
  operationsPort: number
}

/** A request that was sent to a node and got no whole answer. */
export interface Broken {
  node: string
  at: number
  method: string
  path: string
}

export interface Balancer {
  origin: string
  /** Names of the nodes that get requests. */
  row(): string[]
  /** Only this node gets requests, ready or not; all that are ready, if undefined. */
  only(name: string | undefined): void
  /** How many requests this node has and has not answered yet. */
  underWay(name: string): number
  broken: Broken[]
  close(): Promise<void>
}

const EVERY = 1000
const HEALTH_PATIENCE = 3000
const DIAL = 2000
const TRY_FOR = 3000
const TRY_AGAIN = 100
const HEADER_PATIENCE = 20_000

export async function balancer(backends: Backend[], port: number): Promise<Balancer> {
  const certificate = selfSigned('localhost')
  const trusted = getCACertificates('default')
  setDefaultCACertificates([...trusted, certificate.cert])
  const ready = new Set<Backend>()
  const broken: Broken[] = []
  const open = new Map<string, number>()
  const closing = new AbortController()
  let alone: string | undefined
  let turn = 0

  async function watch(backend: Backend): Promise<void> {
    while (!closing.signal.aborted) {
      const signal = AbortSignal.timeout(HEALTH_PATIENCE)
      const answer = await fetch(`http://127.0.0.1:${backend.operationsPort}/readyz`, { signal }).catch(() => undefined)
      await answer?.text().catch(() => undefined)
      if (answer?.ok) ready.add(backend)
      else ready.delete(backend)
      await pause(EVERY, undefined, { signal: closing.signal, ref: false }).catch(() => undefined)
    }
  }

  function row(): Backend[] {
    return backends.filter((backend) => (alone === undefined ? ready.has(backend) : backend.name === alone))
  }

  async function reach(): Promise<{ backend: Backend; socket: Socket } | undefined> {
    const until = performance.now() + TRY_FOR
    while (performance.now() < until) {
      const candidates = row()
      turn += 1
      const backend = candidates[turn % candidates.length]
      const socket = backend && (await dial(backend.port))
      if (socket) return { backend, socket }
      await pause(TRY_AGAIN)
    }
    return undefined
  }

  function count({ name }: Backend, more: number): void {
    open.set(name, (open.get(name) ?? 0) + more)
  }

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reached = await reach()
    if (!reached) return away(response)
    const { backend, socket } = reached
    const { method = '', url: path = '' } = request
    const headers = { ...request.headers, 'x-forwarded-for': '192.0.2.1', connection: 'close' }
    const passed = ask({ createConnection: () => socket, method, path, headers, setHost: false })
    const patience = setTimeout(() => passed.destroy(new Error('no answer')), HEADER_PATIENCE)
    passed.on('response', (answer) => {
      clearTimeout(patience)
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
      answer.on('error', () => {
        broken.push({ node: backend.name, at: Date.now(), method, path })
        response.destroy()
      })
    })
    passed.on('error', () => {
      clearTimeout(patience)
      if (!response.closed) broken.push({ node: backend.name, at: Date.now(), method, path })
      if (response.headersSent) response.destroy()
      else away(response)
    })
    count(backend, 1)
    response.on('close', () => {
      count(backend, -1)
      passed.destroy()
    })
    request.pipe(passed)
  }

  const server = createServer(certificate, (request, response) => void pass(request, response))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  for (const backend of backends) void watch(backend)

  return {
    origin: `https://localhost:${port}`,
    row: () => row().map(({ name }) => name),
    only(name) {
      alone = name
    },
    underWay: (name) => open.get(name) ?? 0,
    broken,
    async close() {
      closing.abort()
      setDefaultCACertificates(trusted)
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function dial(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const timer = setTimeout(() => socket.destroy(new Error('no connection')), DIAL)
    socket.once('error', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
  })
}

/** There is no node that could show its own page. */
function away(response: ServerResponse): void {
  if (response.headersSent || response.closed) return
  response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '10' }).end('not possible at the moment\n')
}
