/**
 * Requests that one connection sends without waiting for answers (RFC 9112 section 9.3.2). Node hands all of them over that
 * one read holds, thousands, before anybody else gets a word in. No browser sends them so, nor does any proxy worth the name.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** That may be unanswered on one connection, or answered within one turn of the event loop. */
const MOST = 16

/** What Node's parser takes as: nothing more of what was read is a request. */
const NO_MORE = 2

/** Node hands each request over by this. It is in no documentation, so it may be gone one day: then this costs time again. */
interface Parsed extends Socket {
  parser?: { onIncoming?: (request: IncomingMessage, keepAlive: boolean) => number }
}

/** Counts the request. True if it is one too many: then its connection is closed, and nothing has to be done for it. */
export function pipelining(): (request: IncomingMessage, response: ServerResponse) => boolean {
  const unanswered = new WeakMap<Socket, number>()

  return ({ socket }, response) => {
    const count = (unanswered.get(socket) ?? 0) + 1
    if (count > MOST) {
      socket.destroy()
      return true
    }
    unanswered.set(socket, count)
    // Not before the next turn: what is answered at once would never be counted.
    const forget = () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1)
    response.once('close', () => setImmediate(forget))
    return false
  }
}

/** Of a connection that we closed nothing more is read: Node would go on to the end of what it has at hand. */
export function readNoMoreOfClosed(server: Server): void {
  server.on('connection', (socket: Parsed) => {
    const { parser } = socket
    const handOver = parser?.onIncoming
    if (!parser || !handOver) return
    parser.onIncoming = (request, keepAlive) => (socket.destroyed ? NO_MORE : handOver.call(parser, request, keepAlive))
  })
}
