/**
 * What is known of a request before anything looks at it, and the cleaning that makes the rest safe to rely on: after
 * this, scheme and host are the configured issuer's and the client address is one we trust, whatever was sent.
 */
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Source } from '../audit/audit.ts'
import { type RequestSource, sourceOf as rememberedSource, rememberSource } from '../audit/source.ts'
import { fresh } from '../lib/crypto.ts'
import { readTraceparent } from '../lib/trace-context.ts'

/** Address and reference number: the one on error pages and in log lines, eight letters and digits that can be read out. */
export function factsOf(request: IncomingMessage): RequestSource {
  const known = rememberedSource(request)
  if (!known) throw new Error('request was not received by the front door')
  return known
}

/** What the audit trail says of where a request came from. */
export function sourceOf(ctx: { req: IncomingMessage }): Source {
  return factsOf(ctx.req)
}

// No letters that are taken for digits. 32 of them, so that a byte picks each as often as any other.
const READABLE = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** Headers in which a proxy says what it saw. */
const OF_PROXIES = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-real-ip',
]

/** Headers in which a proxy says what it calls the request: anybody may send them, so they are read where one is trusted. */
const OF_TRACES = ['traceparent', 'tracestate', 'x-request-id']
const REQUEST_ID = /^[\w.-]{1,64}$/

/** For `OPTIONS *`: the server as a whole (RFC 9112 section 3.2.4). */
export const WHOLE_SERVER = '*'

/**
 * Takes a request in; from then on its target is a path, or `WHOLE_SERVER`. False if it names nothing here, or has more
 * than one Host (RFC 9112 section 3.2): a proxy in front may have gone by the other one.
 */
export function receive(request: IncomingMessage, issuer: URL, trustedProxies: number): boolean {
  const correlation = Array.from(fresh(8), (byte) => READABLE[byte % READABLE.length]).join('')
  const ip = clientAddress(request, trustedProxies)
  rememberSource(request, trustedProxies > 0 ? { ip, correlation, ...namedBefore(request) } : { ip, correlation })
  for (const name of OF_PROXIES) if (name in request.headers) delete request.headers[name]
  if (trustedProxies === 0) for (const name of OF_TRACES) if (name in request.headers) delete request.headers[name]
  request.headers.host = issuer.host
  request.headers['x-forwarded-proto'] = issuer.protocol.slice(0, -1)
  const target = targetOf(request)
  request.url = target ?? request.url
  return target !== undefined && hosts(request) <= 1
}

/** Whatever is not of its form is left out, also where it came twice: Node has put a comma in between. */
function namedBefore({ headers }: IncomingMessage): Pick<Source, 'trace' | 'requestId'> {
  const id = headers['x-request-id']
  return {
    trace: readTraceparent(headers.traceparent)?.trace,
    requestId: typeof id === 'string' && REQUEST_ID.test(id) ? id : undefined,
  }
}

/** How many headers `Host` came: Node keeps the first of several and says nothing. */
function hosts({ rawHeaders }: IncomingMessage): number {
  let count = 0
  // Names and values take turns.
  for (let n = 0; n < rawHeaders.length; n += 2) {
    const name = rawHeaders[n] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1
  }
  return count
}

/** In absolute-form, which every server has to take, scheme and authority say no more than the Host (section 3.2.2). */
function targetOf({ method, url = '' }: IncomingMessage): string | undefined {
  if (url.startsWith('/')) return url
  const absolute = /^https?:\/\/[^/?#]+([^#]*)/i.exec(url)
  const target = absolute ? absolute[1] : url
  if (method === 'OPTIONS' && (target === '' || target === '*')) return WHOLE_SERVER
  if (!absolute || target === undefined) return undefined
  return target.startsWith('/') ? target : `/${target}`
}

/** The address that the outermost trusted proxy saw. What strangers write into the header stands further left. */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  const socket = request.socket.remoteAddress ?? 'unknown'
  if (trustedProxies === 0) return socket
  const header = request.headers['x-forwarded-for']
  const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((hop) => hop.trim())
  return addressIn(hops.at(-trustedProxies) ?? '') ?? socket
}

/** Proxies write `192.0.2.1`, `192.0.2.1:50123`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:50123`. */
function addressIn(hop: string): string | undefined {
  const bare = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop)?.[1]
  const candidates = bare === undefined ? [hop, hop.replace(/:\d{1,5}$/, '')] : [bare]
  return candidates.find((candidate) => isIP(candidate) > 0)
}
