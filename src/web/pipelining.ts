/**
 * Requests that one connection sends without waiting for answers (RFC 9112 section 9.3.2). Node hands all of them over that
 * one read holds, thousands, before anybody else gets a word in. No browser sends them so, nor does any proxy worth the name.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** That may be unanswered on one connection. */
const MOST = 16

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
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1))
    return false
  }
}
