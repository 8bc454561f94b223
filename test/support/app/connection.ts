/** Requests on a bare connection, for what a well-behaved client would not do. */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export interface SlowRequest {
  /** The server has begun with the request. */
  underWay: Promise<void>
  /** Sends the rest of it. */
  finish(): void
  /** All that came back until the connection was closed. */
  answer: Promise<string>
}

/** A token request of which the body comes only when the test says so. */
export function slowRequest(origin: string): SlowRequest {
  const body = 'grant_type=authorization_code'
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  const head = [
    'POST /token HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    'Expect: 100-continue',
    '\r\n',
  ].join('\r\n')
  // 100 Continue is the server's word that it has begun with the request (RFC 9110 section 10.1.1).
  const underWay = new Promise<void>((done) => socket.once('data', () => done()))
  socket.write(head)
  return { underWay, answer: underWay.then(() => text(socket)), finish: () => void socket.write(body) }
}
