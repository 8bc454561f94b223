/** Whoever fetches our keys or our discovery document does not say who it is: where it came from is told, and how it calls us. */
import type { IncomingMessage } from 'node:http'
import { sourceOf } from '../audit/source.ts'
import type { Tell, Whence } from './observed.ts'
import type { Published } from './published.ts'

export function fetched(tell: Tell, request: IncomingMessage, file: Published['file']): void {
  const whence = whenceOf(request)
  // As it was sent: the front door has put the issuer's in its place.
  const sent = request.rawHeaders[request.rawHeaders.findIndex((name) => name.toLowerCase() === 'host') + 1]
  const as = sent === undefined || sent.toLowerCase() === request.headers.host ? 'ours' : 'other-host'
  if (whence) tell({ what: 'fetched', file, whence, as })
}

export function whenceOf(request: IncomingMessage | undefined): Whence | undefined {
  const source = request && sourceOf(request)
  return source && { ip: source.ip, agent: (request.headers['user-agent'] ?? '').slice(0, 200) }
}
