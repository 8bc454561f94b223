/**
 * Ties a request to what the audit trail says of its origin. The provider has its own context objects, but the raw
 * request is the same one, so that is what the source is remembered by.
 */
import type { IncomingMessage } from 'node:http'
import type { Source } from './audit.ts'

export interface RequestSource extends Source {
  /** client_id of the application that the request is of, for its line in the log, once it is known. */
  client?: string | undefined
  /** The pattern of its address, which is known when it is over. */
  route?: (() => string) | undefined
}

const sources = new WeakMap<IncomingMessage, RequestSource>()

export function rememberSource(request: IncomingMessage, source: Source): void {
  sources.set(request, source)
}

/** What becomes known while the request is under way is added to it. */
export function sourceOf(request: IncomingMessage): RequestSource | undefined {
  return sources.get(request)
}
