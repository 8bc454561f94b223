/**
 * Ties a request to what the audit trail says of its origin. The provider has its own context objects, but the raw
 * request is the same one, so that is what the source is remembered by.
 */
import type { IncomingMessage } from 'node:http'
import type { Source } from './audit.ts'

const sources = new WeakMap<IncomingMessage, Source>()

export function rememberSource(request: IncomingMessage, source: Source): void {
  sources.set(request, source)
}

export function sourceOf(request: IncomingMessage): Source | undefined {
  return sources.get(request)
}
