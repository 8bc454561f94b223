/**
 * The web front end, in the order in which a request meets it, and the HTTP server around it with its limits.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import Router, { type RouterMiddleware } from '@koa/router'
import Koa, { type Middleware, type ParameterizedContext } from 'koa'
import type { CookieSigner } from '../lib/cookie-signer.ts'
import { listener, unanswered } from '../lib/listener.ts'
import type { Log } from '../lib/log.ts'
import { asUnit } from '../lib/unit-of-work.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { doorAt } from '../oidc/doors.ts'
import { type CrowdDoorParts, crowdDoor } from './crowd-door.ts'
import { sameOriginOnly } from './csrf.ts'
import type { ErrorPages } from './errors.ts'
import { securityHeaders } from './headers.ts'
import type { Pages } from './page.ts'
import { pipelining, readNoMoreOfClosed } from './pipelining.ts'
import { type ProgramDoorParts, programDoor, unsay } from './program-door.ts'
import { type ProviderDoorParts, providerDoor } from './provider-door.ts'
import { type PublishedDoorParts, publishedDoor } from './published-door.ts'
import { receive, WHOLE_SERVER } from './request.ts'
import { requestLine } from './request-line.ts'
import { inTrace } from './request-trace.ts'

export interface ServerParts {
  issuer: string
  trustedProxies: number
  /** The provider's and ours must have the same keys. */
  cookieSigner: CookieSigner
  errors: ErrorPages
  routers: Router[]
  pages: Pages
  /** Whatever no page of ours answers. */
  provider?: Pick<ProviderDoorParts, 'provider' | 'tell'> & Pick<PublishedDoorParts, 'published'>
  /** Where strangers sign in, and too many may come. */
  crowd?: CrowdDoorParts
  metrics: Metrics
  log: Log
}

const MOST_HEADERS = 100
/** Headers of an answer that is given before there is a page. */
const PLAIN = {
  'Content-Type': 'text/plain; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
  Connection: 'close',
}

export function webServer(parts: ServerParts): Server {
  const issuer = new URL(parts.issuer)
  const secure = issuer.protocol === 'https:'
  const line = requestLine(parts)
  const app = new Koa({ proxy: true })
  app.keys = parts.cookieSigner
  app.use((ctx, next) => {
    line(ctx.req, ctx.res, () => routeOf(ctx))
    return next()
  })
  app.use(securityHeaders(secure))
  app.use(parts.errors.catchFaults)
  app.use(unitOfWork)
  app.use(ownPages(parts))
  const { provider, pages } = parts
  if (provider) app.use(providerDoor({ ...provider, pages }))
  app.on('error', unanswered(parts.log))

  const answer = provider && publishedDoor({ published: provider.published, line, secure })
  const program = provider && programDoor({ provider: provider.provider, line, secure, refuse: refusals(parts) })
  const page = app.callback()
  const handle = (request: IncomingMessage, response: ServerResponse) =>
    program?.(request, response) || void page(request, response)
  const door =
    parts.crowd && crowdDoor(parts.crowd, handle, (request, response) => app.createContext(request, response))
  const enter = door?.enter ?? handle
  const isTooMany = pipelining()
  const come = (request: IncomingMessage, response: ServerResponse) =>
    answer?.(request, response) || void enter(request, response)
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      // Together with the interval of the check: closed after 15 s at the latest.
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: 5_000,
    },
    (request, response) => {
      if (isTooMany(request, response)) return
      if (request.rawHeaders.length > 2 * MOST_HEADERS) {
        response.writeHead(431, PLAIN).end('Too many headers\n')
        return
      }
      if (!receive(request, issuer, parts.trustedProxies)) {
        response.writeHead(400, PLAIN).end('Bad request\n')
        return
      }
      if (request.url === WHOLE_SERVER) {
        response.writeHead(204).end()
        return
      }
      inTrace(request, response, come)
    },
  )
  // Not Node's own limit: it would leave out the surplus without a word, and what a proxy adds comes last.
  server.maxHeadersCount = 0
  server.maxConnections = 5_000
  server.setTimeout(60_000)
  readNoMoreOfClosed(server)
  if (door) server.on('connection', door.connected)
  server.on('clientError', listener(parts.log, 'clientError', refuse))
  return server
}

/**
 * Our routers behind the guard that forms come from our own pages; the provider guards its forms by itself. A router tries
 * its routes one after the other, so only those are asked that have an address with the same first segment.
 */
function ownPages({ routers }: ServerParts): Middleware {
  const bySegment = new Map<string, Middleware>()
  for (const segment of new Set(routers.flatMap(firstSegments))) {
    const together = new Router().use(sameOriginOnly as RouterMiddleware)
    for (const router of routers) if (firstSegments(router).includes(segment)) together.use(router.routes())
    bySegment.set(segment, together.routes() as unknown as Middleware)
  }
  return (ctx, next) => bySegment.get(firstSegment(ctx.path))?.(ctx, next) ?? next()
}

function firstSegments({ stack }: Router): string[] {
  return stack.filter(({ methods }) => methods.length > 0).map(({ path }) => firstSegment(String(path)))
}

/** Routes do not tell capitals from small letters. */
function firstSegment(path: string): string {
  return path.split('/', 2)[1]?.toLowerCase() ?? ''
}

/** No answer leaves before what it says is durable, and none gives a cookie of what was not kept. */
const unitOfWork: Middleware = (ctx, next) => asUnit(next, () => unsay(ctx.res))

/** The faults of requests that meet no page of ours are answered as those of pages are. */
function refusals({ errors, cookieSigner, log }: ServerParts): ProgramDoorParts['refuse'] {
  const faults = new WeakMap<IncomingMessage, unknown>()
  const app = new Koa({ proxy: true })
  app.keys = cookieSigner
  app.use(errors.catchFaults)
  app.use(({ req }) => {
    throw faults.get(req)
  })
  app.on('error', unanswered(log))
  const answer = app.callback()
  return (request, response, fault) => {
    faults.set(request, fault)
    return answer(request, response)
  }
}

/** The pattern of one of our pages, or the address of a door of the provider. */
function routeOf(ctx: ParameterizedContext): string {
  const matched = (ctx as { _matchedRoute?: string | RegExp })._matchedRoute
  return typeof matched === 'string' ? matched : (doorAt(ctx.path)?.door.path ?? 'other')
}

/** What never became a request: too large, too slow, malformed (RFC 9110 section 15.5). */
function refuse(fault: NodeJS.ErrnoException, socket: import('node:stream').Duplex): void {
  const statuses: Record<string, string> = {
    HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
    ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  }
  if (socket.writable && fault.code !== 'ECONNRESET') {
    socket.write(
      `HTTP/1.1 ${statuses[fault.code ?? ''] ?? '400 Bad Request'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    )
  }
  socket.destroy()
}
