/**
 * Closing an HTTP server without cutting anybody off: requests under way are answered, everything else goes at once.
 *
 * Node's own `close` waits for connections on which nothing was ever asked, which browsers open ahead of need, and for
 * those that are kept open after their last answer; either would use up all the time that a stop may take.
 */
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export interface Closable {
  /** From now on each answer is the last one on its connection: what is kept open when the door closes is cut off. */
  announce(): void
  close(): Promise<void>
  /** How many requests are not answered yet. */
  underWay(): number
}

/** Watches the server from before its first connection. */
export function closable(server: Server): Closable {
  const connections = new Map<Socket, Set<ServerResponse>>()
  let closing = false

  server.on('connection', (socket) => {
    connections.set(socket, new Set())
    socket.once('close', () => connections.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    const open = connections.get(socket)
    open?.add(response)
    if (closing) announce(response)
    response.once('close', () => {
      open?.delete(response)
      if (closing && open?.size === 0) socket.destroySoon()
    })
  })

  return {
    announce() {
      closing = true
      for (const open of connections.values()) for (const response of open) announce(response)
    },
    close: () =>
      new Promise((done) => {
        closing = true
        server.close(() => done())
        for (const [socket, open] of connections) {
          if (open.size === 0) socket.destroy()
          for (const response of open) announce(response)
        }
      }),
    underWay: () => connections.values().reduce((sum, open) => sum + open.size, 0),
  }
}

/** RFC 9112 section 9.6: the client must not send another request on this connection. */
function announce(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close')
}
