/**
 * What is known of a request before anything looks at it, and the cleaning that makes the rest safe to rely on: after
 * this, scheme and host are the configured issuer's and the client address is one we trust, whatever was sent.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Source } from '../audit/audit.ts'
import { rememberSource } from '../audit/source.ts'

export interface Facts {
  /** The reference number on error pages and in log lines: eight letters and digits that can be read out. */
  correlation: string
  ip: string
  /** For scripts of this page (Content-Security-Policy Level 3). */
  nonce: string
}

const facts = new WeakMap<IncomingMessage, Facts>()

export function factsOf(request: IncomingMessage): Facts {
  const known = facts.get(request)
  if (!known) throw new Error('request was not received by the front door')
  return known
}

/** What the audit trail says of where a request came from. */
export function sourceOf(ctx: { req: IncomingMessage }): Source {
  const { ip, correlation } = factsOf(ctx.req)
  return { ip, correlation }
}

// No letters that are taken for digits.
const READABLE = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** Takes a request in. False if its target is not a path of ours (RFC 9112 section 3.2: absolute-form is for proxies). */
export function receive(request: IncomingMessage, issuer: URL, trustedProxies: number): boolean {
  const correlation = Array.from(randomBytes(8), (byte) => READABLE[byte % READABLE.length]).join('')
  const ip = clientAddress(request, trustedProxies)
  facts.set(request, { correlation, ip, nonce: randomBytes(16).toString('base64') })
  rememberSource(request, { ip, correlation })
  for (const name of [
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-forwarded-prefix',
    'x-real-ip',
  ])
    delete request.headers[name]
  request.headers.host = issuer.host
  request.headers['x-forwarded-proto'] = issuer.protocol.slice(0, -1)
  return request.url?.startsWith('/') === true
}

/** The address that the outermost trusted proxy saw. What strangers write into the header stands further left. */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  const socket = request.socket.remoteAddress ?? 'unknown'
  if (trustedProxies === 0) return socket
  const header = request.headers['x-forwarded-for']
  const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((hop) => hop.trim())
  const claimed = hops.at(-trustedProxies)
  return claimed !== undefined && isIP(claimed) > 0 ? claimed : socket
}
