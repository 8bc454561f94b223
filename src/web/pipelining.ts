/**
 * Requests that one connection sends without waiting for answers (RFC 9112 section 9.3.2). Node hands all of them over that
 * one read holds, thousands, before anybody else gets a word in. No browser sends them so, nor does any proxy worth the name.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** That may be unanswered on one connection. */
const MOST = 16

/** What Node's parser takes as: nothing more of what was read is a request. */
const NO_MORE = 2

/** Node hands each request over by this. It is in no documentation, so it may be gone one day: then this costs time again. */
interface Parsed extends Socket {
  parser?: { onIncoming?: (request: IncomingMessage, keepAlive: boolean) => number }
}

/**
 * Counts the request. True if it is one too many: then its connection is closed, and nothing has to be done for it. Nor for
 * those before it: each is told of the end, as Node tells only the one whose turn it is to be answered.
 */
export function pipelining(): (request: IncomingMessage, response: ServerResponse) => boolean {
  const unanswered = new WeakMap<Socket, Set<ServerResponse>>()

  function watched(socket: Socket): Set<ServerResponse> {
    const open = new Set<ServerResponse>()
    unanswered.set(socket, open)
    socket.once('close', () => {
      for (const response of open) if (response.socket === null) end(response)
    })
    return open
  }

  return ({ socket }, response) => {
    const open = unanswered.get(socket) ?? watched(socket)
    if (open.size >= MOST) {
      socket.destroy()
      return true
    }
    open.add(response)
    response.once('close', () => open.delete(response))
    return false
  }
}

function end(response: ServerResponse): void {
  response.destroy()
  response.emit('close')
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
