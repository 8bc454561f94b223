/**
 * Discovery and keys, answered before anything else looks at a request: applications ask for them again and again, and
 * everybody is told the same. What the library says of other methods, and at other spellings of the address, it says itself.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Published } from '../oidc/published.ts'
import { generalHeaders } from './headers.ts'
import type { RequestLine } from './request-line.ts'

export interface PublishedDoorParts {
  published: (request: IncomingMessage) => Published | undefined
  line: RequestLine
  /** The issuer is reached by https. */
  secure: boolean
}

/** True if the request was answered. */
export type PublishedDoor = (request: IncomingMessage, response: ServerResponse) => boolean

export function publishedDoor({ published, line, secure }: PublishedDoorParts): PublishedDoor {
  const general = generalHeaders(secure)
  return (request, response) => {
    const { method, url = '' } = request
    if (method !== 'GET' && method !== 'HEAD') return false
    const file = published(request)
    if (!file) return false
    line(request, response, () => url)
    response.writeHead(200, {
      ...general(request),
      // Any script may read them (Fetch, section on CORS).
      Vary: 'Origin',
      'Access-Control-Allow-Origin': request.headers.origin || '*',
      'Content-Type': file.type,
      'Content-Length': file.length,
    })
    response.end(method === 'HEAD' ? undefined : file.body)
    return true
  }
}
